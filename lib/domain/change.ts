import { MINUS } from "#lib/domain/format.ts";
import { decimal, HALF_AWAY_FROM_ZERO, type Amount, type Decimal } from "#lib/domain/money.ts";

/**
 * The change from `previous` to `current` in percent of the size of `previous`, with sign and one decimal: "+12.3",
 * "−4.0", and "0.0" without sign where it rounds to nothing. "new" where there was no cost before, "gone" where there
 * is none now; null where there is nothing to compare with. A plus always means that more money is spent.
 */
export function percentChange(current: Amount, previous: Amount | null): string | null {
  if (previous === null) return null;
  const now = decimal(current);
  const before = decimal(previous);
  if (before.isZero()) return now.isZero() ? "0.0" : "new";
  if (now.isZero()) return "gone";
  const percent = now.minus(before).dividedBy(before.abs()).times(100);
  const text = oneDecimal(percent);
  return percent.isPositive() && text !== "0.0" ? `+${text}` : text;
}

/** A part of a total in percent with one decimal: "12.3", "−4.0"; null where the total is zero. */
export function sharePercent(part: Amount, total: Amount): string | null {
  const whole = decimal(total);
  return whole.isZero() ? null : oneDecimal(decimal(part).dividedBy(whole).times(100));
}

/**
 * How much of a total has an owner, (direct + shared) ÷ total in percent with one decimal; null where the total is
 * zero. "100.0" is said only where nothing is left over, and "0.0" only where nothing is owned.
 */
export function coveragePercent(parts: { direct: Amount; shared: Amount; total: Amount }): string | null {
  const whole = decimal(parts.total);
  if (whole.isZero()) return null;
  const percent = decimal(parts.direct).plus(parts.shared).dividedBy(whole).times(100);
  const text = oneDecimal(percent);
  if (text === "100.0" && !percent.equals(100)) return percent.lessThan(100) ? "99.9" : "100.1";
  if (text === "0.0" && !percent.isZero()) return percent.isPositive() ? "0.1" : `${MINUS}0.1`;
  return text;
}

function oneDecimal(percent: Decimal): string {
  const rounded = percent.toDecimalPlaces(1, HALF_AWAY_FROM_ZERO);
  if (rounded.isZero()) return "0.0";
  return `${rounded.isNegative() ? MINUS : ""}${rounded.abs().toFixed(1)}`;
}
