import { createHash } from "node:crypto";
import { loadConfig } from "#lib/config.ts";
import { readNamespaceLives, uidAt } from "#lib/db/cluster-bill/read-split-inputs.ts";
import { readFinalDays, swapUsageDay, type StoredUsageDay } from "#lib/db/cluster-bill/swap-usage.ts";
import { addDays, dayOf, eachDay, startOf, type Day, type DayRange } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { createRequestGate } from "#lib/services/api/request-gate.ts";
import { requestSplits } from "#lib/services/cluster-bill/request-splits.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { rejudge } from "#lib/services/namespaces/rejudge.ts";
import { readSampledDay } from "#lib/services/usage/sampled-day.ts";
import { readEcsKey } from "#lib/sources/aws-ecs/index.ts";
import type { ClusterAccess } from "#lib/sources/kubernetes/spec.ts";
import { withUsageServer, type UsageServer } from "#lib/sources/usage/client.ts";
import { readOpenCostDay } from "#lib/sources/usage/opencost.ts";
import { readPrometheusDay } from "#lib/sources/usage/prometheus.ts";
import type { UsageServerSpec } from "#lib/sources/usage/server-spec.ts";
import type { UsageReading } from "#lib/sources/usage/usage-reading.ts";

/** Days that are looked back for by themselves: what Prometheus keeps where nobody has told it otherwise. */
export const LOOK_BACK_DAYS = 15;
/** A day is read for good this long after its end: what is scraped arrives late, above all through Thanos. */
const SETTLES_AFTER_MS = 3 * 3_600_000;
const HOUR_MS = 3_600_000;

export type UsageRequest = {
  sourceKey: string;
  clusterKey: string;
  /** Days to read where they were not read for good; absent = the last LOOK_BACK_DAYS. */
  range?: DayRange;
  signal?: AbortSignal;
};

/**
 * Reads the usage of a cluster's namespaces, day by day, from where it is known best: its Prometheus, else its OpenCost, else the samples
 * that our own job has taken. Each day is replaced whole, in a transaction of its own that also queues the split of the day's bill. Days
 * that were read for good are not read again. What was not observed stays a gap.
 *
 * @returns the days that say something new.
 * @throws AppError "not_found" where the configuration has no such cluster; what askUsage throws.
 */
export async function readUsage(context: ServiceContext, request: UsageRequest): Promise<{ days: Day[] }> {
  await authorise(context, "sources:pull", `${request.sourceKey} ${request.clusterKey}`);
  const cluster = configuredCluster(request);
  const today = dayOf(context.now);
  const range = request.range ?? { from: addDays(today, 1 - LOOK_BACK_DAYS), to: addDays(today, 1) };
  const { pool } = context.database;
  const done = await readFinalDays(pool, { clusterKey: cluster.key, ...range });
  const lives = Map.groupBy(await readNamespaceLives(pool, cluster.key), ({ name }) => name);
  const signal = request.signal ?? new AbortController().signal;
  const changed: Day[] = [];
  for (const day of eachDay(range)) {
    if (done.has(day) || day > today) continue;
    const { origin, reading } = await readDay(context, request.sourceKey, cluster, day, signal);
    const startMs = startOf(day).getTime();
    const rows = reading.rows.map((row) => ({
      ...row,
      uid: uidAt(lives, row.namespace, startMs + row.hour * HOUR_MS),
    }));
    const usage: StoredUsageDay = {
      clusterKey: cluster.key,
      day,
      sourceKey: request.sourceKey,
      origin,
      observedHours: reading.observedHours,
      isFinal: context.now.getTime() >= startOf(addDays(day, 1)).getTime() + SETTLES_AFTER_MS,
      stamp: createHash("sha256")
        .update(JSON.stringify([origin, reading.observedHours, rows]))
        .digest("hex"),
      readAt: context.now,
    };
    const isNew = await context.database.transact(async (transaction) => {
      const isOther = await swapUsageDay(transaction.sql, usage, rows);
      if (isOther)
        await requestSplits(transaction, context.now, [{ clusterKey: cluster.key, from: day, to: addDays(day, 1) }]);
      return isOther;
    });
    if (isNew) changed.push(day);
  }
  // What was just learnt of their use may decide what nobody could judge.
  if (changed.length > 0) await context.database.transact(({ sql }) => rejudge(sql, cluster.key, context.now));
  return { days: changed };
}

async function readDay(
  context: ServiceContext,
  sourceKey: string,
  cluster: UsageOrigins,
  day: Day,
  signal: AbortSignal,
): Promise<{ origin: StoredUsageDay["origin"]; reading: UsageReading }> {
  const gate = createRequestGate(context.database, {
    sourceKey,
    runId: null,
    monthlyCapUsd: null,
    now: () => new Date(),
  });
  const ask = (spec: UsageServerSpec, what: UsageServer["what"], read: typeof readPrometheusDay) =>
    withUsageServer(spec, { cluster: cluster.key, what }, { gate, signal }, (server) => read(server, day, signal));
  if (cluster.prometheus !== undefined)
    return { origin: "prometheus", reading: await ask(cluster.prometheus, "Prometheus", readPrometheusDay) };
  if (cluster.openCost !== undefined)
    return { origin: "opencost", reading: await ask(cluster.openCost, "OpenCost", readOpenCostDay) };
  return { origin: "samples", reading: await readSampledDay(context.database.pool, cluster.key, day) };
}

/** Where the use of a cluster is known; of one that neither server watches our own samples tell it. */
type UsageOrigins = Pick<ClusterAccess, "key" | "prometheus" | "openCost">;

function configuredCluster({ sourceKey, clusterKey }: UsageRequest): UsageOrigins {
  const spec = loadConfig().sources[sourceKey];
  // Clusters of ECS are found, not configured.
  if (spec?.kind === "aws-ecs" && readEcsKey(clusterKey) !== null) return { key: clusterKey };
  const found = spec?.kind === "kubernetes" ? spec.clusters.find(({ key }) => key === clusterKey) : undefined;
  if (found) return found;
  throw new AppError("not_found", `The source ${sourceKey} has no cluster "${clusterKey}".`, {
    remedy: "Name one of its clusters in bursar.yaml.",
  });
}
