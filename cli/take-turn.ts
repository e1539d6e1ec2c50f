import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { errorCode } from "#lib/db/home.ts";
import { AppError } from "#lib/errors.ts";

const LIMIT_MS = 15 * 60_000;
const POLL_MS = 200;

/**
 * Waits until no other process has `file`, takes it, and answers how to give it back. A file that was left by a process which has ended
 * is nobody's. Throws AppError("limit_reached") after a quarter of an hour.
 */
export async function takeTurn(file: string, signal?: AbortSignal): Promise<() => void> {
  mkdirSync(dirname(file), { recursive: true });
  const deadline = Date.now() + LIMIT_MS;
  while (Date.now() < deadline) {
    signal?.throwIfAborted();
    if (take(file)) return () => rmSync(file, { force: true });
    if (isLeftBehind(file)) rmSync(file, { force: true });
    else await sleep(POLL_MS, undefined, { signal });
  }
  throw new AppError("limit_reached", `Another process has had ${file} for a quarter of an hour.`, {
    remedy: "End it, or remove the file where there is no such process.",
  });
}

function take(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (thrown) {
    if (errorCode(thrown) === "EEXIST") return false;
    throw thrown;
  }
}

function isLeftBehind(file: string): boolean {
  try {
    const text = readFileSync(file, "utf8");
    // Empty: it is being written.
    if (text === "") return false;
    process.kill(Number(text), 0);
    return false;
  } catch (thrown) {
    return errorCode(thrown) === "ESRCH";
  }
}
