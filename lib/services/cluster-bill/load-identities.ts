import { createHash } from "node:crypto";
import { loadConfig } from "#lib/config.ts";
import type { SqlExecutor } from "#lib/db/activity.ts";
import { readEcsKey } from "#lib/sources/aws-ecs/index.ts";
import { ecsClusterName, resourceTail, type ClusterIdentities } from "#lib/sources/cluster-costs.ts";

/** By what charges of clusters are known now: the configured clusters, and every machine and disk that their inventories have shown. */
export async function loadClusterIdentities(sql: SqlExecutor): Promise<ClusterIdentities> {
  const nodes = await sql.query(
    "SELECT DISTINCT cluster_key, provider_id FROM cluster_node WHERE provider_id IS NOT NULL",
  );
  const volumes = await sql.query(
    `SELECT DISTINCT s.cluster_key, n.name AS namespace, v ->> 'volumeId' AS volume_id
     FROM namespace_state s JOIN namespace n ON n.cluster_key = s.cluster_key AND n.uid = s.uid,
       jsonb_array_elements(CASE WHEN jsonb_typeof(s.content -> 'volumes') = 'array' THEN s.content -> 'volumes' ELSE '[]' END) AS v
     WHERE v ->> 'volumeId' IS NOT NULL`,
  );
  return {
    names: [...configuredNames(), ...(await knownEcsNames(sql))],
    resources: [
      ...nodes.rows.map((row) => ({
        tail: resourceTail(String(row.provider_id)),
        clusterKey: String(row.cluster_key),
        kind: "node" as const,
        namespace: null,
      })),
      ...volumes.rows.map((row) => ({
        tail: resourceTail(String(row.volume_id)),
        clusterKey: String(row.cluster_key),
        kind: "volume" as const,
        namespace: String(row.namespace),
      })),
    ].filter(({ tail }) => tail.length >= SHORTEST_TAIL),
  };
}

/** A shorter id would be an instance's number rather than a name of its own. */
const SHORTEST_TAIL = 4;

/** Changes with what is known. */
export function clusterStamp({ names, resources }: ClusterIdentities): string {
  const lines = [...names, ...resources].map((one) => JSON.stringify(one)).toSorted();
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}

/** Clusters of ECS are known by what was found, each by its name in its own account. */
async function knownEcsNames(sql: SqlExecutor): Promise<ClusterIdentities["names"]> {
  const { rows } = await sql.query("SELECT DISTINCT cluster_key FROM cluster WHERE provider = 'ecs'");
  const clusters = rows.flatMap((row) => {
    const clusterKey = String(row.cluster_key);
    const found = readEcsKey(clusterKey);
    return found === null ? [] : [{ ...found, clusterKey }];
  });
  // Charges name no region that tells two of an account apart; the one that there is, if it is one, has them.
  return clusters
    .filter(
      ({ name, accountId }) => clusters.filter((one) => one.name === name && one.accountId === accountId).length === 1,
    )
    .map(({ name, accountId, clusterKey }) => ({ name: ecsClusterName(name), account: accountId, clusterKey }));
}

function configuredNames(): ClusterIdentities["names"] {
  return Object.values(loadConfig().sources).flatMap((spec) => {
    if (spec.kind !== "kubernetes") return [];
    return spec.clusters.flatMap((cluster) => {
      const names = [...new Set([cluster.eks?.clusterName ?? cluster.key, cluster.key])];
      const once = (name: string) =>
        spec.clusters.filter((other) => (other.eks?.clusterName ?? other.key) === name).length <= 1;
      // A name that several clusters bear tells them apart by their account only.
      return names.flatMap((name) => [
        ...(cluster.account === undefined ? [] : [{ name, account: cluster.account, clusterKey: cluster.key }]),
        ...(once(name) ? [{ name, account: null, clusterKey: cluster.key }] : []),
      ]);
    });
  });
}
