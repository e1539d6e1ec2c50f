import type { StoredEvent } from "#lib/db/trail/read-event-range.ts";
import { commitTo, eventLeaf, type Commitments } from "#lib/domain/trail/event-leaf.ts";
import { sha256, sha256Hex } from "#lib/services/trail/append/seal-events.ts";
import { unpackBody } from "#lib/services/trail/append/stored-body.ts";

/** The hash of the leaf that an event's row makes as it stands; null where the row cannot be one that was appended. */
export function leafOfStored(event: StoredEvent): Uint8Array | null {
  const opened = openStored(event);
  return opened && eventLeaf(sha256, event, opened.commitments);
}

/**
 * The record of an event's row and what its leaf commits to; null where the row cannot be one that was appended. What was pseudonymised or has
 * reached its end of retention keeps only its commitments: `record` is null.
 */
export function openStored(event: StoredEvent): { record: Uint8Array | null; commitments: Commitments } | null {
  const { salt, body, commitments } = event;
  if (salt === null || body === null) return commitments && { record: null, commitments };
  try {
    const record = unpackBody(body);
    return { record, commitments: commitTo(sha256Hex, salt, { ...event, body: record }) };
  } catch {
    return null;
  }
}
