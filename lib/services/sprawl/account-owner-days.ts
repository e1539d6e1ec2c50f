import type { OwnerResolution } from "#lib/domain/ownership/resolve-owner.ts";
import type { Claim } from "#lib/domain/ownership/claim.ts";
import { dayOf } from "#lib/domain/period.ts";
import type { ClaimStretch } from "#lib/services/ownership/load-claims.ts";
import type { OwnerDay } from "#lib/db/sprawl/read-growth.ts";

export type AccountSpan = { key: string; from: Date; to: Date | null };

/**
 * How many accounts began and ended to have an owner of each strength on a day, from the first sight of each to its last. Owners are looked
 * for at every instant at which a claim about the account came or went. Pure.
 *
 * @param team only what leads to this team; null = all.
 */
export function accountOwnerDays(
  spans: readonly AccountSpan[],
  claims: ReadonlyMap<string, readonly ClaimStretch[]>,
  resolve: (claims: readonly Claim[], at: string) => OwnerResolution,
  team: string | null,
): OwnerDay[] {
  return spans
    .flatMap(({ key, from, to }) => {
      const own = claims.get(key) ?? [];
      const turns = own.flatMap(({ seenFrom, seenTo }) => (seenTo === null ? [seenFrom] : [seenFrom, seenTo]));
      const inside = turns.filter((at) => at > from && (to === null || at < to));
      const times = [...new Set([from, ...inside].map((at) => at.getTime()))].toSorted((a, b) => a - b);
      return times.flatMap((time, index) => {
        const valid = own.filter(
          ({ seenFrom, seenTo }) => seenFrom.getTime() <= time && (seenTo === null || seenTo.getTime() > time),
        );
        const found = resolve(
          valid.map(({ claim }) => claim),
          new Date(time).toISOString(),
        );
        if (team !== null && found.teamKey !== team) return [];
        const end = times[index + 1] ?? to?.getTime() ?? null;
        const { strength } = found;
        const came: OwnerDay = { day: dayOf(new Date(time)), strength, came: 1, went: 0 };
        return end === null ? [came] : [came, { day: dayOf(new Date(end)), strength, came: 0, went: 1 }];
      });
    })
    .toSorted((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
}
