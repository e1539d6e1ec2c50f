import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  alignComparison,
  bucketOf,
  bucketsOf,
  loadedBuckets,
  topAndRest,
  toSeries,
  totalPerBucket,
  type Series,
} from "#lib/charts/trend.ts";
import { sum, toAmount } from "#lib/domain/money.ts";
import { day } from "#lib/domain/period.ts";
import { amountArbitrary } from "#test/unit/domain/arbitraries.ts";

const range = { from: day("2026-01-15"), to: day("2026-04-01") };

function point(key: string, text: string, amount: string) {
  return { key, label: key.toUpperCase(), day: day(text), amount };
}

describe("buckets", () => {
  test("a month's bucket starts on its first day, and the exclusive end adds none", () => {
    expect(bucketsOf(range, "month")).toEqual(["2026-01-01", "2026-02-01", "2026-03-01"]);
    expect(bucketsOf({ from: range.from, to: day("2026-01-18") }, "day")).toEqual([
      "2026-01-15",
      "2026-01-16",
      "2026-01-17",
    ]);
  });

  test("every day of a range falls into one of its buckets", () => {
    for (const granularity of ["day", "month"] as const) {
      const buckets = bucketsOf(range, granularity);
      for (const value of bucketsOf(range, "day")) expect(buckets).toContain(bucketOf(value, granularity));
    }
  });
});

describe("toSeries", () => {
  const buckets = bucketsOf(range, "month");

  test("a bucket without cost is zero where it was loaded and a gap where it was not", () => {
    const loaded = loadedBuckets([{ from: day("2026-01-01"), to: day("2026-02-01") }], "month");
    const series = toSeries(
      [point("a", "2026-02-03", "0.1"), point("a", "2026-02-28", "0.2")],
      buckets,
      "month",
      loaded,
    );
    expect(series).toEqual([{ key: "a", label: "A", values: ["0", "0.3", null] }]);
  });

  test("what one series shows is loaded for all of them", () => {
    const series = toSeries(
      [point("a", "2026-02-03", "1"), point("b", "2026-03-03", "1")],
      buckets,
      "month",
      new Set(),
    );
    expect(series.map(({ values }) => values)).toEqual([
      [null, "1", "0"],
      [null, "0", "1"],
    ]);
  });

  test("days outside the buckets are left out", () => {
    expect(toSeries([point("a", "2026-04-01", "1")], buckets, "month", new Set())).toEqual([]);
  });
});

describe("topAndRest", () => {
  const one = (key: string, ...values: (string | null)[]): Series => ({ key, label: key, values });

  test("keeps the largest by size, credits too, and adds up the rest with gaps where all have one", () => {
    const series = [
      one("a", "1", null, null),
      one("b", "-9", "-9", null),
      one("c", "5", null, null),
      one("d", "2", "0.5", null),
    ];
    expect(topAndRest(series, 2)).toEqual([
      one("b", "-9", "-9", null),
      one("c", "5", null, null),
      { key: null, label: "The rest", values: ["3", "0.5", null] },
    ]);
  });

  test("without others there is no rest", () => {
    expect(topAndRest([one("a", "1"), one("b", "2")], 2).map(({ key }) => key)).toEqual(["b", "a"]);
    expect(topAndRest([])).toEqual([]);
  });

  test("never changes the total of a bucket, nor depends on the order given", () => {
    const seriesArbitrary = fc
      .array(fc.array(fc.option(amountArbitrary, { nil: null }), { minLength: 3, maxLength: 3 }), { maxLength: 20 })
      .map((all) => all.map((values, index) => one(`key-${index}`, ...values)));
    fc.assert(
      fc.property(seriesArbitrary, (series) => {
        const shown = topAndRest(series);
        expect(shown.length).toBeLessThanOrEqual(9);
        expect(totalPerBucket(shown)).toEqual(totalPerBucket(series));
        expect(topAndRest(series.toReversed())).toEqual(shown);
        const total = (all: Series[]) =>
          toAmount(sum(all.flatMap(({ values }) => values.filter((value) => value !== null))));
        expect(total(shown)).toBe(total(series));
      }),
    );
  });
});

test("a comparison is laid first on first, with gaps where it is shorter and cut where it is longer", () => {
  expect(alignComparison(["1", null, "3"], 5)).toEqual(["1", null, "3", null, null]);
  expect(alignComparison(["1", "2", "3"], 2)).toEqual(["1", "2"]);
});
