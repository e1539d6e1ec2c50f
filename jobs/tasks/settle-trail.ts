import type { TaskInput } from "#jobs/task.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { settleTrail as settle } from "#lib/services/trail/append/settle-trail.ts";

export async function settleTrail({ database, queuedAt, signal }: TaskInput): Promise<void> {
  await settle({ actor: SYSTEM_ACTOR, database, now: queuedAt }, { signal });
}
