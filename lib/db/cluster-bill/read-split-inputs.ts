import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Day } from "#lib/domain/period.ts";

/** The longest charge period that a row of cluster_cost can have. */
const LONGEST_HOURS = 744;

/** A row of cluster_cost. */
export type ClusterCostRow = {
  sliceId: number;
  startsAt: Date;
  hours: number;
  kind: string;
  resourceId: string;
  namespace: string;
  account: string;
  currency: string;
  billed: string;
  effective: string;
};

/** Charges of a cluster whose period touches the days, of the slices given. */
export async function readClusterCosts(
  sql: SqlExecutor,
  { clusterKey, from, to, sliceIds }: { clusterKey: string; from: Day; to: Day; sliceIds: readonly number[] },
): Promise<ClusterCostRow[]> {
  const { rows } = await sql.query(
    `SELECT slice_id, starts_at, hours, kind, resource_id, namespace, account, currency, trim_scale(billed)::text AS billed, trim_scale(effective)::text AS effective
     FROM cluster_cost WHERE cluster_key = $1 AND slice_id = ANY($4)
       AND starts_at < $3::date::timestamp AT TIME ZONE 'UTC' AND starts_at > ($2::date::timestamp AT TIME ZONE 'UTC') - interval '${LONGEST_HOURS} hours'
       AND starts_at + hours * interval '1 hour' > $2::date::timestamp AT TIME ZONE 'UTC'
     ORDER BY starts_at, kind, resource_id, namespace, account, slice_id, hours, id`,
    [clusterKey, from, to, sliceIds],
  );
  return rows.map((row) => ({
    sliceId: Number(row.slice_id),
    startsAt: row.starts_at as Date,
    hours: Number(row.hours),
    kind: String(row.kind),
    resourceId: String(row.resource_id),
    namespace: String(row.namespace),
    account: String(row.account),
    currency: String(row.currency),
    billed: String(row.billed),
    effective: String(row.effective),
  }));
}

export const USE_COLUMNS = [
  "cpu_requested",
  "cpu_used",
  "cpu_larger",
  "memory_requested",
  "memory_used",
  "memory_larger",
  "gpu_requested",
  "gpu_used",
  "gpu_larger",
] as const;

/** Rows of namespace_usage_hour of one day, in the order of the hours. */
export type UseRow = {
  hour: number;
  namespace: string;
  uid: string;
  node: string;
} & Record<(typeof USE_COLUMNS)[number], number | null>;

export async function readDayUses(sql: SqlExecutor, clusterKey: string, day: Day): Promise<UseRow[]> {
  const { rows } = await sql.query(
    `SELECT extract(hour FROM hour AT TIME ZONE 'UTC')::int AS hour, namespace, namespace_uid AS uid, node, ${USE_COLUMNS.join(", ")}
     FROM namespace_usage_hour
     WHERE cluster_key = $1 AND hour >= $2::date::timestamp AT TIME ZONE 'UTC' AND hour < ($2::date + 1)::timestamp AT TIME ZONE 'UTC'
     ORDER BY namespace_usage_hour.hour, namespace, node`,
    [clusterKey, day],
  );
  return rows as UseRow[];
}

export type UsageDayRow = { day: Day; observedHours: number[]; stamp: string };

export async function readUsageDays(
  sql: SqlExecutor,
  { clusterKey, from, to }: { clusterKey: string; from: Day; to: Day },
): Promise<UsageDayRow[]> {
  const { rows } = await sql.query(
    "SELECT day::text, observed_hours, stamp FROM usage_day WHERE cluster_key = $1 AND day >= $2 AND day < $3",
    [clusterKey, from, to],
  );
  return rows.map((row) => ({
    day: row.day as Day,
    observedHours: row.observed_hours as number[],
    stamp: String(row.stamp),
  }));
}

/** A machine of a cluster over all the time that it was seen. */
export type InventoryNode = {
  name: string;
  providerId: string | null;
  nodePool: string | null;
  instanceType: string | null;
  capacityType: string | null;
  cpuCores: number;
  memoryGib: number;
  gpus: number;
  seenFrom: Date;
  seenTo: Date | null;
};

export async function readInventoryNodes(sql: SqlExecutor, clusterKey: string): Promise<InventoryNode[]> {
  const { rows } = await sql.query(
    `SELECT DISTINCT ON (uid) name, provider_id, node_pool, instance_type, capacity_type, cpu_cores, memory_gib, gpus,
       least(min(seen_from) OVER (PARTITION BY uid), min(created_at) OVER (PARTITION BY uid)) AS first_seen,
       CASE WHEN bool_or(seen_to IS NULL) OVER (PARTITION BY uid) THEN NULL ELSE max(seen_to) OVER (PARTITION BY uid) END AS last_seen
     FROM cluster_node WHERE cluster_key = $1 ORDER BY uid, seen_from DESC`,
    [clusterKey],
  );
  return rows.map((row) => ({
    name: String(row.name),
    providerId: row.provider_id as string | null,
    nodePool: row.node_pool as string | null,
    instanceType: row.instance_type as string | null,
    capacityType: row.capacity_type as string | null,
    cpuCores: Number(row.cpu_cores),
    memoryGib: Number(row.memory_gib),
    gpus: Number(row.gpus),
    seenFrom: row.first_seen as Date,
    seenTo: row.last_seen as Date | null,
  }));
}

/** Lives of namespaces by name: from when to when each bore it. */
export type NamespaceLife = { name: string; uid: string; from: Date; to: Date | null };

export async function readNamespaceLives(sql: SqlExecutor, clusterKey: string): Promise<NamespaceLife[]> {
  const { rows } = await sql.query(
    `SELECT name, uid, least(min(created_at), min(seen_from)) AS from_at, CASE WHEN bool_or(seen_to IS NULL) THEN NULL ELSE max(seen_to) END AS to_at
     FROM namespace WHERE cluster_key = $1 GROUP BY name, uid ORDER BY name, from_at`,
    [clusterKey],
  );
  return rows.map((row) => ({
    name: String(row.name),
    uid: String(row.uid),
    from: row.from_at as Date,
    to: row.to_at as Date | null,
  }));
}

/** The uid of the life that bore the name at an instant; "" where the inventory knows none. */
export function uidAt(lives: ReadonlyMap<string, readonly NamespaceLife[]>, name: string, atMs: number): string {
  const ofName = lives.get(name) ?? [];
  const found = ofName.findLast(
    ({ from, to }) => from.getTime() < atMs + HOUR_MS && (to === null || atMs < to.getTime()),
  );
  return found?.uid ?? "";
}

const HOUR_MS = 3_600_000;
