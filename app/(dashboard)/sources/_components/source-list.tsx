"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import { formatInstant, formatTime } from "#lib/domain/format.ts";
import type { SliceView, SourceView } from "#lib/services/sources/source-view.ts";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { isOver, useRequestPull, useSources } from "#app/_queries/sources.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { EmptyState, ErrorState } from "#app/_components/ui/states.tsx";
import { tell } from "#app/_components/ui/toast.tsx";
import { RunProgress } from "#app/(dashboard)/sources/_components/run-progress.tsx";
import { SliceCalendar } from "#app/(dashboard)/sources/_components/slice-calendar.tsx";
import { Findings, Runs } from "#app/(dashboard)/sources/_components/source-details.tsx";

const SliceSheet = dynamic(
  () => import("#app/(dashboard)/sources/_components/slice-sheet.tsx").then((module) => module.SliceSheet),
  { ssr: false },
);

type SourceListProps = { first: SourceView[]; only: string | null; canPull: boolean; now: string };

export function SourceList({ first, only, canPull, now }: SourceListProps) {
  const { data: sources, error } = useSources(first);
  const [opened, setOpened] = useState<{ source: SourceView; slice: SliceView } | null>(null);
  const shown = only === null ? sources : sources.filter(({ key }) => key === only);
  if (shown.length === 0) {
    return (
      <EmptyState title="No source is configured.">
        Write one to <code>bursar.yaml</code> and start Bursar again, or load files with <code>npx bursar import</code>.
      </EmptyState>
    );
  }
  return (
    <div className="mt-4 space-y-8">
      {error === null ? null : <ErrorState error={errorViewOf(error)} />}
      {shown.map((source) => (
        <Source
          key={source.key}
          source={source}
          canPull={canPull && !source.removed}
          today={now.slice(0, 10)}
          onSlice={(slice) => setOpened({ source, slice })}
        />
      ))}
      {opened === null ? null : (
        <SliceSheet
          source={opened.source}
          slice={opened.slice}
          canPull={canPull && !opened.source.removed}
          onClose={() => setOpened(null)}
        />
      )}
    </div>
  );
}

function Source({
  source,
  canPull,
  today,
  onSlice,
}: {
  source: SourceView;
  canPull: boolean;
  today: string;
  onSlice: (slice: SliceView) => void;
}) {
  const pull = useRequestPull(source.key);
  const underWay = source.runs.filter((run) => !isOver(run));
  const isPulling = underWay.length > 0;
  return (
    <section id={source.key} aria-labelledby={`title-${source.key}`} data-rows="many">
      <header className="flex flex-wrap items-baseline gap-x-4 gap-y-1 border-b border-line-strong pb-1">
        <h2 id={`title-${source.key}`} className="text-base">
          {source.title}
        </h2>
        <p className="min-w-0 flex-1 text-xs break-all text-soft">
          {source.location}
          {source.removed ? " · no longer configured" : ""}
        </p>
        <Fresh source={source} today={today} />
        {canPull ? (
          <Button
            size="small"
            disabled={pull.isPending || isPulling}
            onClick={() =>
              pull.mutate(null, {
                onSuccess: ({ runs }) => {
                  if (runs.length === 0)
                    tell({
                      title: `${source.title}: nothing new`,
                      detail: "What the source offers is already loaded.",
                    });
                },
              })
            }
          >
            {isPulling ? "Pulling" : "Pull now"}
          </Button>
        ) : null}
      </header>
      <div className="mt-3 space-y-4">
        {pull.error === null ? null : <ErrorState error={errorViewOf(pull.error)} />}
        {source.planError === null ? null : <ErrorState error={{ ...source.planError, id: "" }} />}
        {underWay.map((run) => (
          <RunProgress key={run.id} run={run} />
        ))}
        <SliceCalendar source={source} onSlice={onSlice} />
        {source.slices
          .filter(({ state, lastRun }) => state === "stale" && lastRun?.error !== null && lastRun !== null)
          .map((slice) => (
            <ErrorState
              key={slice.period}
              error={{
                message: `${slice.period}: ${slice.lastRun?.error?.message ?? "The last pull failed."}${slice.publishedAt === null ? "" : ` The figures of ${formatInstant(slice.publishedAt)} are shown.`}`,
                remedy: slice.lastRun?.error?.remedy ?? null,
                place: slice.lastRun?.error?.place ?? null,
                id: "",
              }}
            />
          ))}
        <Findings source={source} />
        <Runs source={source} />
      </div>
    </section>
  );
}

function Fresh({ source, today }: { source: SourceView; today: string }) {
  if (source.freshAt === null) return <p className="text-xs text-soft">Nothing loaded yet</p>;
  return (
    <p className="text-xs text-soft">
      Loaded {source.freshAt.slice(0, 10) === today ? formatTime(source.freshAt) : formatInstant(source.freshAt)}
      {source.schedule === null ? "" : ` · schedule ${source.schedule}`}
    </p>
  );
}
