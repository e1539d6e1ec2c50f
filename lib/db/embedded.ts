import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, linkSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { z } from "zod";
import { findServerPlace, giveTo, type ServerPlace } from "#lib/db/embedded-place.ts";
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
const POLL_MS = 25;
const LOG_LIMIT_BYTES = 5_000_000;
const DATABASE = "bursar";
const USER = "bursar";

/**
 * Starts the PostgreSQL server that came with the installation, with its data under `home`, or joins it where another
 * process of the same home has it running. Loopback only, with a random password kept in a file of mode 0600.
 * Throws AppError("invalid_config" or "unavailable") with what PostgreSQL said.
 */
export async function startEmbeddedServer(home: string): Promise<EmbeddedServer> {
  const settings = readSettings(home);
  const place = await findServerPlace(home, settings.dataDir);
  if (settings.dataDir === null) saveSettings(home, { ...settings, dataDir: place.dataDir });
  if (!existsSync(join(place.dataDir, "PG_VERSION"))) initialise(place, settings.password);

  const joined = await joinRunning(place, settings.password);
  if (joined) return joined;
  const port = await freePort(settings.port);
  saveSettings(home, { ...settings, dataDir: place.dataDir, port });
  return launch(home, place, { ...settings, port });
}

const settingsSchema = z.object({
  password: z.string().min(32),
  /** The port it last listened on, tried again first so that other programs' settings stay right. */
  port: z.number().int().nullable(),
  dataDir: z.string().nullable(),
});
type Settings = z.infer<typeof settingsSchema>;

function settingsFile(home: string): string {
  return join(home, "postgres.json");
}

function readSettings(home: string): Settings {
  const file = settingsFile(home);
  if (!existsSync(file)) {
    const fresh = `${file}.${process.pid}`;
    writeFileSync(fresh, JSON.stringify({ password: randomBytes(24).toString("base64url"), port: null, dataDir: null }), { mode: 0o600 });
    try {
      // Of two first starts at once, one password counts.
      linkSync(fresh, file);
    } catch (thrown) {
      if (errorCode(thrown) !== "EEXIST") throw thrown;
    } finally {
      rmSync(fresh, { force: true });
    }
  }
  const parsed = settingsSchema.safeParse(parseJson(readFileSync(file, "utf8")));
  if (parsed.success) return parsed.data;
  throw new AppError("invalid_config", `${file}, which keeps the embedded database's password, cannot be read.`, {
    remedy: "Restore it from a copy, or remove it together with the database's folder to start anew.",
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function saveSettings(home: string, settings: Settings): void {
  const unfinished = `${settingsFile(home)}.${process.pid}`;
  writeFileSync(unfinished, JSON.stringify(settings), { mode: 0o600 });
  renameSync(unfinished, settingsFile(home));
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
      [`--pgdata=${cluster}`, `--username=${USER}`, `--pwfile=${passwordFile}`, "--auth=scram-sha-256", "--encoding=UTF8",
        "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"],
      { ...place.user, cwd: "/", encoding: "utf8", env: serverEnvironment() },
    );
    if (made.status !== 0) throw notStarted("could not make its database", made.error ? errorCode(made.error) : made.stderr);
    try {
      renameSync(cluster, place.dataDir);
    } catch (thrown) {
      if (!existsSync(join(place.dataDir, "PG_VERSION"))) throw thrown;
    }
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

async function launch(home: string, place: ServerPlace, settings: Settings & { port: number }): Promise<EmbeddedServer> {
  const logFile = join(home, "postgres.log");
  const log = openSync(logFile, existsSync(logFile) && statSync(logFile).size > LOG_LIMIT_BYTES ? "w" : "a", 0o600);
  const logStart = statSync(logFile).size;
  const child = spawn(join(place.binaries, "bin", "postgres"), ["-D", place.dataDir, "-p", String(settings.port), ...serverFlags()], {
    ...place.user,
    cwd: "/",
    env: serverEnvironment(),
    // Its own process group: Ctrl-C reaches every process of a terminal's group at once, and the database has to be the last to end.
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  let failure: string | null = null;
  const ended = new Promise<void>((resolve) => {
    child.once("error", (error) => { failure = errorCode(error); resolve(); });
    child.once("exit", () => resolve());
  });
  child.unref();

  const url = serverUrl(settings.password, settings.port);
  const readLog = () => failure ?? readFileSync(logFile, "utf8").slice(logStart);
  if (await answersInTime(url, child)) {
    await createDatabase(url);
    return { url: withDatabase(url), ended, stop: () => stopServer(url, place, true) };
  }
  // A second starter of the same home loses the race for the data folder, and finds the winner running.
  const joined = await joinRunning(place, settings.password);
  if (joined) return joined;
  throw notStarted("could not be started", readLog());
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

async function isUsedByOthers(url: string): Promise<boolean> {
  try {
    const rows = await ask(url, "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1");
    return rows.length > 0;
  } catch {
    return false;
  }
}

async function createDatabase(url: string): Promise<void> {
  const found = await ask(url, `SELECT 1 FROM pg_database WHERE datname = '${DATABASE}'`);
  if (found.length > 0) return;
  try {
    await ask(url, `CREATE DATABASE ${DATABASE}`);
  } catch (thrown) {
    // 42P04 and 23505: another starter was faster.
    if (!["42P04", "23505"].includes(errorCode(thrown))) throw thrown;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    await ask(url, "SELECT 1");
    return true;
  } catch (thrown) {
    if (errorCode(thrown) !== "28P01") return false;
    throw new AppError("invalid_config", "The embedded database does not accept the password that was kept for it.", {
      remedy: "Restore postgres.json in Bursar's folder from a copy; it belongs to the database beside it.",
      cause: thrown,
    });
  }
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url, application_name: "bursar start", connectionTimeoutMillis: 2_000 });
  // A server that is starting or stopping may cut the connection at any time; the query itself reports it.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
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

async function isListening(port: number): Promise<boolean> {
  return (await tryPort(port)) === null;
}

async function freePort(wanted: number | null): Promise<number> {
  const port = (wanted === null ? null : await tryPort(wanted)) ?? (await tryPort(0));
  if (port === null) throw new AppError("unavailable", "No port on 127.0.0.1 is free for the embedded database.");
  return port;
}

/** The port if it could be listened on, null if somebody has it. */
function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(null));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : null));
    });
  });
}

