import { parseSpendState, toSpendQuery, type RawParams } from "#app/(dashboard)/spend/search-params.ts";
import type { SpendState } from "#app/(dashboard)/spend/spend-state.ts";
import type { SpendQuery } from "#lib/services/spend/spend-view.ts";

/** The period, basis and instant of the question; the page takes nothing else of it. */
export function parseUnallocatedParams(
  raw: RawParams,
  now: Date,
): { state: SpendState; query: Pick<SpendQuery, "from" | "to" | "basis" | "asOf"> } {
  const state = parseSpendState(raw, now);
  const { from, to, basis, asOf } = toSpendQuery(state);
  return { state, query: { from, to, basis, asOf } };
}
