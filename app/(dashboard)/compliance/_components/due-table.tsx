import Link from "next/link";
import { Check } from "lucide-react";
import { formatDay } from "#lib/domain/format.ts";
import { dayOf } from "#lib/domain/period.ts";
import type { AgeingView } from "#lib/services/posture/posture-view.ts";
import { PlainTable } from "#app/(dashboard)/sprawl/_components/plain-table.tsx";
import { SeverityMark } from "#app/(dashboard)/compliance/_components/severity-mark.tsx";
import {
  complianceHref,
  narrowed,
  resourceHref,
  ruleHref,
  type ComplianceState,
} from "#app/(dashboard)/compliance/compliance-state.ts";
import { sinceWords } from "#app/(dashboard)/compliance/compliance-words.ts";

const SHOWN = 12;
const SOON_MS = 7 * 86_400_000;

type DueTableProps = { view: Pick<AgeingView, "due" | "at" | "rows">; state: ComplianceState };

/** Single failures with the day by which each has to be mended. */
export function DueTable({ view: { due, at, rows }, state }: DueTableProps) {
  const labels = new Map(rows.map(({ teamKey, teamLabel }) => [teamKey, teamLabel]));
  if (due.length === 0)
    return (
      <p className="flex items-center gap-1.5 text-soft">
        <Check size={14} aria-hidden className="text-accent" /> No failure is open. What is unknown or not evaluated is
        counted above.
      </p>
    );
  return (
    <PlainTable
      caption="Open failures by due date"
      shown={SHOWN}
      rows={due}
      rowKey={(row) => row.evaluationId}
      columns={[
        {
          header: "Resource",
          className: "max-w-80",
          cell: (row) => (
            <Link href={resourceHref(state, row.resource.id)} prefetch={false} className="way-down block truncate">
              {row.resource.name}
            </Link>
          ),
        },
        {
          header: "Rule",
          className: "max-w-96",
          cell: (row) => (
            <Link
              href={ruleHref(state, row.ruleKey, { verdict: "fail" })}
              prefetch={false}
              className="way-down block truncate"
            >
              {row.ruleTitle}
            </Link>
          ),
        },
        { header: "Severity", cell: (row) => <SeverityMark severity={row.severity} /> },
        {
          header: "Team",
          cell: ({ teamKey }) =>
            teamKey === "" ? (
              <span className="text-soft">nobody&apos;s</span>
            ) : (
              <Link
                href={complianceHref(narrowed(state), `/compliance/team/${encodeURIComponent(teamKey)}`)}
                prefetch={false}
                className="way-down whitespace-nowrap"
              >
                {labels.get(teamKey) ?? teamKey}
              </Link>
            ),
        },
        {
          header: "Failing for",
          isRight: true,
          className: "whitespace-nowrap",
          cell: (row) => sinceWords(row.heldFrom, at),
        },
        {
          header: "Due",
          isRight: true,
          className: "whitespace-nowrap",
          cell: (row) => <Due dueAt={row.dueAt} at={at} />,
        },
      ]}
    />
  );
}

export function Due({ dueAt, at }: { dueAt: string | null; at: string }) {
  if (dueAt === null) return <span className="text-soft">no day set</span>;
  const left = Date.parse(dueAt) - Date.parse(at);
  const text = formatDay(dayOf(new Date(dueAt)));
  if (left < 0) return <span className="font-medium text-wrong">overdue since {text}</span>;
  return left < SOON_MS ? <span className="font-medium text-warn">{text}</span> : <span>{text}</span>;
}
