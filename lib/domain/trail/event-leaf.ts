import { LEAF_PREFIX, type Sha256 } from "#lib/domain/merkle/tree-hash.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";

/** The first number of every leaf: which list of columns it is made of. */
const LEAF_VERSION = 1;

/** SHA-256 in lower-case hex; of a text that of its UTF-8. */
export type Sha256Hex = (data: Uint8Array | string) => string;

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
export function commitTo(
  sha256Hex: Sha256Hex,
  salt: Uint8Array,
  event: PersonalColumns & { body: Uint8Array },
): Commitments {
  const personal = sha256Hex(scratch.withTexts(salt, "[", personalOf(event)));
  return { personal, body: sha256Hex(scratch.withBytes(salt, event.body)) };
}

/** The hash of an event's leaf, whose data are `leafText` in UTF-8. */
export function eventLeaf(sha256: Sha256, columns: LeafColumns, commitments: Commitments): Uint8Array {
  return sha256(scratch.withTexts(LEAF_PREFIX, LEAF_START, textsOf(columns, commitments)));
}

/**
 * What a leaf says: one JSON array of fixed order, written as ECMAScript's JSON.stringify does: version, instants in ISO 8601, the columns,
 * the two commitments.
 */
export function leafText(columns: LeafColumns, commitments: Commitments): string {
  return JSON.stringify([LEAF_VERSION, ...textsOf(columns, commitments)]);
}

const LEAF_START = `[${LEAF_VERSION},`;

function textsOf(columns: LeafColumns, { personal, body }: Commitments): (string | null)[] {
  return [
    occurredText(columns.occurredAt),
    receivedText(columns.receivedAt),
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
  ];
}

const [occurredText, receivedText] = [createIsoText(), createIsoText()];

/** ISO 8601 of instants of which many that follow each other are the same. */
function createIsoText(): (at: Date) => string {
  let [last, text] = [Number.NaN, ""];
  return (at) => {
    if (at.getTime() !== last) [last, text] = [at.getTime(), at.toISOString()];
    return text;
  };
}

/** What the commitment to a person's columns is about, as a JSON array of fixed order. */
export function personalOf({ actor, actorKind, person, teamKey, sourceAddress }: PersonalColumns): (string | null)[] {
  return [actor, actorKind, person, teamKey, sourceAddress];
}

export function toHex(bytes: Uint8Array): string {
  if (digits.length < bytes.length * 2) digits = new Uint8Array(bytes.length * 2);
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    digits[at * 2] = HEX_DIGITS[byte >> 4] as number;
    digits[at * 2 + 1] = HEX_DIGITS[byte & 15] as number;
  }
  // One text of many signs is made faster than put together from them.
  return decoder.decode(digits.subarray(0, bytes.length * 2));
}

const HEX_DIGITS = new TextEncoder().encode("0123456789abcdef");
const decoder = new TextDecoder();
let digits = new Uint8Array(64);

/** Bytes that are hashed at once and then forgotten: three allocations for every event would cost more than its hashes do. */
const scratch = createScratch();

function createScratch() {
  const encoder = new TextEncoder();
  let bytes = new Uint8Array(16_384);
  /** What is larger than usual is not kept. */
  const roomFor = (length: number) => {
    if (length <= bytes.length) return bytes;
    if (length > MOST_KEPT_BYTES) return new Uint8Array(length);
    return (bytes = new Uint8Array(length * 2));
  };
  const lengthOf = (texts: readonly (string | null)[], bytesOfUnit: number) => {
    let length = 0;
    // Beside its letters a text has two quotes and a comma, which are less than null has.
    for (const text of texts) length += bytesOfUnit * (text?.length ?? 0) + NULL.length + 1;
    return length;
  };
  return {
    /** The prefix and a JSON array, which goes on with the texts after its `start`. Holds until the next call. */
    withTexts(prefix: Uint8Array, start: string, texts: readonly (string | null)[]): Uint8Array {
      const first = prefix.length + start.length;
      const plain = roomFor(first + lengthOf(texts, 1));
      plain.set(prefix);
      const end = writeTexts(plain, writePlain(plain, prefix.length, start), texts);
      if (end !== -1) return plain.subarray(0, end);
      // A UTF-16 unit becomes three bytes at the most, or six where it is escaped.
      const room = roomFor(first + lengthOf(texts, 6));
      room.set(prefix);
      writePlain(room, prefix.length, start);
      const { written } = encoder.encodeInto(JSON.stringify(texts).slice(1), room.subarray(first));
      return room.subarray(0, first + written);
    },
    /** Holds until the next call. */
    withBytes(prefix: Uint8Array, rest: Uint8Array): Uint8Array {
      const room = roomFor(prefix.length + rest.length);
      room.set(prefix);
      room.set(rest, prefix.length);
      return room.subarray(0, prefix.length + rest.length);
    },
  };
}

const MOST_KEPT_BYTES = 1024 * 1024;
const NULL = "null";
const [QUOTE, COMMA, BACKSLASH, CLOSE, FIRST_PLAIN, LAST_PLAIN] = [0x22, 0x2c, 0x5c, 0x5d, 0x20, 0x7e];

/**
 * What is left of a JSON array behind its bracket, and where it ends; -1 where a text has a letter that is not written as one byte of its own. Hardly any has, and putting
 * a text together that is then encoded takes three times as long.
 */
function writeTexts(bytes: Uint8Array, start: number, texts: readonly (string | null)[]): number {
  let at = start;
  for (const text of texts) {
    if (text === null) at = writePlain(bytes, at, NULL);
    else {
      bytes[at] = QUOTE;
      at = writePlain(bytes, at + 1, text);
      if (at === -1) return -1;
      bytes[at++] = QUOTE;
    }
    bytes[at++] = COMMA;
  }
  bytes[at - 1] = CLOSE;
  return at;
}

/** Where the text ends; -1 where JSON would escape one of its letters, or it is not ASCII. */
function writePlain(bytes: Uint8Array, start: number, text: string): number {
  for (let n = 0; n < text.length; n++) {
    const letter = text.charCodeAt(n);
    if (letter < FIRST_PLAIN || letter > LAST_PLAIN || letter === QUOTE || letter === BACKSLASH) return -1;
    bytes[start + n] = letter;
  }
  return start + text.length;
}
