import type { NumberStore } from "#lib/db/posture/number-blocks.ts";
import { keyPlaces, placeOf, type NumbersQuestion } from "#lib/db/posture/numbers-question.ts";
import type { PostureCell } from "#lib/db/posture/posture-cells.ts";
import type { PartGap } from "#lib/db/posture/read-gaps.ts";
import { numbersAt, readNumbers, type NumbersByRule } from "#lib/db/posture/read-numbers.ts";
import { isOpen, waivedCounter, type WaivedCells } from "#lib/services/posture/count-waived.ts";
import { addGap, addWaived, countsOf, noCounts } from "#lib/services/posture/counts.ts";
import type { PostureCounts } from "#lib/services/posture/posture-view.ts";

/** Counts by rule, and for each key of the column at its place in `names`; undefined where there is nothing. */
export type CountTable = { names: readonly string[]; byRule: Map<number, (PostureCounts | undefined)[]> };

/** The counts at an instant, with what lies in a gap and what is waived taken for what it is. */
export async function readCounts(
  numbers: NumberStore,
  question: NumbersQuestion,
  { at, gaps, waived }: { at: Date; gaps: readonly PartGap[]; waived: WaivedCells },
): Promise<CountTable> {
  const open = gaps.filter((gap) => isOpen(gap, at));
  const [known, hidden] = await Promise.all([
    readNumbers(numbers, question, at),
    open.length === 0 ? NOTHING : readNumbers(numbers, { ...question, parts: open }, at),
  ]);
  const waivedAt = waivedCounter(question, { waived, gaps: open });
  const keys = keyPlaces(question.by);
  const byRule: CountTable["byRule"] = new Map();
  for (const [ruleId, sums] of known)
    byRule.set(
      ruleId,
      keys.names.map((_, place) => countsAt(sums, place)),
    );
  for (const [ruleId, sums] of hidden)
    for (const place of keys.names.keys()) {
      const numbersThere = numbersAt(sums, place);
      if (numbersThere) addGap(cellOf(byRule, ruleId, place), numbersThere);
    }
  for (const { ruleId, cell, count } of waivedAt(at))
    addWaived(cellOf(byRule, ruleId, placeOf(keys, keyOf(cell, question.by))), count);
  return { names: keys.names, byRule };
}

const NOTHING: NumbersByRule = new Map();

function countsAt(sums: Int32Array, place: number): PostureCounts | undefined {
  const own = numbersAt(sums, place);
  return own === null ? undefined : countsOf(own);
}

function keyOf({ teamKey, accountId, clusterKey }: PostureCell, by: NumbersQuestion["by"]): string {
  return { team: teamKey, account: accountId, cluster: clusterKey, none: "" }[by ?? "none"];
}

function cellOf(byRule: CountTable["byRule"], ruleId: number, place: number): PostureCounts {
  let row = byRule.get(ruleId);
  if (!row) byRule.set(ruleId, (row = []));
  return (row[place] ??= noCounts());
}
