import { readOwnerText, type ClaimOrigin, type NamedOwner } from "#lib/domain/ownership/claim.ts";
import { normaliseTagKey } from "#lib/domain/tags.ts";

/** What is known of an account and of the units that it stands in, its own first and the root last. Tags null = may not be read. */
export type ClaimedAccount = {
  tags: Readonly<Record<string, string>> | null;
  units: readonly { name: string; path: string; tags: Readonly<Record<string, string>> | null }[];
};

/** A claim before it is known when it was read. */
export type FoundClaim = { origin: ClaimOrigin; names: NamedOwner; detail: string; inherited: boolean };

/**
 * The claims that an organisation makes about one of its accounts: every tag that names an owner, the nearest unit that has such a tag,
 * and the names of the units below the root. Pure; which of them counts is for resolveOwner.
 *
 * @param ownerTags keys of tags that name an owner, in any spelling.
 */
export function claimsOfAccount(account: ClaimedAccount, ownerTags: readonly string[]): FoundClaim[] {
  const wanted = ownerTags.map(normaliseTagKey);
  const tagged = (tags: Readonly<Record<string, string>> | null) =>
    Object.entries(tags ?? {}).filter(([key]) => wanted.includes(normaliseTagKey(key)));
  const claim = (origin: ClaimOrigin, text: string, detail: string): FoundClaim[] => {
    const names = readOwnerText(text);
    return names ? [{ origin, names, detail, inherited: false }] : [];
  };

  const nearest = account.units.find(({ tags }) => tagged(tags).length > 0);
  return [
    ...tagged(account.tags).flatMap(([key, value]) => claim("account-tag", value, `tag ${key}`)),
    ...(nearest ? tagged(nearest.tags) : []).flatMap(([key, value]) =>
      claim("unit-tag", value, `tag ${key} of ${nearest?.path ?? ""}`),
    ),
    ...account.units.slice(0, -1).flatMap(({ name, path }) => claim("unit-name", name, path)),
  ];
}
