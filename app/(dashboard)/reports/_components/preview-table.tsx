import { formatInstant } from "#lib/domain/format.ts";
import type { ReportPreview } from "#lib/services/reports/report-view.ts";

/** The first page, how many rows there are, what they have to agree with, and what is missing. */
export function PreviewTable({ preview }: { preview: ReportPreview }) {
  const { columns, rows, count, isAtLeast, gaps, controlTotals, scope } = preview;
  const differing = controlTotals.filter(({ difference }) => difference !== "0");
  return (
    <div>
      <h3 className="font-semibold">Preview: {preview.title}</h3>
      <p className="mt-1">
        {isAtLeast ? "At least " : ""}
        <strong className="font-semibold">{count.toLocaleString("en")}</strong> {count === 1 ? "row" : "rows"}
        {rows.length < count ? `, the first ${rows.length} of them here` : ""}.{" "}
        {gaps.length === 0 ? "No gaps." : `${gaps.length} ${gaps.length === 1 ? "gap" : "gaps"}.`}
        {controlTotals.length === 0
          ? ""
          : differing.length === 0
            ? ` All ${controlTotals.length} control totals agree to the last decimal.`
            : ` ${differing.length} of ${controlTotals.length} control totals differ.`}
      </p>
      <p className="mt-1 text-xs text-soft">{scope.map(([name, value]) => `${name}: ${value}`).join(" · ")}</p>
      {gaps.length === 0 ? null : (
        <details className="mt-2 text-xs">
          <summary className="min-h-6">What is missing</summary>
          <ul className="mt-1 list-disc space-y-0.5 pl-5">
            {gaps.map((gap, index) => (
              <li key={index}>
                {gap.source} {gap.part}
                {gap.from === null ? "" : ` from ${formatInstant(gap.from)}`}
                {gap.to === null ? "" : ` to ${formatInstant(gap.to)}`}
                {gap.reason === null ? "" : `: ${gap.reason}`}
              </li>
            ))}
          </ul>
        </details>
      )}
      {rows.length === 0 ? null : (
        <div
          className="relative mt-3 max-h-96 overflow-auto border-y border-line"
          role="region"
          aria-label="First page"
          tabIndex={0}
        >
          <table className="text-xs whitespace-nowrap">
            <caption className="sr-only">The first rows of the report</caption>
            <thead className="sticky top-0 bg-surface text-soft">
              <tr>
                {columns.map(({ name, type }) => (
                  <th
                    key={name}
                    scope="col"
                    className={`h-8 pr-4 font-medium ${type === "text" ? "text-left" : "text-right"}`}
                  >
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => (
                <tr key={index} className="border-t border-line">
                  {columns.map(({ name, type }, column) => (
                    <td
                      key={name}
                      className={`max-w-72 truncate py-1 pr-4 ${type === "text" ? "" : "text-right tabular-nums"}`}
                    >
                      {row[column] ?? ""}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
