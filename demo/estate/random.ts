import { createHash } from "node:crypto";

/** A repeatable stream of random numbers. */
export type Random = {
  /** A whole number in [0, below). */
  below(below: number): number;
  /** True with so many chances in a thousand. */
  perMille(chances: number): boolean;
  pick<T>(values: readonly T[]): T;
};

/**
 * Random numbers that depend on the seed and the names alone (sfc32), so that a new part of the estate, or a
 * smaller one, does not shift what all others draw.
 */
export function randomFor(seed: string, ...names: string[]): Random {
  const digest = createHash("sha256")
    .update([seed, ...names].join("\n"))
    .digest();
  let [a, b, c, counter] = [
    digest.readUInt32LE(0),
    digest.readUInt32LE(4),
    digest.readUInt32LE(8),
    digest.readUInt32LE(12),
  ];
  function next(): number {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
  const below = (limit: number) => Math.floor((next() / 4_294_967_296) * limit);
  return {
    below,
    perMille: (chances) => below(1000) < chances,
    pick: (values) => {
      const value = values[below(values.length)];
      if (value === undefined) throw new RangeError("There is nothing to pick from.");
      return value;
    },
  };
}

/** A UUID that is the same for the same names. */
export function uuidOf(...names: string[]): string {
  const hex = createHash("sha256").update(names.join("\n")).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** So many decimal digits that are the same for the same names, never starting with 0. */
export function digitsOf(count: number, ...names: string[]): string {
  const number = BigInt(`0x${createHash("sha256").update(names.join("\n")).digest("hex").slice(0, 24)}`);
  return `${(number % 9n) + 1n}${(number / 9n)
    .toString()
    .padStart(count, "0")
    .slice(-(count - 1))}`;
}
