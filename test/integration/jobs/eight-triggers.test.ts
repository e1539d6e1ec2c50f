import { afterAll, beforeAll, expect, test } from "vitest";
import { createInstance, deliver, focusCsv, until, type TestInstance } from "#test/integration/instance.ts";
import { loadWorker, type WorkerProcess } from "#test/integration/jobs/workers.ts";
import { openDatabase, type Database } from "#lib/db/client.ts";
import { requestPull } from "#lib/services/sources/request-pull.ts";

const PERIODS = ["2026-01", "2026-02"];

let instance: TestInstance;
let workers: WorkerProcess[];
/** Each trigger has connections of its own, as processes of their own would. */
let databases: Database[];

beforeAll(async () => {
  instance = await createInstance({ sources: { billing: { kind: "focus", layout: "files", path: "./exports" } } });
  for (const period of PERIODS) {
    const charge = { account: "a1", service: "EC2", billed: "1.5" };
    const charges = Array.from({ length: 28 }, (_, index) => ({
      ...charge,
      day: `${period}-${String(index + 1).padStart(2, "0")}`,
    }));
    await deliver(instance.path(`exports/${period}.csv`), focusCsv(period, charges));
  }
  databases = Array.from({ length: 8 }, () => openDatabase(instance.url, { max: 2 }));
  workers = [loadWorker(instance), loadWorker(instance)];
});
afterAll(async () => {
  for (const worker of workers ?? []) await worker.kill();
  for (const database of databases ?? []) await database.close();
  await instance?.remove();
});

test("eight triggers at once, with two workers alive, make one run and one publication of each slice", async () => {
  const { pool } = instance.database;
  const holder = await pool.connect();
  const answers: string[][] = [];
  try {
    // No slice gets as far as its publication while this is held, so that all eight come while the first run is under way.
    await holder.query("BEGIN");
    await holder.query("LOCK TABLE charge_key IN EXCLUSIVE MODE");
    await Promise.all(workers.map((worker) => worker.go()));
    const triggers = databases.map((database) =>
      requestPull({ ...instance.context(), database }, { sourceKey: "billing", period: null }),
    );
    for (const { runs } of await Promise.all(triggers)) answers.push(runs.map((run) => run.id).toSorted());
  } finally {
    await holder.query("ROLLBACK");
    holder.release();
  }
  await until("every run to end", async () => {
    const { rows } = await pool.query("SELECT 1 FROM run WHERE state IN ('queued', 'running', 'abandoned') LIMIT 1");
    return rows.length === 0;
  });
  const runs = await pool.query("SELECT id, period, state, attempt, error FROM run ORDER BY period");
  expect(runs.rows.map(({ period, state, attempt, error }) => ({ period, state, attempt, error }))).toEqual(
    PERIODS.map((period) => ({ period, state: "succeeded", attempt: 1, error: null })),
  );
  const ids = runs.rows.map(({ id }) => String(id)).toSorted();
  expect(answers).toEqual(Array.from({ length: 8 }, () => ids));
  const publications = await pool.query("SELECT slice_id, run_id FROM publication");
  expect(publications.rows.map(({ run_id }) => String(run_id)).toSorted()).toEqual(ids);
  const logged = await pool.query(
    "SELECT action FROM activity WHERE action IN ('run.requested', 'slice.published') ORDER BY 1",
  );
  expect(logged.rows.map(({ action }) => String(action))).toEqual([
    "run.requested",
    "run.requested",
    "slice.published",
    "slice.published",
  ]);
});

test("eight triggers of a slice that is published as offered make no run", async () => {
  const answers = await Promise.all(
    databases.map((database) =>
      requestPull({ ...instance.context(), database }, { sourceKey: "billing", period: null }),
    ),
  );
  expect(answers.flatMap(({ runs }) => runs)).toEqual([]);
});
