import type { TaskInput } from "#jobs/task.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { reallocateSlice as reallocate } from "#lib/services/rules/reallocate-slice.ts";
import { jobPayloads } from "#lib/services/runs/job-payloads.ts";

export async function reallocateSlice({ database, data, signal }: TaskInput): Promise<void> {
  const { runId, sliceId } = jobPayloads["reallocate-slice"].parse(data);
  await reallocate({ actor: SYSTEM_ACTOR, database, now: new Date() }, { runId, sliceId, signal });
}
