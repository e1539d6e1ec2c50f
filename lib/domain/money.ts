import { Decimal as DecimalJs } from "decimal.js";

/** Amounts keep 12 decimals in storage; 60 significant digits leave room for any product or quotient on the way. */
const DecimalType = DecimalJs.clone({
  precision: 60,
  rounding: DecimalJs.ROUND_HALF_EVEN,
  toExpNeg: -40,
  toExpPos: 60,
});

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

/** How figures are rounded when they are shown, for Decimal's rounding methods: halves go away from zero. */
export const HALF_AWAY_FROM_ZERO = DecimalJs.ROUND_HALF_UP;

/** A Decimal as an amount: plain notation, no trailing zeros, "0" rather than "-0". */
export function toAmount(value: Decimal): Amount {
  return value.isZero() ? "0" : value.toFixed();
}

/** Exact sum of amounts in one currency. Throws RangeError where one of them is not a finite number. */
export function sum(amounts: Iterable<Amount | Decimal>): Decimal {
  let total = ZERO;
  for (const amount of amounts) total = total.plus(amount);
  if (!total.isFinite()) throw new RangeError("an amount is not a finite decimal");
  return total;
}

/** Exact sum of amounts, added as integers of their finest unit: several times faster than `sum` where thousands are added. */
export function addAmounts(amounts: readonly Amount[]): Amount {
  let [wholes, fractions] = [0, 0];
  for (const amount of amounts) {
    const point = amount.indexOf(".");
    const end = point < 0 ? amount.length : point;
    const decimals = point < 0 ? 0 : amount.length - point - 1;
    if (end > MAX_PLAIN_DIGITS || decimals > AMOUNT_SCALE || amounts.length > MAX_PLAIN_AMOUNTS)
      return addLong(amounts);
    wholes += Number(amount.slice(0, end));
    if (decimals === 0) continue;
    const fraction = Number(amount.slice(point + 1)) * (POWERS_OF_TEN[AMOUNT_SCALE - decimals] ?? 1);
    fractions += amount.startsWith("-") ? -fraction : fraction;
  }
  const units = BigInt(wholes) * UNITS_PER_ONE + BigInt(fractions);
  return fromUnits(units < 0n ? -units : units, AMOUNT_SCALE, units < 0n);
}

// A thousand whole parts of twelve digits, or as many fractions of twelve decimals, sum to an integer that a double holds exactly.
const MAX_PLAIN_DIGITS = 12;
const MAX_PLAIN_AMOUNTS = 1000;
const POWERS_OF_TEN = Array.from({ length: AMOUNT_SCALE + 1 }, (_, power) => 10 ** power);
const UNITS_PER_ONE = 10n ** BigInt(AMOUNT_SCALE);

function addLong(amounts: readonly Amount[]): Amount {
  const read = amounts.map(fixedPoint);
  const scale = Math.max(0, ...read.map((amount) => amount.scale));
  const units = read.reduce((total, amount) => total + amount.units * 10n ** BigInt(scale - amount.scale), 0n);
  return fromUnits(units < 0n ? -units : units, scale, units < 0n);
}

/**
 * Splits `total` by `weights` into parts of at most 12 decimals that sum to `total`, to the last decimal.
 *
 * Largest remainder (Hamilton): each part is first cut towards zero at 12 decimals; the units that are left go to
 * the parts with the largest cut-off remainder, ties to the larger weight and then to the earlier one. A negative
 * total splits like its mirror. A total with more than 12 decimals keeps its own number of decimals.
 *
 * @throws RangeError where a weight is negative or every weight is zero.
 */
export function split(total: Amount | Decimal, weights: readonly (Amount | Decimal)[]): Decimal[] {
  return splitter(weights)
    .split(total)
    .map((part) => decimal(part));
}

/** Splits any total by weights that it knows; `sumOf` is the sum of the parts at some positions. */
export type Splitter = {
  split(total: Amount | Decimal): Amount[];
  sumOf(total: Amount | Decimal, positions: readonly number[]): Amount;
};

/**
 * `split` for many totals by the same weights: the weights are read once. Integers of any size stand for units of
 * the last decimal, so that every quotient and remainder is exact.
 *
 * @throws RangeError as `split` does, already when it is made.
 */
