import type { TaskInput } from "#jobs/task.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { jobPayloads } from "#lib/services/runs/job-payloads.ts";
import { planSource as plan } from "#lib/services/sources/plan-source.ts";

export async function planSource({ database, data, queuedAt }: TaskInput): Promise<void> {
  const { sourceKey, trigger, logicalTime } = jobPayloads["plan-source"].parse(data);
  const at = logicalTime === undefined ? queuedAt : new Date(logicalTime);
  await plan({ actor: SYSTEM_ACTOR, database, now: at }, { sourceKey, logicalTime: at, trigger });
}
