import type { ClaimOrigin, ClaimStrength } from "#lib/domain/ownership/claim.ts";
import type { ClaimStanding, OwnerConfidence } from "#lib/domain/ownership/resolve-owner.ts";

/** One claim, as the evidence chip lists it. Instants are ISO 8601. */
export type ClaimView = {
  origin: ClaimOrigin;
  /** The origin as people read it: "The account's tag". */
  title: string;
  /** Whom it names, as it was written. */
  names: string;
  /** Where exactly it was read. */
  detail: string;
  readAt: string;
  /** The team that it leads to, by key and name; null where it leads to none. */
  team: { key: string; name: string } | null;
  strength: ClaimStrength;
  standing: ClaimStanding;
  /** One sentence on why it won or lost. */
  reason: string;
};

/** Whose something is, and why. */
export type OwnerView = {
  /** Null where nobody is known. */
  team: { key: string; name: string } | null;
  strength: ClaimStrength | "contested" | "none";
  confidence: OwnerConfidence | null;
  reasons: string[];
  /** The best first. */
  claims: ClaimView[];
};
