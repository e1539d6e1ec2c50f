import type { SqlExecutor } from "#lib/db/activity.ts";
import { readLeafTilesAround } from "#lib/db/trail/merkle-tiles.ts";
import type { StoredEvent } from "#lib/db/trail/read-event-range.ts";
import { HASH_BYTES, TILE_HASHES } from "#lib/domain/merkle/tiles.ts";
import { isSameHash } from "#lib/domain/merkle/tree-hash.ts";
import { eventLeaf } from "#lib/domain/trail/event-leaf.ts";
import { sha256 } from "#lib/services/trail/append/seal-events.ts";
import { openStored } from "#lib/services/trail/verify/stored-leaf.ts";

/** The hashes of the leaves that the tree has for these entries, in their order; undefined where it has none. */
export async function readLoggedLeaves(
  sql: SqlExecutor,
  entries: readonly number[],
): Promise<(Uint8Array | undefined)[]> {
  const tiles = await readLeafTilesAround(sql, entries);
  return entries.map((entry) => {
    const at = (entry % TILE_HASHES) * HASH_BYTES;
    const leaf = tiles.get(Math.floor(entry / TILE_HASHES))?.subarray(at, at + HASH_BYTES);
    return leaf?.length === HASH_BYTES ? leaf : undefined;
  });
}

/**
 * Is the event's row what its leaf was made of? Of what lost its record before only the log's entry can say whether it is what was left, which
 * verifyTrail compares.
 */
export function isAsLogged(event: StoredEvent, leaf: Uint8Array | undefined): boolean {
  if (leaf === undefined) return false;
  const opened = openStored(event);
  if (opened === null) return false;
  return opened.record === null || isSameHash(leaf, eventLeaf(sha256, event, opened.commitments));
}
