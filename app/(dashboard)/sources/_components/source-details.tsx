import { decimal } from "#lib/domain/money.ts";
import { formatCount, formatExact, formatInstant } from "#lib/domain/format.ts";
import type { ControlTotals, FindingView, RunState, RunView, SourceView } from "#lib/services/sources/source-view.ts";
import { classNames } from "#app/_components/ui/class-names.ts";
import { periodWords } from "#app/(dashboard)/sources/_components/slice-calendar.tsx";

const STATE_WORDS: Record<RunState, string> = {
  queued: "Queued",
  running: "Running",
  succeeded: "Published",
  unchanged: "Unchanged",
  failed: "Failed",
  abandoned: "Given up",
};

/** The last runs with what the source itself added up to. */
export function Runs({ source }: { source: SourceView }) {
  if (source.runs.length === 0) return null;
  return (
    <details>
      <summary className="min-h-6 text-xs font-medium">
        {source.runs.length === 1 ? "The last run" : `The last ${source.runs.length} runs`}
      </summary>
      <div className="relative mt-1 overflow-x-auto" role="region" aria-label={`Runs of ${source.title}`} tabIndex={0}>
        <table className="w-full text-xs">
          <thead className="text-soft">
            <tr>
              {["Started", "What", "Outcome", "Line items", "Control total, billed", "Took", "Asked by"].map(
                (header, index) => (
                  <th
                    key={header}
                    scope="col"
                    className={classNames(
                      "h-7 pr-4 font-medium last:pr-0",
                      index === 3 || index === 4 || index === 5 ? "text-right" : "text-left",
                    )}
                  >
                    {header}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {source.runs.map((run) => (
              <RunRow key={run.id} run={run} />
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function RunRow({ run }: { run: RunView }) {
  const isWrong = run.state === "failed" || run.state === "abandoned";
  return (
    <tr className="border-t border-line align-top">
      <td className="py-1.5 pr-4 whitespace-nowrap">{formatInstant(run.startedAt ?? run.queuedAt)}</td>
      <td className="py-1.5 pr-4 whitespace-nowrap">
        {run.kind} {run.period === null ? "" : periodWords(run.period)}
      </td>
      <td className="py-1.5 pr-4">
        <span className={isWrong ? "font-medium text-wrong" : undefined}>{STATE_WORDS[run.state]}</span>
        {run.attempt > 1 ? <span className="text-soft"> at attempt {run.attempt}</span> : null}
        {run.error === null ? null : (
          <span className="block max-w-prose">
            {run.error.message}{" "}
            {run.error.remedy === null ? null : <span className="text-soft">{run.error.remedy}</span>}
          </span>
        )}
      </td>
      <td className="py-1.5 pr-4 text-right">{run.counts === null ? "–" : formatCount(run.counts.lineItems)}</td>
      <td className="py-1.5 pr-4 text-right whitespace-nowrap">
        <Totals totals={run.controlTotals} />
      </td>
      <td className="py-1.5 pr-4 text-right whitespace-nowrap">
        {run.durationMs === null ? "–" : durationWords(run.durationMs)}
        {run.asked === null ? null : (
          <span className="block text-soft">
            {formatCount(run.asked.requests)} requests
            {run.asked.priceUsd === "0" ? null : <>, {formatExact(run.asked.priceUsd, "USD")} USD</>}
          </span>
        )}
      </td>
      <td className="py-1.5 whitespace-nowrap text-soft">
        {run.trigger === "schedule" ? "schedule" : run.requestedBy}
      </td>
    </tr>
  );
}

/** Per currency, with every decimal. */
export function Totals({ totals }: { totals: ControlTotals | null }) {
  const entries = Object.entries(totals ?? {});
  if (entries.length === 0) return "–";
  return entries.map(([currency, amounts]) => (
    <span key={currency} className="block">
      {formatExact(decimal(amounts.billed).toFixed(), currency)} {currency}
    </span>
  ));
}

/** What deviates from FOCUS without touching money, with counts. */
export function Findings({ source }: { source: SourceView }) {
  if (source.findings.length === 0) return null;
  const total = source.findings.reduce((count, finding) => count + finding.count, 0);
  return (
    <details>
      <summary className="min-h-6 text-xs font-medium">
        {source.findings.length} kinds of deviation from FOCUS, {formatCount(total)} values{" "}
        <span className="font-normal text-soft">(none of them touches money)</span>
      </summary>
      <div
        className="relative mt-1 overflow-x-auto"
        role="region"
        aria-label={`Findings of ${source.title}`}
        tabIndex={0}
      >
        <table className="w-full text-xs">
          <thead className="text-soft">
            <tr>
              {["Period", "Column", "What", "Count", "First row", "For example", "File"].map((header) => (
                <th
                  key={header}
                  scope="col"
                  className={classNames(
                    "h-7 pr-4 font-medium",
                    header === "Count" || header === "First row" ? "text-right" : "text-left",
                  )}
                >
                  {header}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {source.findings.map((finding) => (
              <FindingRow
                key={`${finding.period} ${finding.file} ${finding.code} ${finding.column ?? ""}`}
                finding={finding}
              />
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function FindingRow({ finding }: { finding: FindingView }) {
  return (
    <tr className="border-t border-line align-top">
      <td className="py-1.5 pr-4 whitespace-nowrap">{periodWords(finding.period)}</td>
      <td className="py-1.5 pr-4">{finding.column ?? "–"}</td>
      <td className="max-w-prose py-1.5 pr-4">{finding.message}</td>
      <td className="py-1.5 pr-4 text-right">{formatCount(finding.count)}</td>
      <td className="py-1.5 pr-4 text-right">{finding.firstRow ?? "–"}</td>
      <td className="max-w-60 truncate py-1.5 pr-4" title={finding.sample ?? undefined}>
        {finding.sample ?? "–"}
      </td>
      <td className="max-w-60 truncate py-1.5 text-soft" title={finding.file}>
        {finding.file}
      </td>
    </tr>
  );
}

function durationWords(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000
    ? `${(ms / 1000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
