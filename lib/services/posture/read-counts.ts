import type { SqlExecutor } from "#lib/db/activity.ts";
import type { PartGap } from "#lib/db/posture/read-gaps.ts";
import { readNumbers, type NumbersQuestion } from "#lib/db/posture/read-numbers.ts";
import type { Waived } from "#lib/db/posture/read-waived.ts";
import { addGap, addVerdicts, addWaived, noCounts } from "#lib/services/posture/counts.ts";
import type { PostureCounts } from "#lib/services/posture/posture-view.ts";

/** Counts by rule and by key of the column. */
export type CountTable = Map<number, Map<string, PostureCounts>>;

/** The counts at an instant, with what lies in a gap and what is waived taken for what it is. */
export async function readCounts(
  sql: SqlExecutor,
  question: NumbersQuestion,
  { at, gaps, waived }: { at: Date; gaps: readonly PartGap[]; waived: readonly Waived[] },
): Promise<CountTable> {
  const open = gaps.filter((gap) => isOpen(gap, at));
  const [known, hidden] = await Promise.all([
    readNumbers(sql, question, at),
    open.length === 0 ? [] : readNumbers(sql, { ...question, parts: open }, at),
  ]);
  const table: CountTable = new Map();
  for (const row of known) addVerdicts(cellOf(table, row.ruleId, row.key), row);
  for (const row of hidden) addGap(cellOf(table, row.ruleId, row.key), row);
  for (const row of waivedNow(waived, question, { at, gaps }))
    addWaived(cellOf(table, row.ruleId, keyOf(row, question.by)), 1);
  return table;
}

/** The waived failures at an instant that a question is about and that are not in a gap. */
export function waivedNow(
  waived: readonly Waived[],
  question: NumbersQuestion,
  { at, gaps }: { at: Date; gaps: readonly PartGap[] },
): Waived[] {
  const hidden = new Set(gaps.filter((gap) => isOpen(gap, at)).map(({ sourceKey, part }) => `${sourceKey} ${part}`));
  const isAsked = (list: readonly string[] | null, value: string) => list === null || list.includes(value);
  return waived.filter(
    (row) =>
      row.from <= at &&
      (row.to === null || row.to > at) &&
      !hidden.has(`${row.sourceKey} ${row.part}`) &&
      isAsked(question.teams, row.teamKey) &&
      isAsked(question.accounts, row.accountId) &&
      isAsked(question.clusters, row.clusterKey) &&
      isAsked(question.environments, row.environment),
  );
}

export function isOpen({ from, to }: PartGap, at: Date): boolean {
  return from <= at && (to === null || to > at);
}

function keyOf({ teamKey, accountId, clusterKey }: Waived, by: NumbersQuestion["by"]): string {
  return { team: teamKey, account: accountId, cluster: clusterKey, none: "" }[by ?? "none"];
}

function cellOf(table: CountTable, ruleId: number, key: string): PostureCounts {
  let row = table.get(ruleId);
  if (!row) table.set(ruleId, (row = new Map()));
  let counts = row.get(key);
  if (!counts) row.set(key, (counts = noCounts()));
  return counts;
}
