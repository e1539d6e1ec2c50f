import type { TaskInput } from "#jobs/task.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { jobPayloads } from "#lib/services/runs/job-payloads.ts";
import { pullSlice as pull } from "#lib/services/sources/pull-slice.ts";

export async function pullSlice({ database, data, signal }: TaskInput): Promise<void> {
  const { runId, sourceKey, period } = jobPayloads["pull-slice"].parse(data);
  await pull({ actor: SYSTEM_ACTOR, database, now: new Date() }, { runId, sourceKey, period, signal });
}
