import Link from "next/link";
import { formatCount, formatInstant } from "#lib/domain/format.ts";
import type { TrailHistogram } from "#lib/services/trail/search/trail-view.ts";
import { HistogramBrush } from "#app/(dashboard)/audit/_components/histogram-brush.tsx";
import { auditHref, type AuditState } from "#app/(dashboard)/audit/search-params.ts";

type AuditHistogramProps = {
  state: AuditState;
  histogram: TrailHistogram;
  /** The list goes on, maybe with what happened before the first bar. */
  mayHaveOlder: boolean;
};

/** How many events happened when; each bar, or a stretch that is drawn over them, narrows the list to its time. */
export function AuditHistogram({ state, histogram, mayHaveOlder }: AuditHistogramProps) {
  const { counts, stepSeconds } = histogram;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const most = Math.max(1, ...counts);
  const start = Date.parse(histogram.from);
  const at = (step: number) => new Date(start + step * stepSeconds * 1000);
  return (
    <figure className="mt-4 print:hidden">
      <figcaption className="mb-1 flex flex-wrap justify-between gap-x-4 text-xs text-soft">
        <span>
          {histogram.isCut ? "The newest " : ""}
          <strong className="font-semibold text-ink tabular-nums">{formatCount(total)}</strong>{" "}
          {total === 1 ? "event" : "events"} {histogram.isCut ? "of more" : ""} from {formatInstant(histogram.from)} to{" "}
          {formatInstant(histogram.to)}
          {mayHaveOlder ? "; the list is not limited to this time" : ""}
        </span>
        <span>
          {stepWords(stepSeconds)} a bar, {formatCount(most === 1 && total === 0 ? 0 : most)} at most
        </span>
      </figcaption>
      <HistogramBrush state={state} edges={[...counts.keys(), counts.length].map((step) => at(step).toISOString())}>
        <ol className="flex h-14 items-end gap-px border-b border-line-strong" aria-label="Events over time">
          {counts.map((count, step) => (
            <li key={step} className="flex h-full min-w-0 grow items-end">
              {count === 0 ? null : (
                <Link
                  href={auditHref(state, { from: at(step), to: at(step + 1) })}
                  prefetch={false}
                  aria-label={`${formatCount(count)} events from ${formatInstant(at(step))}`}
                  title={`${formatCount(count)} events from ${formatInstant(at(step))}`}
                  className="flex h-full w-full items-end hover:bg-hover"
                >
                  <span
                    className="block w-full bg-accent"
                    style={{ height: `${Math.max(4, (count / most) * 100)}%` }}
                  />
                </Link>
              )}
            </li>
          ))}
        </ol>
      </HistogramBrush>
    </figure>
  );
}

const UNITS = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
] as const;

/** "2 hours 48 minutes": the largest unit that fits, with what is left in the next. */
function stepWords(seconds: number): string {
  const index = UNITS.findIndex(([size]) => seconds >= size);
  const [size, unit] = UNITS[index] ?? [1, "second"];
  const whole = Math.floor(seconds / size);
  const [nextSize, nextUnit] = UNITS[index + 1] ?? [1, "second"];
  const rest = index === -1 ? 0 : Math.round((seconds % size) / nextSize);
  return rest === 0 ? counted(whole, unit) : `${counted(whole, unit)} ${counted(rest, nextUnit)}`;
}

function counted(value: number, unit: string): string {
  return `${value} ${unit}${value === 1 ? "" : "s"}`;
}
