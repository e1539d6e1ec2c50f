import type { NumberStore } from "#lib/db/posture/number-blocks.ts";
import type { NumbersQuestion } from "#lib/db/posture/numbers-question.ts";
import type { PostureCell } from "#lib/db/posture/posture-cells.ts";
import type { PartGap } from "#lib/db/posture/read-gaps.ts";
import { readNumbers } from "#lib/db/posture/read-numbers.ts";
import { isOpen, waivedCounter, type WaivedCells } from "#lib/services/posture/count-waived.ts";
import { addGap, addWaived, countsOf, noCounts } from "#lib/services/posture/counts.ts";
import type { PostureCounts } from "#lib/services/posture/posture-view.ts";

/** Counts by rule and by key of the column. */
export type CountTable = Map<number, Map<string, PostureCounts>>;

/** The counts at an instant, with what lies in a gap and what is waived taken for what it is. */
export async function readCounts(
  numbers: NumberStore,
  question: NumbersQuestion,
  { at, gaps, waived }: { at: Date; gaps: readonly PartGap[]; waived: WaivedCells },
): Promise<CountTable> {
  const open = gaps.filter((gap) => isOpen(gap, at));
  const [known, hidden] = await Promise.all([
    readNumbers(numbers, question, at),
    open.length === 0 ? [] : readNumbers(numbers, { ...question, parts: open }, at),
  ]);
  const waivedAt = waivedCounter(question, { waived, gaps: open });
  const table: CountTable = new Map();
  for (const row of known) rowOf(table, row.ruleId).set(row.key, countsOf(row));
  for (const row of hidden) addGap(cellOf(table, row.ruleId, row.key), row);
  for (const { ruleId, cell, count } of waivedAt(at)) addWaived(cellOf(table, ruleId, keyOf(cell, question.by)), count);
  return table;
}

function keyOf({ teamKey, accountId, clusterKey }: PostureCell, by: NumbersQuestion["by"]): string {
  return { team: teamKey, account: accountId, cluster: clusterKey, none: "" }[by ?? "none"];
}

function rowOf(table: CountTable, ruleId: number): Map<string, PostureCounts> {
  let row = table.get(ruleId);
  if (!row) table.set(ruleId, (row = new Map()));
  return row;
}

function cellOf(table: CountTable, ruleId: number, key: string): PostureCounts {
  const row = rowOf(table, ruleId);
  let counts = row.get(key);
  if (!counts) row.set(key, (counts = noCounts()));
  return counts;
}
