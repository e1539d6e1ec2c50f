import type { EvaluationRow } from "#lib/services/posture/posture-view.ts";

/** What an evaluation counts as: the six are disjoint, and their sum is the population. */
export const COUNTED = ["pass", "fail", "waived", "unknown", "not applicable", "not evaluated"] as const;
export type Counted = (typeof COUNTED)[number];

export function countedAs({ verdict, waiver, isGap }: EvaluationRow): Counted {
  // In a gap nobody looked: whatever it was, it is not known to be so any more.
  if (isGap) return "not evaluated";
  if (verdict === "fail") return waiver === null ? "fail" : "waived";
  return verdict === "not_applicable" ? "not applicable" : verdict;
}

export type ControlCounts = Map<string, Record<Counted, number>>;

/** Counts the rows of each control; a row counts for each control that its rule speaks for. */
export function countControls(counts: ControlCounts, rows: readonly EvaluationRow[]): void {
  for (const row of rows)
    for (const control of row.controls) {
      const own = counts.get(control) ?? emptyCounts();
      own[countedAs(row)] += 1;
      counts.set(control, own);
    }
}

export function emptyCounts(): Record<Counted, number> {
  return { pass: 0, fail: 0, waived: 0, unknown: 0, "not applicable": 0, "not evaluated": 0 };
}

/** A control is met where something passed and nothing speaks against it; anything unknown, or time that nobody looked at, leaves it open. */
export function standingOf(counts: Record<Counted, number>, isKnown: boolean): "met" | "not met" | "open" {
  if (counts.fail + counts.waived > 0) return "not met";
  if (!isKnown || counts.unknown + counts["not evaluated"] > 0 || counts.pass === 0) return "open";
  return "met";
}
