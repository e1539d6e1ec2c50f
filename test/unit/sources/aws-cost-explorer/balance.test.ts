import fc from "fast-check";
import { expect, test } from "vitest";
import { decimal, sum, toAmount } from "#lib/domain/money.ts";
import { day } from "#lib/domain/period.ts";
import { compareDays, type DayCost } from "#lib/sources/aws-cost-explorer/balance.ts";

function cost(billed: string, effective = billed, onDay = "2026-03-01"): DayCost {
  return { day: day(onDay), currency: "USD", billed, effective };
}

test("parts that are their whole leave nothing", () => {
  expect(compareDays([cost("0.1"), cost("0.2")], [cost("0.3")], "Groups")).toEqual([]);
});

test("what rounding took away is told by day and basis", () => {
  const parts = [cost("0.3333333333", "1"), cost("0.3333333333", "1"), cost("0.3333333333", "1")];
  expect(compareDays(parts, [cost("1", "3")], "Groups")).toEqual([
    { day: "2026-03-01", currency: "USD", billed: "0.0000000001", effective: "0" },
  ]);
});

test.each([
  ["a cent too much", [cost("1.01")], [cost("1")]],
  ["another basis that is off", [cost("1", "2")], [cost("1", "2.0000000002")]],
  ["a day without its whole", [cost("1"), cost("1", "1", "2026-03-02")], [cost("1")]],
  ["a whole without its parts", [], [cost("1")]],
  [
    "another day that makes up for it",
    [cost("1"), cost("3", "3", "2026-03-02")],
    [cost("2"), cost("2", "2", "2026-03-02")],
  ],
  ["another currency", [{ ...cost("1"), currency: "EUR" }], [cost("1")]],
])("%s is not balanced", (_, parts, whole) => {
  expect(() => compareDays(parts, whole, "Groups")).toThrow(expect.objectContaining({ code: "not_balanced" }));
});

test("parts that are each rounded to ten decimals always balance, and their residue makes the sum exact", () => {
  const twelveDecimals = fc.bigInt(-(10n ** 16n), 10n ** 16n);
  fc.assert(
    fc.property(fc.array(twelveDecimals, { minLength: 1, maxLength: 60 }), (exact) => {
      const amounts = exact.map((units) => decimal(units).dividedBy("1000000000000"));
      const parts = amounts.map((amount) => cost(toAmount(amount.toDecimalPlaces(10))));
      const whole = toAmount(sum(amounts).toDecimalPlaces(10));
      const residues = compareDays(parts, [cost(whole)], "Groups");
      expect(toAmount(sum([...parts, ...residues].map(({ billed }) => billed)))).toBe(whole);
    }),
  );
});
