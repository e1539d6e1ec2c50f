"use client";

import Link from "next/link";
import type { ReportView } from "#lib/services/reports/report-view.ts";
import type { TrailSearch } from "#lib/services/trail/search/trail-search.ts";
import { Button, buttonClass } from "#app/_components/ui/button.tsx";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { useReport, useRequestReport } from "#app/_queries/reports.ts";
import { progressWords, sizeWords, STATE_WORDS } from "#app/(dashboard)/reports/report-words.ts";

/** Takes away what the search finds: a bundle in which each event has its proof. It is made while the page is read, and after it is left. */
export function AuditExport({ search, asOf }: { search: TrailSearch; asOf: Date | null }) {
  const request = useRequestReport();
  const { data, error } = useReport(request.data ?? null);
  const report = data ?? request.data;
  return (
    <section aria-label="Export" className="mt-4 print:hidden">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        {report?.state === "ready" ? (
          <Ready report={report} />
        ) : (
          <Button
            size="small"
            disabled={request.isPending || (report !== undefined && report.state !== "failed")}
            onClick={() => request.mutate({ kind: "trail", trail: search, asOf: asOf?.toISOString() ?? null })}
          >
            Export as a bundle
          </Button>
        )}
        <p className="text-xs text-soft" aria-live="polite">
          {report === undefined ? (
            "Every event that fits, with its record and the proof that it is in the signed log. It is checked offline."
          ) : (
            <Progress report={report} />
          )}
        </p>
      </div>
      {[request.error, error]
        .filter((one) => one !== null)
        .map((one, index) => (
          <div key={index} className="mt-2">
            <ErrorState error={errorViewOf(one)} />
          </div>
        ))}
    </section>
  );
}

function Ready({ report }: { report: ReportView }) {
  return (
    <a href={`/api/v1/reports/${report.id}/bundle`} download className={buttonClass("primary", "small")}>
      Download {sizeWords(report.size ?? 0)}
    </a>
  );
}

function Progress({ report }: { report: ReportView }) {
  if (report.error !== null) return `${report.error.message} ${report.error.remedy ?? ""}`;
  return (
    <>
      {report.rows === null
        ? `${STATE_WORDS[report.state]}. ${progressWords(report)}`
        : `${report.rows.toLocaleString("en")} ${report.rows === 1 ? "event" : "events"}, each with its proof.`}
      {" It stays in "}
      <Link href="/reports" className="link">
        Reports
      </Link>
      , with how to check it, and can be added to a control of a framework as evidence.
    </>
  );
}
