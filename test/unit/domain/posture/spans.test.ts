import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { daysTouched, longestSpan, subtractSpans, uniteSpans, type Spans } from "#lib/domain/posture/spans.ts";

const DAY = 86_400_000;

const spans = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 12 })), { maxLength: 8 })
  .map((list): Spans => uniteSpans(list.map(([from, length]) => [[from, from + length]])));
const has = (all: Spans, at: number): boolean => all.some(([from, to]) => from <= at && at < to);

describe("spans", () => {
  test("a union has what any has, and a difference what only the first has, at every instant", () => {
    fc.assert(
      fc.property(spans, spans, (a, b) => {
        const united = uniteSpans([a, b]);
        const left = subtractSpans(a, b);
        for (let at = 0; at < 80; at += 1) {
          expect(has(united, at)).toBe(has(a, at) || has(b, at));
          expect(has(left, at)).toBe(has(a, at) && !has(b, at));
        }
      }),
    );
  });

  test("are apart from one another once united", () => {
    expect(uniteSpans([[[0, 2]], [[2, 4]], [[6, 7]]])).toEqual([
      [0, 4],
      [6, 7],
    ]);
  });

  test("count each UTC day once, also where an hour of it is touched twice", () => {
    expect(daysTouched([])).toBe(0);
    expect(daysTouched([[0, DAY]])).toBe(1);
    expect(daysTouched([[DAY - 1, DAY + 1]])).toBe(2);
    expect(
      daysTouched([
        [0, 10],
        [20, 30],
      ]),
    ).toBe(1);
    expect(
      longestSpan([
        [0, 10],
        [20, 50],
      ]),
    ).toBe(30);
  });
});
