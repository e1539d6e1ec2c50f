import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { TestInstance } from "#test/integration/instance.ts";

export type WorkerProcess = {
  child: ChildProcess;
  /** Everything it has logged so far. */
  log(): string;
  /** Begins to work; answers when it was told. */
  go(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** SIGKILL, and its end. */
  kill(): Promise<void>;
};

/** A worker process on the instance, loaded and waiting for `go`. */
export function loadWorker(instance: TestInstance): WorkerProcess {
  const child = fork(join(import.meta.dirname, "worker-entry.ts"), {
    execArgv: [],
    env: {
      NODE_ENV: "test",
      PATH: process.env["PATH"],
      DATABASE_URL: instance.url,
      BURSAR_HOME: instance.home,
      BURSAR_CONFIG: instance.path("bursar.yaml"),
      LOG_LEVEL: "info",
      NODE_COMPILE_CACHE: join(import.meta.dirname, "..", "..", "..", "node_modules", ".cache", "node-compile"),
    },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let logged = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (logged += text));
  const loaded = once(child, "message");
  const ended = once(child, "exit");
  return {
    child,
    log: () => logged,
    go: async () => {
      await Promise.race([loaded, ended.then(() => Promise.reject(new Error(`The worker ended early: ${logged}`)))]);
      child.send("go");
    },
    signal: (name) => void child.kill(name),
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Waits until nothing is under way in the database but what this test does: the server has noticed that a worker is gone. */
export async function isDatabaseQuiet(instance: TestInstance): Promise<boolean> {
  const { rows } = await instance.database.pool.query<{ count: string }>(
    `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
     AND backend_type = 'client backend' AND state <> 'idle'`,
  );
  return rows[0]?.count === "0";
}

/** As if the time had passed after which a run without a sign of life is taken from its worker. */
export async function letTimePass(instance: TestInstance): Promise<void> {
  await instance.database.pool.query(
    "UPDATE run SET heartbeat_at = heartbeat_at - interval '1 minute' WHERE state = 'running'",
  );
}

/** As pg-boss does by itself a minute or two later with the jobs of a dead worker, those included whose run it had not taken yet. */
export async function giveJobsBack(instance: TestInstance): Promise<void> {
  await instance.database.pool.query(
    "UPDATE pgboss.job SET state = 'retry', start_after = now() WHERE state = 'active'",
  );
}
