/** What is not one of the compared things has a colour of its own, outside the categorical palette. */
export type FixedSlot = "rest" | "shared" | "idle" | "unallocated";

/** A place in the palette of eight, 0 to 7, or a fixed one. */
export type ColourSlot = number | FixedSlot;

/** Colours of the categorical palette. */
export const PALETTE_SIZE = 8;

/**
 * The colour slot of each key that is shown together. null is "the rest" and "" is what nobody was given.
 *
 * A key's slot comes from its own text, so that a team has the same colour on every page, whatever its rank. Only
 * where two keys of the set want the same slot does the one with the larger hash step aside to a free one; the order
 * in which the keys are given never matters. Beyond eight keys slots are used again.
 */
export function colourSlots(keys: Iterable<string | null>): Map<string | null, ColourSlot> {
  const distinct = new Set(keys);
  const slots = new Map<string | null, ColourSlot>();
  if (distinct.delete(null)) slots.set(null, "rest");
  if (distinct.delete("")) slots.set("", "unallocated");

  const wishes = [...distinct]
    .filter((key) => key !== null)
    .map((key) => ({ key, hash: hashOf(key) }))
    .toSorted((a, b) => a.hash - b.hash || (a.key < b.key ? -1 : 1));
  const taken = new Set<number>();
  const displaced = wishes.filter(({ key, hash }) => {
    const slot = hash % PALETTE_SIZE;
    if (taken.has(slot)) return true;
    taken.add(slot);
    slots.set(key, slot);
    return false;
  });
  for (const { key, hash } of displaced) {
    if (taken.size >= PALETTE_SIZE) taken.clear();
    const slot = firstFree(hash, taken);
    taken.add(slot);
    slots.set(key, slot);
  }
  return slots;
}

/** The slot that a key has when it is shown alone, for a chip or a dot beside its name. */
export function colourSlot(key: string | null): ColourSlot {
  return colourSlots([key]).get(key) ?? "rest";
}

/** Walks the palette from the wished slot in odd steps, which come past each of the eight once. */
function firstFree(hash: number, taken: ReadonlySet<number>): number {
  const step = (Math.floor(hash / PALETTE_SIZE) % (PALETTE_SIZE / 2)) * 2 + 1;
  const walk = Array.from({ length: PALETTE_SIZE }, (_, index) => (hash + index * step) % PALETTE_SIZE);
  return walk.find((slot) => !taken.has(slot)) ?? hash % PALETTE_SIZE;
}

/** 32-bit FNV-1a over UTF-16 code units, with the final mix of MurmurHash3 so that keys differing in one letter spread. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
