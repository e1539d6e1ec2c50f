import { expect, test } from "vitest";
import { findLevelShift } from "#lib/domain/anomaly.ts";

const days = (count: number, amount: string) => Array.from({ length: count }, () => amount);

test("a jump that lasts is found from its first day on", () => {
  expect(findLevelShift([...days(20, "10"), ...days(5, "60")])).toEqual({
    since: 20,
    until: 25,
    baseline: "10",
    level: "60",
  });
});

test("a jump that has ended within a week is still told, with its end", () => {
  expect(findLevelShift([...days(20, "10"), ...days(9, "60"), "10"])).toMatchObject({ since: 20, until: 29 });
  expect(findLevelShift([...days(20, "10"), ...days(9, "60"), ...days(8, "10")])).toBeNull();
});

test("a single peak, slow growth and a short history are not jumps", () => {
  expect(findLevelShift([...days(28, "10"), "900", "10"])).toBeNull();
  expect(findLevelShift(Array.from({ length: 40 }, (_, index) => String(10 + index / 4)))).toBeNull();
  expect(findLevelShift([...days(10, "10"), ...days(5, "60")])).toBeNull();
});

test("days without figures end the search instead of counting as zero", () => {
  expect(findLevelShift([...days(20, "10"), null, ...days(2, "60")])).toBeNull();
});
