/** SHA-256 of bytes, 32 bytes long. It is handed in, so that arithmetic stays free of any machine's library. */
export type Sha256 = (data: Uint8Array) => Uint8Array;

/** The root of the complete subtree that covers leaves `[index × 2^level, (index + 1) × 2^level)`. */
export type SubtreeReader = (level: number, index: number) => Uint8Array;

/** What stands before the data of a leaf when they are hashed. */
export const LEAF_PREFIX = Uint8Array.of(0);

/** Hash of a leaf: SHA-256(0x00 ‖ data), RFC 6962 section 2.1. */
export function leafHash(sha256: Sha256, data: Uint8Array): Uint8Array {
  const prefixed = new Uint8Array(data.length + 1);
  prefixed.set(data, 1);
  return sha256(prefixed);
}

/** Hash of an inner node: SHA-256(0x01 ‖ left ‖ right), RFC 6962 section 2.1. */
export function nodeHash(sha256: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array {
  node.set(left, 1);
  node.set(right, 1 + left.length);
  return sha256(node);
}

/** Two hashes of 32 bytes each behind the prefix of a node. A tree has as many nodes as leaves: they are put together in one place. */
const node = Uint8Array.from({ length: 65 }, (_, at) => (at === 0 ? 1 : 0));

/** The largest power of two that is smaller than `size`, as its exponent. `size` is at least 2. */
export function splitLevel(size: number): number {
  let level = 0;
  while (2 ** (level + 1) < size) level++;
  return level;
}

/**
 * The tree hash over leaves `[from, to)` (RFC 6962 section 2.1, MTH), where `from` is a multiple of the range's largest complete
 * subtree, as it always is for the parts of a tree. Complete subtrees are read, not computed. Of no leaves it is SHA-256 of nothing.
 */
export function rangeHash(sha256: Sha256, read: SubtreeReader, from: number, to: number): Uint8Array {
  const size = to - from;
  if (size === 0) return sha256(new Uint8Array(0));
  const level = size === 1 ? 0 : splitLevel(size);
  const half = 2 ** level;
  if (size === 1) return read(0, from);
  if (size === half * 2 && from % size === 0) return read(level + 1, from / size);
  return nodeHash(sha256, rangeHash(sha256, read, from, from + half), rangeHash(sha256, read, from + half, to));
}

export function isSameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
