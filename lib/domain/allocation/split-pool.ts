import type { DirectoryTeam, SharedPool } from "#lib/domain/allocation/rule.ts";
import { decimal, splitter, toAmount, type Amount, type Amounts } from "#lib/domain/money.ts";
import { comparable } from "#lib/domain/tags.ts";

/** What a team carries of a pool, in proportion to the others' weights. */
export type PoolShare = { teamKey: string; weight: Amount };

/**
 * The teams that carry a pool, sorted by key, with weights above zero. Empty where nobody can carry it; the cost then
 * stays in the pool, unsplit.
 *
 * - "even": every member alike.
 * - "proportional": by the members' direct effective cost; credits beyond the cost count as nothing.
 * - "fixed": by the pool's weights; a weight of zero or below carries nothing.
 *
 * The members of "even" and "proportional" are the keys of the pool's weights, or every team where there are none.
 * Teams that the directory does not have in the period carry nothing: the others share their part.
 *
 * @param directCost direct effective cost by team key in the same slice and currency.
 */
export function poolShares(
  pool: SharedPool,
  teams: readonly Pick<DirectoryTeam, "teamKey">[],
  directCost: ReadonlyMap<string, Amount>,
): PoolShare[] {
  const weights = new Map(Object.entries(pool.weights).map(([key, weight]) => [comparable(key), weight]));
  const isMember = (teamKey: string) =>
    (weights.size === 0 && pool.method !== "fixed") || weights.has(comparable(teamKey));

  const weightOf = (teamKey: string): Amount => {
    if (pool.method === "even") return "1";
    return (pool.method === "fixed" ? weights.get(comparable(teamKey)) : directCost.get(teamKey)) ?? "0";
  };
  return [...new Set(teams.map((team) => team.teamKey))]
    .filter(isMember)
    .toSorted()
    .map((teamKey) => ({ teamKey, weight: decimal(weightOf(teamKey)) }))
    .filter(({ weight }) => weight.greaterThan(0))
    .map(({ teamKey, weight }) => ({ teamKey, weight: toAmount(weight) }));
}

/** A team's part of one row of a pool. */
export type PoolPart = { teamKey: string; amounts: Amounts };

/**
 * Splits one row of a pool: one part per share, in the shares' order. In each basis the parts sum to the row to the
 * last decimal (largest remainder). Without shares there are no parts.
 */
export function splitPoolRow(amounts: Amounts, shares: readonly PoolShare[]): PoolPart[] {
  return poolSplitter(shares)(amounts);
}

/** `splitPoolRow` for many rows with the same shares: the weights are read once. */
export function poolSplitter(shares: readonly PoolShare[]): (amounts: Amounts) => PoolPart[] {
  if (shares.length === 0) return () => [];
  const splitTotal = splitter(shares.map((share) => share.weight));
  return (amounts) => {
    // The bases of most rows are the same amount, and splitting is what costs time here.
    const split = new Map<Amount, Amount[]>();
    const partsOf = (total: Amount): Amount[] => {
      const parts = split.get(total) ?? splitTotal(total);
      split.set(total, parts);
      return parts;
    };
    const billed = partsOf(amounts.billed);
    const effective = partsOf(amounts.effective);
    const list = partsOf(amounts.list);
    const contracted = partsOf(amounts.contracted);
    return shares.map(({ teamKey }, index) => ({
      teamKey,
      amounts: {
        billed: billed[index] ?? "0",
        effective: effective[index] ?? "0",
        list: list[index] ?? "0",
        contracted: contracted[index] ?? "0",
      },
    }));
  };
}
