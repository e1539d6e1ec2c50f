import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { proveConsistency, proveInclusion, verifyConsistency, verifyInclusion } from "#lib/domain/merkle/proofs.ts";
import { appendLeaves, subtreesOf, tilesReadBy } from "#lib/domain/merkle/tiles.ts";
import { leafHash, nodeHash, rangeHash, type SubtreeReader } from "#lib/domain/merkle/tree-hash.ts";

const sha256 = (data: Uint8Array) => new Uint8Array(createHash("sha256").update(data).digest());
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const leafOf = (n: number) => leafHash(sha256, new TextEncoder().encode(`entry ${n}`));

/** The definition of RFC 6962 section 2.1, over leaves in memory. */
function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array(0));
  if (leaves.length === 1) return leaves[0]!;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(sha256, treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)));
}

/** A tree that was appended to in batches of these sizes. */
function grow(batches: readonly number[]) {
  const kept = new Map<string, Uint8Array>();
  const tiles = (level: number, index: number) => kept.get(`${level}/${index}`);
  const leaves: Uint8Array[] = [];
  for (const batch of batches) {
    const added = Array.from({ length: batch }, (_, n) => leafOf(leaves.length + n));
    for (const tile of appendLeaves(sha256, tiles, leaves.length, added))
      kept.set(`${tile.level}/${tile.index}`, tile.hashes);
    leaves.push(...added);
  }
  return { leaves, kept, read: subtreesOf(sha256, tiles) };
}

describe("a tree kept in tiles", () => {
  test("of no entries is the hash of nothing", () => {
    expect(hex(rangeHash(sha256, grow([]).read, 0, 0))).toBe(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
  });

  test("has the root that RFC 6962 defines, whatever batches it grew by", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 6 }), (batches) => {
        const { leaves, read } = grow(batches);
        expect(hex(rangeHash(sha256, read, 0, leaves.length))).toBe(hex(treeHash(leaves)));
      }),
      { numRuns: 60 },
    );
  });

  test("of 70,000 entries reaches its third level of tiles", () => {
    const { leaves, read, kept } = grow([65_000, 5_000]);
    expect([...kept.keys()].some((key) => key.startsWith("2/"))).toBe(true);
    expect(hex(rangeHash(sha256, read, 0, leaves.length))).toBe(hex(treeHash(leaves)));
  });

  test("that lost a tile says which", () => {
    const { kept, leaves, read } = grow([600]);
    kept.delete("0/1");
    expect(() => proveInclusion(sha256, read, 300, leaves.length)).toThrow(/tile 1 of level 0/);
  });
});

const sizes = fc
  .record({
    size: fc.integer({ min: 1, max: 700 }),
    share: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  })
  .map(({ size, share }) => ({ size, part: Math.floor(share * size) }));

describe("an inclusion proof", () => {
  test("verifies its entry, and no other entry, place, size or root", () => {
    fc.assert(
      fc.property(sizes, ({ size, part: index }) => {
        const { leaves, read } = grow([size]);
        const path = proveInclusion(sha256, read, index, size);
        const claim = { leaf: leaves[index]!, index, size, root: treeHash(leaves), path };
        expect(verifyInclusion(sha256, claim)).toBe(true);
        expect(verifyInclusion(sha256, { ...claim, leaf: leafOf(size) })).toBe(false);
        expect(verifyInclusion(sha256, { ...claim, root: sha256(claim.root) })).toBe(false);
        expect(verifyInclusion(sha256, { ...claim, path: [...path, leafOf(1)] })).toBe(false);
        expect(verifyInclusion(sha256, { ...claim, path: path.slice(1) })).toBe(path.length === 0);
        expect(verifyInclusion(sha256, { ...claim, index: (index + 1) % size })).toBe(size === 1);
        expect(verifyInclusion(sha256, { ...claim, index: size })).toBe(false);
      }),
      { numRuns: 80 },
    );
  });

  test("of an entry that is not there is refused", () => {
    const { read } = grow([3]);
    expect(() => proveInclusion(sha256, read, 3, 3)).toThrow(/no entry 3/);
  });
});

describe("a consistency proof", () => {
  test("verifies every beginning of a log", () => {
    const { leaves, read } = grow([40]);
    for (let size = 1; size <= 40; size++)
      for (let earlier = 0; earlier <= size; earlier++) {
        const claim = {
          earlier,
          earlierRoot: treeHash(leaves.slice(0, earlier)),
          size,
          root: treeHash(leaves.slice(0, size)),
          proof: proveConsistency(sha256, read, earlier, size),
        };
        expect(verifyConsistency(sha256, claim), `${earlier} of ${size}`).toBe(true);
      }
  });

  test("refuses a log whose past was changed, cut or put in another order", () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 0, max: 10_000 }), ({ size, part }, where) => {
        const earlier = part + 1;
        const { leaves, read } = grow([size]);
        const proof = proveConsistency(sha256, read, earlier, size);
        const forged = leaves.slice(0, earlier);
        forged[where % earlier] = leafOf(100_000);
        const claim = { earlier, earlierRoot: treeHash(forged), size, root: treeHash(leaves), proof };
        expect(verifyConsistency(sha256, claim)).toBe(false);
        expect(verifyConsistency(sha256, { ...claim, earlierRoot: treeHash(leaves.slice(0, earlier - 1)) })).toBe(
          false,
        );
        expect(
          verifyConsistency(sha256, {
            ...claim,
            earlierRoot: treeHash(leaves.slice(0, earlier)),
            proof: [...proof, leafOf(0)],
          }),
        ).toBe(false);
      }),
      { numRuns: 80 },
    );
  });
});

describe("a proof made of the tiles that it reads, and of no others", () => {
  const { kept, read } = grow([66_000]);
  /** The proof from the whole tree, and from its own tiles alone; `without`: one of these is missing. */
  const proofsOf = (prove: (tree: SubtreeReader) => Uint8Array[]) => {
    const own = tilesReadBy(prove).map(({ level, index }) => `${level}/${index}`);
    const from = (without: string | null) =>
      prove(
        subtreesOf(sha256, (level, index) => {
          const place = `${level}/${index}`;
          return own.includes(place) && place !== without ? kept.get(place) : undefined;
        }),
      );
    return { own, from, whole: prove(read) };
  };
  const indexes = [0, 1, 255, 256, 257, 511, 40_000, 65_535, 65_536, 65_999];
  const treeSizes = [1, 2, 255, 256, 257, 600, 65_535, 65_536, 65_537, 65_792, 66_000];

  test.each(treeSizes)("is the same in a tree of %i entries, and misses each of them", (size) => {
    for (const index of indexes.filter((one) => one < size)) {
      for (const prove of [
        (tree: SubtreeReader) => [...proveInclusion(sha256, tree, index, size), tree(0, index)],
        (tree: SubtreeReader) => proveConsistency(sha256, tree, index, size),
      ]) {
        const { own, from, whole } = proofsOf(prove);
        expect(from(null).map(hex)).toEqual(whole.map(hex));
        for (const place of own) expect(() => from(place)).toThrow(/lacks tile/);
        // Two of each level: where the entry is, and where the tree ends.
        expect(own.length).toBeLessThanOrEqual(6);
      }
    }
  });
});
