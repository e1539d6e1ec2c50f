import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { AppError } from "#lib/errors.ts";
import type { SourceFile } from "#lib/sources/source.ts";

const MAX_BYTES = 256 * 1024 * 1024;

/** A small local file as a source lists it, known by its content: written again without a change it is the same. Null where it is not there. */
export async function describeTextFile(path: string, format: SourceFile["format"]): Promise<SourceFile | null> {
  const location = resolve(path);
  const content = await readContent(location);
  if (content === null) return null;
  const version = createHash("sha256").update(content).digest("hex");
  return { name: basename(location), location, size: content.length, version, format };
}

/** Its text, in UTF-8. Throws AppError("bad_data") where it is gone or was replaced since it was listed. */
export async function readTextFile(file: SourceFile): Promise<string> {
  const content = await readContent(file.location);
  if (content === null || createHash("sha256").update(content).digest("hex") !== file.version)
    throw new AppError("bad_data", `${file.name} was replaced while it was read.`, {
      remedy: "Nothing needs to be done: the next pull reads the new file.",
      place: { file: file.name },
    });
  return content.toString("utf8");
}

async function readContent(location: string): Promise<Buffer | null> {
  try {
    const state = await stat(location);
    if (!state.isFile()) return null;
    if (state.size > MAX_BYTES)
      throw new AppError("limit_reached", `${location} is larger than 256 MiB.`, { place: { file: location } });
    return await readFile(location);
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw fileError(thrown, location);
  }
}

function fileError(thrown: unknown, path: string): AppError {
  const { code } = thrown as NodeJS.ErrnoException;
  if (code === "EACCES" || code === "EPERM")
    return new AppError("denied", `${path} may not be read.`, {
      remedy: "Give the user that Bursar runs as the right to read it.",
      place: { file: path },
      cause: thrown,
    });
  return new AppError("unavailable", `${path} cannot be read (${code ?? "unknown"}).`, {
    place: { file: path },
    cause: thrown,
  });
}
