import { expect, test } from "vitest";
import { budgetProgress } from "#lib/domain/budget/budget-progress.ts";
import { billingPeriod } from "#lib/domain/period.ts";

const NOVEMBER = billingPeriod("2026-11");
const middle = new Date("2026-11-16T00:00:00Z");

test.each([
  ["half of it in half of the month is within", "1000", "500", middle, "within", "50.0", "500", "50.0"],
  ["a cent more than the month has passed is ahead", "1000", "500.6", middle, "ahead", "50.1", "499.4", "50.0"],
  ["more than the whole is over", "1000", "1000.01", middle, "over", "100.0", "-0.01", "50.0"],
  ["all of it at the end is within", "1000", "1000", new Date("2027-01-05T00:00:00Z"), "within", "100.0", "0", "100.0"],
  [
    "before the month nothing has passed",
    "1000",
    "0",
    new Date("2026-10-31T23:00:00Z"),
    "within",
    "0.0",
    "1000",
    "0.0",
  ],
  ["a credit leaves more than the budget", "1000", "-20", middle, "within", "-2.0", "1020", "50.0"],
])("%s", (_name, budget, spent, now, standing, spentPercent, remaining, elapsedPercent) => {
  expect(budgetProgress(budget, spent, NOVEMBER, now)).toEqual({ standing, spentPercent, remaining, elapsedPercent });
});

test("of a budget of nothing no part can be spent, and any cost is over it", () => {
  expect(budgetProgress("0", "0", NOVEMBER, middle)).toMatchObject({ standing: "within", spentPercent: null });
  expect(budgetProgress("0", "0.01", NOVEMBER, middle)).toMatchObject({ standing: "over", spentPercent: null });
});
