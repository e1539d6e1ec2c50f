import { readTiles } from "#lib/db/trail/merkle-tiles.ts";
import { proveConsistency, proveInclusion } from "#lib/domain/merkle/proofs.ts";
import { subtreesOf, tilesReadBy } from "#lib/domain/merkle/tiles.ts";
import type { SubtreeReader } from "#lib/domain/merkle/tree-hash.ts";
import { toHex } from "#lib/domain/trail/event-leaf.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { sha256 } from "#lib/services/trail/append/seal-events.ts";
import { readHeadAbove, readHeadOf, type HeadView } from "#lib/services/trail/heads/read-head.ts";

/** What leads from an entry's leaf to a published root: hashes in hex, from the leaf up. */
export type EntryProof = { entry: number; leaf: string; path: string[]; head: HeadView };

/** What shows that the log of `to` begins with the log of `from`: hashes in hex, in RFC 6962's order. */
export type ConsistencyProof = { from: HeadView; to: HeadView; path: string[] };

/**
 * The proof that an entry is in the log of the published head of `size` entries; null: of the oldest one that has it.
 *
 * @throws AppError "not_found" where no such head was published.
 */
export async function readEntryProof(context: ServiceContext, entry: number, size: number | null): Promise<EntryProof> {
  await authorise(context, "activity:read", `proof of entry ${entry} of the trail`);
  const { pool } = context.database;
  const head = await (size === null ? readHeadAbove(pool, entry) : readHeadOf(pool, size));
  const prove = (read: SubtreeReader) => ({
    path: proveInclusion(sha256, read, entry, head.size),
    leaf: read(0, entry),
  });
  const { path, leaf } = prove(subtreesOf(sha256, await readTiles(pool, tilesReadBy(prove))));
  return { entry, leaf: toHex(leaf), path: path.map(toHex), head };
}

/**
 * The proof that between two published heads the log only grew.
 *
 * @throws AppError "not_found" where one of them was not published, "invalid_input" where the first is the larger one.
 */
export async function readConsistencyProof(
  context: ServiceContext,
  fromSize: number,
  toSize: number,
): Promise<ConsistencyProof> {
  await authorise(context, "activity:read", "proof of the trail's growth");
  const { pool } = context.database;
  const from = await readHeadOf(pool, fromSize);
  const to = await readHeadOf(pool, toSize);
  const prove = (read: SubtreeReader) => proveConsistency(sha256, read, from.size, to.size);
  const path = prove(subtreesOf(sha256, await readTiles(pool, tilesReadBy(prove))));
  return { from, to, path: path.map(toHex) };
}
