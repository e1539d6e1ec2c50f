import fc from "fast-check";
import { expect, test } from "vitest";
import { MOST_UNITS, splitScratch, splitUnits } from "#lib/domain/cluster-bill/split-units.ts";
import { amountToUnits, unitsToAmount } from "#lib/domain/cluster-bill/units.ts";
import { inWholeNumbers } from "#lib/domain/cluster-bill/whole-weights.ts";
import { splitter, toAmount, decimal } from "#lib/domain/money.ts";

const proportion = fc.oneof(fc.constantFrom(0, 1, 1, 3, 1e-9), fc.double({ min: 0, max: 1, noNaN: true }));
const totalArbitrary = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.maxSafeInteger().map((units) => units % MOST_UNITS),
);

test("parts are those of largest remainder over exact integers, to the last unit", () => {
  const scratch = splitScratch();
  fc.assert(
    fc.property(totalArbitrary, fc.array(proportion, { minLength: 1, maxLength: 60 }), (total, proportions) => {
      const weights = Float64Array.from(proportions);
      const weightSum = inWholeNumbers(weights, weights.length);
      fc.pre(weightSum > 0);
      const parts = new Float64Array(weights.length);
      splitUnits(total, weights, weights.length, weightSum, parts, scratch);
      const exact = splitter(Array.from(weights, (weight) => weight.toFixed(0))).split(unitsToAmount(total));
      expect(Array.from(parts, unitsToAmount)).toEqual(exact);
      expect(Array.from(parts).filter((part) => Object.is(part, -0))).toEqual([]);
    }),
    { numRuns: 2000 },
  );
});

test("only the first weights and parts are touched", () => {
  const parts = new Float64Array([9, 9, 9]);
  splitUnits(5, new Float64Array([1, 1, 1]), 2, 2, parts, splitScratch());
  expect([...parts]).toEqual([3, 2, 9]);
  splitUnits(0, new Float64Array([1, 1, 1]), 2, 2, parts, splitScratch());
  expect([...parts]).toEqual([0, 0, 9]);
});

test("units are read and written without loss", () => {
  const units = fc.oneof(
    fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }),
    fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }),
  );
  fc.assert(
    fc.property(units, (value) => {
      const amount = unitsToAmount(value);
      expect(amountToUnits(amount)).toBe(value);
      expect(amount).toBe(toAmount(decimal(value).times("1e-12")));
    }),
  );
  expect(amountToUnits("1.5000000000000000")).toBe(1_500_000_000_000n);
});
