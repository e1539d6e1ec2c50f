import { openAwsClients } from "#lib/sources/aws/client.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import { ecsClusterOf } from "#lib/sources/aws-ecs/cluster-key.ts";
import { ecsRequests } from "#lib/sources/aws-ecs/requests.ts";
import type { EcsSpec } from "#lib/sources/aws-ecs/spec.ts";
import type { OfferedSlice } from "#lib/sources/source.ts";

const QUARTER_MS = 900_000;

/** One slice a cluster, by its key, read anew every quarter of an hour. */
export async function planEcs(
  spec: EcsSpec,
  { logicalTime, gate, signal }: { logicalTime: Date; gate: RequestGate; signal: AbortSignal },
): Promise<OfferedSlice[]> {
  const quarter = new Date(Math.floor(logicalTime.getTime() / QUARTER_MS) * QUARTER_MS).toISOString();
  const keys = await listEcsClusters(spec, { gate, signal });
  return keys.map((period) => ({ period, fingerprint: `read ${quarter}`, files: [] }));
}

/** Keys of the clusters of the source's account in all of its regions. @throws AppError "denied" where they may not be listed. */
export async function listEcsClusters(
  spec: EcsSpec,
  { gate, signal }: { gate: RequestGate; signal: AbortSignal },
): Promise<string[]> {
  const clients = await openAwsClients(spec, gate, signal);
  try {
    const keys: string[] = [];
    for (const region of spec.regions)
      for (const arn of await ecsRequests(clients, region).listClusters()) {
        const cluster = ecsClusterOf(arn);
        if (cluster !== null) keys.push(cluster.key);
      }
    return keys;
  } finally {
    clients.close();
  }
}
