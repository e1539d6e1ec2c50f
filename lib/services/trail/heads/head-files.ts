import { closeSync, fstatSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { errorCode } from "#lib/db/home.ts";
import { AppError } from "#lib/errors.ts";

const NEWLINE = 0x0a;
/** Longer than any line: a head has some hundred bytes. */
const LAST_BYTES = 64 * 1024;

/** Appends lines, and answers once they are on the disk. Half a line that a process left which died goes: whoever wrote it writes it again. */
export function appendLines(path: string, lines: readonly string[]): void {
  onFile(path, "a+", (file) => {
    const { size } = fstatSync(file);
    const last = Buffer.alloc(Math.min(size, LAST_BYTES));
    readSync(file, last, 0, last.length, size - last.length);
    const half = last.length - (last.lastIndexOf(NEWLINE) + 1);
    if (half > 0) ftruncateSync(file, size - half);
    writeSync(file, lines.map((line) => `${line}\n`).join(""));
  });
}

/** Writes a file anew, and answers once it is on the disk. */
export function writeWhole(path: string, content: Uint8Array): void {
  onFile(path, "w", (file) => writeSync(file, content));
}

function onFile(path: string, flags: "a+" | "w", work: (file: number) => unknown): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const file = openSync(path, flags, 0o600);
    try {
      work(file);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (thrown) {
    throw new AppError("unavailable", `${path} cannot be written (${errorCode(thrown)}).`, {
      remedy: "Check the permissions of Bursar's home folder, and the space on its disk.",
      cause: thrown,
    });
  }
}
