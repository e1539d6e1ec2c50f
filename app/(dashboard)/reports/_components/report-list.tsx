"use client";

import { formatInstant } from "#lib/domain/format.ts";
import type { ReportPage, ReportView } from "#lib/services/reports/report-view.ts";
import { buttonClass } from "#app/_components/ui/button.tsx";
import { EmptyState, ErrorState } from "#app/_components/ui/states.tsx";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { isUnderWay, useReports } from "#app/_queries/reports.ts";
import {
  KIND_WORDS,
  parameterWords,
  progressWords,
  sizeWords,
  STATE_WORDS,
} from "#app/(dashboard)/reports/report-words.ts";

const HEAD = ["Report", "As of", "Asked for", "State", "Rows", "SHA-256", "Bundle"];

/** Reports that were asked for, the newest first. One that is being made goes on when the page is left. */
export function ReportList({ first }: { first: ReportPage }) {
  const { data, error } = useReports(first);
  return (
    <section aria-labelledby="earlier">
      <h2 id="earlier" className="mb-2 font-semibold">
        Made and being made
      </h2>
      {error === null ? null : <ErrorState error={errorViewOf(error)} />}
      {data.rows.length === 0 ? (
        <EmptyState title="No report was asked for yet.">
          Choose what it is of, look at the preview, and make it.
        </EmptyState>
      ) : (
        <div className="relative overflow-x-auto" role="region" aria-label="Reports" tabIndex={0}>
          <table className="w-full">
            <caption className="sr-only">Reports, newest first</caption>
            <thead className="border-b border-line-strong text-xs text-soft">
              <tr>
                {HEAD.map((name) => (
                  <th
                    key={name}
                    scope="col"
                    className={`h-8 pr-4 font-medium ${name === "Rows" ? "text-right" : "text-left"}`}
                  >
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.rows.map((report) => (
                <ReportLine key={report.id} report={report} />
              ))}
            </tbody>
          </table>
          {data.hasMore ? <p className="mt-2 text-xs text-soft">Older ones stand in the change log.</p> : null}
        </div>
      )}
    </section>
  );
}

function ReportLine({ report }: { report: ReportView }) {
  const { parameters } = report;
  return (
    <tr className="border-b border-line align-top">
      <th scope="row" className="py-1.5 pr-4 text-left font-normal">
        {KIND_WORDS[report.kind].label}
        <span className="block text-xs text-soft">{parameterWords(parameters)}</span>
      </th>
      <td className="py-1.5 pr-4 text-xs whitespace-nowrap">{formatInstant(parameters.asOf)}</td>
      <td className="py-1.5 pr-4 text-xs whitespace-nowrap text-soft">
        {formatInstant(report.requestedAt)}
        <span className="block">{report.requestedBy}</span>
      </td>
      <td className="py-1.5 pr-4">
        <span
          role={isUnderWay(report) ? "status" : undefined}
          className={report.state === "failed" ? "text-wrong" : undefined}
        >
          {STATE_WORDS[report.state]}
        </span>
        <span className="block max-w-xs text-xs text-soft">
          {report.error === null ? progressWords(report) : `${report.error.message} ${report.error.remedy ?? ""}`}
        </span>
      </td>
      <td className="py-1.5 pr-4 text-right tabular-nums">{report.rows?.toLocaleString("en") ?? ""}</td>
      <td className="py-1.5 pr-4 text-xs">
        {report.sha256 === null ? null : <code title={report.sha256}>{report.sha256.slice(0, 12)}…</code>}
      </td>
      <td className="py-1.5">
        {report.state === "ready" && report.size !== null ? (
          <a href={`/api/v1/reports/${report.id}/bundle`} download className={buttonClass("plain", "small")}>
            Download {sizeWords(report.size)}
          </a>
        ) : null}
      </td>
    </tr>
  );
}
