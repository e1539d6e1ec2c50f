import { readTilesAround } from "#lib/db/trail/merkle-tiles.ts";
import { proveConsistency, proveInclusion } from "#lib/domain/merkle/proofs.ts";
import { subtreesOf } from "#lib/domain/merkle/tiles.ts";
import { toHex } from "#lib/domain/trail/event-leaf.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { sha256 } from "#lib/services/trail/seal-events.ts";
import { readHeadAbove, readHeadOf, type HeadView } from "#lib/services/trail/read-head.ts";

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
  const read = subtreesOf(sha256, await readTilesAround(pool, [entry, head.size - 1, head.size]));
  const path = proveInclusion(sha256, read, entry, head.size).map(toHex);
  return { entry, leaf: toHex(read(0, entry)), path, head };
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
  const tiles = await readTilesAround(pool, [from.size - 1, from.size, to.size - 1, to.size]);
  return { from, to, path: proveConsistency(sha256, subtreesOf(sha256, tiles), from.size, to.size).map(toHex) };
}
