import { rowsByCell } from "#lib/db/posture/sheet-index.ts";
import type { NumberSheet } from "#lib/db/posture/number-sheet.ts";
import { readSheets, type NumberStore } from "#lib/db/posture/number-blocks.ts";
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
  const asked = { grain: grainOf(question), ruleIds: question.ruleIds };
  for await (const sheet of readSheets(numbers, asked, { from: at, to: at }))
    return listByRule(sheet, sumsAt(sheet, question, firstAfter(sheet.at, at.getTime() * 1000)));
  return new Map();
}

/** The sums of each rule and key, of the rows before `end`. */
function sumsAt(sheet: NumberSheet, question: NumbersQuestion, end: number): Int32Array {
  const { cell, pass, fail, unknown, notApplicable } = sheet;
  const slots = keySlots(sheet, question);
  const ruleLength = keyPlaces(question.by).names.length * WIDTH;
  const sums = new Int32Array(sheet.ruleIds.length * ruleLength);
  const add = (row: number, place: number, slot: number) => {
    const own = (sheet.rule[place] ?? 0) * ruleLength + slot * WIDTH;
    sums[own] = (sums[own] ?? 0) + (pass[row] ?? 0);
    sums[own + 1] = (sums[own + 1] ?? 0) + (fail[row] ?? 0);
    sums[own + 2] = (sums[own + 2] ?? 0) + (unknown[row] ?? 0);
    sums[own + 3] = (sums[own + 3] ?? 0) + (notApplicable[row] ?? 0);
  };
  if (question.parts === null) {
    for (let row = 0; row < end; row += 1) {
      const place = cell[row] ?? 0;
      const slot = slots[place] ?? -1;
      if (slot >= 0) add(row, place, slot);
    }
    return sums;
  }
  // Where few cells are asked for they lead to their rows.
  const { starts, rows } = rowsByCell(sheet);
  for (const place of askedPlaces(question)(sheet)) {
    const slot = slots[place] ?? -1;
    const last = starts[place + 1] ?? 0;
    for (let index = slot < 0 ? last : (starts[place] ?? 0); index < last; index += 1) {
      const row = rows[index] ?? end;
      if (row < end) add(row, place, slot);
    }
  }
  return sums;
}

/** Of a list of the numbers of each rule of a sheet, as long for each, those of each rule. */
function listByRule({ ruleIds }: NumberSheet, list: Int32Array): Map<number, Int32Array> {
  const length = list.length / Math.max(1, ruleIds.length);
  return new Map(ruleIds.map((ruleId, rule) => [ruleId, list.subarray(rule * length, (rule + 1) * length)]));
}

/** By how much failures became more or fewer from an instant to another, by rule: for each key at its place. */
export async function readWorse(
  numbers: NumberStore,
  question: NumbersQuestion,
  { from, to }: { from: Date; to: Date },
): Promise<Map<number, Int32Array>> {
  const asked = { grain: grainOf(question), ruleIds: question.ruleIds };
  const worse = new Map<number, Int32Array>();
  for await (const sheet of readSheets(numbers, asked, { from, to })) {
    const { at, cell, fail, rule } = sheet;
    const slots = keySlots(sheet, question);
    const length = keyPlaces(question.by).names.length;
    const sums = new Int32Array(sheet.ruleIds.length * length);
    const end = firstAfter(at, to.getTime() * 1000);
    for (let row = firstAfter(at, from.getTime() * 1000); row < end; row += 1) {
      const place = cell[row] ?? 0;
      const slot = slots[place] ?? -1;
      const own = (rule[place] ?? 0) * length + slot;
      if (slot >= 0) sums[own] = (sums[own] ?? 0) + (fail[row] ?? 0);
    }
    // Keys that a later month has met come behind those that were known.
    for (const [ruleId, list] of listByRule(sheet, sums)) {
      for (const [slot, count] of (worse.get(ruleId) ?? NOTHING).entries()) list[slot] = (list[slot] ?? 0) + count;
      worse.set(ruleId, list);
    }
  }
  return worse;
}

const NOTHING = new Int32Array();

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
