import { hash, randomFillSync } from "node:crypto";
import { channel } from "node:diagnostics_channel";
import type { Sha256 } from "#lib/domain/merkle/tree-hash.ts";
import { commitTo, eventLeaf } from "#lib/domain/trail/event-leaf.ts";
import { storableEvent } from "#lib/domain/trail/storable-event.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { packBody } from "#lib/services/trail/stored-body.ts";

// A string that becomes a piece of a pooled buffer takes half as long as a buffer of the hash's own.
export const sha256: Sha256 = (data) => Buffer.from(hash("sha256", data, "binary"), "binary");

/** An event with all that the log keeps of it, but for its place: that is given when it is appended. */
export type SealedEvent = { event: TrailEvent; receivedAt: Date; salt: Uint8Array; leaf: Uint8Array; body: Uint8Array };

/** Whoever measures is told here how many milliseconds each part of the Merkle tree's work took. */
export const MERKLE_CHANNEL = "bursar.trail.merkle";
const merkle = channel(MERKLE_CHANNEL);

export const SALT_BYTES = 16;
/** The events as they can be stored, each with a salt of its own, its leaf's hash and its packed body. */
export function sealEvents(events: readonly TrailEvent[], receivedAt: Date): SealedEvent[] {
  return sealStorable(events.map(storableEvent), receivedAt);
}

/** The same of events that are storable. */
export function sealStorable(storable: readonly TrailEvent[], receivedAt: Date): SealedEvent[] {
  const leaves = timed(() => {
    const salts = randomFillSync(new Uint8Array(storable.length * SALT_BYTES));
    return storable.map((event, index) => {
      const salt = salts.subarray(index * SALT_BYTES, (index + 1) * SALT_BYTES);
      return { salt, leaf: eventLeaf(sha256, { ...event, receivedAt }, commitTo(sha256, salt, event)) };
    });
  });
  return storable.map((event, index) => {
    const { salt, leaf } = leaves[index] as (typeof leaves)[number];
    return { event, receivedAt, salt, leaf, body: packBody(event.body) };
  });
}

function timed<T>(work: () => T): T {
  const start = performance.now();
  try {
    return work();
  } finally {
    tellMerkle(start);
  }
}

/** That a part of the tree's work, begun at `start` of performance.now(), is done. */
export function tellMerkle(start: number): void {
  tellMerkleTook(performance.now() - start);
}

/** The same of work that another thread did, in milliseconds. */
export function tellMerkleTook(milliseconds: number): void {
  if (merkle.hasSubscribers) merkle.publish(milliseconds);
}
