import Link from "next/link";
import { formatCount, formatInstant } from "#lib/domain/format.ts";
import type { TrailHistogram } from "#lib/services/trail/search/trail-view.ts";
import { HistogramBrush } from "#app/(dashboard)/audit/_components/histogram-brush.tsx";
import { auditHref, type AuditState } from "#app/(dashboard)/audit/search-params.ts";

/** How many events happened when; each bar, or a stretch that is drawn over them, narrows the list to its time. */
export function AuditHistogram({ state, histogram }: { state: AuditState; histogram: TrailHistogram }) {
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

function stepWords(seconds: number): string {
  if (seconds >= 86_400) return counted(seconds / 86_400, "day");
  return seconds >= 3_600 ? counted(seconds / 3_600, "hour") : counted(seconds / 60, "minute");
}

function counted(value: number, unit: string): string {
  const rounded = Math.round(value * 10) / 10;
  return `${rounded} ${unit}${rounded === 1 ? "" : "s"}`;
}
