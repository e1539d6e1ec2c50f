import { randomBytes } from "node:crypto";
import { existsSync, linkSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { errorCode } from "#lib/db/home.ts";
import { AppError } from "#lib/errors.ts";

const settingsSchema = z.object({
  password: z.string().min(32),
  /** The port it last listened on, tried again first so that other programs' settings stay right. */
  port: z.number().int().nullable(),
  /** Where the data are when they could not be kept inside the home; null = inside. */
  dataDir: z.string().nullable(),
});
export type Settings = z.infer<typeof settingsSchema>;

function settingsFile(home: string): string {
  return join(home, "postgres.json");
}

/** Whether an embedded server was ever started in this home. */
export function hasSettings(home: string): boolean {
  return existsSync(settingsFile(home));
}

/** What is kept of the embedded server between starts; made, with a random password, at the first. */
export function readSettings(home: string): Settings {
  const file = settingsFile(home);
  if (!existsSync(file)) {
    const fresh = `${file}.${process.pid}`;
    writeFileSync(
      fresh,
      JSON.stringify({ password: randomBytes(24).toString("base64url"), port: null, dataDir: null }),
      { mode: 0o600 },
    );
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

export function saveSettings(home: string, settings: Settings): void {
  const unfinished = `${settingsFile(home)}.${process.pid}`;
  writeFileSync(unfinished, JSON.stringify(settings), { mode: 0o600 });
  renameSync(unfinished, settingsFile(home));
}

/** The server's configuration, as flags. */
export function serverFlags(): string[] {
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
export function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, TMPDIR } = process.env;
  return { NODE_ENV: "production", PATH, ...(TMPDIR === undefined ? {} : { TMPDIR }), LC_ALL: "C", TZ: "UTC" };
}
