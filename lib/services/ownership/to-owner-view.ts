import { CLAIM_ORIGINS } from "#lib/domain/ownership/claim.ts";
import type { OwnerResolution } from "#lib/domain/ownership/resolve-owner.ts";
import type { OwnerView } from "#lib/services/ownership/owner-view.ts";

export const NO_OWNER: OwnerView = {
  team: null,
  strength: "none",
  confidence: null,
  reasons: ["Nothing that we read says whose it is."],
  claims: [],
};

/** @param nameOf what people call a team, by key. */
export function toOwnerView(
  resolution: OwnerResolution | undefined,
  nameOf: (teamKey: string) => string | undefined,
): OwnerView {
  if (!resolution || resolution.claims.length === 0) return NO_OWNER;
  const teamOf = (key: string | null, written: string | undefined) =>
    key === null ? null : { key, name: nameOf(key) ?? written ?? key };
  return {
    team: teamOf(resolution.teamKey, resolution.winner?.names.value),
    strength: resolution.strength,
    confidence: resolution.confidence,
    reasons: resolution.reasons,
    claims: resolution.claims.map((claim) => ({
      origin: claim.origin,
      title: CLAIM_ORIGINS[claim.origin].title,
      names: claim.names.value,
      detail: claim.detail,
      readAt: claim.readAt,
      team: teamOf(claim.teamKey, claim.names.value),
      strength: claim.strength,
      standing: claim.standing,
      reason: claim.reason,
    })),
  };
}
