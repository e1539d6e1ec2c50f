/**
 * Numbers that anybody can draw again from the same seed, in any language: mulberry32 by Tommy Ettinger (public domain), seeded by the
 * FNV-1a hash (32 bits) of the seed's UTF-8 bytes. Each number is below 2^32.
 *
 * https://gist.github.com/tommyettinger/46a874533244883189143505d203312c and http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function seededNumbers(seed: string): () => number {
  let state = fnv1a(seed);
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/**
 * Draws `size` different places out of `0 … population - 1`, each set of them as likely as any other, in the order of the population
 * (Floyd's algorithm: CACM 30(9), 1987). Answers every place where the population is not larger.
 */
export function samplePlaces(population: number, size: number, seed: string): number[] {
  if (size >= population) return Array.from({ length: population }, (_, index) => index);
  const next = seededNumbers(seed);
  const drawn = new Set<number>();
  for (let last = population - size; last < population; last += 1) {
    const place = below(next, last + 1);
    drawn.add(drawn.has(place) ? last : place);
  }
  return [...drawn].toSorted((one, other) => one - other);
}

const SPAN = 2 ** 32;

/** Evenly below `bound`: numbers of the last, incomplete round are drawn again. */
function below(next: () => number, bound: number): number {
  const limit = SPAN - (SPAN % bound);
  for (;;) {
    const number = next();
    if (number < limit) return number % bound;
  }
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of utf8(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** UTF-8 by hand: pure code has no encoder of its own. */
function* utf8(text: string): Generator<number> {
  for (const character of encodeURIComponent(text.toWellFormed()).matchAll(/%([0-9A-F]{2})|(.)/g))
    yield character[1] === undefined ? (character[2] ?? "").charCodeAt(0) : Number.parseInt(character[1], 16);
}
