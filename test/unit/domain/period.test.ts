import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addDays,
  addMonths,
  billingPeriod,
  day,
  dayOf,
  daysIn,
  eachDay,
  eachPeriod,
  isWholeMonths,
  periodOf,
  periodsOf,
  rangeOf,
  startOf,
} from "#lib/domain/period.ts";

const dayArbitrary = fc
  .date({ min: new Date("1950-01-01T00:00:00Z"), max: new Date("2149-12-31T23:59:59Z"), noInvalidDate: true })
  .map(dayOf);
const periodArbitrary = dayArbitrary.map((value) => periodOf(value));

describe("days", () => {
  test("a day that the calendar does not have is refused", () => {
    for (const text of [
      "2026-02-29",
      "2026-13-01",
      "2026-1-01",
      "2026-01-01T00:00:00Z",
      "",
      "9999-12-31",
      "0000-01-01",
    ])
      expect(() => day(text)).toThrow("not a day");
  });

  test("29 February exists in leap years", () => {
    expect(day("2028-02-29")).toBe("2028-02-29");
  });

  test("a day goes through its instant and back", () => {
    fc.assert(
      fc.property(dayArbitrary, (value) => {
        expect(dayOf(startOf(day(value)))).toBe(value);
      }),
    );
  });

  test("adding days goes back by subtracting them", () => {
    fc.assert(
      fc.property(dayArbitrary, fc.integer({ min: -5000, max: 5000 }), (value, count) => {
        expect(addDays(addDays(value, count), -count)).toBe(value);
        const [from, to] = [value, addDays(value, Math.abs(count))];
        expect(daysIn({ from, to })).toBe(Math.abs(count));
        expect(eachDay({ from, to })).toHaveLength(Math.abs(count));
      }),
    );
  });
});

describe("billing periods", () => {
  test("what is not a month is refused", () => {
    for (const text of ["2026-00", "2026-13", "2026-3", "2026-03-01", "9999-12"])
      expect(() => billingPeriod(text)).toThrow("not a billing period");
  });

  test("adding months goes back by subtracting them, across years", () => {
    fc.assert(
      fc.property(periodArbitrary, fc.integer({ min: -500, max: 500 }), (period, count) => {
        expect(addMonths(addMonths(period, count), -count)).toBe(period);
      }),
    );
    expect(addMonths(billingPeriod("2026-12"), 1)).toBe("2027-01");
    expect(addMonths(billingPeriod("2026-01"), -1)).toBe("2025-12");
  });

  test("a period's days are exactly the days whose period it is", () => {
    fc.assert(
      fc.property(periodArbitrary, (period) => {
        const range = rangeOf(billingPeriod(period));
        expect(eachDay(range).every((value) => periodOf(value) === period)).toBe(true);
        expect(periodOf(addDays(range.from, -1))).not.toBe(period);
        expect(periodOf(range.to)).not.toBe(period);
        expect(periodsOf(range)).toEqual([period]);
        expect(isWholeMonths(range)).toBe(true);
      }),
    );
  });

  test("consecutive periods touch without a gap", () => {
    fc.assert(
      fc.property(periodArbitrary, fc.integer({ min: 0, max: 60 }), (first, count) => {
        const periods = eachPeriod(first, addMonths(first, count));
        expect(periods).toHaveLength(count + 1);
        periods.slice(1).forEach((period, index) => expect(rangeOf(period).from).toBe(rangeOf(periods[index]!).to));
      }),
    );
  });

  test("an empty range touches no period", () => {
    expect(periodsOf({ from: day("2026-03-01"), to: day("2026-03-01") })).toEqual([]);
    expect(periodsOf({ from: day("2026-03-31"), to: day("2026-04-01") })).toEqual(["2026-03"]);
  });
});
