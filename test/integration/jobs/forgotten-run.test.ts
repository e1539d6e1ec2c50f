import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";
import { contextOn } from "#test/integration/slices/charges.ts";
import { abandonSilentRuns } from "#lib/services/runs/abandon-silent-runs.ts";
import { enqueue, prepareQueue } from "#lib/services/runs/queue.ts";
import { ensureSlice, requestRun } from "#lib/services/runs/request-run.ts";

let created: TestDatabase;
beforeAll(async () => {
  created = await createTestDatabase();
  await prepareQueue(created.database);
  await created.database.pool.query(
    "INSERT INTO source (key, kind, title, dataset) VALUES ('files', 'focus', 'Files', 'cost')",
  );
});
afterAll(() => created.drop());

async function queuedRun(period: string, hasJob: boolean): Promise<string> {
  const context = contextOn(created.database);
  return created.database.transact(async (transaction) => {
    const sliceId = await ensureSlice(transaction, { sourceKey: "files", dataset: "cost", period });
    const { runId } = await requestRun(transaction, context, {
      kind: "pull",
      sourceKey: "files",
      sliceId,
      period,
      trigger: "schedule",
      logicalTime: context.now,
    });
    if (hasJob)
      await enqueue(transaction, "pull-slice", {
        runId,
        sourceKey: "files",
        period,
        logicalTime: context.now.toISOString(),
      });
    return runId;
  });
}

test("a run whose job was lost before a worker took it gets a new job, once; one that waits for its job is left alone", async () => {
  const { pool } = created.database;
  const [lost, waiting, fresh] = [
    await queuedRun("2026-01", false),
    await queuedRun("2026-02", true),
    await queuedRun("2026-03", false),
  ];
  await pool.query("UPDATE run SET queued_at = queued_at - interval '1 hour' WHERE id = ANY($1)", [[lost, waiting]]);

  expect(await abandonSilentRuns(contextOn(created.database))).toEqual({ requeued: [lost], failed: [] });
  expect(await abandonSilentRuns(contextOn(created.database))).toEqual({ requeued: [], failed: [] });
  const { rows } = await pool.query("SELECT data ->> 'runId' AS run FROM pgboss.job WHERE name = 'pull-slice'");
  expect(rows.map((row: { run: string }) => row.run).toSorted()).toEqual([lost, waiting].toSorted());
  expect(fresh).not.toBe(lost);
});
