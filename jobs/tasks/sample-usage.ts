import type { TaskInput } from "#jobs/task.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { sampleClusters } from "#lib/services/usage/sample-clusters.ts";

export async function sampleUsage({ database, queuedAt, signal }: TaskInput): Promise<void> {
  await sampleClusters({ actor: SYSTEM_ACTOR, database, now: queuedAt }, { signal });
}
