import { expect, test } from "vitest";
import { comparisonRange } from "#lib/domain/comparison-range.ts";
import { day } from "#lib/domain/period.ts";

test.each([
  [
    "whole months compare with as many months before",
    "2026-01-01",
    "2026-04-01",
    "previous",
    "2025-10-01",
    "2026-01-01",
  ],
  ["other ranges compare with as many days before", "2026-03-10", "2026-03-15", "previous", "2026-03-05", "2026-03-10"],
  ["a year ago is the same range", "2026-03-10", "2026-04-01", "year", "2025-03-10", "2025-04-01"],
  ["a leap day is the 28th a year before", "2028-02-29", "2028-03-01", "year", "2027-02-28", "2027-03-01"],
] as const)("%s", (_, from, to, compare, expectedFrom, expectedTo) => {
  expect(comparisonRange({ from: day(from), to: day(to) }, compare)).toEqual({ from: expectedFrom, to: expectedTo });
});

test("without a comparison there is no range", () => {
  expect(comparisonRange({ from: day("2026-01-01"), to: day("2026-02-01") }, "none")).toBeNull();
});