function serverUrl(password: string, port: number): string {
  return `postgresql://${USER}:${password}@127.0.0.1:${port}/postgres`;
}

function withDatabase(url: string): string {
  return url.replace(/\/postgres$/, `/${DATABASE}`);
}

function serverFlags(): string[] {
  const settings: Record<string, string> = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "100",
    shared_buffers: "256MB",
    work_mem: "32MB",
    maintenance_work_mem: "128MB",
    max_wal_size: "2GB",
    checkpoint_completion_target: "0.9",
    timezone: "UTC",
    log_timezone: "UTC",
    log_min_messages: "warning",
    dynamic_shared_memory_type: hasRoomForSharedMemory() ? "posix" : "mmap",
  };
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

// Containers get 64 MB of /dev/shm unless asked otherwise; a parallel query that needs more would fail.
const SHARED_MEMORY_BYTES = 512_000_000;

function hasRoomForSharedMemory(): boolean {
  try {
    const { bsize, blocks } = statfsSync("/dev/shm");
    return bsize * blocks >= SHARED_MEMORY_BYTES;
  } catch {
    return process.platform !== "linux";
  }
}

// Only what the server needs: a PGDATA, PGPORT or LC_ALL of the caller must not reach it, nor any secret.
function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, TMPDIR } = process.env;
  return { NODE_ENV: "production", PATH, ...(TMPDIR === undefined ? {} : { TMPDIR }), LC_ALL: "C", TZ: "UTC" };
}

function notStarted(what: string, output: string): AppError {
  const reason = output.split("\n").filter((line) => /FATAL|ERROR|error|[^\s]/.test(line)).filter((line) => /FATAL|error/i.test(line)).at(-1) ?? output.trim().split("\n").at(-1) ?? "";
  return new AppError("unavailable", `The embedded PostgreSQL ${what}${reason ? `: ${reason.trim()}` : "."}`, {
    remedy: "See postgres.log in Bursar's folder. Alternatively set DATABASE_URL to a PostgreSQL of your own.",
  });
}
