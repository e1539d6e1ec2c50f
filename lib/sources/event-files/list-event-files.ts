import { glob, readdir, stat } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import { AppError } from "#lib/errors.ts";

/** More files than this are a mistake in the path rather than a trail. */
const MOST_FILES = 10_000;
/** Logs are called anything (audit.log, audit-2026-11-28T10-00-00.000.log.gz); what is certainly none is left out. */
const NO_LOG = /^\.|\.(tmp|swp|zip|tar|md|ya?ml|html?|pdf)$/i;

/** What nothing was written to for so long is whole. */
const SETTLED_MS = 3_600_000;

/** A file of events as it was found. The version changes whenever its content may have, and once it is whole: the last line is read then even where it has no end. */
export type EventFile = {
  name: string;
  location: string;
  size: number;
  modifiedMs: number;
  isWhole: boolean;
  version: string;
};

/**
 * The files that a path means: itself, every one below a folder, or those that a glob matches; the ones that were changed longest ago first.
 *
 * @throws AppError "invalid_config" where there is none, "denied" where one may not be read, "limit_reached" for more than 10,000.
 */
export async function listEventFiles(path: string, now: Date = new Date()): Promise<EventFile[]> {
  const files: EventFile[] = [];
  try {
    for await (const location of locationsOf(path)) {
      if (NO_LOG.test(basename(location))) continue;
      const state = await stat(location).catch(absentAsNull);
      if (!state?.isFile()) continue;
      const { size, mtimeMs, ino } = state;
      const isWhole = now.getTime() - mtimeMs >= SETTLED_MS;
      files.push({
        name: nameOf(path, location),
        location,
        size,
        modifiedMs: mtimeMs,
        isWhole,
        version: `${size}-${mtimeMs}-${ino}${isWhole ? "" : "-open"}`,
      });
      if (files.length > MOST_FILES)
        throw new AppError("limit_reached", `There are more than ${MOST_FILES} files at ${path}.`);
    }
  } catch (thrown) {
    throw fileError(thrown, path);
  }
  if (files.length === 0)
    throw new AppError("invalid_config", `There is no file of events at ${path}.`, {
      remedy: "Check the source's path in bursar.yaml.",
      place: { file: path },
    });
  return files.toSorted((a, b) => a.modifiedMs - b.modifiedMs || (a.name < b.name ? -1 : 1));
}

async function* locationsOf(path: string): AsyncGenerator<string> {
  const state = await stat(resolve(path)).catch(absentAsNull);
  if (state?.isDirectory())
    for (const entry of await readdir(resolve(path), { withFileTypes: true, recursive: true })) {
      if (entry.isFile()) yield join(entry.parentPath, entry.name);
    }
  else if (state) yield resolve(path);
  else for await (const match of glob(path)) yield resolve(match);
}

function nameOf(path: string, location: string): string {
  const below = relative(resolve(path), location);
  return below === "" || below.startsWith("..") ? basename(location) : below.split(sep).join("/");
}

function absentAsNull(thrown: unknown): null {
  const { code } = thrown as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "ENOTDIR") return null;
  throw thrown;
}

/** An error of the file system in our words. */
export function fileError(thrown: unknown, path: string): AppError {
  if (thrown instanceof AppError) return thrown;
  const { code } = thrown as NodeJS.ErrnoException;
  const isDenied = code === "EACCES" || code === "EPERM";
  return new AppError(isDenied ? "denied" : "unavailable", `${path} cannot be read (${code ?? String(thrown)}).`, {
    ...(isDenied ? { remedy: "Give the user that Bursar runs as the right to read it." } : {}),
    place: { file: path },
    cause: thrown,
  });
}
