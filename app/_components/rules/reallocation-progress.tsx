"use client";

import { useRuns, isOver } from "#app/_queries/sources.ts";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { ErrorState, ProgressLine } from "#app/_components/ui/states.tsx";

/** How far the open periods have been allocated again after a change of the rules. */
export function ReallocationProgress({ runIds }: { runIds: string[] }) {
  const answer = useRuns(runIds);
  if (runIds.length === 0) return null;
  if (answer.error !== null) return <ErrorState error={errorViewOf(answer.error)} />;
  const runs = answer.data ?? [];
  const done = runs.filter(isOver).length;
  const failed = runs.filter(({ state }) => state === "failed" || state === "abandoned");
  return (
    <div role="status" className="space-y-2">
      {done === runIds.length ? (
        <p className="text-xs text-soft">Every open period is allocated by the new rules.</p>
      ) : (
        <ProgressLine
          label="Allocating the open periods again"
          done={done}
          total={runIds.length}
          unit="periods of a source"
        />
      )}
      {failed.map((run) => (
        <ErrorState
          key={run.id}
          error={{
            message: `${run.sourceKey ?? ""} ${run.period ?? ""}: ${run.error?.message ?? "The run was given up."}`,
            remedy: run.error?.remedy ?? null,
            place: run.error?.place ?? null,
            id: "",
          }}
        />
      ))}
    </div>
  );
}
