import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { niceTicks, shortAmount } from "#lib/charts/ticks.ts";
import { decimal } from "#lib/domain/money.ts";
import { amountArbitrary } from "#test/unit/domain/arbitraries.ts";

describe("niceTicks", () => {
  test.each([
    [
      ["0", "10"],
      ["0", "2", "4", "6", "8", "10"],
    ],
    [
      ["950", "12310.4"],
      ["0", "2500", "5000", "7500", "10000", "12500"],
    ],
    [
      ["-3", "7"],
      ["-4", "-2", "0", "2", "4", "6", "8"],
    ],
    [["0.0003"], ["0", "0.0001", "0.0002", "0.0003"]],
    [[], ["0", "1"]],
  ])("of %j are %j", (amounts, expected) => {
    expect(niceTicks(amounts)).toEqual(expected);
  });

  test("enclose every amount and zero in few equal steps", () => {
    fc.assert(
      fc.property(
        fc.array(amountArbitrary, { minLength: 1, maxLength: 10 }),
        fc.integer({ min: 2, max: 10 }),
        (amounts, count) => {
          const ticks = niceTicks(amounts, count).map((tick) => decimal(tick));
          expect(ticks.length).toBeLessThanOrEqual(count + 2);
          expect(ticks.some((tick) => tick.isZero())).toBe(true);
          for (const amount of amounts) {
            expect(ticks[0]!.lessThanOrEqualTo(amount)).toBe(true);
            expect(ticks.at(-1)!.greaterThanOrEqualTo(amount)).toBe(true);
          }
          const step = ticks[1]!.minus(ticks[0]!);
          ticks.slice(1).forEach((tick, index) => expect(tick.minus(ticks[index]!).equals(step)).toBe(true));
        },
      ),
    );
  });
});

test.each([
  ["0", "0"],
  ["5", "5"],
  ["999", "999"],
  ["999.9", "1k"],
  ["1200", "1.2k"],
  ["12500", "12.5k"],
  ["999999", "1M"],
  ["-3400000", "−3.4M"],
  ["2500000000", "2.5G"],
  ["7000000000000000", "7000T"],
  ["0.05", "0.05"],
  ["0.000123456", "0.000123"],
])("%s is labelled %s", (amount, label) => {
  expect(shortAmount(amount)).toBe(label);
});
