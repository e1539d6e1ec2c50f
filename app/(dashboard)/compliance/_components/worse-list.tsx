import Link from "next/link";
import { Check } from "lucide-react";
import { formatCount } from "#lib/domain/format.ts";
import type { PostureView, PostureWorsening } from "#lib/services/posture/posture-view.ts";
import { Part } from "#app/(dashboard)/sprawl/_components/part.tsx";
import { PlainTable } from "#app/(dashboard)/sprawl/_components/plain-table.tsx";
import {
  atInstant,
  controlHref,
  FACET_OF_COLUMN,
  ruleHref,
  type ComplianceState,
} from "#app/(dashboard)/compliance/compliance-state.ts";
import { changeWords, columnLabel } from "#app/(dashboard)/compliance/compliance-words.ts";

/** The most that moved; the map has all. */
const SHOWN = 8;

/** What has more failures than seven days before, waived ones included: a waiver hides nothing that got worse. */
export function WorseList({ view, state }: { view: PostureView; state: ComplianceState }) {
  const { worse, columnsBy } = view;
  const narrowTo = (row: PostureWorsening): ComplianceState =>
    atInstant({ ...state, filters: { ...state.filters, [FACET_OF_COLUMN[columnsBy]]: [row.columnKey] } });
  return (
    <Part id="worse" title="What got worse" of="in the seven days before, waived failures included">
      {worse.length === 0 ? (
        <p className="flex items-center gap-1.5 text-soft">
          <Check size={14} aria-hidden className="text-accent" /> Nothing has more failures than seven days before.
        </p>
      ) : (
        <PlainTable
          caption="What got worse in seven days"
          shown={SHOWN}
          rows={worse}
          rowKey={(row) => `${row.controlId} ${row.ruleKey} ${row.columnKey}`}
          columns={[
            {
              header: "Rule",
              cell: (row) => (
                <Link
                  href={ruleHref(narrowTo(row), row.ruleKey, { verdict: "fail" })}
                  prefetch={false}
                  className="way-down break-all"
                >
                  {row.ruleKey}
                </Link>
              ),
            },
            {
              header: "Control",
              cell: (row) => (
                <Link
                  href={controlHref(narrowTo(row), view.framework.id, row.controlId)}
                  prefetch={false}
                  className="way-down"
                >
                  {row.controlId}
                </Link>
              ),
            },
            { header: "Where", cell: (row) => columnLabel(columnsBy, { key: row.columnKey, label: row.columnLabel }) },
            { header: "Then", isRight: true, cell: (row) => formatCount(row.failedBefore) },
            { header: "Now", isRight: true, cell: (row) => formatCount(row.failedNow) },
            {
              header: "Change",
              isRight: true,
              cell: (row) => (
                <span className="font-medium text-wrong">{changeWords(row.failedBefore, row.failedNow)}</span>
              ),
            },
          ]}
        />
      )}
    </Part>
  );
}
