"use client";

import { ProgressLine } from "#app/_components/ui/states.tsx";
import { useRun } from "#app/_queries/sources.ts";
import type { RunView } from "#lib/services/sources/source-view.ts";
import { periodWords } from "#app/(dashboard)/sources/_components/slice-calendar.tsx";

const KINDS: Record<RunView["kind"], string> = {
  pull: "Pull",
  plan: "List",
  reallocate: "Allocate again",
  import: "Import",
};

/** A run under way. The worker goes on when the page is left; coming back shows how far it is. */
export function RunProgress({ run: first }: { run: RunView }) {
  const { data: run } = useRun(first);
  const what = `${KINDS[run.kind]}${run.period === null ? "" : ` ${periodWords(run.period)}`}`;
  if (run.progress === null) {
    return (
      <p role="status" className="text-xs text-soft">
        {what}: {run.state === "queued" ? "waiting for the worker" : run.state}
      </p>
    );
  }
  const { step, done, total, unit } = run.progress;
  return <ProgressLine label={`${what}: ${step}`} done={done} total={total} unit={unit} detail={remaining(run)} />;
}

/** From the pace so far; unknown until a tenth is done. */
function remaining(run: RunView): string | undefined {
  if (run.progress === null || run.startedAt === null || run.progress.total === 0) return undefined;
  const share = run.progress.done / run.progress.total;
  if (share < 0.1 || share >= 1) return undefined;
  const elapsedMs = Date.now() - Date.parse(run.startedAt);
  const leftSeconds = Math.round((elapsedMs / share - elapsedMs) / 1000);
  return leftSeconds < 60 ? `about ${leftSeconds} s left` : `about ${Math.round(leftSeconds / 60)} min left`;
}
