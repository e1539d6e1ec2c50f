import { describe, expect, test } from "vitest";
import { parseRanges, rangesText } from "#lib/domain/trail/forgetting.ts";
import { cutoffOf, keepWords, parseKeep, type Keep } from "#lib/domain/trail/retention.ts";

const keep = (text: string): Keep => {
  const parsed = parseKeep(text);
  if (parsed === null) throw new Error(`${text} is no time.`);
  return parsed;
};

describe("how long records are kept", () => {
  test.each([
    ["90 days", "2026-03-31T15:00:00Z", "2025-12-31"],
    ["1 month", "2026-03-31T15:00:00Z", "2026-02-28"],
    ["13 months", "2026-01-15T00:00:00Z", "2024-12-15"],
    ["1 year", "2024-02-29T23:59:59Z", "2023-02-28"],
    ["7 years", "2026-06-01T00:00:00Z", "2019-06-01"],
  ])("%s before %s is %s", (text, now, day) => {
    expect(cutoffOf(keep(text), new Date(now)).toISOString()).toBe(`${day}T00:00:00.000Z`);
    expect(keepWords(keep(text))).toBe(text);
  });

  test.each(["", "29 days", "0 months", "0 years", "90", "3 weeks", "-1 years", "1.5 years", "90 days "])(
    "%j is no time that anything can be kept for",
    (text) => expect(parseKeep(text)).toBeNull(),
  );
});

describe("places in the log as text", () => {
  test.each([
    [[], ""],
    [[7], "7"],
    [[0, 1, 2, 5, 7, 8], "0+3,5,7+2"],
  ])("%j are %j", (places, text) => {
    expect(rangesText(places)).toBe(text);
    expect(parseRanges(text).flatMap(([from, to]) => Array.from({ length: to - from }, (_, n) => from + n))).toEqual(
      places,
    );
  });

  test.each(["1-2", "a", "1,,2", "+3", "1+"])("%j stands for none", (text) => expect(parseRanges(text)).toEqual([]));
});
