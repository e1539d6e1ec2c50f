import type { SqlExecutor } from "#lib/db/activity.ts";
import { HASH_BYTES, TILE_HASHES, type Tile, type TilePlace, type TileReader } from "#lib/domain/merkle/tiles.ts";

/** Levels that a tree of 2⁵³ leaves has, more than which a number does not count. */
const MOST_TILE_LEVELS = 7;

/** How many entries the log has, and the last tile of every level, which is all that appending needs to know. */
export async function readFrontier(sql: SqlExecutor): Promise<{ size: number; tiles: TileReader }> {
  const { rows } = await sql.query(
    `SELECT t.level, t.index, t.hashes FROM generate_series(0, ${MOST_TILE_LEVELS - 1}) AS l (level)
     CROSS JOIN LATERAL (SELECT level, index, hashes FROM merkle_tile WHERE level = l.level ORDER BY index DESC LIMIT 1) t`,
  );
  const last = new Map(rows.map((row) => [`${String(row.level)}/${String(row.index)}`, row.hashes as Uint8Array]));
  const leaves = rows.find((row) => row.level === 0);
  const size = leaves ? Number(leaves.index) * TILE_HASHES + (leaves.hashes as Uint8Array).length / HASH_BYTES : 0;
  return { size, tiles: (level, index) => last.get(`${level}/${index}`) };
}

/** Tiles of leaves from `first` on, at most `count`, in order; ends before one that is not there. */
export async function readLeafTiles(sql: SqlExecutor, first: number, count: number): Promise<Uint8Array[]> {
  const { rows } = await sql.query(
    "SELECT index::float8 AS index, hashes FROM merkle_tile WHERE level = 0 AND index >= $1 AND index < $2 ORDER BY index",
    [first, first + count],
  );
  return rows.filter(({ index }, at) => index === first + at).map(({ hashes }) => hashes as Uint8Array);
}

/** These tiles, and no others. */
export async function readTiles(sql: SqlExecutor, places: readonly TilePlace[]): Promise<TileReader> {
  const { rows } = await sql.query(
    "SELECT level, index, hashes FROM unnest($1::int[], $2::bigint[]) AS p (level, index) JOIN merkle_tile USING (level, index)",
    [places.map(({ level }) => level), places.map(({ index }) => index)],
  );
  const tiles = new Map(rows.map((row) => [`${String(row.level)}/${String(row.index)}`, row.hashes as Uint8Array]));
  return (level, index) => tiles.get(`${level}/${index}`);
}

/** The tiles of leaves that hold these entries, by their index. */
export async function readLeafTilesAround(
  sql: SqlExecutor,
  entries: readonly number[],
): Promise<Map<number, Uint8Array>> {
  const { rows } = await sql.query(
    "SELECT index::float8 AS index, hashes FROM merkle_tile WHERE level = 0 AND index = ANY($1::bigint[])",
    [[...new Set(entries.map((entry) => Math.floor(entry / TILE_HASHES)))]],
  );
  return new Map(rows.map((row) => [Number(row["index"]), row["hashes"] as Uint8Array]));
}

/** Everything above the leaves, by "level/index". */
export async function readUpperTiles(sql: SqlExecutor): Promise<Map<string, Uint8Array>> {
  const { rows } = await sql.query("SELECT level, index, hashes FROM merkle_tile WHERE level > 0");
  return new Map(rows.map((row) => [`${String(row.level)}/${String(row.index)}`, row.hashes as Uint8Array]));
}

/** All their hashes go as one value: each by itself would be written as text, and read from it. */
export async function writeTiles(sql: SqlExecutor, tiles: readonly Tile[]): Promise<void> {
  let end = 0;
  const starts = tiles.map(({ hashes }) => (end += hashes.length) - hashes.length + 1);
  await sql.query(
    `INSERT INTO merkle_tile (level, index, hashes)
     SELECT t.level, t.index, substring($5::bytea FROM t.start FOR t.length)
     FROM unnest($1::int[], $2::bigint[], $3::int[], $4::int[]) AS t (level, index, start, length)
     ON CONFLICT (level, index) DO UPDATE SET hashes = excluded.hashes`,
    [
      tiles.map(({ level }) => level),
      tiles.map(({ index }) => index),
      starts,
      tiles.map(({ hashes }) => hashes.length),
      Buffer.concat(tiles.map(({ hashes }) => hashes)),
    ],
  );
}
