import type { TaskInput } from "#jobs/task.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { jobPayloads } from "#lib/services/runs/job-payloads.ts";
import { readUsage as read } from "#lib/services/usage/read-usage.ts";

export async function readUsage({ database, data, signal }: TaskInput): Promise<void> {
  const { sourceKey, clusterKey, logicalTime } = jobPayloads["read-usage"].parse(data);
  await read({ actor: SYSTEM_ACTOR, database, now: new Date(logicalTime) }, { sourceKey, clusterKey, signal });
}
