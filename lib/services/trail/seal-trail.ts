import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { PoolClient } from "pg";
import { recordActivity } from "#lib/db/activity.ts";
import { resolveHome } from "#lib/db/home.ts";
import { readFrontier, readLeafTiles, readUpperTiles } from "#lib/db/trail/merkle-tiles.ts";
import { subtreesOf, TILE_HASHES } from "#lib/domain/merkle/tiles.ts";
import { rangeHash } from "#lib/domain/merkle/tree-hash.ts";
import { toHex } from "#lib/domain/trail/event-leaf.ts";
import { openSigningKey } from "#lib/reports/bundle/signing-key.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { sha256 } from "#lib/services/trail/seal-events.ts";
import { sealActivity } from "#lib/services/trail/seal-activity.ts";
import { headStatement } from "#lib/services/trail/tree-head.ts";

const PUBLISHED = "tree-head.published";
/** Batches of one call; what is left comes with the next. */
const MOST_BATCHES = 50;
/** Where heads are kept outside of the database, one a line. */
export const HEADS_FILE = join("trail", "heads.jsonl");

/**
 * Brings what was done in Bursar into the trail, and publishes the log's head where anything but heads is new: signed, in the database and in
 * a file of the home folder, which whoever does not trust the database copies away.
 *
 * @returns the published head's size; null where nothing was new.
 */
export async function sealTrail(context: ServiceContext): Promise<{ size: number } | null> {
  await authorise(context, "trail:seal", "trail");
  for (let batch = 0; batch < MOST_BATCHES; batch++) {
    const { more } = await context.database.transact(({ sql }) => sealActivity(sql, context.now));
    if (!more) break;
  }
  const head = await context.database.transact(async ({ sql }) => publishHead(sql, context));
  if (head === null) return null;
  const folder = join(resolveHome(), "trail");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  appendFileSync(join(resolveHome(), HEADS_FILE), `${head.envelope}\n`, { flush: true });
  return { size: head.size };
}

async function publishHead(
  sql: PoolClient,
  context: ServiceContext,
): Promise<{ size: number; envelope: string } | null> {
  const { size } = await readFrontier(sql);
  const last = await sql.query<{ size: string }>("SELECT max(size) AS size FROM tree_head");
  const from = Number(last.rows[0]?.size ?? 0);
  const news = await sql.query("SELECT 1 FROM event WHERE seq >= $1 AND action <> $2 LIMIT 1", [from, PUBLISHED]);
  if (size === from || news.rows.length === 0) return null;
  const root = toHex(await currentRoot(sql, size));
  const key = openSigningKey(resolveHome());
  const { envelope, signature } = headStatement({ size, root, at: context.now }, key);
  const inserted = await sql.query(
    `INSERT INTO tree_head (size, root, at, key_id, signature) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (size) DO NOTHING`,
    [size, root, context.now, key.keyid, signature],
  );
  // Somebody else has published it meanwhile.
  if (inserted.rowCount === 0) return null;
  await recordActivity(sql, {
    at: context.now,
    actor: context.actor,
    action: PUBLISHED,
    subject: `${size} entries`,
    after: { size, root, keyId: key.keyid },
  });
  return { size, envelope };
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
