import { toAppError, type AppError } from "#lib/errors.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import type { ClusterInventory } from "#lib/sources/cluster-inventory.ts";
import { readCatalog } from "#lib/sources/kubernetes/catalog.ts";
import { openKubernetes } from "#lib/sources/kubernetes/client.ts";
import { discover } from "#lib/sources/kubernetes/discover.ts";
import { kindReader } from "#lib/sources/kubernetes/kind-reader.ts";
import { readCluster } from "#lib/sources/kubernetes/read-cluster.ts";
import { readRancher, type RancherReading } from "#lib/sources/kubernetes/read-evidence.ts";
import type { ClusterAccess, KubernetesSpec } from "#lib/sources/kubernetes/spec.ts";
import type { ReadOptions } from "#lib/sources/source.ts";

/** What reading one cluster came to. One that is down keeps none of the others. */
export type ClusterReading = { key: string } & (
  | { inventory: ClusterInventory; error: null }
  | { inventory: null; error: AppError }
);

/**
 * Reads the clusters of a source one after the other, each given on as soon as it is read, so that only one is ever held.
 *
 * @throws AppError where the catalog cannot be read; what concerns one cluster is in its reading.
 */
export async function* readClusters(
  spec: KubernetesSpec,
  gate: RequestGate,
  { signal, onProgress }: ReadOptions,
): AsyncGenerator<ClusterReading> {
  const catalog = await readCatalog(spec.catalog, signal);
  const rancher = new Map<string, RancherReading>();
  for (const [done, access] of spec.clusters.entries()) {
    const { key } = access;
    onProgress({ step: `Reading the cluster ${key}`, done, total: spec.clusters.length, unit: "clusters" });
    try {
      const from = await rancherOf(spec, access, rancher, gate, signal);
      yield { key, inventory: await readCluster(spec, access, { gate, signal, catalog, rancher: from }), error: null };
    } catch (thrown) {
      signal.throwIfAborted();
      yield { key, inventory: null, error: toAppError(thrown) };
    }
  }
}

/** Users and projects of the Rancher that manages the cluster, read once for all of its clusters; null where it runs in the cluster itself. */
async function rancherOf(
  spec: KubernetesSpec,
  { key, rancherCluster }: ClusterAccess,
  known: Map<string, RancherReading>,
  gate: RequestGate,
  signal: AbortSignal,
): Promise<RancherReading | null> {
  const home = spec.clusters.find((cluster) => cluster.key === rancherCluster);
  if (home === undefined || home.key === key) return null;
  const found = known.get(home.key);
  if (found !== undefined) return found;
  const client = await openKubernetes(home, gate, signal);
  try {
    const reader = kindReader(client, spec.pageSize);
    const reading = await readRancher(reader, await discover(client));
    known.set(home.key, reading);
    return reading;
  } finally {
    await client.close();
  }
}
