import { afterAll, beforeAll, expect, test } from "vitest";
import { createInstance, until, type TestInstance } from "#test/integration/instance.ts";
import { DeliveryWriter, readContent } from "#test/integration/jobs/large-delivery.ts";
import { letTimePass, loadWorker, type WorkerProcess } from "#test/integration/jobs/workers.ts";
import { abandonSilentRuns } from "#lib/services/runs/abandon-silent-runs.ts";
import { planSource } from "#lib/services/sources/plan-source.ts";

/** A worker may be between two steps when it is stopped; then it is tried again with another delivery. */
const MAX_TRIES = 20;
const PERIOD = "2026-03";

let instance: TestInstance;
let writer: DeliveryWriter;
let late: WorkerProcess;
let second: WorkerProcess;

beforeAll(async () => {
  instance = await createInstance({ sources: { billing: { kind: "focus", layout: "files", path: "./exports" } } });
  writer = await DeliveryWriter.open();
  late = loadWorker(instance);
  second = loadWorker(instance);
});
afterAll(async () => {
  await late?.kill();
  await second?.kill();
  writer?.close();
  await instance?.remove();
});

type RunRow = { id: string; state: string; attempt: number; step: string | null };

test(
  "a worker that is paused in mid-run and wakes up after another one has published cannot commit",
  { timeout: 180_000 },
  async () => {
    await late.go();
    const { pool } = instance.database;
    const { runId, content } = await pauseInMidRun();
    await letTimePass(instance);
    await second.go();
    expect((await abandonSilentRuns(instance.context())).requeued).toEqual([runId]);
    const published = await until("the second worker to publish", async () => {
      const run = await readRun(runId);
      return run.state === "succeeded" && run;
    });
    expect(published.attempt).toBe(2);
    const before = await pool.query("SELECT id, run_id, published_at FROM publication ORDER BY id");

    late.signal("SIGCONT");
    await until("the late worker to give up", () => /taken over by another worker/.test(late.log()));
    const after = await pool.query("SELECT id, run_id, published_at FROM publication ORDER BY id");
    expect(after.rows).toEqual(before.rows);
    expect(after.rows.at(-1)).toMatchObject({ run_id: runId });
    expect(await readRun(runId)).toMatchObject({ state: "succeeded", attempt: 2 });
    const slice = await pool.query<{ id: number; stale: boolean }>("SELECT id, stale FROM slice");
    expect(slice.rows[0]?.stale).toBe(false);
    expect(await readContent(instance, slice.rows[0]?.id ?? 0)).toEqual(content);
    const logged = await pool.query(
      "SELECT 1 FROM activity WHERE action = 'slice.published' AND after ->> 'run' = $1",
      [runId],
    );
    expect(logged.rowCount).toBe(1);
  },
);

/** Delivers until the worker stands still while it reads or allocates, with no transaction open. */
async function pauseInMidRun() {
  for (let version = 1; version <= MAX_TRIES; version += 1) {
    const content = await writer.write(instance.path(`exports/${PERIOD}.parquet`), PERIOD, version, 40_000);
    await planSource(instance.context(), { sourceKey: "billing", logicalTime: new Date(), trigger: "command-line" });
    const reading = await until("the worker to read", async () => {
      const [run] = await readRuns(
        "state = 'running' AND progress ->> 'step' NOT IN ('Looking for files', 'Publishing')",
      );
      return run ?? ((await readRuns("state IN ('queued', 'running')")).length === 0 && { id: "" });
    });
    if (reading.id === "") continue;
    late.signal("SIGSTOP");
    const open = await instance.database.pool.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE '%in transaction%'`,
    );
    if ((await readRun(reading.id)).state === "running" && open.rowCount === 0) return { runId: reading.id, content };
    late.signal("SIGCONT");
    await until("the run to end", async () => (await readRuns("state IN ('queued', 'running')")).length === 0);
  }
  throw new Error(`The worker was never in mid-run in ${MAX_TRIES} tries.`);
}

async function readRuns(condition: string): Promise<RunRow[]> {
  const { rows } = await instance.database.pool.query<RunRow>(
    `SELECT id, state, attempt, progress ->> 'step' AS step FROM run WHERE ${condition}`,
  );
  return rows;
}

async function readRun(runId: string): Promise<RunRow> {
  const [run] = await readRuns(`id = '${runId}'`);
  if (!run) throw new Error(`There is no run ${runId}.`);
  return run;
}
