import { MINUS } from "#lib/domain/format.ts";
import { decimal, HALF_AWAY_FROM_ZERO, toAmount, ZERO, type Amount, type Decimal } from "#lib/domain/money.ts";

/** Steps that are easy to count in, times a power of ten. */
const STEPS = ["1", "2", "2.5", "5", "10"];

const SUFFIXES = ["", "k", "M", "G", "T"];

/** Digits of a short label; enough to tell neighbouring ticks apart. */
const LABEL_DIGITS = 3;

/**
 * Ticks of an axis that holds all the amounts and zero: round numbers at equal steps, ascending, the first at or
 * below the smallest amount and the last at or above the largest. About `count` steps, never more than `count` + 1.
 */
export function niceTicks(amounts: readonly Amount[], count = 5): Amount[] {
  const values = amounts.map((amount) => decimal(amount));
  const low = values.reduce((least, value) => (value.lessThan(least) ? value : least), ZERO);
  const high = values.reduce((most, value) => (value.greaterThan(most) ? value : most), ZERO);
  if (low.equals(high)) return ["0", "1"];

  const step = niceStep(high.minus(low).dividedBy(Math.max(1, count)));
  const first = low.dividedBy(step).floor().toNumber();
  const last = high.dividedBy(step).ceil().toNumber();
  return Array.from({ length: last - first + 1 }, (_, index) => toAmount(step.times(first + index)));
}

/** An amount in at most three significant digits for an axis: "1.2k", "−3.4M", "0.05". */
export function shortAmount(amount: Amount): string {
  const value = decimal(amount).toSignificantDigits(LABEL_DIGITS, HALF_AWAY_FROM_ZERO);
  const size = value.abs();
  const thousands = size.lessThan(1000) ? 0 : Math.min(SUFFIXES.length - 1, Math.floor(size.e / 3));
  const label = toAmount(size.dividedBy(decimal(1000).pow(thousands)));
  return `${value.isNegative() && !value.isZero() ? MINUS : ""}${label}${SUFFIXES[thousands] ?? ""}`;
}

/** The smallest round step that is at least `rough`. */
function niceStep(rough: Decimal): Decimal {
  const magnitude = decimal(10).pow(rough.e);
  const step = STEPS.find((candidate) => magnitude.times(candidate).greaterThanOrEqualTo(rough)) ?? "10";
  return magnitude.times(step);
}
