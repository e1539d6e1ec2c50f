import { readFile, stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { AppError } from "#lib/errors.ts";
import type { SourceFile } from "#lib/sources/source.ts";

const MAX_BYTES = 256 * 1024 * 1024;

/** A small local file as a source lists it; null where it is not there. */
export async function describeTextFile(path: string, format: SourceFile["format"]): Promise<SourceFile | null> {
  const location = resolve(path);
  try {
    const state = await stat(location, { bigint: true });
    if (!state.isFile()) return null;
    return { name: basename(location), location, size: Number(state.size), version: `${state.size}-${state.mtimeNs}-${state.ino}`, format };
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw fileError(thrown, location);
  }
}

/** Its text, in UTF-8. Throws AppError("bad_data") where it is gone or was replaced since it was listed. */
export async function readTextFile(file: SourceFile): Promise<string> {
  if (file.size > MAX_BYTES) throw new AppError("limit_reached", `${file.name} is larger than 256 MiB.`, { place: { file: file.name } });
  let text: string;
  try {
    text = await readFile(file.location, "utf8");
  } catch (thrown) {
    throw fileError(thrown, file.location);
  }
  const after = await describeTextFile(file.location, file.format);
  if (after?.version !== file.version)
    throw new AppError("bad_data", `${file.name} was replaced while it was read.`, {
      remedy: "Nothing needs to be done: the next pull reads the new file.",
      place: { file: file.name },
    });
  return text;
}

function fileError(thrown: unknown, path: string): AppError {
  const { code } = thrown as NodeJS.ErrnoException;
  if (code === "EACCES" || code === "EPERM")
    return new AppError("denied", `${path} may not be read.`, {
      remedy: "Give the user that Bursar runs as the right to read it.",
      place: { file: path },
      cause: thrown,
    });
  return new AppError(code === "ENOENT" ? "bad_data" : "unavailable", `${path} cannot be read (${code ?? "unknown"}).`, { place: { file: path }, cause: thrown });
}
