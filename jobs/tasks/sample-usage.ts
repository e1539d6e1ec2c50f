import type { TaskInput } from "#jobs/task.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { log } from "#lib/log.ts";
import { sampleClusters } from "#lib/services/usage/sample-clusters.ts";

export async function sampleUsage({ database, queuedAt, signal }: TaskInput): Promise<void> {
  const sampled = await sampleClusters({ actor: SYSTEM_ACTOR, database, now: queuedAt }, { signal });
  for (const { clusterKey, error } of sampled)
    if (error !== null) log.warn({ cluster: clusterKey, error }, "A cluster could not be sampled.");
}
