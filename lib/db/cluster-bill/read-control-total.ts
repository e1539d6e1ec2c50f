import type { SqlExecutor } from "#lib/db/activity.ts";
import { readClusterCosts, type ClusterCostRow } from "#lib/db/cluster-bill/read-split-inputs.ts";
import type { BillBasis } from "#lib/domain/cluster-bill/cluster-hour.ts";
import type { Amount } from "#lib/domain/money.ts";
import { addDays, startOf, type Day } from "#lib/domain/period.ts";

type Range = { clusterKey: string; from: Day; to: Day; sliceIds: readonly number[] };

/** Charges whose whole period lies within the days, summed by slice and account, so that those that do not count can be left out. */
export type WholeCharges = { sliceId: number; account: string; currency: string; amount: Amount };

/** What a provider charged for a cluster in some days: whole charges as sums, and the charges of which a part only lies within. */
export async function readCharged(
  sql: SqlExecutor,
  { clusterKey, from, to, sliceIds }: Range,
  basis: BillBasis,
): Promise<{ whole: WholeCharges[]; parts: ClusterCostRow[] }> {
  const { rows } = await sql.query(
    `SELECT slice_id, account, currency, trim_scale(sum(${basis}))::text AS amount FROM cluster_cost
     WHERE cluster_key = $1 AND slice_id = ANY($4) AND starts_at >= $2::date::timestamp AT TIME ZONE 'UTC'
       AND starts_at < $3::date::timestamp AT TIME ZONE 'UTC' AND starts_at + hours * interval '1 hour' <= $3::date::timestamp AT TIME ZONE 'UTC'
     GROUP BY 1, 2, 3`,
    [clusterKey, from, to, sliceIds],
  );
  const startMs = startOf(from).getTime();
  const endMs = startOf(to).getTime();
  // Charges that lie across an edge are longer than an hour and few: monthly fees.
  const edges = await Promise.all([
    readClusterCosts(sql, { clusterKey, from, to: addDays(from, 1), sliceIds }),
    readClusterCosts(sql, { clusterKey, from: addDays(to, -1), to, sliceIds }),
  ]);
  const parts = edges.flat().filter(({ startsAt, hours }) => {
    const start = startsAt.getTime();
    return start < startMs || start + hours * 3_600_000 > endMs;
  });
  const unique = new Map(parts.map((part) => [JSON.stringify(part), part]));
  return {
    whole: rows.map((row) => ({
      sliceId: Number(row.slice_id),
      account: String(row.account),
      currency: String(row.currency),
      amount: String(row.amount),
    })),
    parts: [...unique.values()],
  };
}

/** Days on which a charge of the cluster starts, by currency. */
export async function readChargedDays(
  sql: SqlExecutor,
  { clusterKey, from, to, sliceIds }: Range,
): Promise<{ day: Day; currency: string }[]> {
  const { rows } = await sql.query(
    `SELECT DISTINCT (starts_at AT TIME ZONE 'UTC')::date::text AS day, currency FROM cluster_cost
     WHERE cluster_key = $1 AND slice_id = ANY($4) AND starts_at >= $2::date::timestamp AT TIME ZONE 'UTC' AND starts_at < $3::date::timestamp AT TIME ZONE 'UTC'
     ORDER BY 1, 2`,
    [clusterKey, from, to, sliceIds],
  );
  return rows as { day: Day; currency: string }[];
}
