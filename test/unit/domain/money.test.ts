import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addAmounts, decimal, split, splitter, sum, toAmount } from "#lib/domain/money.ts";
import { amountArbitrary, weightsArbitrary } from "#test/unit/domain/arbitraries.ts";

const UNIT = decimal("0.000000000001");

describe("split", () => {
  test("100 among three gives the odd unit to the first", () => {
    expect(split("100", ["1", "1", "1"]).map(toAmount)).toEqual([
      "33.333333333334",
      "33.333333333333",
      "33.333333333333",
    ]);
  });

  test("units go to the largest remainders, and among equal ones to the larger weight", () => {
    expect(splitter(["1", "3"]).split("0.000000000002")).toEqual(["0", "0.000000000002"]);
    expect(splitter(["0.5", "1.5", "2"]).split("0.000000000002")).toEqual(["0", "0.000000000001", "0.000000000001"]);
  });

  test("a total with more decimals than are stored keeps them", () => {
    expect(splitter(["1", "1"]).split("0.0000000000000001")).toEqual(["0.0000000000000001", "0"]);
  });

  test("weights in exponent notation and Decimals are read like plain ones", () => {
    expect(splitter(["1e3", decimal("1000")]).split(decimal("1e-11"))).toEqual(["0.000000000005", "0.000000000005"]);
  });

  test("quotients that 60 digits cannot hold still sum to the total", () => {
    const total = "99999999999999999999999999.999999999999";
    const weights = ["0.000000000001", "99999999999999999999999999", "33333333333333333333333333.333333333333"];
    expect(toAmount(sum(splitter(weights).split(total)))).toBe(total);
  });

  test("a negative weight, no weight at all and text are refused", () => {
    expect(() => splitter(["1", "-0.1"])).toThrow("a weight is negative");
    expect(() => splitter(["0", "0"])).toThrow("every weight is zero");
    expect(() => splitter([])).toThrow("every weight is zero");
    expect(() => splitter(["1"]).split("12,5")).toThrow("12,5");
    expect(() => splitter(["1"]).split("NaN")).toThrow("not a finite decimal");
  });

  test("parts sum to the total, to the last decimal", () => {
    fc.assert(
      fc.property(amountArbitrary, weightsArbitrary, (total, weights) => {
        expect(sum(split(total, weights)).equals(total)).toBe(true);
      }),
    );
  });

  test("no part differs from its exact share by one unit or more", () => {
    fc.assert(
      fc.property(amountArbitrary, weightsArbitrary, (total, weights) => {
        const weightSum = sum(weights);
        split(total, weights).forEach((part, index) => {
          // Multiplied out, so that no quotient is rounded: |part × W − total × w| < unit × W.
          const distance = part.times(weightSum).minus(decimal(total).times(weights[index]!)).abs();
          expect(distance.lessThan(UNIT.times(weightSum))).toBe(true);
        });
      }),
    );
  });

  test("the order of the weights decides who gets a unit, never how large the parts are", () => {
    fc.assert(
      fc.property(
        amountArbitrary,
        weightsArbitrary.chain((weights) =>
          fc.tuple(fc.constant(weights), fc.shuffledSubarray([...weights.keys()], { minLength: weights.length })),
        ),
        (total, [weights, order]) => {
          const straight = splitter(weights).split(total);
          const shuffled = splitter(order.map((index) => weights[index]!)).split(total);
          expect(shuffled.toSorted()).toEqual(straight.toSorted());
          const perWeight = (parts: string[], all: string[]) =>
            parts.map((part, index) => `${all[index]} ${part}`).toSorted();
          expect(
            perWeight(
              shuffled,
              order.map((index) => weights[index]!),
            ),
          ).toEqual(perWeight(straight, weights));
        },
      ),
    );
  });

  test("a negative total splits like its mirror", () => {
    fc.assert(
      fc.property(amountArbitrary, weightsArbitrary, (total, weights) => {
        const mirrored = split(decimal(total).negated(), weights).map((part) => toAmount(part.negated()));
        expect(mirrored).toEqual(splitter(weights).split(total));
      }),
    );
  });

  test("a larger weight never gets less, and a weight of zero gets nothing", () => {
    fc.assert(
      fc.property(amountArbitrary, weightsArbitrary, (total, weights) => {
        const parts = split(total, weights).map((part) => part.abs());
        const ranked = [...weights.keys()].toSorted((a, b) => decimal(weights[a]!).comparedTo(weights[b]!));
        ranked.slice(1).forEach((index, rank) => {
          const lighter = ranked[rank]!;
          const isHeavier = decimal(weights[index]!).greaterThan(weights[lighter]!);
          expect(isHeavier && parts[index]!.lessThan(parts[lighter]!)).toBe(false);
        });
        expect(parts.filter((part, index) => weights[index] === "0" && !part.isZero())).toEqual([]);
      }),
    );
  });

  test("parts are plain amounts as toAmount writes them", () => {
    fc.assert(
      fc.property(amountArbitrary, weightsArbitrary, (total, weights) => {
        for (const part of splitter(weights).split(total)) expect(part).toBe(toAmount(decimal(part)));
      }),
    );
  });
});

describe("sum", () => {
  test("is exact where floating point is not", () => {
    expect(toAmount(sum(["0.1", "0.2", "-0.3"]))).toBe("0");
  });

  test("refuses what is not a number", () => {
    expect(() => sum(["1", "NaN"])).toThrow("not a finite decimal");
  });
});

test("adding many amounts as integers is the same as adding decimals", () => {
  const amount = fc
    .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 14 }))
    .map(([units, scale]) => toAmount(decimal(units).times(decimal(10).pow(-scale))));
  fc.assert(
    fc.property(fc.array(amount, { minLength: 1 }), (amounts) => {
      expect(addAmounts(amounts)).toBe(toAmount(sum(amounts)));
    }),
  );
});
