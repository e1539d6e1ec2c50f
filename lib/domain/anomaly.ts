import { decimal, sum, toAmount, type Amount, type Decimal } from "#lib/domain/money.ts";

/** A daily cost that has left its level: since which position, from what, to what. Amounts are per day. */
export type LevelShift = { since: number; baseline: Amount; level: Amount };

/** Days that must be there before a level is called one. */
const BASELINE_DAYS = 14;

/** Days at the new level before it is called one: a single day is often a purchase or a late invoice. */
const SHIFT_DAYS = 3;

/** How far above the baseline each of those days is. */
const FACTOR = decimal(2);

/**
 * Finds a jump that still lasts: the newest run of at least three days, each of which costs more than twice the median of the days before
 * the run (at most 28 of them, at least 14). Null values are days without figures and end the search. Robust against single peaks because
 * the baseline is a median; blind to slow growth, on purpose.
 */
export function findLevelShift(values: readonly (Amount | null)[]): LevelShift | null {
  const known = values.map((value) => (value === null ? null : decimal(value)));
  for (let since = known.length - SHIFT_DAYS; since >= BASELINE_DAYS; since -= 1) {
    const before = known.slice(Math.max(0, since - 28), since).filter((value) => value !== null);
    const run = known.slice(since);
    if (before.length < BASELINE_DAYS || run.some((value) => value === null)) return null;
    const baseline = median(before);
    const limit = baseline.times(FACTOR);
    const isHigh = (value: Decimal | null | undefined) => value != null && value.greaterThan(limit);
    if (!run.every(isHigh)) return null;
    // Go back to the day on which it began: the day before it is at the old level.
    if (!isHigh(known[since - 1]) && baseline.greaterThan(0))
      return {
        since,
        baseline: toAmount(baseline),
        level: toAmount(sum(run.filter((value) => value !== null)).dividedBy(run.length)),
      };
  }
  return null;
}

function median(values: readonly Decimal[]): Decimal {
  const sorted = values.toSorted((a, b) => a.comparedTo(b));
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? decimal(0);
  return sorted.length % 2 === 1 ? high : high.plus(sorted[middle - 1] ?? 0).dividedBy(2);
}
