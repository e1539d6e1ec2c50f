import type { SqlExecutor } from "#lib/db/activity.ts";
import { refreshCounts } from "#lib/db/sprawl/refresh-counts.ts";

/** Days that the costs of lists are summed over: a month, whatever its length. */
export const COST_DAYS = 30;

/**
 * Sums what each namespace of a cluster cost in its newest days, for the lists, and counts the namespaces by everything that lists are
 * filtered by. In the transaction that split the cluster's bill, or that changed its namespaces.
 */
export async function refreshCosts(sql: SqlExecutor, clusterKey: string): Promise<void> {
  // Where the bill is split, a namespace without a part of it has cost nothing; where it is not, nobody knows.
  await sql.query(
    `WITH newest AS MATERIALIZED (
       SELECT namespace_uid, kind, currency, effective FROM namespace_cost_day
       WHERE cluster_key = $1 AND day > (SELECT max(day) FROM namespace_cost_day WHERE cluster_key = $1) - ${COST_DAYS}
     ), own AS MATERIALIZED (
       SELECT namespace_uid, min(currency) AS currency, CASE WHEN count(DISTINCT currency) = 1 THEN sum(effective) END AS cost
       FROM newest WHERE kind = 'namespace' AND namespace_uid <> '' GROUP BY namespace_uid
     )
     UPDATE namespace_summary t SET currency = i.currency, cost = i.cost, cost_order = coalesce(i.cost, -1)
       FROM namespace_summary s LEFT JOIN LATERAL (
         SELECT coalesce(own.currency, whole.currency) AS currency, CASE WHEN own.namespace_uid IS NULL THEN 0 ELSE own.cost END AS cost
         FROM (SELECT min(currency) AS currency FROM newest) whole LEFT JOIN own ON own.namespace_uid = s.uid
         WHERE whole.currency IS NOT NULL
       ) i ON true
       WHERE s.cluster_key = $1 AND t.cluster_key = $1 AND t.uid = s.uid
         AND (t.currency, t.cost) IS DISTINCT FROM (i.currency, i.cost)`,
    [clusterKey],
  );
  await refreshCounts(sql, clusterKey);
}

/** The half-open days that costs of lists are summed over, the newest of any cluster's; null where no bill is split. */
export async function readCostRange(sql: SqlExecutor): Promise<{ from: string; to: string } | null> {
  const { rows } = await sql.query(
    `SELECT (max(day) - ${COST_DAYS - 1})::text AS first, (max(day) + 1)::text AS next FROM cluster_split WHERE replaced_at IS NULL`,
  );
  const range = rows[0];
  return range?.first ? { from: String(range.first), to: String(range.next) } : null;
}

/** What each cluster's whole bill came to in its newest days: namespaces, idle capacity and overhead together. */
export async function readClusterCosts(
  sql: SqlExecutor,
): Promise<{ clusterKey: string; currency: string; cost: string }[]> {
  const { rows } = await sql.query(
    `SELECT s.cluster_key, s.currency, trim_scale(sum(s.effective))::text AS cost FROM cluster_split s
     JOIN (SELECT cluster_key, max(day) AS last FROM cluster_split WHERE replaced_at IS NULL GROUP BY cluster_key) n USING (cluster_key)
     WHERE s.replaced_at IS NULL AND s.day > n.last - ${COST_DAYS} GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  return rows.map((row) => ({
    clusterKey: String(row.cluster_key),
    currency: String(row.currency),
    cost: String(row.cost),
  }));
}
