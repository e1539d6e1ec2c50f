import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileRules } from "#lib/domain/allocation/assign.ts";
import type { PoolMethod, SharedPool } from "#lib/domain/allocation/rule.ts";
import { poolCarriers } from "#lib/domain/allocation/pooled-cells.ts";
import { poolShares } from "#lib/domain/allocation/split-pool.ts";
import { COST_BASES, sum, toAmount, type Amounts } from "#lib/domain/money.ts";
import { billingPeriod } from "#lib/domain/period.ts";
import { amountArbitrary, amountsArbitrary } from "#test/unit/domain/arbitraries.ts";
import { dimensionsArbitrary, rulesArbitrary, team, teamsArbitrary } from "./fixtures.ts";

const teams = [team("motor"), team("claims"), team("life")];

function pool(method: PoolMethod, weights: Record<string, string> = {}): SharedPool {
  return { key: "network", name: "Network", method, weights };
}

describe("poolShares", () => {
  test("even counts every team of the period, or the members", () => {
    expect(poolShares(pool("even"), teams, new Map())).toEqual([
      { teamKey: "claims", weight: "1" },
      { teamKey: "life", weight: "1" },
      { teamKey: "motor", weight: "1" },
    ]);
    expect(poolShares(pool("even", { Life: "", marine: "" }), teams, new Map())).toEqual([
      { teamKey: "life", weight: "1" },
    ]);
  });

  test("proportional follows direct cost, and credits beyond it count as nothing", () => {
    const direct = new Map([
      ["claims", "30.5"],
      ["life", "-12"],
      ["marine", "1000"],
    ]);
    expect(poolShares(pool("proportional"), teams, direct)).toEqual([{ teamKey: "claims", weight: "30.5" }]);
    expect(poolShares(pool("proportional", { life: "" }), teams, direct)).toEqual([]);
  });

  test("fixed weights count for the teams that exist in the period", () => {
    expect(poolShares(pool("fixed", { claims: "0.7", marine: "0.2", motor: "0" }), teams, new Map())).toEqual([
      { teamKey: "claims", weight: "0.7" },
    ]);
    expect(poolShares(pool("fixed"), teams, new Map())).toEqual([]);
  });
});

describe("what is in a pool", () => {
  const carriers = poolCarriers([
    [7, "1"],
    [8, "1"],
    [9, "1"],
  ]);

  test("is split by largest remainder, so that the parts sum to it", () => {
    expect(carriers.split("-10").map((part) => part.amount)).toEqual([
      "-3.333333333334",
      "-3.333333333333",
      "-3.333333333333",
    ]);
    expect(carriers.split("0.000000000001").map((part) => part.amount)).toEqual(["0.000000000001", "0", "0"]);
  });

  test("stays nobody's where nobody carries it", () => {
    expect(poolCarriers([]).split("12.5")).toEqual([{ ownerId: 0, amount: "12.5" }]);
  });
});

test("for any charges, rules, teams and pools, the parts sum to the whole per currency and basis", () => {
  const poolArbitrary = fc.record({
    method: fc.constantFrom<PoolMethod>("even", "proportional", "fixed"),
    weights: fc.dictionary(fc.constantFrom("a", "b", "ab", "gone"), fc.constantFrom("0", "0.3", "1", "7"), {
      maxKeys: 4,
    }),
  });
  const chargeArbitrary = fc.record({
    currency: fc.constantFrom("EUR", "USD"),
    dimensions: dimensionsArbitrary,
    amounts: amountsArbitrary,
  });
  fc.assert(
    fc.property(
      fc.array(chargeArbitrary, { maxLength: 30 }),
      rulesArbitrary,
      teamsArbitrary,
      fc.record({ network: poolArbitrary, support: poolArbitrary }),
      fc.dictionary(fc.constantFrom("a", "b", "c"), amountArbitrary),
      (charges, rules, directory, pools, direct) => {
        const compiled = compileRules(rules, directory, billingPeriod("2026-03"));
        const rows = charges.flatMap(({ currency, dimensions, amounts }) => {
          const assignment = compiled.assign(dimensions);
          if (assignment.kind === "team") return [{ currency, owner: assignment.teamKey, amounts }];
          if (assignment.kind === "unallocated") return [{ currency, owner: "", amounts }];
          const { method, weights } = pools[assignment.poolKey as keyof typeof pools];
          const shares = poolShares(pool(method, weights), directory, new Map(Object.entries(direct)));
          const { split } = poolCarriers(shares.map(({ weight }, index) => [index + 1, weight]));
          const parts = COST_BASES.map((basis) => split(amounts[basis]));
          return (parts[0] ?? []).map(({ ownerId }, index) => ({
            currency,
            owner: shares[ownerId - 1]?.teamKey ?? "",
            amounts: Object.fromEntries(
              COST_BASES.map((basis, at) => [basis, parts[at]?.[index]?.amount ?? "0"]),
            ) as Amounts,
          }));
        });
        for (const currency of ["EUR", "USD"]) {
          for (const basis of COST_BASES) {
            const total = (all: { currency: string; amounts: Amounts }[]) =>
              toAmount(sum(all.filter((one) => one.currency === currency).map((one) => one.amounts[basis])));
            expect(total(rows)).toBe(total(charges));
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});
