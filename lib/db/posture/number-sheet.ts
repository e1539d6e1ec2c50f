import type { NumberBlock } from "#lib/db/posture/load-blocks.ts";
import type { PostureCell } from "#lib/db/posture/posture-cells.ts";

/** The numbers of many rules in one grain and month, as a block has them of one: a question is about all rules of a framework at once. */
export type NumberSheet = Omit<NumberBlock, "ruleId" | "from" | "to"> & {
  ruleIds: readonly number[];
  /** By the place of a cell: the place of its rule in `ruleIds`. */
  rule: Int32Array;
};

/** One sheet of the blocks of a month, which are not changed. */
export function mergeBlocks(blocks: readonly NumberBlock[]): NumberSheet {
  const length = blocks.reduce((sum, { at }) => sum + at.length, 0);
  const cells: PostureCell[] = [];
  const rules: number[] = [];
  const apart = listsOf(length);
  let start = 0;
  for (const [rule, block] of blocks.entries()) {
    const first = cells.length;
    apart.at.set(block.at, start);
    for (const name of NUMBERS) apart[name].set(block[name], start);
    for (let row = 0; row < block.cell.length; row += 1) apart.cell[start + row] = first + (block.cell[row] ?? 0);
    for (const cell of block.cells) {
      cells.push(cell);
      rules.push(rule);
    }
    start += block.at.length;
  }
  return { ruleIds: blocks.map(({ ruleId }) => ruleId), rule: Int32Array.from(rules), cells, ...inOrder(apart) };
}

const NUMBERS = ["pass", "fail", "unknown", "notApplicable"] as const;

type Lists = Omit<NumberSheet, "ruleIds" | "rule" | "cells">;

function listsOf(length: number): Lists {
  const list = () => new Int32Array(length);
  return {
    at: new Float64Array(length),
    cell: list(),
    pass: list(),
    fail: list(),
    unknown: list(),
    notApplicable: list(),
  };
}

/** The rows of several blocks, one behind the other, in the order of time. Publications are few, so that many rows have the same instant. */
function inOrder(apart: Lists): Lists {
  const { at } = apart;
  const counts = new Map<number, number>();
  for (let row = 0; row < at.length; row += 1) {
    const instant = at[row] ?? 0;
    counts.set(instant, (counts.get(instant) ?? 0) + 1);
  }
  const next = new Map<number, number>();
  let start = 0;
  for (const instant of Float64Array.from(counts.keys()).sort()) {
    next.set(instant, start);
    start += counts.get(instant) ?? 0;
  }
  const sorted = listsOf(at.length);
  for (let row = 0; row < at.length; row += 1) {
    const instant = at[row] ?? 0;
    const to = next.get(instant) ?? 0;
    next.set(instant, to + 1);
    sorted.at[to] = instant;
    sorted.cell[to] = apart.cell[row] ?? 0;
    sorted.pass[to] = apart.pass[row] ?? 0;
    sorted.fail[to] = apart.fail[row] ?? 0;
    sorted.unknown[to] = apart.unknown[row] ?? 0;
    sorted.notApplicable[to] = apart.notApplicable[row] ?? 0;
  }
  return sorted;
}
