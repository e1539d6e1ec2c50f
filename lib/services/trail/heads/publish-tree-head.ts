import type { PoolClient } from "pg";
import { recordActivity } from "#lib/db/activity.ts";
import { readFrontier, readLeafTiles, readUpperTiles } from "#lib/db/trail/merkle-tiles.ts";
import { subtreesOf, TILE_HASHES } from "#lib/domain/merkle/tiles.ts";
import { rangeHash } from "#lib/domain/merkle/tree-hash.ts";
import { toHex } from "#lib/domain/trail/event-leaf.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { openSigningKey } from "#lib/services/signing/open-signing-key.ts";
import { sha256 } from "#lib/services/trail/append/seal-events.ts";
import { copyHeads, type FailedPlace } from "#lib/services/trail/heads/copy-heads.ts";
import { sealActivity } from "#lib/services/trail/append/seal-activity.ts";
import { headStatement } from "#lib/services/trail/heads/tree-head.ts";

const PUBLISHED = "tree-head.published";
/** Batches of one call; what is left comes with the next. */
const MOST_BATCHES = 50;

/** `size`: of the head that was published, null where nothing was new. `failed`: where the heads that there are could not be written to. */
export type Sealed = { size: number | null; failed: FailedPlace[] };

/**
 * Brings what was done in Bursar into the trail, publishes the log's head where anything but heads is new, and writes what was published outside of the
 * database: to a file of the home folder and to whatever `audit.heads` names. A place that fails is told, not thrown: the head is published all the
 * same, and written there by a later sealing.
 */
export async function publishTreeHead(context: ServiceContext): Promise<Sealed> {
  for (let batch = 0; batch < MOST_BATCHES; batch++) {
    const { more } = await context.database.transact(({ sql }) => sealActivity(sql, context.now));
    if (!more) break;
  }
  const size = await publishHead(context);
  return { size, failed: await copyHeads(context) };
}

/** The key may lie elsewhere and be slow, so that no transaction is open while it signs: the tree only grows, and the head stays one of it. */
async function publishHead(context: ServiceContext): Promise<number | null> {
  const head = await context.database.transact(({ sql }) => nextHead(sql));
  if (head === null) return null;
  const key = await openSigningKey(context);
  const signed = await headStatement({ ...head, at: context.now }, key);
  const isFirst = await context.database.transact(({ sql }) =>
    storeHead(sql, context, { ...head, keyId: key.keyid, signature: signed.signature }),
  );
  return isFirst ? head.size : null;
}

async function nextHead(sql: PoolClient): Promise<{ size: number; root: string } | null> {
  const { size } = await readFrontier(sql);
  const last = await sql.query<{ size: string }>("SELECT max(size) AS size FROM tree_head");
  const from = Number(last.rows[0]?.size ?? 0);
  const news = await sql.query("SELECT 1 FROM event WHERE seq >= $1 AND action <> $2 LIMIT 1", [from, PUBLISHED]);
  if (size === from || news.rows.length === 0) return null;
  return { size, root: toHex(await currentRoot(sql, size)) };
}

/** False where somebody else has published it meanwhile. */
async function storeHead(
  sql: PoolClient,
  { now, actor }: ServiceContext,
  { size, root, keyId, signature }: { size: number; root: string; keyId: string; signature: string },
): Promise<boolean> {
  const inserted = await sql.query(
    `INSERT INTO tree_head (size, root, at, key_id, signature) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (size) DO NOTHING`,
    [size, root, now, keyId, signature],
  );
  if (inserted.rowCount === 0) return false;
  await recordActivity(sql, {
    at: now,
    actor,
    action: PUBLISHED,
    subject: `${size} entries`,
    after: { size, root, keyId },
  });
  return true;
}

/** Of the tree as it is stored; whether it is what its rows make is for verifyTrail. */
async function currentRoot(sql: PoolClient, size: number): Promise<Uint8Array> {
  const last = Math.floor(size / TILE_HASHES);
  const upper = await readUpperTiles(sql);
  const [leaves] = await readLeafTiles(sql, last, 1);
  const tiles = (level: number, index: number) =>
    level === 0 ? (index === last ? leaves : undefined) : upper.get(`${level}/${index}`);
  return rangeHash(sha256, subtreesOf(sha256, tiles), 0, size);
}
