import { rowsByCell } from "#lib/db/posture/block-index.ts";
import type { NumberBlock } from "#lib/db/posture/load-blocks.ts";
import { readBlocks, type NumberStore } from "#lib/db/posture/number-blocks.ts";
import { askedPlaces, grainOf, keyPlaces, keySlots, type NumbersQuestion } from "#lib/db/posture/numbers-question.ts";

/** Evaluations by verdict; waived ones are among those that fail. */
export type Numbers = { pass: number; fail: number; unknown: number; notApplicable: number };

/**
 * By rule: the numbers of each key, WIDTH of them at WIDTH times the place that `keyPlaces` gives the key; what lies beyond the end is zero.
 * Those of the verdicts come first, in the order of `Numbers`; the rest is zero, for whoever counts on.
 */
export type NumbersByRule = Map<number, Int32Array>;

export const WIDTH = 6;

/** The numbers at an instant. However long the history, no more than a month of changes is added up. */
export async function readNumbers(numbers: NumberStore, question: NumbersQuestion, at: Date): Promise<NumbersByRule> {
  const found: NumbersByRule = new Map();
  const asked = { grain: grainOf(question), ruleIds: question.ruleIds };
  const placesOf = askedPlaces(question);
  for await (const blocks of readBlocks(numbers, asked, { from: at, to: at }))
    for (const block of blocks)
      found.set(block.ruleId, sumsAt(block, question, placesOf, firstAfter(block.at, at.getTime() * 1000)));
  return found;
}

/** The sums of each key, of the rows before `end`. */
function sumsAt(
  block: NumberBlock,
  question: NumbersQuestion,
  placesOf: (block: NumberBlock) => Iterable<number>,
  end: number,
): Int32Array {
  const { cell, pass, fail, unknown, notApplicable } = block;
  const slots = keySlots(block, question);
  const sums = new Int32Array(keyPlaces(question.by).names.length * WIDTH);
  const add = (row: number, slot: number) => {
    const own = slot * WIDTH;
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
  const { starts, rows } = rowsByCell(block);
  for (const place of placesOf(block)) {
    const slot = slots[place] ?? -1;
    const last = starts[place + 1] ?? 0;
    for (let index = slot < 0 ? last : (starts[place] ?? 0); index < last; index += 1) {
      const row = rows[index] ?? end;
      if (row < end) add(row, slot);
    }
  }
  return sums;
}

/** By how much failures became more or fewer from an instant to another, by rule: for each key at its place. */
export async function readWorse(
  numbers: NumberStore,
  question: NumbersQuestion,
  { from, to }: { from: Date; to: Date },
): Promise<Map<number, Int32Array>> {
  const worse = new Map<number, Int32Array>();
  const asked = { grain: grainOf(question), ruleIds: question.ruleIds };
  for await (const blocks of readBlocks(numbers, asked, { from, to }))
    for (const block of blocks) {
      const { ruleId, at, cell, fail } = block;
      const slots = keySlots(block, question);
      const sums = new Int32Array(keyPlaces(question.by).names.length);
      sums.set(worse.get(ruleId) ?? []);
      worse.set(ruleId, sums);
      const end = firstAfter(at, to.getTime() * 1000);
      for (let row = firstAfter(at, from.getTime() * 1000); row < end; row += 1) {
        const slot = slots[cell[row] ?? 0] ?? -1;
        if (slot >= 0) sums[slot] = (sums[slot] ?? 0) + (fail[row] ?? 0);
      }
    }
  return worse;
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
