"use client";

import { useState } from "react";
import type { FrameworkChoice } from "#lib/services/frameworks/framework-view.ts";
import { COMPLIANCE_FORMATS, REPORT_FORMATS, type ReportFormat } from "#lib/services/reports/report-view.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { Field, TextInput } from "#app/_components/ui/field.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { ErrorState, TableSkeleton } from "#app/_components/ui/states.tsx";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { usePreview, useRequestReport, type ReportDraft } from "#app/_queries/reports.ts";
import { PreviewTable } from "#app/(dashboard)/reports/_components/preview-table.tsx";
import { FORM_KINDS, FORMAT_WORDS, KIND_WORDS } from "#app/(dashboard)/reports/report-words.ts";
import type { ReportsParams } from "#app/(dashboard)/reports/search-params.ts";

type ReportFormProps = {
  first: ReportsParams;
  frameworks: FrameworkChoice[];
  teams: { key: string; label: string }[];
  mayReadLog: boolean;
  today: string;
};

/** Pick a kind, give it its parameters, look at the preview, make it. */
export function ReportForm({ first, frameworks, teams, mayReadLog, today }: ReportFormProps) {
  const [draft, setDraft] = useState<ReportDraft>(() => draftOf(first, frameworks, today));
  const preview = usePreview();
  const request = useRequestReport();
  const asked = askedOf(draft);

  function change(part: Partial<ReportDraft>): void {
    setDraft({ ...draft, ...part });
    // What is shown must be of what is asked for.
    preview.reset();
    request.reset();
  }

  return (
    <section aria-labelledby="new-report">
      <h2 id="new-report" className="mb-2 font-semibold">
        New report
      </h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          preview.mutate(asked);
        }}
      >
        <fieldset className="flex flex-wrap items-end gap-3">
          <legend className="sr-only">What the report is of</legend>
          <Select
            label="Report"
            value={draft.kind}
            options={FORM_KINDS.filter((kind) => kind !== "changes" || mayReadLog).map((value) => ({
              value,
              label: KIND_WORDS[value].label,
            }))}
            onChange={(kind) => change({ kind, ...periodFor(kind, today) })}
          />
          {draft.kind === "compliance" ? (
            <Select
              label="Framework"
              value={draft.frameworkId ?? ""}
              options={[
                { value: "", label: "every rule" },
                ...frameworks.map(({ id, name, version }) => ({ value: id, label: `${name} ${version}` })),
              ]}
              onChange={(id) => change({ frameworkId: id === "" ? null : id })}
            />
          ) : null}
          {teams.length === 0 || draft.kind === "changes" ? null : (
            <Select
              label="Team"
              value={draft.teams[0] ?? ""}
              options={[{ value: "", label: "all" }, ...teams.map(({ key, label }) => ({ value: key, label }))]}
              onChange={(team) => change({ teams: team === "" ? [] : [team] })}
            />
          )}
          {isOfPeriod(draft.kind) ? (
            <>
              <Field label={draft.kind === "compliance" ? "From (empty = one instant)" : "From"}>
                <TextInput
                  type="date"
                  value={draft.from ?? ""}
                  onChange={(event) => change({ from: event.target.value || null })}
                />
              </Field>
              <Field label="Up to and without">
                <TextInput
                  type="date"
                  value={draft.to ?? ""}
                  onChange={(event) => change({ to: event.target.value || null })}
                />
              </Field>
            </>
          ) : null}
        </fieldset>
        <FormatChoice draft={draft} onChange={(formats) => change({ formats })} />
        <p className="mt-3 max-w-prose text-xs text-soft">
          {KIND_WORDS[draft.kind].about}{" "}
          {draft.asOf === null ? "As of now." : `As of ${draft.asOf.slice(0, 16).replace("T", " ")} UTC.`}
        </p>
        <div className="mt-3 flex flex-wrap gap-2">
          <Button type="submit" disabled={preview.isPending}>
            {preview.isPending ? "Looking …" : "Preview"}
          </Button>
          <Button
            look="primary"
            disabled={request.isPending || draft.formats.length === 0}
            onClick={() => request.mutate(asked)}
          >
            Make report
          </Button>
        </div>
      </form>
      <div className="mt-4 space-y-4" aria-live="polite">
        {request.isSuccess ? <p>It is being made. You may leave this page; it stays in the list below.</p> : null}
        {request.error === null ? null : <ErrorState error={errorViewOf(request.error)} />}
        {preview.error === null ? null : <ErrorState error={errorViewOf(preview.error)} />}
        {preview.isPending ? <TableSkeleton label="Preview" rows={5} /> : null}
        {preview.data === undefined ? null : <PreviewTable preview={preview.data} />}
      </div>
    </section>
  );
}

function FormatChoice({ draft, onChange }: { draft: ReportDraft; onChange: (formats: ReportFormat[]) => void }) {
  const offered = REPORT_FORMATS.filter(
    (format) => draft.kind === "compliance" || !COMPLIANCE_FORMATS.includes(format),
  );
  return (
    <fieldset className="mt-3 flex flex-wrap gap-x-4 gap-y-1">
      <legend className="text-xs font-medium text-soft">Formats</legend>
      {offered.map((format) => (
        <label key={format} className="inline-flex min-h-6 items-center gap-1.5 text-sm">
          <input
            type="checkbox"
            checked={draft.formats.includes(format)}
            onChange={(event) =>
              onChange(
                event.target.checked ? [...draft.formats, format] : draft.formats.filter((one) => one !== format),
              )
            }
          />
          {FORMAT_WORDS[format]}
        </label>
      ))}
    </fieldset>
  );
}

function draftOf(first: ReportsParams, frameworks: readonly FrameworkChoice[], today: string): ReportDraft {
  const { kind, asOf, frameworkId } = first;
  const period = first.from !== null && first.to !== null ? { from: first.from, to: first.to } : periodFor(kind, today);
  return {
    kind,
    asOf,
    ...period,
    frameworkId: frameworkId ?? frameworks[0]?.id ?? null,
    teams: first.teams,
    formats: [...REPORT_FORMATS],
  };
}

/** Last month where a period is needed, none where an instant is the usual question. */
function periodFor(kind: ReportDraft["kind"], today: string): { from: string | null; to: string | null } {
  if (kind !== "allocation" && kind !== "changes") return { from: null, to: null };
  const [year = 0, month = 1] = today.split("-").map(Number);
  const first = (offset: number) => new Date(Date.UTC(year, month - 1 + offset, 1)).toISOString().slice(0, 10);
  return { from: first(-1), to: first(0) };
}

/** What of the form belongs to the kind that is asked for. */
function askedOf(draft: ReportDraft): ReportDraft {
  const formats = draft.formats.filter((format) => draft.kind === "compliance" || !COMPLIANCE_FORMATS.includes(format));
  const period = isOfPeriod(draft.kind) ? {} : { from: null, to: null };
  return { ...draft, ...period, formats, teams: draft.kind === "changes" ? [] : draft.teams };
}

function isOfPeriod(kind: ReportDraft["kind"]): boolean {
  return kind === "allocation" || kind === "changes" || kind === "compliance";
}
