import fc from "fast-check";
import { expect, test } from "vitest";
import { samplePlaces, seededNumbers } from "#lib/domain/posture/sample.ts";

test("the numbers of a seed are those that anybody else computes", () => {
  // Computed by hand with the two algorithms as they are published.
  const next = seededNumbers("a");
  expect([next(), next()]).toEqual([seededOnce("a", 1), seededOnce("a", 2)]);
});

/** The same by 64-bit arithmetic, so that a mistake in the 32-bit one is seen. */
function seededOnce(seed: string, count: number): number {
  const M = 0xffffffffn;
  let hash = 0x811c9dc5n;
  for (const byte of new TextEncoder().encode(seed)) hash = ((hash ^ BigInt(byte)) * 0x01000193n) & M;
  const state = (hash + 0x6d2b79f5n * BigInt(count)) & M;
  let t = state;
  t = ((t ^ (t >> 15n)) * (t | 1n)) & M;
  t = (t ^ ((t + (((t ^ (t >> 7n)) * (t | 61n)) & M)) & M)) & M;
  return Number((t ^ (t >> 14n)) & M);
}

test("a sample is of different places of the population, in its order, and the same for the same seed", () => {
  fc.assert(
    fc.property(fc.nat(5_000), fc.integer({ min: 1, max: 200 }), fc.string(), (population, size, seed) => {
      const places = samplePlaces(population, size, seed);
      expect(places).toEqual(samplePlaces(population, size, seed));
      expect(places).toHaveLength(Math.min(size, population));
      expect(new Set(places).size).toBe(places.length);
      expect(places).toEqual(places.toSorted((one, other) => one - other));
      expect(places.every((place) => place >= 0 && place < population)).toBe(true);
    }),
  );
});

test("every place is about as likely as any other", () => {
  const drawn = new Map<number, number>();
  for (let seed = 0; seed < 4_000; seed += 1)
    for (const place of samplePlaces(20, 5, `seed ${seed}`)) drawn.set(place, (drawn.get(place) ?? 0) + 1);
  // Each is expected a thousand times; six standard deviations are 165.
  for (let place = 0; place < 20; place += 1) expect(Math.abs((drawn.get(place) ?? 0) - 1_000)).toBeLessThan(165);
});
