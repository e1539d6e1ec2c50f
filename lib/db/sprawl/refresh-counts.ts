import type { SqlExecutor } from "#lib/db/activity.ts";

/**
 * Counts the namespaces that are there by everything that lists are filtered by, all at once (namespace_count) and one by one
 * (namespace_total), and keeps what they are called (namespace_name). In the transaction that changed what is counted. @param clusterKey null = of every cluster.
 */
export async function refreshCounts(sql: SqlExecutor, clusterKey: string | null): Promise<void> {
  const own = "($1::text IS NULL OR cluster_key = $1)";
  await sql.query(`DELETE FROM namespace_count WHERE ${own}`, [clusterKey]);
  await sql.query(
    `INSERT INTO namespace_count (cluster_key, provider, team_key, strength, state, currency, namespaces, cost)
     SELECT cluster_key, provider, team_key, strength, state, coalesce(currency, ''), count(*)::int, coalesce(sum(cost), 0)
     FROM namespace_summary WHERE ${own} AND gone_at IS NULL GROUP BY 1, 2, 3, 4, 5, 6`,
    [clusterKey],
  );
  await sql.query(`DELETE FROM namespace_total WHERE ${own}`, [clusterKey]);
  await sql.query(
    `INSERT INTO namespace_total (cluster_key, dimension, key, namespaces)
     SELECT c.cluster_key, v.dimension, v.key, sum(c.namespaces)::int FROM namespace_count c, LATERAL (
       VALUES ('', ''), ('provider', c.provider), ('team_key', c.team_key), ('strength', c.strength), ('state', c.state)) AS v (dimension, key)
     WHERE ${own} GROUP BY 1, 2, 3`,
    [clusterKey],
  );
  await refreshNames(sql, clusterKey);
}

/** Names are made and removed, and never change: those that stay are not written. */
async function refreshNames(sql: SqlExecutor, clusterKey: string | null): Promise<void> {
  await sql.query(
    `DELETE FROM namespace_name n WHERE ($1::text IS NULL OR n.cluster_key = $1)
       AND NOT EXISTS (SELECT FROM namespace_summary s WHERE s.cluster_key = n.cluster_key AND s.uid = n.uid AND lower(s.name) = n.name AND s.gone_at IS NULL)`,
    [clusterKey],
  );
  await sql.query(
    `INSERT INTO namespace_name (cluster_key, uid, name) SELECT cluster_key, uid, lower(name) FROM namespace_summary s
     WHERE ($1::text IS NULL OR cluster_key = $1) AND gone_at IS NULL
       AND NOT EXISTS (SELECT FROM namespace_name n WHERE n.cluster_key = s.cluster_key AND n.uid = s.uid)`,
    [clusterKey],
  );
}
