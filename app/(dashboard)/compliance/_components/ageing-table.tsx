import { formatCount } from "#lib/domain/format.ts";
import type { Severity } from "#lib/domain/posture/verdict.ts";
import type { AgeingRow, AgeingView } from "#lib/services/posture/posture-view.ts";
import { PlainTable } from "#app/(dashboard)/sprawl/_components/plain-table.tsx";
import { Due } from "#app/(dashboard)/compliance/_components/due-table.tsx";
import { SeverityMark } from "#app/(dashboard)/compliance/_components/severity-mark.tsx";
import { daysWords, sinceWords } from "#app/(dashboard)/compliance/compliance-words.ts";

const AGES = [
  { key: "under7", header: "Under 7 days" },
  { key: "under30", header: "7 to 30" },
  { key: "under90", header: "30 to 90" },
  { key: "over90", header: "Over 90" },
] as const;

const ORDER: readonly (Severity | null)[] = ["critical", "high", "medium", "low", null];

type AgeingTableProps = { rows: readonly AgeingRow[]; dueDays: AgeingView["dueDays"]; at: string };

/** Open failures by severity and age, with how long one of this severity may take. */
export function AgeingTable({ rows, dueDays, at }: AgeingTableProps) {
  const shown = rows.toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
  return (
    <PlainTable
      caption="Open failures by severity and age"
      rows={shown}
      rowKey={(row) => `${row.teamKey} ${row.severity ?? ""}`}
      columns={[
        { header: "Severity", cell: (row) => <SeverityMark severity={row.severity} /> },
        {
          header: "To be mended in",
          className: "whitespace-nowrap",
          cell: (row) => {
            const days = row.severity === null ? null : dueDays[row.severity];
            return days === null ? <span className="text-soft">no day set</span> : daysWords(days);
          },
        },
        ...AGES.map(({ key, header }) => ({
          header,
          isRight: true,
          cell: (row: AgeingRow) =>
            row.byAge[key] === 0 ? <span className="text-soft">0</span> : formatCount(row.byAge[key]),
        })),
        { header: "Open", isRight: true, cell: (row) => <span className="font-medium">{formatCount(row.open)}</span> },
        {
          header: "Overdue",
          isRight: true,
          cell: (row) => (
            <span className={row.overdue > 0 ? "font-medium text-wrong" : "text-soft"}>{formatCount(row.overdue)}</span>
          ),
        },
        { header: "Waived", isRight: true, cell: (row) => formatCount(row.waived) },
        {
          header: "Oldest",
          isRight: true,
          className: "whitespace-nowrap",
          cell: (row) => (row.oldestFrom === null ? null : sinceWords(row.oldestFrom, at)),
        },
        {
          header: "Next due",
          isRight: true,
          className: "whitespace-nowrap",
          cell: (row) => <Due dueAt={row.nextDue} at={at} />,
        },
      ]}
    />
  );
}
