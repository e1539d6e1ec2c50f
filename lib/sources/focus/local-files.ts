import { glob, lstat, readdir, readFile, stat } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import { AppError } from "#lib/errors.ts";
import type { FileStore } from "#lib/sources/focus/file-store.ts";
import { formatOf } from "#lib/sources/focus/file-store.ts";
import type { SourceFile } from "#lib/sources/source.ts";

/** A source of more files than this is a mistake in the path rather than a delivery. */
const MAX_FILES = 10_000;

/** A folder on this machine as a FileStore. */
export function localFileStore(folder: string): FileStore {
  const root = resolve(folder);
  return {
    root,
    async listFolders(path) {
      const entries = await readdir(join(root, path), { withFileTypes: true }).catch((thrown: unknown) =>
        absentAs([], thrown),
      );
      return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    },
    async readText(path) {
      const location = join(root, path);
      const version = await localVersion(location);
      return version === null ? null : { text: await readFile(location, "utf8"), version: version.version };
    },
    async describe(path) {
      const location = join(root, path);
      const version = await localVersion(location);
      return version === null ? null : { location, ...version };
    },
  };
}

/** Size and version of a local file: changes with its content's size, its time of change and its identity. Null where it is not there. */
export async function localVersion(location: string): Promise<{ size: number; version: string } | null> {
  const state = await stat(location, { bigint: true }).catch((thrown: unknown) => absentAs(null, thrown));
  if (state === null || !state.isFile()) return null;
  return { size: Number(state.size), version: `${state.size}-${state.mtimeNs}-${state.ino}` };
}

/**
 * The FOCUS files that a path means: itself, every one below a folder, or those that a glob matches; sorted by location.
 * @throws AppError("invalid_config") where there is nothing at the path.
 */
export async function listLocalFiles(path: string): Promise<SourceFile[]> {
  const isGlob = /[*?[\]{}]/.test(path) && (await lstat(resolve(path)).catch(() => null)) === null;
  const found = isGlob ? await matchGlob(path) : await walk(resolve(path));
  const files: SourceFile[] = [];
  for (const location of found.toSorted()) {
    const format = formatOf(location);
    const version = format === null ? null : await localVersion(location);
    if (format === null || version === null) continue;
    files.push({ name: displayName(path, location), location, format, ...version });
  }
  if (files.length === 0)
    throw new AppError("invalid_config", `There is no *.csv, *.csv.gz or *.parquet at ${path}.`, {
      remedy: "Check the source's path in bursar.yaml.",
      place: { file: path },
    });
  return files;
}

function displayName(path: string, location: string): string {
  const below = relative(resolve(path), location);
  return below === "" || below.startsWith("..") ? basename(location) : below.split(sep).join("/");
}

async function matchGlob(pattern: string): Promise<string[]> {
  const found: string[] = [];
  for await (const match of glob(pattern)) {
    found.push(resolve(match));
    refuseTooMany(found, pattern);
  }
  return found;
}

async function walk(path: string): Promise<string[]> {
  const state = await stat(path).catch((thrown: unknown) => absentAs(null, thrown));
  if (state === null) return [];
  if (state.isFile()) return [path];
  // Names that start with a dot or an underscore are what writers leave while they are not done.
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch((thrown: unknown) =>
    absentAs([], thrown),
  );
  const found = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (location) =>
        !relative(path, location)
          .split(sep)
          .some((part) => /^[._]/.test(part)),
    );
  refuseTooMany(found, path);
  return found;
}

function refuseTooMany(found: string[], path: string): void {
  if (found.length > MAX_FILES)
    throw new AppError("limit_reached", `There are more than ${MAX_FILES} files at ${path}.`, {
      remedy: "Point the source at the folder of the exports only.",
    });
}

/** "Not there" is an answer; everything else that a file system says is an error with a class. */
function absentAs<T>(absent: T, thrown: unknown): T {
  const { code, path } = thrown as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "ENOTDIR") return absent;
  if (code === "EACCES" || code === "EPERM")
    throw new AppError("denied", `${path ?? "The folder"} may not be read.`, {
      remedy: "Give the user that Bursar runs as the right to read it.",
      place: { file: path ?? "" },
      cause: thrown,
    });
  throw new AppError("unavailable", `${path ?? "The folder"} cannot be read (${code ?? "unknown"}).`, {
    cause: thrown,
  });
}
