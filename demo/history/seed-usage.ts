import { usedHours } from "#demo/history/usage-rows.ts";
import type { History } from "#demo/history/replay-looks.ts";
import { plannedClusters, type PlannedCluster } from "#demo/estate/namespaces.ts";
import { readFinalDays, swapUsageDay } from "#lib/db/cluster-bill/swap-usage.ts";
import { addDays, dayOf, eachDay, startOf, type Day } from "#lib/domain/period.ts";

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const HOUR_MS = 3_600_000;
/** Days of use, as many as the costs of lists are summed over, and one more. */
const USAGE_DAYS = 31;
/** As the product has it: a day is read for good so long after its end. */
const SETTLES_AFTER_MS = 3 * HOUR_MS;
const SAMPLE_EVERY_MS = 300_000;

/**
 * Stores the hours of use that Prometheus and our own samples would have told of the days before today, where they are not stored yet.
 * What is not settled is left to the worker: it asks Prometheus, and finds the samples of it here.
 */
export async function seedUsage({ database, estate, sourceKey, now }: History): Promise<void> {
  const settled = dayOf(new Date(now.getTime() - SETTLES_AFTER_MS));
  const range = { from: addDays(settled, -USAGE_DAYS), to: settled };
  for (const cluster of plannedClusters(estate)) {
    const clusterKey = cluster.name;
    const done = await readFinalDays(database.pool, { clusterKey, ...range });
    const missing = [...eachDay(range)].filter((day) => !done.has(day));
    await database.transact(async ({ sql }) => {
      for (const day of missing) {
        const rows = usedHours(cluster, day, HOURS);
        await swapUsageDay(
          sql,
          {
            clusterKey,
            day,
            sourceKey,
            origin: cluster.features.includes("prometheus") ? "prometheus" : "samples",
            observedHours: HOURS,
            isFinal: true,
            // The same estate, cluster and day always give the same rows.
            stamp: `${estate.seed} ${estate.calendar.today} ${clusterKey} ${day}`,
            readAt: new Date(startOf(addDays(day, 1)).getTime() + SETTLES_AFTER_MS),
          },
          rows,
        );
      }
    });
    if (!cluster.features.includes("prometheus")) await seedSamples({ database, now }, cluster, settled);
  }
}

/** Every five minutes from a day's beginning up to now. */
async function seedSamples(
  { database, now }: Pick<History, "database" | "now">,
  cluster: PlannedCluster,
  from: Day,
): Promise<void> {
  const uses = [...eachDay({ from, to: addDays(dayOf(now), 1) })].flatMap((day) =>
    usedHours(cluster, day, HOURS).flatMap((use) => ({ ...use, at: startOf(day).getTime() + use.hour * HOUR_MS })),
  );
  const rows = uses.flatMap((use) =>
    Array.from({ length: HOUR_MS / SAMPLE_EVERY_MS }, (_, index) => ({
      cluster_key: cluster.name,
      at: new Date(use.at + index * SAMPLE_EVERY_MS).toISOString(),
      namespace: use.namespace,
      node: "",
      cpu_requested: use.cpuRequested,
      cpu_used: use.cpuUsed,
      memory_requested: use.memoryRequested,
      memory_used: use.memoryUsed,
      gpu_requested: use.gpuRequested,
      pods: use.pods,
    })).filter(({ at }) => Date.parse(at) < now.getTime()),
  );
  await database.pool.query(
    "INSERT INTO usage_sample SELECT * FROM jsonb_populate_recordset(NULL::usage_sample, $1::jsonb) ON CONFLICT DO NOTHING",
    [JSON.stringify(rows)],
  );
}
