import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { coveragePercent, percentChange, sharePercent } from "#lib/domain/change.ts";
import { decimal, toAmount } from "#lib/domain/money.ts";
import { amountArbitrary } from "./arbitraries.ts";

describe("percentChange", () => {
  test.each([
    ["112.3", "100", "+12.3"],
    ["96", "100", "−4.0"],
    ["100", "100", "0.0"],
    ["100.04", "100", "0.0"],
    ["99.96", "100", "0.0"],
    ["100.05", "100", "+0.1"],
    ["5", "0", "new"],
    ["-5", "0", "new"],
    ["0", "5", "gone"],
    ["0", "0", "0.0"],
    ["5", null, null],
    ["-50", "-100", "+50.0"],
    ["-150", "-100", "−50.0"],
    ["50", "-100", "+150.0"],
  ])("from %s against %s is %s", (current, previous, expected) => {
    expect(percentChange(current, previous)).toBe(expected);
  });

  test("its sign is that of the difference, or there is none", () => {
    fc.assert(
      fc.property(amountArbitrary, amountArbitrary, (current, previous) => {
        const text = percentChange(current, previous)!;
        const difference = decimal(current).comparedTo(previous);
        const sign = new Map([
          ["+", 1],
          ["−", -1],
        ]).get(text.slice(0, 1));
        expect([undefined, difference]).toContain(sign);
        expect(text).toMatch(/^(new|gone|0\.0|[+−]\d+\.\d)$/);
      }),
    );
  });
});

test("a share has one decimal, and of nothing there is none", () => {
  expect(sharePercent("1", "3")).toBe("33.3");
  expect(sharePercent("-4", "100")).toBe("−4.0");
  expect(sharePercent("0", "100")).toBe("0.0");
  expect(sharePercent("1", "0")).toBeNull();
});

describe("coveragePercent", () => {
  test("counts direct and shared cost", () => {
    expect(coveragePercent({ direct: "60", shared: "15.55", total: "100" })).toBe("75.6");
    expect(coveragePercent({ direct: "0", shared: "0", total: "0" })).toBeNull();
  });

  test("says 100.0 only where nothing is left over, and 0.0 only where nothing is owned", () => {
    expect(coveragePercent({ direct: "99.999999", shared: "0", total: "100" })).toBe("99.9");
    expect(coveragePercent({ direct: "100.000001", shared: "0", total: "100" })).toBe("100.1");
    expect(coveragePercent({ direct: "0.000001", shared: "0", total: "100" })).toBe("0.1");
    expect(coveragePercent({ direct: "-0.000001", shared: "0", total: "100" })).toBe("−0.1");
    fc.assert(
      fc.property(amountArbitrary, amountArbitrary, (direct, rest) => {
        const total = toAmount(decimal(direct).plus(rest));
        fc.pre(total !== "0");
        expect(coveragePercent({ direct, shared: "0", total }) === "100.0").toBe(rest === "0");
        expect(coveragePercent({ direct, shared: "0", total }) === "0.0").toBe(direct === "0");
      }),
    );
  });
});
