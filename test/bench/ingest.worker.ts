import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { openDatabase, type Database } from "#lib/db/client.ts";
import { ensureSlice, requestRun } from "#lib/services/runs/request-run.ts";
import { pullSlice } from "#lib/services/sources/pull-slice.ts";
import { syncSources } from "#lib/services/sources/sync-sources.ts";
import { FILE_PERIOD } from "#test/bench/focus-file.ts";
import { ingestFloor } from "#test/bench/ingest-floor.ts";
import { saveAllocation } from "#test/bench/ingest-rules.ts";
import { millisecondsOf } from "#test/bench/measure.ts";

/** What one ingest took. The peak is of the whole process, Node and DuckDB together. */
export type IngestResult = { milliseconds: number; peakMib: number; rollupRows: number; steps: Record<string, number> };

const SOURCE = "bench";
const [, , way, url = "", file = "", folder = ""] = process.argv;

// The worker's own settings: DuckDB and the database connection are opened as in production.
const database = openDatabase(url);
try {
  console.log(JSON.stringify(way === "floor" ? await measureFloor() : await measurePull()));
} finally {
  await database.close();
}

async function measureFloor(): Promise<IngestResult> {
  const scratch = await mkdtemp(join(folder, "floor-"));
  const milliseconds = await millisecondsOf(() => ingestFloor(database, file, scratch));
  return { milliseconds, ...(await measured("SELECT count(*) AS count FROM floor")), steps: {} };
}

/** The pull of a slice that was never loaded, from looking for files to the end of its run. */
async function measurePull(): Promise<IngestResult> {
  await saveAllocation(database);
  const context = { actor: SYSTEM_ACTOR, database, now: new Date() };
  await syncSources(context);
  const runId = await queueRun(database);
  const steps: Record<string, number> = {};
  let [step, since] = ["Starting", performance.now()];
  const turnTo = (next: string) => {
    const now = performance.now();
    steps[step] = Math.round((steps[step] ?? 0) + now - since);
    [step, since] = [next, now];
  };
  const milliseconds = await millisecondsOf(() =>
    pullSlice(context, {
      runId,
      sourceKey: SOURCE,
      period: FILE_PERIOD,
      onProgress: (progress) => turnTo(progress.step),
    }),
  );
  turnTo("");
  return { milliseconds, ...(await measured("SELECT count(*) AS count FROM cost_day")), steps };

  function queueRun(on: Database): Promise<string> {
    return on.transact(async (transaction) => {
      const sliceId = await ensureSlice(transaction, { sourceKey: SOURCE, dataset: "cost", period: FILE_PERIOD });
      const run = {
        kind: "pull",
        sourceKey: SOURCE,
        sliceId,
        period: FILE_PERIOD,
        trigger: "schedule",
        logicalTime: context.now,
      } as const;
      return (await requestRun(transaction, context, run)).runId;
    });
  }
}

async function measured(countSql: string): Promise<{ peakMib: number; rollupRows: number }> {
  const peakMib = process.resourceUsage().maxRSS / 1024;
  const { rows } = await database.pool.query<{ count: string }>(countSql);
  return { peakMib, rollupRows: Number(rows[0]?.count) };
}
