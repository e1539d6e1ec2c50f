import Link from "next/link";
import { formatDay, formatInstant } from "#lib/domain/format.ts";
import { dayOf } from "#lib/domain/period.ts";
import type { EvaluationRow } from "#lib/services/posture/posture-view.ts";
import { PlainTable } from "#app/(dashboard)/sprawl/_components/plain-table.tsx";
import { VerdictMark } from "#app/(dashboard)/compliance/_components/verdict-mark.tsx";
import { resourceHref, ruleHref, type ComplianceState } from "#app/(dashboard)/compliance/compliance-state.ts";
import { sinceWords } from "#app/(dashboard)/compliance/compliance-words.ts";

type EvaluationTableProps = {
  caption: string;
  rows: readonly EvaluationRow[];
  at: string;
  state: ComplianceState;
  /** Where rows are of several rules. */
  withRule?: boolean;
};

/** One rule on one resource a row: what was said, since when, whose it is, and the way to the source's own answer. */
export function EvaluationTable({ caption, rows, at, state, withRule = false }: EvaluationTableProps) {
  return (
    <PlainTable
      caption={caption}
      rows={rows}
      rowKey={(row) => `${row.evaluationId} ${row.from}`}
      columns={[
        {
          header: "Resource",
          className: "min-w-56 max-w-96",
          cell: (row) => (
            <>
              <Link href={resourceHref(state, row.resource.id)} prefetch={false} className="way-down block truncate">
                {row.resource.name}
              </Link>
              <span className="block truncate text-xs text-soft">{placeOf(row)}</span>
            </>
          ),
        },
        ...(withRule
          ? [
              {
                header: "Rule",
                className: "min-w-48 max-w-80",
                cell: (row: EvaluationRow) => (
                  <>
                    <Link href={ruleHref(state, row.ruleKey)} prefetch={false} className="way-down block truncate">
                      {row.ruleTitle}
                    </Link>
                    <span className="block truncate text-xs text-soft">{row.controls.join(", ")}</span>
                  </>
                ),
              },
            ]
          : []),
        {
          header: "Verdict",
          className: "min-w-56",
          cell: (row) => (
            <>
              <VerdictMark row={row} />
              {row.note === null ? null : (
                <span className="block max-w-96 truncate text-xs text-soft" title={row.note}>
                  {row.note}
                </span>
              )}
              {row.waiver === null ? null : (
                <span className="block max-w-96 truncate text-xs text-soft" title={row.waiver.reason}>
                  accepted until {formatDay(dayOf(new Date(row.waiver.endsAt)))}: {row.waiver.reason}
                </span>
              )}
            </>
          ),
        },
        {
          header: "Team",
          cell: (row) => (row.teamKey === "" ? <span className="text-soft">nobody&apos;s</span> : row.teamKey),
        },
        {
          header: "Since",
          isRight: true,
          className: "whitespace-nowrap",
          cell: (row) => (
            <time dateTime={row.heldFrom} title={formatInstant(row.heldFrom)}>
              {sinceWords(row.heldFrom, at)}
            </time>
          ),
        },
        {
          header: "Evidence",
          isRight: true,
          cell: (row) =>
            row.evidenceHash === null ? (
              <span className="text-xs text-soft">verdict only</span>
            ) : (
              <Link
                href={resourceHref(state, row.resource.id, { evidence: row.evidenceHash })}
                prefetch={false}
                className="link font-mono text-xs"
                aria-label={`Evidence ${row.evidenceHash.slice(0, 8)} of ${row.resource.name}`}
              >
                {row.evidenceHash.slice(0, 8)}
              </Link>
            ),
        },
      ]}
    />
  );
}

function placeOf({ resource, environment }: EvaluationRow): string {
  const { kind, accountId, clusterKey, region } = resource;
  return [kind, clusterKey ?? accountId, region, environment]
    .filter((part) => part !== null && part !== "")
    .join(" · ");
}