export function splitter(weights: readonly (Amount | Decimal)[]): Splitter {
  const shares = wholeWeights(weights);
  const weightSum = shares.reduce((left, right) => left + right, 0n);
  if (weightSum === 0n) throw new RangeError("every weight is zero");
  const equal = shares.every((share) => share === shares[0]);

  return {
    split: (total) => {
      const { magnitude, scale, negative } = inUnits(total);
      if (equal) {
        const { less, left } = divideEvenly(magnitude, shares.length);
        const [lessAmount, moreAmount] = [fromUnits(less, scale, negative), fromUnits(less + 1n, scale, negative)];
        return shares.map((_, index) => (index < left ? moreAmount : lessAmount));
      }
      return splitUnits(magnitude, shares, weightSum).map((part) => fromUnits(part, scale, negative));
    },
    sumOf: (total, positions) => {
      const { magnitude, scale, negative } = inUnits(total);
      const units = equal
        ? sumEvenly(magnitude, shares.length, positions)
        : sumAt(splitUnits(magnitude, shares, weightSum), positions);
      return fromUnits(units, scale, negative);
    },
  };
}

/** A total as units of its last decimal, of the twelfth at least. */
function inUnits(total: Amount | Decimal): { magnitude: bigint; scale: number; negative: boolean } {
  const whole = fixedPoint(total);
  const scale = Math.max(AMOUNT_SCALE, whole.scale);
  const units = whole.units * 10n ** BigInt(scale - whole.scale);
  return { magnitude: units < 0n ? -units : units, scale, negative: units < 0n };
}

function sumAt(parts: readonly bigint[], positions: readonly number[]): bigint {
  return positions.reduce((total, position) => total + (parts[position] ?? 0n), 0n);
}

/** Cuts each part down, then hands the units that are left to the largest remainders. */
function splitUnits(units: bigint, shares: readonly bigint[], weightSum: bigint): bigint[] {
  const remainders: bigint[] = [];
  let left = units;
  const parts = shares.map((share) => {
    const product = units * share;
    const part = product / weightSum;
    remainders.push(product - part * weightSum);
    left -= part;
    return part;
  });
  if (left === 0n) return parts;

  // Comparing the remainders' nearest doubles is quick and never contradicts their order; only where two of them
  // share a double do the integers decide.
  const nearest = remainders.map(Number);
  const order = Array.from(parts.keys()).toSorted(
    (a, b) =>
      (nearest[b] ?? 0) - (nearest[a] ?? 0) ||
      compareUnits(remainders[b], remainders[a]) ||
      compareUnits(shares[b], shares[a]) ||
      a - b,
  );
  // Remainders are below one unit each and sum to `left` units, so there are more receivers than units.
  for (const index of order.slice(0, Number(left))) parts[index] = (parts[index] ?? 0n) + 1n;
  return parts;
}

/** What the parts at some positions sum to where all are equal: the first ones have a unit more where it does not come out even. */
function sumEvenly(units: bigint, count: number, positions: readonly number[]): bigint {
  const { less, left } = divideEvenly(units, count);
  return less * BigInt(positions.length) + BigInt(positions.filter((position) => position < left).length);
}

function divideEvenly(units: bigint, count: number): { less: bigint; left: number } {
  return { less: units / BigInt(count), left: Number(units % BigInt(count)) };
}

function compareUnits(left = 0n, right = 0n): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Weights as whole numbers without a common factor. */
function wholeWeights(weights: readonly (Amount | Decimal)[]): bigint[] {
  const read = weights.map(fixedPoint);
  if (read.some(({ units }) => units < 0n)) throw new RangeError("a weight is negative");
  const scale = Math.max(0, ...read.map((weight) => weight.scale));
  const whole = read.map((weight) => weight.units * 10n ** BigInt(scale - weight.scale));
  const divisor = whole.reduce(greatestCommonDivisor, 0n);
  return divisor === 0n ? whole : whole.map((weight) => weight / divisor);
}

function greatestCommonDivisor(left: bigint, right: bigint): bigint {
  let [larger, smaller] = [left, right];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

const PLAIN_AMOUNT = /^(-?\d+)(?:\.(\d*?)0*)?$/;

/** An amount as an integer count of units of its last decimal that is not zero. */
function fixedPoint(value: Amount | Decimal): { units: bigint; scale: number } {
  const text = typeof value === "string" && PLAIN_AMOUNT.test(value) ? value : decimal(value).toFixed();
  const [, integer = "0", fraction = ""] = PLAIN_AMOUNT.exec(text) ?? [];
  return { units: BigInt(integer + fraction), scale: fraction.length };
}

/** The inverse of fixedPoint for a magnitude: plain notation, no trailing zeros. */
function fromUnits(units: bigint, scale: number, negative: boolean): Amount {
  if (units === 0n) return "0";
  const digits = units.toString().padStart(scale + 1, "0");
  const point = digits.length - scale;
  let end = digits.length;
  while (end > point && digits[end - 1] === "0") end -= 1;
  const fraction = end > point ? `.${digits.slice(point, end)}` : "";
  return `${negative ? "-" : ""}${digits.slice(0, point)}${fraction}`;
}
