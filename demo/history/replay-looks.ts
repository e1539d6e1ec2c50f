import { startKubernetes } from "#demo/kubernetes/server.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { plannedClusters } from "#demo/estate/namespaces.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import type { Database } from "#lib/db/client.ts";
import { ensureSlice, requestRun } from "#lib/services/runs/request-run.ts";
import { loadSource } from "#lib/services/sources/load-source.ts";
import { pullSlice } from "#lib/services/sources/pull-slice.ts";

/** Days of looks that the demo starts with: the window of dormancy, and some more. */
export const HISTORY_DAYS = 35;
const DAY_MS = 86_400_000;
/** Whole readings of a cluster after the first one begin so many days ago, each cluster's on a day of its own. None: each takes seconds of the start. */
const LATER_READINGS: readonly number[] = [];
const SPREAD_DAYS = 6;

export type History = { database: Database; estate: Estate; sourceKey: string; directoryKey: string; now: Date };

/**
 * Gives the clusters a past: each is read through the product's source, with the clock of the day, at the window's beginning and twice
 * after it, and every day between has the look that a daily schedule would have kept. Reading all of them on each of 35 days takes longer
 * than the demo may take to start; the proof of dormancy does it. Where there are looks already, only missing days are added.
 */
export async function replayLooks(history: History, kubeconfig: string): Promise<void> {
  const { database, estate, now } = history;
  const known = await database.pool.query("SELECT 1 FROM cluster_look LIMIT 1");
  if (known.rows.length === 0) {
    const names = plannedClusters(estate).map(({ name }) => name);
    for (let age = HISTORY_DAYS; age > 0; age -= 1) {
      const due = names.filter((_name, index) => readingAges(index).includes(age));
      if (due.length > 0) await readOn(history, kubeconfig, age, due);
    }
    await fillEvaluationLooks(database, now);
  }
  await fillLooks(database, now);
  // So that the worker's own first plan is still one that has to be waited for.
  await database.pool.query("UPDATE source SET planned_at = NULL WHERE key = $1", [history.sourceKey]);
}

function readingAges(index: number): number[] {
  return [HISTORY_DAYS, ...LATER_READINGS.map((age) => age - (index % SPREAD_DAYS))];
}

async function readOn(history: History, kubeconfig: string, age: number, names: readonly string[]): Promise<void> {
  const at = new Date(history.now.getTime() - age * DAY_MS);
  const server = await startKubernetes({ estate: history.estate, clock: () => at });
  try {
    await server.writeKubeconfig(kubeconfig);
    for (const name of names) await pull(history, history.sourceKey, "inventory", name, age);
  } finally {
    await server.close();
  }
}

/** Whom claims name stands in the directory, which was there before any of the looks. */
export async function readDirectory(history: History): Promise<void> {
  const { rows } = await history.database.pool.query("SELECT 1 FROM cluster_look LIMIT 1");
  if (rows.length > 0) return;
  await pull(history, history.directoryKey, "directory", await directoryPeriod(history), HISTORY_DAYS + 1);
}

/** One run, as the worker would do it on that day. */
export async function pull(
  { database, now }: Pick<History, "database" | "now">,
  sourceKey: string,
  dataset: string,
  period: string,
  age: number,
): Promise<void> {
  const at = new Date(now.getTime() - age * DAY_MS);
  const context = { actor: SYSTEM_ACTOR, database, now: at };
  const runId = await database.transact(async (transaction) => {
    const sliceId = await ensureSlice(transaction, { sourceKey, dataset, period });
    const request = { kind: "pull", sourceKey, sliceId, period, trigger: "schedule", logicalTime: at } as const;
    return (await requestRun(transaction, context, request)).runId;
  });
  await pullSlice(context, { runId, sourceKey, period });
}

async function directoryPeriod({ database, directoryKey, now }: History): Promise<string> {
  const source = await loadSource(database, directoryKey);
  const [slice] = await source.plan({ logicalTime: now });
  return slice?.period ?? "";
}

/** The looks of the days between, as the last reading before each of them went. */
async function fillLooks(database: Database, now: Date): Promise<void> {
  await database.pool.query(
    `INSERT INTO cluster_look (source_key, cluster_key, at, outcome, unknown)
     SELECT k.source_key, k.cluster_key, d.at, last.outcome, last.unknown
     FROM (SELECT DISTINCT source_key, cluster_key FROM cluster_look) k
     CROSS JOIN generate_series($1::timestamptz - $2 * interval '1 day', $1::timestamptz - interval '1 hour', interval '1 day') AS d (at)
     JOIN LATERAL (
       SELECT outcome, unknown, at FROM cluster_look l WHERE l.cluster_key = k.cluster_key AND l.at <= d.at AND l.outcome <> 'failed'
       ORDER BY l.at DESC LIMIT 1) last ON last.at <= d.at - interval '23 hours'`,
    [now, HISTORY_DAYS],
  );
}

/** The same for what was judged of clusters and people: it holds until the worker looks, and nobody takes the weeks between for a gap. */
async function fillEvaluationLooks(database: Database, now: Date): Promise<void> {
  await database.pool.query(
    `WITH look AS (
       SELECT p.source_key, p.part, d.at FROM evaluation_part p
       CROSS JOIN generate_series($1::timestamptz - ($2 - 1) * interval '1 day', $1::timestamptz - interval '1 hour', interval '1 day') AS d (at)
       WHERE p.part = 'people' OR p.part IN (SELECT cluster_key FROM cluster_look)
     ), noted AS (
       INSERT INTO evaluation_look (source_key, part, at, outcome, good_until)
       SELECT source_key, part, at, 'complete', at + interval '2 days' FROM look ORDER BY at
     )
     UPDATE evaluation_part p SET last_at = l.at, good_until = l.at + interval '2 days'
     FROM (SELECT source_key, part, max(at) AS at FROM look GROUP BY 1, 2) l WHERE (p.source_key, p.part) = (l.source_key, l.part)`,
    [now, HISTORY_DAYS],
  );
}
