import { expect, test } from "vitest";
import { createRecall } from "#lib/domain/trail/recall.ts";

test("what is asked for again is kept, what was set once is forgotten", () => {
  const recall = createRecall<number>({ recent: 3, most: 10 });
  for (const [n, text] of ["a", "b", "c"].entries()) recall.set(text, n);
  expect(recall.get("b")).toBe(1);
  for (const text of ["d", "e", "f"]) recall.set(text, 9);
  expect(["a", "b", "c", "f"].map((text) => recall.get(text))).toEqual([undefined, 1, undefined, 9]);
});

test("beyond the most that are kept all are forgotten, and long texts are never kept", () => {
  const recall = createRecall<number>({ recent: 2, most: 2 });
  for (const text of ["a", "b", "c"]) {
    recall.set(text, 1);
    expect(recall.get(text)).toBe(1);
  }
  expect(recall.get("a")).toBeUndefined();
  recall.set("x".repeat(501), 1);
  expect(recall.get("x".repeat(501))).toBeUndefined();
  recall.clear();
  expect(recall.get("c")).toBeUndefined();
});
