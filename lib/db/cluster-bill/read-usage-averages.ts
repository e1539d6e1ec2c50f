import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Resource } from "#lib/domain/cluster-bill/cluster-hour.ts";
import type { Day } from "#lib/domain/period.ts";

type Range = { clusterKey: string; from: Day; to: Day };

/** Averages over the hours in which the namespace was observed. */
export type UsageAverage = {
  namespace: string;
  uid: string;
  hours: number;
  use: Record<Resource, { requested: number | null; used: number | null }>;
};

const IN_RANGE =
  "cluster_key = $1 AND hour >= $2::date::timestamp AT TIME ZONE 'UTC' AND hour < $3::date::timestamp AT TIME ZONE 'UTC'";

const RESOURCE_COLUMNS = { cpuCores: "cpu", memoryGib: "memory", gpus: "gpu" } as const;
const READINGS = Object.values(RESOURCE_COLUMNS).flatMap((name) => [`${name}_requested`, `${name}_used`]);

/** A namespace's hour over all nodes: unknown as soon as it is unknown on one. */
const OVER_NODES = READINGS.map((name) => `CASE WHEN count(${name}) = count(*) THEN sum(${name}) END AS ${name}`).join(
  ", ",
);

export async function readUsageAverages(sql: SqlExecutor, { clusterKey, from, to }: Range): Promise<UsageAverage[]> {
  const { rows } = await sql.query(
    `SELECT namespace, namespace_uid AS uid, count(*)::int AS hours, ${READINGS.map((name) => `avg(${name}) AS ${name}`).join(", ")}
     FROM (SELECT hour, namespace, namespace_uid, ${OVER_NODES} FROM namespace_usage_hour WHERE ${IN_RANGE} GROUP BY 1, 2, 3) AS by_hour
     GROUP BY 1, 2 ORDER BY 1, 2`,
    [clusterKey, from, to],
  );
  return rows.map((row) => ({
    namespace: String(row.namespace),
    uid: String(row.uid),
    hours: Number(row.hours),
    use: {
      cpuCores: readingOf(row, "cpu"),
      memoryGib: readingOf(row, "memory"),
      gpus: readingOf(row, "gpu"),
    },
  }));
}

function readingOf(row: Record<string, unknown>, name: string): { requested: number | null; used: number | null } {
  return { requested: row[`${name}_requested`] as number | null, used: row[`${name}_used`] as number | null };
}

/** A namespace's hour, over all nodes. */
export type UsageHour = {
  hour: Date;
  cpu_requested: number | null;
  cpu_used: number | null;
  memory_requested: number | null;
  memory_used: number | null;
  gpu_requested: number | null;
  gpu_used: number | null;
  network_bytes: number | null;
  volume_gib: number | null;
  pods: number | null;
};

/** The hours of one namespace in which it was observed, in order: of a life by its uid, or of every one under the name. */
export async function readUsageHours(
  sql: SqlExecutor,
  { clusterKey, from, to, namespace, uid }: Range & { namespace: string; uid: string | null },
): Promise<UsageHour[]> {
  const { rows } = await sql.query(
    `SELECT hour, ${OVER_NODES}, sum(network_bytes) AS network_bytes, sum(volume_gib) AS volume_gib, sum(pods) AS pods
     FROM namespace_usage_hour WHERE ${IN_RANGE} AND namespace = $4 AND ($5::text IS NULL OR namespace_uid = $5) GROUP BY 1 ORDER BY 1`,
    [clusterKey, from, to, namespace, uid],
  );
  return rows as UsageHour[];
}

/** Hours of the range that were observed in whole. */
export async function readObservedHours(sql: SqlExecutor, { clusterKey, from, to }: Range): Promise<number> {
  const { rows } = await sql.query(
    "SELECT coalesce(sum(cardinality(observed_hours)), 0)::int AS hours FROM usage_day WHERE cluster_key = $1 AND day >= $2 AND day < $3",
    [clusterKey, from, to],
  );
  return Number(rows[0]?.hours ?? 0);
}

/** Less than this of a core, or of bytes in an hour, is what an idle process does by itself. */
const NOISE_CORES = 0.005;
const NOISE_BYTES = 100_000;

/** When a namespace last did anything above the noise; null where nothing was seen. */
export async function readLastActivity(
  sql: SqlExecutor,
  { clusterKey, namespace, uid }: { clusterKey: string; namespace: string; uid: string | null },
): Promise<Date | null> {
  const { rows } = await sql.query(
    `SELECT max(hour) + interval '1 hour' AS at FROM (
       SELECT hour FROM namespace_usage_hour WHERE cluster_key = $1 AND namespace = $2 AND ($3::text IS NULL OR namespace_uid = $3)
       GROUP BY hour HAVING sum(cpu_used) > ${NOISE_CORES} OR sum(network_bytes) > ${NOISE_BYTES}) AS active`,
    [clusterKey, namespace, uid],
  );
  return (rows[0]?.at as Date | null) ?? null;
}
