import { dimensionLabel, type SpendState } from "#app/(dashboard)/spend/spend-state.ts";
import { periodWords } from "#app/(dashboard)/spend/period-words.ts";
import type { SpendDimension } from "#lib/services/spend/spend-view.ts";

const OWNERS: readonly SpendDimension[] = ["team", "businessUnit", "costCentre"];

/** The question that the page answers: "What did each team spend in Mar 2026?" */
export function questionWords(state: SpendState, isMember: boolean): string {
  const noun = dimensionLabel(state.groupBy);
  const words = state.groupBy.startsWith("tag:") ? `value of ${noun.toLowerCase()}` : noun.toLowerCase();
  const when = periodWords(state.period);
  if (OWNERS.includes(state.groupBy))
    return isMember ? `What did your team spend in ${when}?` : `What did each ${words} spend in ${when}?`;
  return `What did each ${words} cost in ${when}?`;
}
