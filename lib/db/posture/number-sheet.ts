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

/** The rows of several blocks, one behind the other, in the order of time. */
function inOrder(apart: Lists): Lists {
  const { at } = apart;
  const order = Uint32Array.from(at, (_, row) => row).sort((one, other) => {
    const [a, b] = [at[one] ?? 0, at[other] ?? 0];
    return a < b ? -1 : a > b ? 1 : one - other;
  });
  const sorted = listsOf(at.length);
  for (let row = 0; row < order.length; row += 1) {
    const from = order[row] ?? 0;
    sorted.at[row] = at[from] ?? 0;
    sorted.cell[row] = apart.cell[from] ?? 0;
    for (const name of NUMBERS) sorted[name][row] = apart[name][from] ?? 0;
  }
  return sorted;
}
