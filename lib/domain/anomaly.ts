import { decimal, sum, toAmount, type Amount, type Decimal } from "#lib/domain/money.ts";

/** A daily cost that left its level: from position `since` up to and without `until`, from what, to what. Amounts are per day. */
export type LevelShift = { since: number; until: number; baseline: Amount; level: Amount };

/** Days that must be there before a level is called one, and the most that are looked at. */
const BASELINE_DAYS = 14;
const MOST_BASELINE_DAYS = 28;

/** Days at the new level before it is called one: a single day is often a purchase or a late invoice. */
const SHIFT_DAYS = 3;

/** A shift that ended longer ago is history. */
const ENDED_DAYS = 7;

/** How far above the baseline each of those days is. */
const FACTOR = decimal(2);

/**
 * Finds the newest jump: a run of at least three days, each of which costs more than twice the median of the days before the run (at most 28
 * of them, at least 14), that lasts or has ended within the last seven days. A null value is a day without figures and ends the search.
 * Robust against single peaks because the baseline is a median; blind to slow growth, on purpose.
 */
export function findLevelShift(values: readonly (Amount | null)[]): LevelShift | null {
  const known = values.map((value) => (value === null ? null : decimal(value)));
  for (let until = known.length; until > known.length - ENDED_DAYS; until -= 1) {
    const shift = shiftEndingAt(known, until);
    if (shift) return shift;
  }
  return null;
}

function shiftEndingAt(known: readonly (Decimal | null)[], until: number): LevelShift | null {
  for (let since = until - SHIFT_DAYS; since >= BASELINE_DAYS; since -= 1) {
    const before = known.slice(Math.max(0, since - MOST_BASELINE_DAYS), since).filter((value) => value !== null);
    const run = known.slice(since, until);
    if (before.length < BASELINE_DAYS) return null;
    const baseline = median(before);
    const limit = baseline.times(FACTOR);
    const isHigh = (value: Decimal | null | undefined) =>
      value !== null && value !== undefined && value.greaterThan(limit);
    if (!run.every(isHigh)) return null;
    // Go back to the day on which it began: the day before it is at the old level.
    if (!isHigh(known[since - 1]) && baseline.greaterThan(0)) {
      const level = sum(run.filter((value) => value !== null)).dividedBy(run.length);
      return { since, until, baseline: toAmount(baseline), level: toAmount(level) };
    }
  }
  return null;
}

function median(values: readonly Decimal[]): Decimal {
  const sorted = values.toSorted((a, b) => a.comparedTo(b));
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? decimal(0);
  return sorted.length % 2 === 1 ? high : high.plus(sorted[middle - 1] ?? 0).dividedBy(2);
}
