import fc from "fast-check";
import { expect, test } from "vitest";
import type { NumberBlock } from "#lib/db/posture/load-blocks.ts";
import { mergeBlocks } from "#lib/db/posture/number-sheet.ts";
import { rowsByCell } from "#lib/db/posture/sheet-index.ts";

const row = fc.record({
  at: fc.oneof(fc.constant(-Infinity), fc.integer({ min: 0, max: 9 })),
  cell: fc.integer({ min: 0, max: 3 }),
  fail: fc.integer({ min: -5, max: 5 }),
});

test("a sheet has every row of its blocks in the order of time, each with its own rule and cell", () => {
  fc.assert(
    fc.property(fc.array(fc.array(row, { maxLength: 12 }), { maxLength: 4 }), (rules) => {
      const sheet = mergeBlocks(rules.map((rows, rule) => blockOf(rule + 10, rows)));
      const found = Array.from(sheet.at, (at, index) => {
        const place = sheet.cell[index] ?? -1;
        return [sheet.ruleIds[sheet.rule[place] ?? -1], sheet.cells[place]?.teamKey, at, sheet.fail[index]].join(" ");
      });
      const wanted = rules.flatMap((rows, rule) =>
        rows.map(({ at, cell, fail }) => [rule + 10, `team-${cell}`, at, fail].join(" ")),
      );
      expect(found.toSorted()).toEqual(wanted.toSorted());
      expect([...sheet.at]).toEqual([...sheet.at].toSorted((one, other) => (one < other ? -1 : one > other ? 1 : 0)));
      const { starts, rows } = rowsByCell(sheet);
      for (const place of sheet.cells.keys())
        expect([...rows.subarray(starts[place], starts[place + 1])]).toEqual(
          [...sheet.cell.keys()].filter((index) => sheet.cell[index] === place),
        );
    }),
  );
});

function blockOf(ruleId: number, unsorted: { at: number; cell: number; fail: number }[]): NumberBlock {
  const rows = unsorted.toSorted((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
  const fail = Int32Array.from(rows, (one) => one.fail);
  return {
    ruleId,
    from: null,
    to: null,
    at: Float64Array.from(rows, ({ at }) => at),
    cell: Int32Array.from(rows, ({ cell }) => cell),
    pass: fail,
    fail,
    unknown: fail,
    notApplicable: fail,
    cells: [0, 1, 2, 3].map((team) => ({
      teamKey: `team-${team}`,
      accountId: "",
      clusterKey: "",
      environment: "",
      partKey: " ",
    })),
  };
}
