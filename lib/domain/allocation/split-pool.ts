import type { DirectoryTeam, SharedPool } from "#lib/domain/allocation/rule.ts";
import { decimal, toAmount, type Amount } from "#lib/domain/money.ts";
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
