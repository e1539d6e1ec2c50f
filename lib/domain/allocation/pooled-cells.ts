import { splitter, type Amount } from "#lib/domain/money.ts";

/** Who carries the pools: currency → pool id → owner id and weight. What a pool holds is split by these when it is read. */
export type StoredPoolShares = Record<string, Record<string, [ownerId: number, weight: Amount][]>>;

/** Who carries a pool, by owner id; empty = nobody, the cost stays in the pool. */
export type CarriedBy = readonly (readonly [ownerId: number, weight: Amount])[];

/** Splits any amount of one pool. */
export type PoolCarriers = {
  split(amount: Amount): { ownerId: number; amount: Amount }[];
  /** What some of the owners carry together. */
  sumOf(amount: Amount): Amount;
  /** False where none of those owners carries anything. */
  hasAsked: boolean;
};

/**
 * Splits any amount of one pool among those who carry it, by largest remainder: the parts sum to the amount to the last
 * decimal. Whoever shows a part of a pool has split the very amount that the whole is shown for, so that what stands side by side adds up.
 * Where nobody carries the pool, all of it is nobody's (owner 0).
 *
 * @param isAsked whose parts count; the others' are left out of what is answered.
 */
export function poolCarriers(carriedBy: CarriedBy, isAsked: (ownerId: number) => boolean = () => true): PoolCarriers {
  const owners = carriedBy.length === 0 ? [NOBODY] : carriedBy;
  const positions = [...owners.keys()].filter((position) => isAsked(owners[position]?.[0] ?? 0));
  const { split, sumOf } = splitter(owners.map(([, weight]) => weight));
  return {
    split: (amount) => {
      const parts = split(amount);
      return positions.map((position) => ({ ownerId: owners[position]?.[0] ?? 0, amount: parts[position] ?? "0" }));
    },
    sumOf: (amount) => sumOf(amount, positions),
    hasAsked: positions.length > 0,
  };
}

const NOBODY = [0, "1"] as const;
