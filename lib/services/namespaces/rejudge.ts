import type { PoolClient } from "pg";
import { lockCluster } from "#lib/db/sprawl/lock-cluster.ts";
import { refreshSummaries } from "#lib/db/sprawl/refresh-summaries.ts";
import { judgeNamespaces } from "#lib/services/namespaces/judge-namespaces.ts";

/** Judges a cluster's namespaces again by what was last seen of them: as of the last judgement, for nobody has looked since. */
export async function rejudge(sql: PoolClient, clusterKey: string, now: Date): Promise<void> {
  await lockCluster(sql, clusterKey);
  const { rows } = await sql.query<{ at: Date | null }>(
    "SELECT max(judged_at) AS at FROM namespace_state WHERE cluster_key = $1",
    [clusterKey],
  );
  await judgeNamespaces(sql, { clusterKey, at: rows[0]?.at ?? now });
  await refreshSummaries(sql, clusterKey);
}
