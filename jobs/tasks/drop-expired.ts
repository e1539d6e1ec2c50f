import type { TaskInput } from "#jobs/task.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { dropExpired as drop } from "#lib/services/trail/retention/drop-expired.ts";

export async function dropExpired({ database, queuedAt, signal }: TaskInput): Promise<void> {
  await drop({ actor: SYSTEM_ACTOR, database, now: queuedAt }, { signal });
}
