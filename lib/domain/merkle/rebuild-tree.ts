import {
  appendLeaves,
  HASH_BYTES,
  rootOfTile,
  subtreesOf,
  TILE_HASHES,
  type TileReader,
} from "#lib/domain/merkle/tiles.ts";
import { rangeHash, type Sha256 } from "#lib/domain/merkle/tree-hash.ts";

/**
 * A tree computed anew from its leaves alone, tile by tile in order, so that nothing of what is stored above them has to be believed.
 * Keeps one hash in 256.
 */
export function createTreeRebuild(sha256: Sha256) {
  const upper = new Map<string, Uint8Array>();
  const readUpper: TileReader = (level, index) => upper.get(`${level + 1}/${index}`);
  let fullTiles = 0;
  return {
    /** The next tiles of leaves; only the last of all may be partly filled. */
    add(leafTiles: readonly Uint8Array[]): void {
      const roots = leafTiles
        .filter(({ length }) => length === TILE_HASHES * HASH_BYTES)
        .map((hashes) => rootOfTile(sha256, hashes));
      for (const { level, index, hashes } of appendLeaves(sha256, readUpper, fullTiles, roots))
        upper.set(`${level + 1}/${index}`, hashes);
      fullTiles += roots.length;
    },
    /** The root of the first `size` entries. `leafTile` reads the one tile in which they end. */
    root(size: number, leafTile: (index: number) => Uint8Array | undefined): Uint8Array {
      const tiles: TileReader = (level, index) => (level === 0 ? leafTile(index) : upper.get(`${level}/${index}`));
      return rangeHash(sha256, subtreesOf(sha256, tiles), 0, size);
    },
    /** What is above the leaves, by "level/index". */
    upper: upper as ReadonlyMap<string, Uint8Array>,
  };
}
