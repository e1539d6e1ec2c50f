import type { TaskInput } from "#jobs/task.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { makeReport as make } from "#lib/services/reports/make-report.ts";
import { jobPayloads } from "#lib/services/runs/job-payloads.ts";

export async function makeReport({ database, data, signal }: TaskInput): Promise<void> {
  const { reportId, logicalTime } = jobPayloads["make-report"].parse(data);
  await make({ actor: SYSTEM_ACTOR, database, now: new Date(logicalTime) }, { reportId, signal });
}
