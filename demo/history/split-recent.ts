import type { Estate } from "#demo/estate/estate.ts";
import { plannedClusters } from "#demo/estate/namespaces.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import type { Database } from "#lib/db/client.ts";
import { addDays } from "#lib/domain/period.ts";
import { splitCluster } from "#lib/services/cluster-bill/split-cluster.ts";

/** The days that lists sum over, and two in which providers have not told everything yet. */
const RECENT_DAYS = 32;

/** Splits the clusters' bills of the newest weeks at once, which the worker would do some minutes later. */
export async function splitRecent(database: Database, estate: Estate, signal: AbortSignal): Promise<void> {
  const { today } = estate.calendar;
  const range = { from: addDays(today, -RECENT_DAYS), to: addDays(today, 1) };
  const context = { actor: SYSTEM_ACTOR, database, now: new Date() };
  for (const { name } of plannedClusters(estate)) await splitCluster(context, { clusterKey: name, ...range, signal });
}
