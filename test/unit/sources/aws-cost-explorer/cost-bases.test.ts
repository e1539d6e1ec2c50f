import { expect, test } from "vitest";
import { day } from "#lib/domain/period.ts";
import type { CostCell } from "#lib/sources/aws-cost-explorer/ask-costs.ts";
import { chooseBases, costOf } from "#lib/sources/aws-cost-explorer/cost-bases.ts";

const GROSS = { billed: "UnblendedCost", effective: "AmortizedCost" };
const NET = { billed: "NetUnblendedCost", effective: "NetAmortizedCost" };

function cell(amounts: CostCell["amounts"]): CostCell {
  return { day: day("2026-03-01"), keys: [], currency: "USD", amounts };
}

const gross = { UnblendedCost: "10", AmortizedCost: "9" };
const answered = cell({ ...gross, NetUnblendedCost: "8", NetAmortizedCost: "7" });

test.each([
  ["net costs that are answered", "auto", [answered], NET],
  ["net costs that are not answered", "auto", [cell(gross)], GROSS],
  [
    "zeros in the place of net costs",
    "auto",
    [cell({ ...gross, NetUnblendedCost: "0", NetAmortizedCost: "0" })],
    GROSS,
  ],
  ["net costs of one day only", "auto", [answered, cell(gross)], GROSS],
  ["net costs that nobody wants", false, [answered], GROSS],
  ["a month without cost", true, [], NET],
] as const)("with %s (net: %s) the bases are chosen for all of the month", (_, net, total, bases) => {
  expect(chooseBases(net, total)).toEqual(bases);
});

test("net costs that were asked for and are not there end the reading", () => {
  expect(() => chooseBases(true, [cell(gross)])).toThrow(expect.objectContaining({ code: "invalid_config" }));
});

test("a cost without one of its bases is not taken for zero", () => {
  expect(() => costOf(cell({ UnblendedCost: "10" }), { billed: "UnblendedCost", effective: "AmortizedCost" })).toThrow(
    expect.objectContaining({ code: "bad_data" }),
  );
});
