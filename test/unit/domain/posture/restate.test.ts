import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { restate, type Handed, type Stretch } from "#lib/domain/posture/restate.ts";
import type { Verdict } from "#lib/domain/posture/verdict.ts";

const AT = 100;
const said = (verdict: Verdict, cell = 1) => ({ verdict, note: null, evidence: null, cell });
const stored = (from: number, to: number | null, verdict: Verdict): Stretch => ({
  id: `${from}`,
  from,
  to,
  heldFrom: from,
  ...said(verdict),
});

const verdicts = fc.constantFrom<Verdict>("pass", "fail", "unknown", "not_applicable");
/** Pieces that do not overlap, of which the last may be open. */
const pieces = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 0, max: AT - 1 }), { minLength: 0, maxLength: 8 }),
    fc.array(fc.tuple(verdicts, fc.boolean()), { minLength: 8, maxLength: 8 }),
    fc.option(verdicts),
  )
  .map(([cuts, kinds, open]): Handed[] => {
    const sorted = cuts.toSorted((one, other) => one - other);
    const closed = sorted.slice(0, -1).flatMap((from, index): Handed[] => {
      const [verdict, isThere] = kinds[index] ?? ["pass", false];
      return isThere ? [{ from, to: sorted[index + 1] ?? AT, ...said(verdict, 2) }] : [];
    });
    return open === null ? closed : [...closed, { from: sorted.at(-1) ?? AT, to: null, ...said(open, 2) }];
  });

const verdictAt = (line: readonly { from: number; to: number | null; verdict: Verdict }[], instant: number) =>
  line.find(({ from, to }) => from <= instant && (to === null || to > instant))?.verdict ?? null;

/** What stands after the change. */
function applied(before: readonly Stretch[], handed: readonly Handed[]): Omit<Stretch, "id">[] {
  const { retired, closed, added } = restate(before, handed, AT);
  const kept = before
    .filter(({ id }) => !retired.includes(id))
    .map((stretch) => (closed.includes(stretch.id) ? { ...stretch, to: AT } : stretch));
  return [...kept, ...added].toSorted((one, other) => one.from - other.from);
}

/** A line as the product would have stored it: the handed pieces of an earlier look. */
function storedOf(handed: readonly Handed[]): Stretch[] {
  return restate([], handed, AT).added.map((stretch, index) => ({ ...stretch, id: `${index}` }));
}

describe("restating", () => {
  test("a change at the instant ends the row in place and takes nothing back", () => {
    expect(restate([stored(10, null, "pass")], [{ from: AT, to: null, ...said("fail") }], AT)).toEqual({
      retired: [],
      closed: ["10"],
      added: [{ from: AT, to: null, heldFrom: AT, ...said("fail") }],
    });
  });

  test("what is learnt of the past takes the row back, and the owner of that time stays", () => {
    const { retired, closed, added } = restate(
      [stored(10, null, "pass")],
      [{ from: 40, to: null, ...said("fail", 2) }],
      AT,
    );
    expect({ retired, closed }).toEqual({ retired: ["10"], closed: [] });
    expect(added).toEqual([
      { from: 10, to: 40, heldFrom: 10, ...said("pass", 1) },
      { from: 40, to: AT, heldFrom: 40, ...said("fail", 1) },
      { from: AT, to: null, heldFrom: 40, ...said("fail", 2) },
    ]);
  });

  test("at every instant it says what was handed in, and otherwise what was stored", () => {
    fc.assert(
      fc.property(pieces, pieces, (earlier, handed) => {
        const before = storedOf(earlier);
        const after = applied(before, handed);
        for (let instant = 0; instant < AT; instant += 1)
          expect(verdictAt(after, instant)).toBe(verdictAt(handed, instant) ?? verdictAt(before, instant));
        expect(verdictAt(after, AT)).toBe(verdictAt(handed, AT));
      }),
    );
  });

  test("stretches never overlap, and each knows since when its verdict has been the same", () => {
    fc.assert(
      fc.property(pieces, pieces, (earlier, handed) => {
        const after = applied(storedOf(earlier), handed);
        for (const [index, stretch] of after.entries()) {
          const last = after[index - 1];
          expect(last === undefined || (last.to ?? Infinity) <= stretch.from).toBe(true);
          const goesOn = last !== undefined && last.to === stretch.from && last.verdict === stretch.verdict;
          expect(stretch.heldFrom).toBe(goesOn ? last.heldFrom : stretch.from);
        }
      }),
    );
  });

  test("said twice it changes nothing the second time", () => {
    fc.assert(
      fc.property(pieces, pieces, (earlier, handed) => {
        const after = applied(storedOf(earlier), handed).map((stretch, index) => ({ ...stretch, id: `${index}` }));
        expect(restate(after, handed, AT)).toEqual({ retired: [], closed: [], added: [] });
      }),
    );
  });
});
