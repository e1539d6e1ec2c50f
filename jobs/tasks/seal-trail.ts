import type { TaskInput } from "#jobs/task.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { sealTrail as seal } from "#lib/services/trail/heads/seal-trail.ts";

export async function sealTrail({ database, queuedAt }: TaskInput): Promise<void> {
  const { failed } = await seal({ actor: SYSTEM_ACTOR, database, now: queuedAt });
  // Published, but not outside of the database: the job is tried again, and says so where it is not.
  for (const { error } of failed) throw error;
}
