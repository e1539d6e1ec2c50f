import { splitter, type Amount } from "#lib/domain/money.ts";

/** Who carries the pools: currency → pool id → owner id and weight. What a pool holds is split by these when it is read. */
export type StoredPoolShares = Record<string, Record<string, [ownerId: number, weight: Amount][]>>;

/** Who carries a pool, by owner id; empty = nobody, the cost stays in the pool. */
export type CarriedBy = readonly (readonly [ownerId: number, weight: Amount])[];

/**
 * A function that splits any amount of one pool among those who carry it, by largest remainder: the parts sum to the amount to the last
 * decimal. Whoever shows a part of a pool has split the very amount that the whole is shown for, so that what stands side by side adds up.
 * Where nobody carries the pool, all of it is nobody's (owner 0).
 */
export function poolCarriers(carriedBy: CarriedBy): (amount: Amount) => { ownerId: number; amount: Amount }[] {
  if (carriedBy.length === 0) return (amount) => [{ ownerId: 0, amount }];
  const split = splitter(carriedBy.map(([, weight]) => weight));
  return (amount) => split(amount).map((part, index) => ({ ownerId: carriedBy[index]?.[0] ?? 0, amount: part }));
}
