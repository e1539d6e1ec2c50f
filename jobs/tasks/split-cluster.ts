import type { TaskInput } from "#jobs/task.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { day } from "#lib/domain/period.ts";
import { postponeSplit } from "#lib/services/cluster-bill/postpone-split.ts";
import { splitCluster as split } from "#lib/services/cluster-bill/split-cluster.ts";
import { jobPayloads } from "#lib/services/runs/job-payloads.ts";

export async function splitCluster({ database, data, signal }: TaskInput): Promise<void> {
  const payload = jobPayloads["split-cluster"].parse(data);
  if (await postponeSplit(database, payload, new Date())) return;
  const { clusterKey, from, to, logicalTime } = payload;
  const context = { actor: SYSTEM_ACTOR, database, now: new Date(logicalTime) };
  await split(context, { clusterKey, from: day(from), to: day(to), signal });
}
