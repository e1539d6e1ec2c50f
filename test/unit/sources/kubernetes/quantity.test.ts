import { expect, test } from "vitest";
import { parseGib, parseQuantity } from "#lib/sources/kubernetes/quantity.ts";

test.each([
  ["4", 4],
  ["250m", 0.25],
  ["1.5", 1.5],
  [".5", 0.5],
  ["2e3", 2000],
  ["1E3", 1000],
  ["1k", 1000],
  ["1E", 1e18],
  ["128974848", 128974848],
  ["129M", 129e6],
  ["123Mi", 123 * 2 ** 20],
  ["100n", 1e-7],
  [7, 7],
] as const)("%s is %d", (text, expected) => {
  expect(parseQuantity(text)).toBeCloseTo(expected, 12);
});

test.each(["", "a lot", "1 Gi", "1GiB", "Mi", "--1", null, undefined])("%j is no quantity, and not zero", (text) => {
  expect(parseQuantity(text)).toBeNull();
});

test("bytes are counted in units of 2^30", () => {
  expect(parseGib("1536Mi")).toBe(1.5);
  expect(parseGib("33554432Ki")).toBe(32);
  expect(parseGib(undefined)).toBeNull();
});
