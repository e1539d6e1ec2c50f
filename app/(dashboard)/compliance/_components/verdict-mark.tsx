import type { HeatMark } from "#lib/charts/heat-map.ts";
import type { EvaluationRow } from "#lib/services/posture/posture-view.ts";
import { classNames } from "#app/_components/ui/class-names.ts";
import { Mark } from "#app/(dashboard)/compliance/_components/mark.tsx";
import { VERDICT_LABELS } from "#app/(dashboard)/compliance/compliance-words.ts";

const MARKS: Record<EvaluationRow["verdict"], HeatMark> = {
  pass: "pass",
  fail: "fail",
  unknown: "unknown",
  not_applicable: "not-applicable",
};

/** What was said, with its mark. A waived failure is a failure; what nobody looked at in time is not evaluated, whatever it was before. */
export function VerdictMark({ row }: { row: Pick<EvaluationRow, "verdict" | "waiver" | "isGap"> }) {
  if (row.isGap)
    return (
      <span className="inline-flex items-center gap-1.5 text-warn">
        <Mark mark="not-evaluated" /> Not evaluated
        <span className="text-xs text-soft">last {VERDICT_LABELS[row.verdict].toLowerCase()}</span>
      </span>
    );
  const isWaived = row.verdict === "fail" && row.waiver !== null;
  return (
    <span
      className={classNames(
        "inline-flex items-center gap-1.5",
        row.verdict === "fail" ? "font-medium text-wrong" : row.verdict === "unknown" && "text-warn",
      )}
    >
      <Mark mark={isWaived ? "waived" : MARKS[row.verdict]} /> {VERDICT_LABELS[row.verdict]}
      {isWaived ? <span className="font-normal">and waived</span> : null}
    </span>
  );
}
