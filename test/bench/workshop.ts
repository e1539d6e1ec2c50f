import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { startEmbeddedServer, type EmbeddedServer } from "#lib/db/embedded.ts";
import { migrate } from "#lib/db/migrate.ts";

/** A temporary folder with a PostgreSQL server of its own: nothing of a bench touches anybody's data. */
export type Workshop = {
  folder: string;
  /** A fresh database with every migration applied. */
  createDatabase(name: string, options?: { copyOf?: string }): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  /** The address of a database that is there. It contains the password. */
  urlOf(name: string): string;
};

const cleanUps: (() => Promise<void>)[] = [];

/** Ends what the bench has started and removes what it has made, the newest first; also after an interrupt. What fails does not keep the rest. */
export async function cleanUp(): Promise<void> {
  const failures: unknown[] = [];
  for (let work = cleanUps.pop(); work !== undefined; work = cleanUps.pop())
    await work().catch((thrown: unknown) => failures.push(thrown));
  if (failures.length > 0)
    throw new AggregateError(failures, `The bench left something behind: ${failures.map(String).join("; ")}`);
}

/** Registers work for `cleanUp`; the returned function does it now instead. */
export function later(work: () => Promise<void>): () => Promise<void> {
  cleanUps.push(work);
  return async () => {
    const index = cleanUps.indexOf(work);
    if (index === -1) return;
    cleanUps.splice(index, 1);
    await work();
  };
}

export async function openWorkshop(): Promise<Workshop & { close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "bursar-bench-"));
  const removeFolder = later(() => rm(folder, { recursive: true, force: true }));
  // As root the server runs as another user, which has to pass through here.
  chmodSync(folder, 0o711);
  const server = await startEmbeddedServer(folder);
  const stopServer = later(() => stopForGood(server));
  await migrate(server.url);
  const template = new URL(server.url).pathname.slice(1);
  const urlOf = (name: string): string => Object.assign(new URL(server.url), { pathname: `/${name}` }).href;
  const administer = (sql: string) => onServer(urlOf("postgres"), sql);
  return {
    folder,
    createDatabase: async (name, options = {}) => {
      await administer(`CREATE DATABASE ${name} TEMPLATE ${options.copyOf ?? template} STRATEGY file_copy`);
      return urlOf(name);
    },
    urlOf,
    dropDatabase: (name) => administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
    close: async () => {
      await stopServer();
      await removeFolder();
    },
  };
}

const STOP_TRIES = 20;
const STOP_PAUSE_MS = 200;

// A server that somebody is connected to is left running for them. Here nobody else has any business; but after an interrupt the work that
// was under way may still be connecting, so that it is stopped until it has ended.
async function stopForGood(server: EmbeddedServer): Promise<void> {
  let hasEnded = false;
  void server.ended?.then(() => (hasEnded = true));
  for (let attempt = 1; attempt <= STOP_TRIES; attempt += 1) {
    await server.stop();
    // Its end is told by an event, and a backend that was ended takes a moment to go.
    await sleep(STOP_PAUSE_MS);
    if (hasEnded) return;
    await onServer(
      server.url,
      "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
    );
    await sleep(STOP_PAUSE_MS);
  }
  throw new Error("The bench's PostgreSQL server did not stop.");
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Runs one of the bench's own programs in a process of its own and answers what it prints as JSON in its last line. */
export async function runProgram(
  file: string,
  parameters: readonly string[],
  environment: Record<string, string>,
): Promise<unknown> {
  const child = spawn(process.execPath, [join(import.meta.dirname, file), ...parameters], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const kill = later(() => end(child));
  try {
    const output: string[] = [];
    child.stdout.setEncoding("utf8").on("data", (text: string) => output.push(text));
    const code = await exitCodeOf(child);
    if (code !== 0) throw new Error(`${file} ${parameters[0] ?? ""} ended with exit code ${code}.`);
    return JSON.parse(output.join("").trim().split("\n").at(-1) ?? "null");
  } finally {
    await kill();
  }
}

function exitCodeOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGTERM");
  await ended;
}
