import { leafHash, type Sha256 } from "#lib/domain/merkle/tree-hash.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";

/** The first number of every leaf: which list of columns it is made of. */
const LEAF_VERSION = 1;

/** What stands in a leaf for that which may have to be forgotten: salted hashes, in hex. */
export type Commitments = { personal: string; body: string };

/** An event's columns as they stand in a leaf, without those that commitments stand for. */
export type LeafColumns = Omit<
  TrailEvent,
  "actor" | "actorKind" | "person" | "teamKey" | "sourceAddress" | "mfa" | "body"
> & {
  receivedAt: Date;
};
type PersonalColumns = Pick<TrailEvent, "actor" | "actorKind" | "person" | "teamKey" | "sourceAddress">;

/**
 * The commitments to what an event says of a person and to its body: SHA-256(salt ‖ text). Who has the text and the salt can check them;
 * once the salt is gone nobody can find the text by trying, and the leaf can be checked all the same.
 */
export function commitTo(sha256: Sha256, salt: Uint8Array, event: PersonalColumns & { body: Uint8Array }): Commitments {
  const personal = new TextEncoder().encode(JSON.stringify(personalOf(event)));
  return { personal: toHex(sha256(concat(salt, personal))), body: toHex(sha256(concat(salt, event.body))) };
}

/** The hash of an event's leaf, whose data are `leafText` in UTF-8. */
export function eventLeaf(sha256: Sha256, columns: LeafColumns, commitments: Commitments): Uint8Array {
  return leafHash(sha256, new TextEncoder().encode(leafText(columns, commitments)));
}

/**
 * What a leaf says: one JSON array of fixed order, written as ECMAScript's JSON.stringify does: version, instants in ISO 8601, the columns,
 * the two commitments.
 */
export function leafText(columns: LeafColumns, { personal, body }: Commitments): string {
  return JSON.stringify([
    LEAF_VERSION,
    columns.occurredAt.toISOString(),
    columns.receivedAt.toISOString(),
    columns.sourceKey,
    columns.eventKey,
    columns.action,
    columns.verbClass,
    columns.resource,
    columns.accountId,
    columns.clusterKey,
    columns.namespace,
    columns.region,
    columns.outcome,
    personal,
    body,
  ]);
}

/** What the commitment to a person's columns is about, as a JSON array of fixed order. */
export function personalOf({ actor, actorKind, person, teamKey, sourceAddress }: PersonalColumns): (string | null)[] {
  return [actor, actorKind, person, teamKey, sourceAddress];
}

export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX_OF_BYTE[byte] ?? "";
  return text;
}

const HEX_OF_BYTE = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
