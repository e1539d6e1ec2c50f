"use client";

import { formatPeriod } from "#lib/domain/format.ts";
import type { BillingPeriod } from "#lib/domain/period.ts";
import type { SliceView, SourceView } from "#lib/services/sources/source-view.ts";
import { classNames } from "#app/_components/ui/class-names.ts";

const STATE_WORDS: Record<SliceView["state"], string> = {
  loaded: "loaded",
  stale: "stale, the last pull failed",
  missing: "missing",
  waiting: "waiting to be loaded",
};

const LOOKS: Record<SliceView["state"], string> = {
  loaded: "border-accent/40 bg-accent-soft text-accent",
  stale: "border-2 border-wrong bg-wrong-soft text-ink",
  missing: "border-2 border-dashed border-warn bg-warn-soft text-ink",
  waiting: "border-line-strong bg-sunk text-ink",
};

/** One small square a period; a hole is drawn, not left out. Each opens its versions. */
export function SliceCalendar({ source, onSlice }: { source: SourceView; onSlice: (slice: SliceView) => void }) {
  const slices = source.slices.toSorted((a, b) => (a.period < b.period ? -1 : 1));
  if (slices.length === 0) return <p className="text-soft">The source has not been listed yet.</p>;
  const holes = slices.filter(({ state }) => state === "missing");
  const stale = slices.filter(({ state }) => state === "stale");
  return (
    <div>
      <ul aria-label={`Periods of ${source.title}`} className="flex flex-wrap gap-1">
        {slices.map((slice) => (
          <li key={slice.period}>
            <button
              type="button"
              title={`${periodWords(slice.period)}: ${STATE_WORDS[slice.state]}`}
              disabled={slice.id === null}
              onClick={() => onSlice(slice)}
              className={classNames(
                "h-9 min-w-9 border px-1 text-[0.6875rem] leading-tight hover:opacity-80 disabled:cursor-default",
                LOOKS[slice.state],
              )}
            >
              <span className="sr-only">{`${periodWords(slice.period)}: ${STATE_WORDS[slice.state]}. Show its versions.`}</span>
              <SquareText period={slice.period} />
            </button>
          </li>
        ))}
      </ul>
      <p className="mt-1 text-xs text-soft">
        {slices.filter(({ state }) => state === "loaded").length} of {slices.length} loaded
        {holes.length === 0 ? null : (
          <span className="font-medium text-warn">
            {" "}
            · missing: {holes.map(({ period }) => periodWords(period)).join(", ")}
          </span>
        )}
        {stale.length === 0 ? null : (
          <span className="font-medium text-wrong">
            {" "}
            · stale: {stale.map(({ period }) => periodWords(period)).join(", ")}
          </span>
        )}
      </p>
    </div>
  );
}

function SquareText({ period }: { period: string }) {
  const words = periodWords(period);
  const [month = words, year] = words.split(" ");
  return (
    <span aria-hidden>
      {month}
      {year === undefined ? null : <span className="block">{year.slice(2)}</span>}
    </span>
  );
}

export function periodWords(period: string): string {
  return /^\d{4}-\d{2}$/.test(period) ? formatPeriod(period as BillingPeriod) : period === "all" ? "All" : period;
}
