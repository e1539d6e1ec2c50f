import type { Verdict } from "#lib/domain/posture/verdict.ts";

const DAY_MS = 86_400_000;

/** A stretch in which nobody looked. Milliseconds; `to` null = it goes on. */
export type Gap = { from: number; to: number | null };

/** Milliseconds; `to` null = until the period's end. */
export type AnsweredStretch = { verdict: Verdict; from: number; to: number | null };

/**
 * How a rule and a resource did over a period. Each UTC day that the period touches counts once, as the worst that was so at any moment of
 * it: a day with a failure is a failed day, otherwise one with a gap or without knowledge is unknown. `isMetThroughout` is true only where
 * it passed, or did not apply, for every moment, and applied for one at least.
 */
export type PeriodAnswer = {
  days: { failed: number; unknown: number; passed: number; notApplicable: number };
  isMetThroughout: boolean;
};

/** Stretches do not overlap; what none of them covers is unknown. Half-open `[from, to)` in milliseconds. */
export function answerPeriod(
  stretches: readonly AnsweredStretch[],
  gaps: readonly Gap[],
  period: { from: number; to: number },
): PeriodAnswer {
  const days = { failed: 0, unknown: 0, passed: 0, notApplicable: 0 };
  const first = Math.floor(period.from / DAY_MS) * DAY_MS;
  for (let start = first; start < period.to; start += DAY_MS) {
    const from = Math.max(start, period.from);
    const to = Math.min(start + DAY_MS, period.to);
    days[kindOf(stretches, gaps, from, to)] += 1;
  }
  return { days, isMetThroughout: days.failed === 0 && days.unknown === 0 && days.passed > 0 };
}

function kindOf(
  stretches: readonly AnsweredStretch[],
  gaps: readonly Gap[],
  from: number,
  to: number,
): keyof PeriodAnswer["days"] {
  const own = stretches
    .map((stretch) => ({ verdict: stretch.verdict, length: shared(stretch, from, to) }))
    .filter(({ length }) => length > 0);
  if (own.some(({ verdict }) => verdict === "fail")) return "failed";
  const covered = own.reduce((sum, { length }) => sum + length, 0);
  const isHoled = covered < to - from || gaps.some((gap) => shared(gap, from, to) > 0);
  if (isHoled || own.some(({ verdict }) => verdict === "unknown")) return "unknown";
  return own.some(({ verdict }) => verdict === "pass") ? "passed" : "notApplicable";
}

function shared(stretch: { from: number; to: number | null }, from: number, to: number): number {
  return Math.min(stretch.to ?? to, to) - Math.max(stretch.from, from);
}
