import type { BarThatAddsUp } from "#lib/services/spend/spend-view.ts";

/** The bar of nothing: no cost, and no bill to compare it with. */
export const EMPTY_BAR: BarThatAddsUp = {
  direct: "0",
  shared: "0",
  idle: "0",
  unallocated: "0",
  total: "0",
  controlTotal: null,
  difference: null,
  coveragePercent: null,
};
