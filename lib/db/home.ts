import { accessSync, constants, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { AppError } from "#lib/errors.ts";

const DEFAULT_HOME = ".bursar";
/** Folders inside the home that hold what was read from sources: for this user only. */
const PRIVATE_FOLDERS = ["cache", "scratch"];

/**
 * The absolute path of Bursar's own folder (`BURSAR_HOME`, otherwise `.bursar` in the working directory), made where it
 * is missing. It holds the embedded database, the cache of downloaded objects and the secrets of this installation.
 * Throws AppError("invalid_config") where it cannot be made or written to.
 */
export function resolveHome(environment: NodeJS.ProcessEnv = process.env): string {
  const home = resolve(environment["BURSAR_HOME"] || DEFAULT_HOME);
  try {
    // PostgreSQL refuses to run as root: its own user has to pass through to its data, and may do no more than that.
    mkdirSync(home, { recursive: true, mode: isRoot() ? 0o711 : 0o700 });
    for (const folder of PRIVATE_FOLDERS) mkdirSync(resolve(home, folder), { recursive: true, mode: 0o700 });
    accessSync(home, constants.W_OK);
  } catch (thrown) {
    throw new AppError("invalid_config", `Bursar cannot write to its folder ${home} (${errorCode(thrown)}).`, {
      remedy: "Start it in a folder that you may write to, or set BURSAR_HOME to one.",
      cause: thrown,
    });
  }
  return home;
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The operating system's code ("EACCES", "EROFS"), or the message where there is none. */
export function errorCode(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return "code" in thrown && typeof thrown.code === "string" ? thrown.code : thrown.message;
}

/** Scratch that nobody has touched for this long belongs to a process that is gone. */
const SCRATCH_KEPT_MS = 6 * 3_600_000;

/** Removes what killed processes left in the scratch folder. */
export function sweepScratch(home: string): void {
  const folder = resolve(home, "scratch");
  for (const name of readdirSync(folder)) {
    const path = resolve(folder, name);
    const touchedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (touchedAt !== undefined && touchedAt < Date.now() - SCRATCH_KEPT_MS)
      rmSync(path, { recursive: true, force: true });
  }
}
