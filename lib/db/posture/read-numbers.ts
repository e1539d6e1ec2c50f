import { rowsByCell } from "#lib/db/posture/block-index.ts";
import type { NumberBlock } from "#lib/db/posture/load-blocks.ts";
import { readBlocks, type NumberStore } from "#lib/db/posture/number-blocks.ts";
import {
  askedPlaces,
  grainOf,
  keySlots,
  type KeySlots,
  type NumbersQuestion,
} from "#lib/db/posture/numbers-question.ts";

/** Evaluations of one rule under one key by verdict; waived ones are among those that fail. */
export type Numbers = {
  ruleId: number;
  key: string;
  pass: number;
  fail: number;
  unknown: number;
  notApplicable: number;
};

const VERDICTS = 4;

/** The numbers at an instant, without what is zero throughout. However long the history, no more than a month of changes is added up. */
export async function readNumbers(numbers: NumberStore, question: NumbersQuestion, at: Date): Promise<Numbers[]> {
  const found: Numbers[] = [];
  const asked = { grain: grainOf(question), ruleIds: question.ruleIds };
  for await (const blocks of readBlocks(numbers, asked, { from: at, to: at }))
    for (const block of blocks) {
      const { slots, keys } = keySlots(block, question);
      const sums = sumsAt(block, { slots, keys }, { end: firstAfter(block.at, at.getTime() * 1000), question });
      for (let slot = 0, own = 0; slot < keys.length; slot += 1, own += VERDICTS) {
        const [pass, fail] = [sums[own] ?? 0, sums[own + 1] ?? 0];
        const [unknown, notApplicable] = [sums[own + 2] ?? 0, sums[own + 3] ?? 0];
        if (pass !== 0 || fail !== 0 || unknown !== 0 || notApplicable !== 0)
          found.push({ ruleId: block.ruleId, key: keys[slot] ?? "", pass, fail, unknown, notApplicable });
      }
    }
  return found;
}

/** Four sums a key, of the rows before `end`. */
function sumsAt(
  block: NumberBlock,
  { slots, keys }: KeySlots,
  { end, question }: { end: number; question: NumbersQuestion },
): Int32Array {
  const { cell, pass, fail, unknown, notApplicable } = block;
  const sums = new Int32Array(keys.length * VERDICTS);
  const add = (row: number, slot: number) => {
    const own = slot * VERDICTS;
    sums[own] = (sums[own] ?? 0) + (pass[row] ?? 0);
    sums[own + 1] = (sums[own + 1] ?? 0) + (fail[row] ?? 0);
    sums[own + 2] = (sums[own + 2] ?? 0) + (unknown[row] ?? 0);
    sums[own + 3] = (sums[own + 3] ?? 0) + (notApplicable[row] ?? 0);
  };
  if (question.parts === null) {
    for (let row = 0; row < end; row += 1) {
      const slot = slots[cell[row] ?? 0] ?? -1;
      if (slot >= 0) add(row, slot);
    }
    return sums;
  }
  // Where few cells are asked for they lead to their rows.
  const rows = rowsByCell(block);
  for (const place of askedPlaces(block, question)) {
    const slot = slots[place] ?? -1;
    if (slot >= 0) for (const row of rows[place] ?? []) if (row < end) add(row, slot);
  }
  return sums;
}

/** By how much failures became more since an instant, by rule and key, up to another. */
export async function readWorse(
  numbers: NumberStore,
  question: NumbersQuestion,
  { from, to }: { from: Date; to: Date },
): Promise<{ ruleId: number; key: string; more: number }[]> {
  const worse = new Map<number, Map<string, number>>();
  const asked = { grain: grainOf(question), ruleIds: question.ruleIds };
  for await (const blocks of readBlocks(numbers, asked, { from, to }))
    for (const block of blocks) {
      const { ruleId, at, cell, fail } = block;
      const { slots, keys } = keySlots(block, question);
      const sums = new Int32Array(keys.length);
      const end = firstAfter(at, to.getTime() * 1000);
      for (let row = firstAfter(at, from.getTime() * 1000); row < end; row += 1) {
        const slot = slots[cell[row] ?? 0] ?? -1;
        if (slot >= 0) sums[slot] = (sums[slot] ?? 0) + (fail[row] ?? 0);
      }
      const byKey = worse.get(ruleId) ?? new Map<string, number>();
      worse.set(ruleId, byKey);
      for (let slot = 0; slot < keys.length; slot += 1) {
        const [key, more] = [keys[slot] ?? "", sums[slot] ?? 0];
        if (more !== 0) byKey.set(key, (byKey.get(key) ?? 0) + more);
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
