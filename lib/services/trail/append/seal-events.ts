import { hash, randomFillSync } from "node:crypto";
import { channel, tracingChannel } from "node:diagnostics_channel";
import type { PoolClient } from "pg";
import type { EncodedRows } from "#lib/db/binary-copy.ts";
import { encodeEvents } from "#lib/db/trail/write-events.ts";
import { HASH_BYTES } from "#lib/domain/merkle/tiles.ts";
import type { Sha256 } from "#lib/domain/merkle/tree-hash.ts";
import { commitTo, eventLeaf, type Sha256Hex } from "#lib/domain/trail/event-leaf.ts";
import { storableEvent } from "#lib/domain/trail/storable-event.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { textsOf } from "#lib/services/trail/append/event-columns.ts";
import { packBody } from "#lib/services/trail/append/stored-body.ts";

// A string that becomes a piece of a pooled buffer takes half as long as a buffer of the hash's own.
export const sha256: Sha256 = (data) => Buffer.from(hash("sha256", data, "binary"), "binary");
export const sha256Hex: Sha256Hex = (data) => hash("sha256", data, "hex");

/** What the log keeps of events, by their order: their rows, which have their salts and packed bodies, and their leaves of one length each, in one piece. */
export type Seals = EncodedRows & { leaves: Uint8Array<ArrayBuffer> };

/** Events with all that the log keeps of them, but for their places: those are given when they are appended. */
export type SealedEvents = { events: readonly TrailEvent[]; seals: Seals };

/** Whoever measures is told here how many milliseconds of CPU each part of the Merkle tree's work took in its thread. */
export const MERKLE_CHANNEL = "bursar.trail.merkle";
const merkle = channel(MERKLE_CHANNEL);
/** A tracing channel of the tree's statements, each with the connection `sql` that it is sent by. */
export const MERKLE_STATEMENTS = "bursar.trail.merkle.statement";
const statements = tracingChannel<unknown, { sql: PoolClient }>(MERKLE_STATEMENTS);

const SALT_BYTES = 16;
/** Events of which what is hashed is packed before it is out of sight of the processor again. */
const AT_ONCE = 64;

/** The events as they can be stored, each with a salt of its own, its leaf's hash and its packed body. */
export function sealEvents(events: readonly TrailEvent[], receivedAt: Date): SealedEvents {
  const storable = events.map((event) => storableEvent(sha256Hex, event));
  return { events: storable, seals: sealStorable(storable, receivedAt) };
}

/** The same of events that are storable. */
export function sealStorable(storable: readonly TrailEvent[], receivedAt: Date): Seals {
  const salts = randomFillSync(new Uint8Array(storable.length * SALT_BYTES));
  const saltOf = (n: number) => salts.subarray(n * SALT_BYTES, (n + 1) * SALT_BYTES);
  const leaves = new Uint8Array(storable.length * HASH_BYTES);
  const rows = encodeEvents(storable.length);
  for (let first = 0; first < storable.length; first += AT_ONCE) {
    const last = Math.min(storable.length, first + AT_ONCE);
    const begun = beginMerkle();
    for (let n = first; n < last; n++) {
      const event = storable[n] as TrailEvent;
      leaves.set(eventLeaf(sha256, { ...event, receivedAt }, commitTo(sha256Hex, saltOf(n), event)), n * HASH_BYTES);
    }
    tellMerkle(begun);
    for (let n = first; n < last; n++) {
      const event = storable[n] as TrailEvent;
      const { occurredAt } = event;
      rows.add({ occurredAt, receivedAt, texts: textsOf(event), body: packBody(event.body), salt: saltOf(n) });
    }
  }
  return { leaves, ...rows.finish() };
}

/** Of parts of a batch those of all of it. */
export function joinSeals(parts: readonly Seals[]): Seals {
  const ends = new Uint32Array(parts.reduce((sum, part) => sum + part.ends.length, 0));
  let [at, bytes] = [0, 0];
  for (const { ends: own, rows } of parts) {
    for (let n = 0; n < own.length; n++) ends[at++] = bytes + (own[n] as number);
    bytes += rows.length;
  }
  return {
    leaves: Buffer.concat(parts.map(({ leaves }) => leaves)),
    rows: Buffer.concat(parts.map(({ rows }) => rows)),
    ends,
  };
}

export function leafOf({ leaves }: Seals, n: number): Uint8Array {
  return leaves.subarray(n * HASH_BYTES, (n + 1) * HASH_BYTES);
}

/** Where a part of the tree's work begins, in this thread and without a pause. For tellMerkle. */
export function beginMerkle(): number {
  return merkle.hasSubscribers ? threadCpuMs() : 0;
}

export function tellMerkle(begun: number): void {
  if (merkle.hasSubscribers) tellMerkleTook(threadCpuMs() - begun);
}

/** The same of work that another thread did, in milliseconds. */
export function tellMerkleTook(milliseconds: number): void {
  if (merkle.hasSubscribers) merkle.publish(milliseconds);
}

/** A statement of the tree, told to whoever measures. */
export function merkleStatement<Answer>(sql: PoolClient, send: () => Promise<Answer>): Promise<Answer> {
  return statements.tracePromise(send, { sql });
}

/** What this thread has used of CPU so far. */
export function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
