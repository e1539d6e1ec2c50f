import { rowsByCell } from "#lib/db/posture/block-index.ts";
import { readBlocks, type NumberStore } from "#lib/db/posture/number-blocks.ts";
import {
  askedCells,
  askedPlaces,
  grainOf,
  type NumbersBy,
  type NumbersQuestion,
} from "#lib/db/posture/numbers-question.ts";
import type { PostureCell } from "#lib/db/posture/posture-cells.ts";

/** Evaluations of one rule under one key by verdict; waived ones are among those that fail. */
export type Numbers = {
  ruleId: number;
  key: string;
  pass: number;
  fail: number;
  unknown: number;
  notApplicable: number;
};

const KEY_OF: Readonly<Record<NumbersBy | "none", (cell: PostureCell) => string>> = {
  team: ({ teamKey }) => teamKey,
  account: ({ accountId }) => accountId,
  cluster: ({ clusterKey }) => clusterKey,
  none: () => "",
};

/** The numbers at an instant, without what is zero throughout. However long the history, no more than a month of changes is added up. */
export async function readNumbers(numbers: NumberStore, question: NumbersQuestion, at: Date): Promise<Numbers[]> {
  const isAsked = askedCells(question);
  const keyOf = KEY_OF[question.by ?? "none"];
  const sums: Numbers[] = [];
  const asked = { grain: grainOf(question), ruleIds: question.ruleIds };
  for await (const blocks of readBlocks(numbers, asked, { from: at, to: at }))
    for (const block of blocks) {
      const { ruleId, cells, cell, pass, fail, unknown, notApplicable } = block;
      const byKey = new Map<string, Numbers>();
      const byPlace: (Numbers | undefined)[] = cells.map(() => undefined);
      const places = askedPlaces(block, question);
      for (const place of places) {
        const own = cells[place];
        if (!own || !isAsked(own)) continue;
        const key = keyOf(own);
        let sum = byKey.get(key);
        if (!sum) byKey.set(key, (sum = { ruleId, key, pass: 0, fail: 0, unknown: 0, notApplicable: 0 }));
        byPlace[place] = sum;
      }
      const end = firstAfter(block.at, at.getTime() * 1000);
      const add = (row: number) => {
        const sum = row < end ? byPlace[cell[row] ?? 0] : undefined;
        if (!sum) return;
        sum.pass += pass[row] ?? 0;
        sum.fail += fail[row] ?? 0;
        sum.unknown += unknown[row] ?? 0;
        sum.notApplicable += notApplicable[row] ?? 0;
      };
      // Where few cells are asked for they lead to their rows.
      if (question.parts === null) for (let row = 0; row < end; row += 1) add(row);
      else for (const place of places) for (const row of rowsByCell(block)[place] ?? []) add(row);
      for (const sum of byKey.values())
        if (sum.pass !== 0 || sum.fail !== 0 || sum.unknown !== 0 || sum.notApplicable !== 0) sums.push(sum);
    }
  return sums;
}

/** By how much failures became more since an instant, by rule and key, up to another. */
export async function readWorse(
  numbers: NumberStore,
  question: NumbersQuestion,
  { from, to }: { from: Date; to: Date },
): Promise<{ ruleId: number; key: string; more: number }[]> {
  const isAsked = askedCells(question);
  const keyOf = KEY_OF[question.by ?? "none"];
  const worse = new Map<number, Map<string, number>>();
  const asked = { grain: grainOf(question), ruleIds: question.ruleIds };
  for await (const blocks of readBlocks(numbers, asked, { from, to }))
    for (const { ruleId, at, cells, cell, fail } of blocks) {
      const byKey = worse.get(ruleId) ?? new Map<string, number>();
      worse.set(ruleId, byKey);
      const end = firstAfter(at, to.getTime() * 1000);
      for (let index = firstAfter(at, from.getTime() * 1000); index < end; index += 1) {
        const [one, more] = [cells[cell[index] ?? 0], fail[index] ?? 0];
        if (one && more !== 0 && isAsked(one)) byKey.set(keyOf(one), (byKey.get(keyOf(one)) ?? 0) + more);
      }
    }
  return [...worse].flatMap(([ruleId, byKey]) =>
    [...byKey].flatMap(([key, more]) => (more > 0 ? [{ ruleId, key, more }] : [])),
  );
}

/** The place of the first of sorted instants that is later than one. */
export function firstAfter(sorted: Float64Array, instant: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? Infinity) > instant) high = middle;
    else low = middle + 1;
  }
  return low;
}
