import { describe, expect, test } from "vitest";
import { commonFreshness, expectedPeriods, sliceFreshness, sourceFreshness } from "#lib/domain/freshness.ts";
import { billingPeriod, day } from "#lib/domain/period.ts";

const NOVEMBER = billingPeriod("2026-11");
const NOW = new Date("2026-11-20T08:00:00Z");

function november(dataUntil: string | null, now = NOW, settleDays = 2) {
  return sliceFreshness(
    { period: NOVEMBER, dataUntil: dataUntil === null ? null : new Date(dataUntil) },
    settleDays,
    now,
  );
}

function freshness(completeTo: string | null, estimatedFrom: string | null, newestDay = completeTo) {
  const read = (text: string | null) => (text === null ? null : day(text));
  return { completeTo: read(completeTo), estimatedFrom: read(estimatedFrom), newestDay: read(newestDay) };
}

describe("sliceFreshness", () => {
  test("the newest days of an open period are estimates and the days before them are complete", () => {
    expect(november("2026-11-21T00:00:00Z")).toEqual(freshness("2026-11-18", "2026-11-19", "2026-11-20"));
  });

  test("a day that was delivered in part is an estimate", () => {
    expect(november("2026-11-20T05:00:00Z")).toEqual(freshness("2026-11-18", "2026-11-19", "2026-11-20"));
    expect(november("2026-11-20T05:00:00Z", NOW, 0)).toEqual(freshness("2026-11-19", "2026-11-20", "2026-11-20"));
  });

  test("without days to settle, full days are final", () => {
    expect(november("2026-11-20T00:00:00Z", NOW, 0)).toEqual(freshness("2026-11-19", null, "2026-11-19"));
  });

  test("at the start of a month no day is complete", () => {
    expect(november("2026-11-02T00:00:00Z")).toEqual(freshness(null, "2026-11-01", "2026-11-01"));
  });

  test("a period without rows is neither complete nor estimated", () => {
    expect(november(null)).toEqual(freshness(null, null));
  });

  test("a period that has been over for more than the settling days and three more is final", () => {
    const whole = "2026-12-01T00:00:00Z";
    expect(november(whole, new Date("2026-12-06T00:00:00Z"))).toEqual(
      freshness("2026-11-28", "2026-11-29", "2026-11-30"),
    );
    expect(november(whole, new Date("2026-12-06T00:00:00.001Z"))).toEqual(freshness("2026-11-30", null));
  });
});

test("a source is as far as its newest slice and estimated from its first estimate on", () => {
  const slices = [
    freshness("2026-09-30", null),
    freshness("2026-10-29", "2026-10-30", "2026-10-31"),
    freshness("2026-11-01", "2026-11-02", "2026-11-03"),
  ];
  expect(sourceFreshness(slices)).toEqual(freshness("2026-10-29", "2026-10-30", "2026-11-03"));
  expect(sourceFreshness([freshness("2026-09-30", null)])).toEqual(freshness("2026-09-30", null));
  expect(sourceFreshness([])).toEqual(freshness(null, null));
});

test("sources together are complete to where each of them is", () => {
  const sources = [freshness("2026-11-18", "2026-11-19", "2026-11-20"), freshness("2026-11-15", null)];
  expect(commonFreshness(sources)).toEqual(freshness("2026-11-15", "2026-11-19", "2026-11-20"));
  expect(commonFreshness([...sources, freshness(null, null)]).completeTo).toBeNull();
  expect(commonFreshness([])).toEqual(freshness(null, null));
});

describe("expectedPeriods", () => {
  const offered = ["2026-07", "2026-09", "2026-10"].map(billingPeriod);

  test("a hole is a period between the first and the current one that is not offered", () => {
    expect(expectedPeriods(null, offered, NOW)).toEqual({
      expected: ["2026-07", "2026-08", "2026-09", "2026-10", "2026-11"],
      missing: ["2026-08", "2026-11"],
    });
  });

  test("the configured first period comes before what is offered", () => {
    expect(expectedPeriods(billingPeriod("2026-06"), offered, NOW).missing).toEqual(["2026-06", "2026-08", "2026-11"]);
    expect(expectedPeriods(billingPeriod("2026-09"), offered, NOW).missing).toEqual(["2026-11"]);
  });

  test("the current month is expected from its third day on", () => {
    expect(expectedPeriods(null, offered, new Date("2026-11-02T23:59:59Z")).missing).toEqual(["2026-08"]);
    expect(expectedPeriods(null, offered, new Date("2026-11-03T00:00:00Z")).missing).toEqual(["2026-08", "2026-11"]);
  });

  test("a source that never offered anything and names no first period lacks nothing", () => {
    expect(expectedPeriods(null, [], NOW)).toEqual({ expected: [], missing: [] });
  });
});
