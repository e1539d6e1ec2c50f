import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { readRun } from "#lib/services/runs/read-run.ts";
import { planSource } from "#lib/services/sources/plan-source.ts";
import type { RunView } from "#lib/services/sources/source-view.ts";

/** "Pull now": lists the source and queues what is to be pulled, or one period whatever its state. Answers the runs to follow. */
export async function requestPull(
  context: ServiceContext,
  input: { sourceKey: string; period: string | null },
): Promise<{ runs: RunView[] }> {
  await authorise(context, "sources:pull", input.sourceKey);
  const { runIds } = await planSource(context, {
    sourceKey: input.sourceKey,
    period: input.period,
    logicalTime: context.now,
    trigger: "person",
  });
  return { runs: await Promise.all(runIds.map((runId) => readRun(context, { runId }))) };
}
