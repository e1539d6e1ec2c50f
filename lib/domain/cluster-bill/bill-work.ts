import { BILL_BASES, RESOURCES, type BillSettings, type ClusterHour } from "#lib/domain/cluster-bill/cluster-hour.ts";
import type { Column, UnitArithmetic } from "#lib/domain/cluster-bill/units.ts";

/** The parts of a namespace. "given": what a shared namespace had before the others took it over; it is no part of the sum. */
export const PART_KINDS = ["direct", "idle", "shared", "given"] as const;
/** What no namespace carries. */
export const REST_KINDS = ["idle", "overhead", "unobserved"] as const;

/** A bill in units of the twelfth decimal, by columns. */
export type UnitBill<C> = {
  /** Position (kind × 2 + basis) × namespaces + namespace, in the orders of PART_KINDS and BILL_BASES. */
  parts: C;
  /** Position kind × 2 + basis, in the orders of REST_KINDS and BILL_BASES. */
  rest: C;
  /** GAP bits by namespace. */
  gaps: Uint8Array;
  areNodesApart: boolean;
};

/** Positions in these orders. */
export const [DIRECT, IDLE] = [0, 1];
export const [REST_IDLE, REST_OVERHEAD, REST_UNOBSERVED] = [0, 1, 2];
export const BASES = BILL_BASES.length;
export const KINDS = RESOURCES.length;

/** Room to work in, which grows with what is billed; it holds nothing from one hour to the next. */
export type BillRoom<C> = {
  /** What each row stands for, at resource × rows + place of the row. */
  amounts: Float64Array;
  cells: C;
  weights: Float64Array;
};

export function billRoom<T, C extends Column<T>>(arithmetic: UnitArithmetic<T, C>): BillRoom<C> {
  return { amounts: new Float64Array(0), cells: arithmetic.column(0), weights: new Float64Array(0) };
}

/** What the steps of one hour hand on to each other. Costs are at (node, then other) × 2 + basis. */
export type Work<T, C extends Column<T>> = BillRoom<C> & {
  hour: ClusterHour;
  settings: BillSettings;
  arithmetic: UnitArithmetic<T, C>;
  costs: C;
  bill: UnitBill<C>;
  rows: Uint32Array;
};

/** Makes room for so many rows and namespaces. */
export function makeRoom<T, C extends Column<T>>(
  room: BillRoom<C>,
  rows: number,
  namespaces: number,
  arithmetic: UnitArithmetic<T, C>,
): void {
  const places = Math.max(rows, namespaces) + KINDS + 1;
  if (room.cells.length < places) {
    room.cells = arithmetic.column(places * 2);
    room.weights = new Float64Array(places * 2);
  }
  if (room.amounts.length < KINDS * rows) room.amounts = new Float64Array(KINDS * rows * 2);
}
