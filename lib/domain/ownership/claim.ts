import { isMail } from "#lib/domain/mail.ts";
/** Where a piece of evidence about an owner was read. What each is worth stands in CLAIM_ORIGINS. */
export type ClaimOrigin =
  | "override"
  | "label"
  | "annotation"
  | "backstage"
  | "gitops"
  | "capsule-tenant"
  | "hnc"
  | "vcluster"
  | "rancher-project"
  | "rancher-creator"
  | "openshift-requester"
  | "audit-log"
  | "managed-fields"
  | "role-binding"
  | "account-tag"
  | "unit-tag"
  | "unit-name"
  | "cost-tag"
  | "namespace-name";

/** Whom a claim names: a team by key, name or alias, a person by mail, or a repository, which the directory gives to a team. */
export type NamedOwner = { kind: "team" | "mail" | "repository"; value: string };

/** One piece of evidence that something belongs to somebody. Instants are ISO 8601 in UTC, ranges half-open. */
export type Claim = {
  origin: ClaimOrigin;
  names: NamedOwner;
  /** Where exactly it was read: the label's key, the tag's key, the path in a catalog. */
  detail: string;
  /** When we read it. */
  readAt: string;
  /** Since when it holds, such as the instant at which somebody made the namespace; null = unknown, then `readAt` is its time. */
  from: string | null;
  /** Until when it holds, exclusive; null = it still does. */
  to: string | null;
  /** True where it is said of what contains the thing, such as the account of a cluster: then it is worth no more than "weak". */
  inherited?: boolean;
};

export type ClaimStrength = "explicit" | "derived" | "weak";

/**
 * What a claim of an origin is worth.
 *
 * - "explicit": somebody wrote down who owns exactly this thing.
 * - "derived": another system's own record of it leads to a team.
 * - "weak": a hint.
 *
 * `speaksOf` tells who owns it from who made it: a platform engineer makes namespaces for others, so a maker gives way to
 * an owner of equal strength and never disputes one.
 */
export type OriginWorth = {
  strength: ClaimStrength;
  /** Decides between claims of equal strength; lower is better. */
  order: number;
  speaksOf: "owner" | "maker";
  /** As people read it, at the beginning of a sentence. */
  title: string;
};

/** The one table of origins. A decision by a person of the platform stands above it while it lasts. */
export const CLAIM_ORIGINS: Readonly<Record<ClaimOrigin, OriginWorth>> = {
  override: { strength: "explicit", order: 0, speaksOf: "owner", title: "The override" },
  label: { strength: "explicit", order: 1, speaksOf: "owner", title: "The label" },
  annotation: { strength: "explicit", order: 2, speaksOf: "owner", title: "The annotation" },
  "account-tag": { strength: "explicit", order: 3, speaksOf: "owner", title: "The account's tag" },
  backstage: { strength: "explicit", order: 4, speaksOf: "owner", title: "The Backstage catalog" },
  "capsule-tenant": { strength: "derived", order: 5, speaksOf: "owner", title: "The Capsule tenant" },
  gitops: { strength: "derived", order: 6, speaksOf: "owner", title: "The GitOps repository" },
  "rancher-project": { strength: "derived", order: 7, speaksOf: "owner", title: "The Rancher project" },
  hnc: { strength: "derived", order: 8, speaksOf: "owner", title: "The parent namespace" },
  vcluster: { strength: "derived", order: 9, speaksOf: "owner", title: "The virtual cluster" },
  "unit-tag": { strength: "derived", order: 10, speaksOf: "owner", title: "The organisational unit's tag" },
  "cost-tag": { strength: "derived", order: 11, speaksOf: "owner", title: "The tags of its resources" },
  "openshift-requester": { strength: "derived", order: 12, speaksOf: "maker", title: "OpenShift's requester" },
  "audit-log": { strength: "derived", order: 13, speaksOf: "maker", title: "The audit log" },
  "rancher-creator": { strength: "derived", order: 14, speaksOf: "maker", title: "Rancher's creator" },
  "unit-name": { strength: "weak", order: 15, speaksOf: "owner", title: "The organisational unit's name" },
  "namespace-name": { strength: "weak", order: 16, speaksOf: "owner", title: "The name" },
  "role-binding": { strength: "weak", order: 17, speaksOf: "owner", title: "A role binding" },
  // It names the client that wrote, a pipeline's as a rule, and hardly ever a person.
  "managed-fields": { strength: "weak", order: 18, speaksOf: "maker", title: "The managed fields" },
};

const ENTITY_REFERENCE = /^(?:(?:group|user|team):)?(?:[\w.-]+\/)?([\w.-]+)$/i;

/**
 * What the text of a label, annotation, tag or catalog entry names: a person where it is a mail, otherwise a team. A
 * reference to a Backstage entity ("group:default/claims") is read as its last part. Null where the text is empty.
 */
export function readOwnerText(text: string): NamedOwner | null {
  const value = text.trim().replace(/^mailto:/i, "");
  if (value === "") return null;
  if (isMail(value)) return { kind: "mail", value: value.toLowerCase() };
  return { kind: "team", value: ENTITY_REFERENCE.exec(value)?.[1] ?? value };
}

/** What a claim is worth: its origin's strength, or "weak" where it is said of what contains the thing. */
export function strengthOf(claim: Pick<Claim, "origin" | "inherited">): ClaimStrength {
  return claim.inherited === true ? "weak" : CLAIM_ORIGINS[claim.origin].strength;
}

/** The instant a claim is about: since when it holds, else when it was read. ISO 8601. */
export function timeOf(claim: Pick<Claim, "from" | "readAt">): string {
  return claim.from ?? claim.readAt;
}
