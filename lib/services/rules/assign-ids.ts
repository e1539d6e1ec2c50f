import { compileRules } from "#lib/domain/allocation/assign.ts";
import type { ChargeDimensions } from "#lib/domain/allocation/rule.ts";
import type { BillingPeriod } from "#lib/domain/period.ts";
import type { Allocation } from "#lib/services/rules/load-allocation.ts";

/** To whom a key is given, as the roll-ups keep it: the owner's and the pool's id, 0 = none. */
export function assignIds(
  { rules, pools, teams, accountOwners }: Allocation,
  period: BillingPeriod,
  ownerIds: ReadonlyMap<string, number>,
): (key: ChargeDimensions) => { ownerId: number; poolId: number } {
  const poolIds = new Map(pools.map((pool) => [pool.key, pool.id]));
  const { assign } = compileRules(rules, teams, period, accountOwners);
  return (key) => {
    const verdict = assign(key);
    return {
      ownerId: verdict.kind === "team" ? (ownerIds.get(verdict.teamKey) ?? 0) : 0,
      poolId: verdict.kind === "pool" ? (poolIds.get(verdict.poolKey) ?? 0) : 0,
    };
  };
}
