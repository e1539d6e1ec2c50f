import { compareText } from "#lib/charts/compare-text.ts";

/** Evaluations by what was said; the six are disjoint. */
export type HeatCounts = {
  pass: number;
  fail: number;
  waived: number;
  unknown: number;
  notApplicable: number;
  notEvaluated: number;
};

/** What a cell is first of all, the worst that is in it; "none" where there is nothing to evaluate. */
export type HeatMark = "fail" | "waived" | "not-evaluated" | "unknown" | "pass" | "not-applicable" | "none";

export type HeatCell = { counts: HeatCounts | null; mark: HeatMark; level: 1 | 2 | 3 };

export type HeatColumn = { key: string | null; label: string; total: HeatCounts };

export type HeatRow<Control> = { control: Control; cells: HeatCell[]; total: HeatCell };

export type HeatGroup<Control> = {
  name: string;
  rows: HeatRow<Control>[];
  /** For each column and for all: controls with open failures, of those with anything to evaluate. */
  cells: { failing: number; evaluated: number }[];
  total: { failing: number; evaluated: number };
};

export type HeatMap<Control> = { columns: HeatColumn[]; groups: HeatGroup<Control>[]; hiddenColumns: number };

type ControlLike = { group: string; cells: readonly (HeatCounts | null)[]; total: HeatCounts };

export const NO_COUNTS: HeatCounts = { pass: 0, fail: 0, waived: 0, unknown: 0, notApplicable: 0, notEvaluated: 0 };

/** From this share of the largest cell on, the shade is the middle and the darkest one. */
const MIDDLE_SHARE = 0.1;
const DARK_SHARE = 0.4;

/**
 * The map as it is drawn: the columns with the most open failures, the others summed as "the rest" (columns never overlap, so that sums
 * stay true), and rows under their groups in the framework's own order.
 *
 * @param most columns that are shown, the rest among them.
 */
export function toHeatMap<Control extends ControlLike>(
  columns: readonly { key: string; label: string; total: HeatCounts }[],
  controls: readonly Control[],
  most: number,
): HeatMap<Control> {
  const ranked = columns
    .map((column, index) => ({ column, index }))
    .toSorted(
      (a, b) =>
        b.column.total.fail - a.column.total.fail ||
        b.column.total.waived - a.column.total.waived ||
        compareText(a.column.label, b.column.label),
    );
  const shown = ranked.length <= most ? ranked : ranked.slice(0, most - 1);
  const rest = ranked.slice(shown.length);
  const largest = Math.max(1, ...controls.flatMap(({ cells }) => cells.map((counts) => counts?.fail ?? 0)));
  const toRow = (control: Control): HeatRow<Control> => ({
    control,
    cells: [
      ...shown.map(({ index }) => toCell(control.cells[index] ?? null, largest)),
      ...(rest.length === 0 ? [] : [toCell(sumOf(rest.map(({ index }) => control.cells[index] ?? null)), largest)]),
    ],
    total: toCell(sizeOf(control.total) === 0 ? null : control.total, largest),
  });
  const byGroup = Map.groupBy(controls, ({ group }) => group);
  return {
    columns: [
      ...shown.map(({ column }) => column),
      ...(rest.length === 0
        ? []
        : [
            {
              key: null,
              label: `${rest.length} others`,
              total: sumOf(rest.map(({ column }) => column.total)) ?? NO_COUNTS,
            },
          ]),
    ],
    groups: [...byGroup].map(([name, own]) => toGroup(name, own.map(toRow))),
    hiddenColumns: rest.length,
  };
}

function toGroup<Control>(name: string, rows: HeatRow<Control>[]): HeatGroup<Control> {
  const width = rows[0]?.cells.length ?? 0;
  return {
    name,
    rows,
    cells: Array.from({ length: width }, (_, index) => standing(rows.map(({ cells }) => cells[index]))),
    total: standing(rows.map(({ total }) => total)),
  };
}

function standing(cells: readonly (HeatCell | undefined)[]): { failing: number; evaluated: number } {
  return {
    failing: cells.filter((cell) => (cell?.counts?.fail ?? 0) > 0).length,
    evaluated: cells.filter((cell) => cell !== undefined && cell.counts !== null).length,
  };
}

function toCell(counts: HeatCounts | null, largest: number): HeatCell {
  if (counts === null) return { counts, mark: "none", level: 1 };
  const share = counts.fail / largest;
  return { counts, mark: markOf(counts), level: share >= DARK_SHARE ? 3 : share >= MIDDLE_SHARE ? 2 : 1 };
}

/** What is worst known first; a pass counts only where nothing stands against it. */
export function markOf(counts: HeatCounts): HeatMark {
  if (counts.fail > 0) return "fail";
  if (counts.notEvaluated > 0) return "not-evaluated";
  if (counts.unknown > 0) return "unknown";
  if (counts.waived > 0) return "waived";
  if (counts.pass > 0) return "pass";
  return counts.notApplicable > 0 ? "not-applicable" : "none";
}

export function sizeOf(counts: HeatCounts): number {
  return counts.pass + counts.fail + counts.waived + counts.unknown + counts.notApplicable + counts.notEvaluated;
}

function sumOf(all: readonly (HeatCounts | null)[]): HeatCounts | null {
  const known = all.filter((counts) => counts !== null);
  if (known.length === 0) return null;
  return known.reduce((sum, counts) => ({
    pass: sum.pass + counts.pass,
    fail: sum.fail + counts.fail,
    waived: sum.waived + counts.waived,
    unknown: sum.unknown + counts.unknown,
    notApplicable: sum.notApplicable + counts.notApplicable,
    notEvaluated: sum.notEvaluated + counts.notEvaluated,
  }));
}
