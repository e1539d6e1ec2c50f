import { Decimal as DecimalJs } from "decimal.js";

/** Amounts keep 12 decimals in storage; 60 significant digits leave room for any product or quotient on the way. */
const DecimalType = DecimalJs.clone({ precision: 60, rounding: DecimalJs.ROUND_HALF_EVEN, toExpNeg: -40, toExpPos: 60 });

/** An exact decimal number. Construct with `decimal()`. */
export type Decimal = DecimalJs;

/** An amount of money as it travels: a plain decimal string, "-12.5", never in exponent notation. */
export type Amount = string;

/** Decimals that an amount keeps: NUMERIC(38,12). */
export const AMOUNT_SCALE = 12;

/** The four cost bases of FOCUS, in the order in which they are always listed. */
export const COST_BASES = ["billed", "effective", "list", "contracted"] as const;
export type CostBasis = (typeof COST_BASES)[number];

/** One amount per basis. */
export type Amounts = Record<CostBasis, Amount>;

/** Reads a decimal string, integer or Decimal. Throws on anything that is not a finite number. */
export function decimal(value: string | number | bigint | DecimalJs): Decimal {
  const result = new DecimalType(typeof value === "bigint" ? value.toString() : value);
  if (!result.isFinite()) throw new RangeError(`not a finite decimal: ${String(value)}`);
  return result;
}

export const ZERO: Decimal = decimal(0);

/** A Decimal as an amount: plain notation, no trailing zeros, "0" rather than "-0". */
export function toAmount(value: Decimal): Amount {
  return value.isZero() ? "0" : value.toFixed();
}

/** Exact sum of amounts in one currency. */
export function sum(amounts: Iterable<Amount | Decimal>): Decimal {
  let total = ZERO;
  for (const amount of amounts) total = total.plus(amount);
  return total;
}

/** Amounts of one currency. Adding two with different currencies throws. */
export type Money = { currency: string; amount: Amount };

export function addMoney(left: Money, right: Money): Money {
  if (left.currency !== right.currency)
    throw new RangeError(`amounts in ${left.currency} and ${right.currency} never add`);
  return { currency: left.currency, amount: toAmount(decimal(left.amount).plus(right.amount)) };
}

/**
 * Splits `total` by `weights` into parts of at most 12 decimals that sum to `total`, to the last decimal.
 *
 * Largest remainder (Hamilton): each part is first cut towards zero at 12 decimals; the units that are left go to
 * the parts with the largest cut-off remainder, ties to the earlier one. A negative total splits like its mirror.
 * A total with more than 12 decimals keeps its own number of decimals.
 *
 * @throws RangeError where a weight is negative or every weight is zero.
 */
export function split(total: Amount | Decimal, weights: readonly (Amount | Decimal)[]): Decimal[] {
  const whole = decimal(total);
  const shares = weights.map((weight) => decimal(weight));
  if (shares.some((share) => share.isNegative() && !share.isZero())) throw new RangeError("a weight is negative");
  const weightSum = sum(shares);
  if (weightSum.isZero()) throw new RangeError("every weight is zero");

  const scale = Math.max(AMOUNT_SCALE, whole.decimalPlaces());
  const unit = decimal(10).pow(-scale);
  const sign = whole.isNegative() ? -1 : 1;
  const exact = shares.map((share) => whole.abs().times(share).dividedBy(weightSum));
  const parts = exact.map((part) => part.toDecimalPlaces(scale, DecimalJs.ROUND_DOWN));
  const left = whole.abs().minus(sum(parts)).dividedBy(unit).toNumber();

  const byRemainder = exact
    .map((part, index) => ({ index, remainder: part.minus(parts[index] ?? ZERO) }))
    .filter(({ index }) => !(shares[index] ?? ZERO).isZero())
    .toSorted((a, b) => b.remainder.comparedTo(a.remainder) || a.index - b.index);
  for (let given = 0; given < left; given += 1) {
    const receiver = byRemainder[given % byRemainder.length];
    if (receiver) parts[receiver.index] = (parts[receiver.index] ?? ZERO).plus(unit);
  }
  return parts.map((part) => (sign < 0 ? part.negated() : part));
}
