import type { Severity } from "#lib/domain/posture/verdict.ts";
import type { AgeingView } from "#lib/services/posture/posture-view.ts";

export type Fix = {
  ruleKey: string;
  title: string;
  severity: Severity | null;
  /** How many have to be changed. */
  resources: number;
  overdue: number;
  /** ISO; null where no day is set. */
  firstDue: string | null;
};

const RISK: Record<Severity, number> = { critical: 0, high: 1, medium: 2, low: 3 };
const NOT_TOLD = 4;

/** Failures by the rule that they break: the worst risk first, of equal risk what the fewest changes mend. */
export function toFixes({ due, at }: Pick<AgeingView, "due" | "at">): Fix[] {
  const byRule = Map.groupBy(due, ({ ruleKey }) => ruleKey);
  return [...byRule]
    .map(([ruleKey, rows]): Fix => {
      const days = rows.flatMap(({ dueAt }) => dueAt ?? []).toSorted();
      return {
        ruleKey,
        title: rows[0]?.ruleTitle ?? ruleKey,
        severity: rows[0]?.severity ?? null,
        resources: new Set(rows.map(({ resource }) => resource.id)).size,
        overdue: days.filter((one) => Date.parse(one) < Date.parse(at)).length,
        firstDue: days[0] ?? null,
      };
    })
    .toSorted((a, b) => riskOf(a) - riskOf(b) || a.resources - b.resources || (a.ruleKey < b.ruleKey ? -1 : 1));
}

function riskOf({ severity }: Fix): number {
  return severity === null ? NOT_TOLD : RISK[severity];
}
