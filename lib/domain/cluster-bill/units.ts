import { AMOUNT_SCALE, splitter, type Amount } from "#lib/domain/money.ts";
import { splitScratch, splitUnits } from "#lib/domain/cluster-bill/split-units.ts";

/** Numbers by position: a Float64Array, or an array of bigint. */
export type Column<T> = { [index: number]: T; readonly length: number };
export type DoubleUnits = UnitArithmetic<number, Float64Array>;
export type BigintUnits = UnitArithmetic<bigint, bigint[]>;

/**
 * Whole units of the twelfth decimal: as doubles, which are quick and hold up to 2^53 of them, or as bigint, which hold any number.
 * Both give the same parts.
 */
export type UnitArithmetic<T, C extends Column<T>> = {
  zero: T;
  add(left: T, right: T): T;
  subtract(left: T, right: T): T;
  of(units: bigint): T;
  column(length: number): C;
  /** Splits by the first `count` weights, which are whole numbers with the sum `weightSum` > 0, by largest remainder. */
  split(total: T, weights: Float64Array, count: number, weightSum: number, parts: C): void;
};

export function doubleUnits(): DoubleUnits {
  const scratch = splitScratch();
  return {
    zero: 0,
    add: (left, right) => left + right,
    subtract: (left, right) => left - right,
    of: Number,
    column: (length) => new Float64Array(length),
    split: (total, weights, count, weightSum, parts) => splitUnits(total, weights, count, weightSum, parts, scratch),
  };
}

export function bigintUnits(): BigintUnits {
  return {
    zero: 0n,
    add: (left, right) => left + right,
    subtract: (left, right) => left - right,
    of: (units) => units,
    column: (length) => Array.from({ length }, () => 0n),
    split(total, weights, count, _weightSum, parts) {
      const shares = Array.from(weights.subarray(0, count), (weight) => weight.toFixed(0));
      for (const [index, part] of splitter(shares).split(unitsToAmount(total)).entries())
        parts[index] = amountToUnits(part);
    },
  };
}

const PLAIN = /^-?\d+(?:\.\d*)?$/;

/**
 * An amount in units of the twelfth decimal, as digits: what BigInt and, where a double holds it, Number read exactly.
 *
 * @throws RangeError where the amount is no plain decimal or has more than 12 decimals that count.
 */
export function unitDigits(amount: Amount): string {
  const point = amount.indexOf(".");
  const whole = point < 0 ? amount : amount.slice(0, point);
  let fraction = point < 0 ? "" : amount.slice(point + 1);
  if (fraction.length > AMOUNT_SCALE) fraction = fraction.replace(/0+$/, "");
  if (fraction.length > AMOUNT_SCALE || !PLAIN.test(amount))
    throw new RangeError(`not an amount of at most ${AMOUNT_SCALE} decimals: "${amount}"`);
  return whole + fraction.padEnd(AMOUNT_SCALE, "0");
}

/** An amount in units of the twelfth decimal. Throws as unitDigits does. */
export function amountToUnits(amount: Amount): bigint {
  return BigInt(unitDigits(amount));
}

/** Units of the twelfth decimal as an amount. */
export function unitsToAmount(units: number | bigint): Amount {
  const digits = String(units < 0 ? -units : units).padStart(AMOUNT_SCALE + 1, "0");
  const fraction = digits.slice(-AMOUNT_SCALE).replace(/0+$/, "");
  return `${units < 0 ? "-" : ""}${digits.slice(0, -AMOUNT_SCALE)}${fraction === "" ? "" : `.${fraction}`}`;
}
