import { AppError } from "#lib/errors.ts";
import { HASH_BYTES } from "#lib/domain/merkle/tiles.ts";
import {
  isSameHash,
  nodeHash,
  rangeHash,
  splitLevel,
  type Sha256,
  type SubtreeReader,
} from "#lib/domain/merkle/tree-hash.ts";

/**
 * The audit path of leaf `index` in the tree of `size` leaves, from the leaf up (RFC 6962 section 2.1.1).
 *
 * @throws AppError "invalid_input" where the tree has no such leaf.
 */
export function proveInclusion(sha256: Sha256, read: SubtreeReader, index: number, size: number): Uint8Array[] {
  if (!isCount(index) || !isCount(size) || index >= size)
    throw new AppError("invalid_input", `A log of ${size} entries has no entry ${index}; they count from 0.`);
  const path: Uint8Array[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const middle = from + 2 ** splitLevel(to - from);
    const isLeft = index < middle;
    path.push(isLeft ? rangeHash(sha256, read, middle, to) : rangeHash(sha256, read, from, middle));
    if (isLeft) to = middle;
    else from = middle;
  }
  return path.toReversed();
}

/** True where `path` leads from the leaf to the root. Follows RFC 9162 section 2.1.3.2, which reads the same proofs. */
export function verifyInclusion(
  sha256: Sha256,
  claim: { leaf: Uint8Array; index: number; size: number; root: Uint8Array; path: readonly Uint8Array[] },
): boolean {
  const { leaf, index, size, root, path } = claim;
  if (!isCount(index) || !isCount(size) || index >= size || !path.every(isHash)) return false;
  let position = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      hash = nodeHash(sha256, sibling, hash);
      while (position % 2 === 0 && position !== 0) [position, last] = [half(position), half(last)];
    } else hash = nodeHash(sha256, hash, sibling);
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && isSameHash(hash, root);
}

/**
 * What shows that the tree of `size` leaves begins with the tree of `earlier` leaves (RFC 6962 section 2.1.2). Empty where they are
 * the same tree, or the earlier one is empty.
 *
 * @throws AppError "invalid_input" where the earlier tree is the larger one.
 */
export function proveConsistency(sha256: Sha256, read: SubtreeReader, earlier: number, size: number): Uint8Array[] {
  if (!isCount(earlier) || !isCount(size) || earlier > size)
    throw new AppError("invalid_input", `A log of ${size} entries has no beginning of ${earlier} entries.`);
  if (earlier === 0 || earlier === size) return [];
  const proof: Uint8Array[] = [];
  let [from, to, isWhole] = [0, size, true];
  while (earlier !== to) {
    const middle = from + 2 ** splitLevel(to - from);
    if (earlier <= middle) {
      proof.push(rangeHash(sha256, read, middle, to));
      to = middle;
    } else {
      proof.push(rangeHash(sha256, read, from, middle));
      from = middle;
      isWhole = false;
    }
  }
  if (!isWhole) proof.push(rangeHash(sha256, read, from, to));
  return proof.toReversed();
}

/** True where the log of `size` entries begins with all of the `earlier` ones. Follows RFC 9162 section 2.1.4.2. */
export function verifyConsistency(
  sha256: Sha256,
  claim: { earlier: number; earlierRoot: Uint8Array; size: number; root: Uint8Array; proof: readonly Uint8Array[] },
): boolean {
  const { earlier, earlierRoot, size, root, proof } = claim;
  if (!isCount(earlier) || !isCount(size) || earlier > size || !proof.every(isHash)) return false;
  if (earlier === 0) return proof.length === 0 && isSameHash(earlierRoot, sha256(new Uint8Array(0)));
  if (earlier === size) return proof.length === 0 && isSameHash(earlierRoot, root);
  let [position, last] = [earlier - 1, size - 1];
  while (position % 2 === 1) [position, last] = [half(position), half(last)];
  const [first, ...others] = position === 0 ? [earlierRoot, ...proof] : proof;
  if (!first) return false;
  let old = first;
  let whole = first;
  for (const sibling of others) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      old = nodeHash(sha256, sibling, old);
      whole = nodeHash(sha256, sibling, whole);
      while (position % 2 === 0 && position !== 0) [position, last] = [half(position), half(last)];
    } else whole = nodeHash(sha256, whole, sibling);
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && isSameHash(old, earlierRoot) && isSameHash(whole, root);
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function isHash({ length }: Uint8Array): boolean {
  return length === HASH_BYTES;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
