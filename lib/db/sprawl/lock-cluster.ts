import type { SqlExecutor } from "#lib/db/activity.ts";

/**
 * Lets one transaction at a time change what is stored about a cluster's namespaces, until it ends: a publication, a decision about
 * owners and a changed directory would otherwise each begin a stretch. Whoever locks several clusters does so in the order of their keys.
 */
export async function lockCluster(sql: SqlExecutor, clusterKey: string): Promise<void> {
  await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('cluster ' || $1, 0))", [clusterKey]);
}
