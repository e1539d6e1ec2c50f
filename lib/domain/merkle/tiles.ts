import { AppError } from "#lib/errors.ts";
import { nodeHash, type Sha256, type SubtreeReader } from "#lib/domain/merkle/tree-hash.ts";

/**
 * How a tree is kept: tiles of 256 hashes. A hash of tile level 0 is a leaf's, one of tile level n is the root of a complete subtree of
 * 256^n leaves; what lies between two tile levels is computed from at most 256 hashes. The shape is that of C2SP's tlog-tiles.
 */
export type Tile = { level: number; index: number; hashes: Uint8Array };

/** Log₂ of the hashes in a tile. */
export const TILE_LEVELS = 8;
export const TILE_HASHES = 2 ** TILE_LEVELS;
export const HASH_BYTES = 32;

export type TilePlace = Pick<Tile, "level" | "index">;
export type TileReader = (level: number, index: number) => Uint8Array | undefined;

/** Reads complete subtrees out of tiles. Throws AppError "not_found" where a tile, or a hash of it, is not there. */
export function subtreesOf(sha256: Sha256, tiles: TileReader): SubtreeReader {
  return (level, index) => {
    const { tile, first, width } = placeOf(level, index);
    const hashes = tiles(tile.level, tile.index);
    if (!hashes || hashes.length < (first + width) * HASH_BYTES)
      throw new AppError(
        "not_found",
        `The log's tree lacks tile ${tile.index} of level ${tile.level}, or the end of it.`,
      );
    let row = Array.from({ length: width }, (_, at) => hashAt(hashes, first + at));
    while (row.length > 1) row = pairUp(sha256, row);
    return row[0] as Uint8Array;
  };
}

/** The tile that a subtree is computed from, and which of its hashes. */
function placeOf(level: number, index: number): { tile: TilePlace; first: number; width: number } {
  const width = 2 ** (level % TILE_LEVELS);
  const start = index * width;
  const tile = { level: Math.floor(level / TILE_LEVELS), index: Math.floor(start / TILE_HASHES) };
  return { tile, first: start % TILE_HASHES, width };
}

/** The tiles that a computation reads, each once: it is made on a tree of nothing. Which subtrees a proof asks for is told by sizes alone. */
export function tilesReadBy(compute: (read: SubtreeReader) => unknown): TilePlace[] {
  const asked = new Map<string, TilePlace>();
  compute((level, index) => {
    const { tile } = placeOf(level, index);
    asked.set(`${tile.level}/${tile.index}`, tile);
    return new Uint8Array(HASH_BYTES);
  });
  return [...asked.values()];
}

/** The same subtrees, each computed once: whoever proves many entries asks for most of them again and again. */
export function rememberSubtrees(read: SubtreeReader): SubtreeReader {
  const known = new Map<string, Uint8Array>();
  return (level, index) => {
    const key = `${level}/${index}`;
    const found = known.get(key) ?? read(level, index);
    known.set(key, found);
    return found;
  };
}

/**
 * The tiles that change when `leaves` (their hashes) are appended to a tree of `size` leaves: whole new contents, the last of each
 * level perhaps partly filled. `tiles` has to know the last, partly filled tile of every level.
 */
export function appendLeaves(sha256: Sha256, tiles: TileReader, size: number, leaves: readonly Uint8Array[]): Tile[] {
  const changed: Tile[] = [];
  let level = 0;
  let begin = size;
  let added = leaves;
  while (added.length > 0) {
    const own = fillTiles(tiles, level, begin, added);
    changed.push(...own);
    begin = Math.floor(begin / TILE_HASHES);
    added = own.filter(isFull).map(({ hashes }) => rootOfTile(sha256, hashes));
    level++;
  }
  return changed;
}

function fillTiles(tiles: TileReader, level: number, begin: number, added: readonly Uint8Array[]): Tile[] {
  const own: Tile[] = [];
  for (let at = 0; at < added.length;) {
    const index = Math.floor((begin + at) / TILE_HASHES);
    const known = (begin + at) % TILE_HASHES;
    const taken = Math.min(TILE_HASHES - known, added.length - at);
    const hashes = new Uint8Array((known + taken) * HASH_BYTES);
    if (known > 0) {
      const before = tiles(level, index);
      if (!before || before.length < known * HASH_BYTES)
        throw new AppError("not_found", `The log's tree lacks the end of tile ${index} of level ${level}.`);
      hashes.set(before.subarray(0, known * HASH_BYTES));
    }
    for (let n = 0; n < taken; n++) hashes.set(added[at + n] as Uint8Array, (known + n) * HASH_BYTES);
    own.push({ level, index, hashes });
    at += taken;
  }
  return own;
}

function isFull({ hashes }: Tile): boolean {
  return hashes.length === TILE_HASHES * HASH_BYTES;
}

/** The root of the complete subtree that a full tile is the lower edge of. */
export function rootOfTile(sha256: Sha256, hashes: Uint8Array): Uint8Array {
  let row = Array.from({ length: TILE_HASHES }, (_, at) => hashAt(hashes, at));
  while (row.length > 1) row = pairUp(sha256, row);
  return row[0] as Uint8Array;
}

function hashAt(hashes: Uint8Array, at: number): Uint8Array {
  return hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
}

function pairUp(sha256: Sha256, row: readonly Uint8Array[]): Uint8Array[] {
  return Array.from({ length: row.length / 2 }, (_, at) =>
    nodeHash(sha256, row[at * 2] as Uint8Array, row[at * 2 + 1] as Uint8Array),
  );
}
