import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { answers, createDatabase, isUsedByOthers, withDatabase } from "#lib/db/embedded-connection.ts";
import { findServerPlace, giveTo, type ServerPlace } from "#lib/db/embedded-place.ts";
import { freePort, isListening } from "#lib/db/embedded-port.ts";
import {
  readSettings,
  saveSettings,
  serverEnvironment,
  serverFlags,
  type Settings,
} from "#lib/db/embedded-settings.ts";
import { errorCode } from "#lib/db/home.ts";
import { AppError } from "#lib/errors.ts";

/** A running PostgreSQL server of this installation. `url` contains the password. */
export type EmbeddedServer = {
  url: string;
  /** Resolves when the server has ended, however that came; null where another process of Bursar started it. */
  ended: Promise<void> | null;
  /** Stops the server, unless another process of Bursar is using it: then the last one stops it. */
  stop(): Promise<void>;
};

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;
/** PostgreSQL writes its pid file first, its port into it next, and listens last. */
const WINNER_LIMIT_MS = 20_000;
/** What PostgreSQL says where another server has the folder. */
const HELD_FOLDER = 'lock file "postmaster.pid" already exists';
const POLL_MS = 25;
const LOG_LIMIT_BYTES = 5_000_000;
const USER = "bursar";

/**
 * Starts the PostgreSQL server that came with the installation, with its data under `home`, or joins it where another
 * process of the same home has it running. Loopback only, with a random password kept in a file of mode 0600.
 * Throws AppError("invalid_config" or "unavailable") with what PostgreSQL said.
 */
export async function startEmbeddedServer(home: string): Promise<EmbeddedServer> {
  const settings = readSettings(home);
  const place = await findServerPlace(home, settings.dataDir);
  const dataDir = place.isInHome ? null : place.dataDir;
  if (settings.dataDir !== dataDir) saveSettings(home, { ...settings, dataDir });
  if (!existsSync(join(place.dataDir, "PG_VERSION"))) initialise(place, settings.password);

  const joined = await joinRunning(place, settings.password);
  if (joined) return joined;
  const port = await freePort(settings.port);
  saveSettings(home, { ...settings, dataDir, port });
  return launch(home, place, { ...settings, port });
}

// The cluster is made beside its place and moved there: a start that is cut off leaves nothing half made behind.
function initialise(place: ServerPlace, password: string): void {
  mkdirSync(dirname(place.dataDir), { recursive: true });
  const workshop = mkdtempSync(`${place.dataDir}.new-`);
  try {
    const passwordFile = join(workshop, "password");
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    giveTo(place.user, passwordFile);
    giveTo(place.user, workshop);
    const cluster = join(workshop, "cluster");
    const made = spawnSync(
      join(place.binaries, "bin", "initdb"),
      // Code point order is the same on every machine; the builtin provider still knows the letters beyond ASCII.
      [
        `--pgdata=${cluster}`,
        `--username=${USER}`,
        `--pwfile=${passwordFile}`,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
      ],
      { ...place.user, cwd: "/", encoding: "utf8", env: serverEnvironment() },
    );
    if (made.status !== 0)
      throw notStarted("could not make its database", made.error ? errorCode(made.error) : made.stderr);
    try {
      renameSync(cluster, place.dataDir);
    } catch (thrown) {
      if (!existsSync(join(place.dataDir, "PG_VERSION"))) throw thrown;
    }
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

async function launch(
  home: string,
  place: ServerPlace,
  settings: Settings & { port: number },
): Promise<EmbeddedServer> {
  const logFile = join(home, "postgres.log");
  const log = openSync(logFile, existsSync(logFile) && statSync(logFile).size > LOG_LIMIT_BYTES ? "w" : "a", 0o600);
  const logStart = statSync(logFile).size;
  const child = spawn(
    join(place.binaries, "bin", "postgres"),
    ["-D", place.dataDir, "-p", String(settings.port), ...serverFlags()],
    {
      ...place.user,
      cwd: "/",
      env: serverEnvironment(),
      // Its own process group: Ctrl-C reaches every process of a terminal's group at once, and the database has to be the last to end.
      detached: true,
      stdio: ["ignore", log, log],
    },
  );
  closeSync(log);
  let failure: string | null = null;
  const ended = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      failure = errorCode(error);
      resolve();
    });
    child.once("exit", () => resolve());
  });
  child.unref();

  const url = serverUrl(settings.password, settings.port);
  const readLog = () => failure ?? readFileSync(logFile, "utf8").slice(logStart);
  if (await answersInTime(url, child)) {
    await createDatabase(url);
    return { url: withDatabase(url), ended, stop: () => stopServer(url, place, true) };
  }
  const joined = await joinWinner(place, settings.password, readLog);
  if (joined) return joined;
  throw notStarted("could not be started", readLog());
}

