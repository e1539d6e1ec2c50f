import { setTimeout as sleep } from "node:timers/promises";
import { contextOn } from "#cli/context-on.ts";
import { exitCodeFor } from "#cli/exit-code.ts";
import { withInstance } from "#cli/open-instance.ts";
import { hasSucceeded, printRuns } from "#cli/print-runs.ts";
import { openProgress } from "#cli/progress.ts";
import { AppError, toAppError } from "#lib/errors.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { readRun } from "#lib/services/runs/read-run.ts";
import { planSource } from "#lib/services/sources/plan-source.ts";
import { pullSlice } from "#lib/services/sources/pull-slice.ts";
import type { RunView } from "#lib/services/sources/source-view.ts";
import { syncSources } from "#lib/services/sources/sync-sources.ts";

const FOLLOW_EVERY_MS = 500;
const FOLLOW_LIMIT_MS = 6 * 3_600_000;

/** Pulls what changed at a source, or one period whatever its state. A run that a worker has taken already is followed to its end. */
export async function pull(sourceKey: string, options: { period?: string; json: boolean }): Promise<number> {
  const progress = openProgress({ quiet: options.json });
  const runs = await withInstance(async ({ database }) => {
    const context = contextOn(database);
    await syncSources(context);
    const { runIds } = await planSource(context, {
      sourceKey,
      period: options.period ?? null,
      logicalTime: context.now,
      trigger: "command-line",
    });
    const ended: RunView[] = [];
    for (const runId of runIds) ended.push(await perform(contextOn(database), sourceKey, runId, progress.show));
    return ended;
  });
  progress.clear();
  if (options.json) process.stdout.write(`${JSON.stringify({ runs })}\n`);
  else if (runs.length === 0) process.stdout.write(`Nothing has changed at ${sourceKey}.\n`);
  else printRuns(runs);
  return exitCodeFor(runs.map(hasSucceeded));
}

type Show = ReturnType<typeof openProgress>["show"];

async function perform(context: ServiceContext, sourceKey: string, runId: string, show: Show): Promise<RunView> {
  const { period } = await readRun(context, { runId });
  const label = `${sourceKey} ${period ?? ""}`;
  try {
    await pullSlice(context, {
      runId,
      sourceKey,
      period: period ?? "",
      onProgress: (progress) => show(label, progress),
    });
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    if (toAppError(thrown).code === "superseded") return follow(context, runId, label, show);
  }
  return readRun(context, { runId });
}

async function follow(context: ServiceContext, runId: string, label: string, show: Show): Promise<RunView> {
  const deadline = Date.now() + FOLLOW_LIMIT_MS;
  while (Date.now() < deadline) {
    const run = await readRun(context, { runId });
    if (run.finishedAt !== null) return run;
    if (run.progress !== null) show(label, run.progress);
    await sleep(FOLLOW_EVERY_MS);
  }
  throw new AppError("limit_reached", `The run ${runId} of ${label} did not end within six hours.`);
}
