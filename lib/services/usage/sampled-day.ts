import type { SqlExecutor } from "#lib/db/activity.ts";
import { averageSamples } from "#lib/domain/cluster-bill/reading-columns.ts";
import type { Day } from "#lib/domain/period.ts";
import { rowBook, type UsageReading } from "#lib/sources/usage/usage-reading.ts";

/** How often our own job samples a cluster that has neither Prometheus nor OpenCost. */
export const SAMPLE_EVERY_MINUTES = 5;
/** Samples that an hour needs to count as observed in whole: one may be late or lost. */
const WHOLE_HOUR_SAMPLES = 60 / SAMPLE_EVERY_MINUTES - 1;

type Sample = {
  at: Date;
  namespace: string;
  node: string;
  cpu_requested: number | null;
  cpu_used: number | null;
  memory_requested: number | null;
  memory_used: number | null;
  gpu_requested: number | null;
  pods: number;
};

/**
 * A cluster's day from our own samples. An instant at which others were seen and a namespace was not is a sample of zeros for it; an
 * instant at which nobody was seen is a gap. Sums hold over the hour: what ran for half of it counts a half.
 */
export async function readSampledDay(sql: SqlExecutor, clusterKey: string, day: Day): Promise<UsageReading> {
  const { rows } = await sql.query(
    `SELECT * FROM usage_sample WHERE cluster_key = $1 AND at >= $2::date::timestamp AT TIME ZONE 'UTC' AND at < ($2::date + 1)::timestamp AT TIME ZONE 'UTC'
     ORDER BY at, namespace, node`,
    [clusterKey, day],
  );
  const book = rowBook();
  const observedHours: number[] = [];
  for (const [hour, samples] of Map.groupBy(rows as Sample[], ({ at }) => at.getUTCHours())) {
    const instants = new Set(samples.map(({ at }) => at.getTime())).size;
    if (instants >= WHOLE_HOUR_SAMPLES) observedHours.push(hour);
    for (const own of Map.groupBy(samples, ({ namespace, node }) => `${namespace}/${node}`).values()) {
      const [first] = own;
      if (!first) continue;
      const row = book.at(hour, first.namespace, first.node);
      const average = (requested: keyof Sample, used: keyof Sample | null) =>
        averageSamples([
          ...own.map((sample) => ({
            requested: sample[requested] as number | null,
            used: used === null ? null : (sample[used] as number | null),
          })),
          ...Array.from({ length: instants - own.length }, () => ({ requested: 0, used: used === null ? null : 0 })),
        ]);
      const cpu = average("cpu_requested", "cpu_used");
      const memory = average("memory_requested", "memory_used");
      const gpu = average("gpu_requested", null);
      Object.assign(row, {
        cpuRequested: cpu.requested,
        cpuUsed: cpu.used,
        cpuLarger: cpu.larger,
        memoryRequested: memory.requested,
        memoryUsed: memory.used,
        memoryLarger: memory.larger,
        gpuRequested: gpu.requested,
        pods: own.reduce((total, { pods }) => total + pods, 0) / instants,
      });
    }
  }
  return { rows: book.rows(), observedHours: observedHours.toSorted((a, b) => a - b) };
}
