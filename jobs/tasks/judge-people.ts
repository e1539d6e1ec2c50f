import type { TaskInput } from "#jobs/task.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { judgeEverybody } from "#lib/services/policies/judge-everybody.ts";

export async function judgePeople({ database }: TaskInput): Promise<void> {
  await judgeEverybody({ actor: SYSTEM_ACTOR, database, now: new Date() });
}
