import { describe, expect, test } from "vitest";
import { markOf, NO_COUNTS, toHeatMap, type HeatCounts } from "#lib/charts/heat-map.ts";
import { toStrip } from "#lib/charts/strip.ts";

const counts = (some: Partial<HeatCounts>): HeatCounts => ({ ...NO_COUNTS, ...some });
const column = (key: string, fail: number) => ({ key, label: key, total: counts({ fail }) });
const control = (group: string, cells: (HeatCounts | null)[]) => ({ group, cells, total: counts({ fail: 1 }) });

describe("the map of controls", () => {
  test("has the columns with the most failures, and the sum of all others in a last one", () => {
    const cells = [counts({ fail: 1 }), counts({ fail: 5 }), counts({ fail: 2, pass: 3 }), counts({ waived: 4 })];
    const map = toHeatMap([column("a", 1), column("b", 5), column("c", 2), column("d", 0)], [control("g", cells)], 3);
    expect(map.columns.map(({ key }) => key)).toEqual(["b", "c", null]);
    expect(map.groups[0]?.rows[0]?.cells.map((cell) => cell.counts)).toEqual([
      counts({ fail: 5 }),
      counts({ fail: 2, pass: 3 }),
      counts({ fail: 1, waived: 4 }),
    ]);
    expect(map.hiddenColumns).toBe(2);
    expect(map.columns.at(-1)?.total).toEqual(counts({ fail: 1 }));
  });

  test("counts controls in its groups, those with nothing to evaluate in neither", () => {
    const rows = [control("g", [counts({ fail: 3 })]), control("g", [counts({ pass: 1 })]), control("g", [null])];
    const { groups } = toHeatMap([column("a", 3)], rows, 5);
    expect(groups[0]?.cells).toEqual([{ failing: 1, evaluated: 2 }]);
  });

  test.each([
    [counts({ fail: 1, pass: 9, waived: 2 }), "fail"],
    [counts({ waived: 2, pass: 9 }), "waived"],
    [counts({ pass: 9, unknown: 1 }), "unknown"],
    [counts({ pass: 9, notEvaluated: 1 }), "not-evaluated"],
    [counts({ pass: 1 }), "pass"],
    [counts({ notApplicable: 1 }), "not-applicable"],
    [counts({}), "none"],
  ])("marks %o as %s: a pass only where nothing stands against it", (some, mark) => {
    expect(markOf(some)).toBe(mark);
  });
});

describe("a strip", () => {
  test("cuts what reaches beyond it, and leaves out what is outside", () => {
    const parts = toStrip(
      [
        { from: -50, to: 50, mark: "pass" },
        { from: 100, to: 120, mark: "fail" },
      ],
      0,
      100,
    );
    expect(parts).toEqual([{ left: 0, width: 50, mark: "pass" }]);
  });

  test("draws what is too short to be seen, and stays inside", () => {
    const [part] = toStrip([{ from: 999_999, to: 1_000_000, mark: "fail" }], 0, 1_000_000);
    expect(part?.width).toBeGreaterThan(0);
    expect((part?.left ?? 0) + (part?.width ?? 0)).toBeLessThanOrEqual(100);
  });
});