/** A second starter of the same home loses the race for the data folder, and finds the winner running, if not listening yet. */
async function joinWinner(place: ServerPlace, password: string, readLog: () => string): Promise<EmbeddedServer | null> {
  const deadline = Date.now() + WINNER_LIMIT_MS;
  for (;;) {
    const joined = await joinRunning(place, password);
    if (joined || !readLog().includes(HELD_FOLDER) || Date.now() > deadline) return joined;
    await sleep(POLL_MS);
  }
}

async function answersInTime(url: string, child: ChildProcess): Promise<boolean> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return false;
    if (await answers(url)) return true;
    await sleep(POLL_MS);
  }
  child.kill("SIGQUIT");
  return false;
}

async function joinRunning(place: ServerPlace, password: string): Promise<EmbeddedServer | null> {
  const running = readPidFile(place);
  if (!running || !isAlive(running.pid)) return null;
  const url = serverUrl(password, running.port);
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline && isAlive(running.pid)) {
    if (await answers(url)) {
      // Nothing but our own server knows the password, and no other process listens for it.
      await createDatabase(url);
      return { url: withDatabase(url), ended: null, stop: () => stopServer(url, place, false) };
    }
    // A pid that the machine gave to another program since a crash: PostgreSQL itself finds that out at its start.
    if (!(await isListening(running.port))) return null;
    await sleep(POLL_MS);
  }
  return null;
}

/** What PostgreSQL notes about itself while it runs: its pid in the first line, its port in the fourth. */
function readPidFile(place: ServerPlace): { pid: number; port: number } | null {
  try {
    const lines = readFileSync(join(place.dataDir, "postmaster.pid"), "utf8").split("\n");
    const [pid, port] = [Number(lines[0]), Number(lines[3])];
    return Number.isInteger(pid) && pid > 0 && Number.isInteger(port) && port > 0 ? { pid, port } : null;
  } catch {
    return null;
  }
}

async function stopServer(url: string, place: ServerPlace, isOurs: boolean): Promise<void> {
  const running = readPidFile(place);
  if (!running || !isAlive(running.pid)) return;
  if (await isUsedByOthers(url)) return;
  try {
    // Fast shutdown: open transactions are rolled back, the data are written out.
    process.kill(running.pid, "SIGINT");
  } catch (thrown) {
    if (isOurs && errorCode(thrown) !== "ESRCH") throw thrown;
    return;
  }
  const deadline = Date.now() + STOP_LIMIT_MS;
  while (isAlive(running.pid) && existsSync(join(place.dataDir, "postmaster.pid"))) {
    if (Date.now() > deadline) throw notStarted("did not stop within a minute", "");
    await sleep(POLL_MS);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return errorCode(thrown) === "EPERM";
  }
}

function serverUrl(password: string, port: number): string {
  return `postgresql://${USER}:${password}@127.0.0.1:${port}/postgres`;
}

function notStarted(what: string, output: string): AppError {
  const lines = output.trim().split("\n");
  const reason = lines.findLast((line) => /FATAL|error/i.test(line)) ?? lines.at(-1) ?? "";
  return new AppError("unavailable", `The embedded PostgreSQL ${what}${reason ? `: ${reason.trim()}` : "."}`, {
    remedy: "See postgres.log in Bursar's folder. Alternatively set DATABASE_URL to a PostgreSQL of your own.",
  });
}
