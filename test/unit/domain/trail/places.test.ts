import { describe, expect, test } from "vitest";
import {
  BLOCK_ENTRIES,
  blockOf,
  isMap,
  joinBlocks,
  meetingPlaces,
  MOST_LISTED,
  packPlaces,
  unionBlocks,
  unpackPlaces,
  type Places,
  type BlockPlaces,
} from "#lib/domain/trail/places.ts";

/** Numbers of a fixed course, so that a failure is found again. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ; yield state) state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
}

const joinAll = (all: BlockPlaces[]) =>
  all.reduce(
    (one, other) => joinBlocks(one, other),
    unionBlocks(inBlocks([], false), () => false),
  );

const packed = (places: number[], isFinished: boolean): Places => ({
  count: places.length,
  bytes: packPlaces(places, isFinished),
});

/** The same places in two blocks, with one between them that has none. */
const inBlocks = (places: number[], isFinished: boolean): BlockPlaces => {
  const { count, bytes } = packed(places, isFinished);
  return {
    blocks: [3, 4, 5],
    counts: [count, 0, count],
    lengths: [bytes.length, 0, bytes.length],
    bytes: Buffer.concat([bytes, bytes]),
  };
};

describe("the places of a term", () => {
  test("are what was packed, up to the last of a block", () => {
    const places = [0, 1, 255, 256, BLOCK_ENTRIES - 1];
    expect(unpackPlaces(packed(places, true))).toEqual(places);
    const many = Array.from({ length: MOST_LISTED + 1 }, (_, n) => n * 15 + (n % 7));
    expect([false, true].map((isFinished) => isMap(packed(many, isFinished)))).toEqual([false, true]);
    expect([false, true].map((isFinished) => unpackPlaces(packed(many, isFinished)))).toEqual([many, many]);
    expect([blockOf(BLOCK_ENTRIES - 1), blockOf(BLOCK_ENTRIES)]).toEqual([0, 1]);
  });

  test("meet where every condition has one of its terms, as sets say", () => {
    const random = numbers(7);
    const below = (most: number) => Number(random.next().value) % most;
    for (let round = 0; round < 100; round += 1) {
      const conditions = Array.from({ length: 1 + below(4) }, () =>
        Array.from({ length: 1 + below(3) }, () => {
          const own = Array.from({ length: below(3) === 0 ? 1_500 : below(300) }, () => below(1_800));
          return [...new Set(own)].toSorted((a, b) => a - b);
        }),
      );
      const sets = conditions.map((terms) => new Set(terms.flat()));
      const expected = [...(sets[0] ?? [])].filter((place) => sets.every((set) => set.has(place)));
      const range = { from: 3, to: 6 };
      const unions = conditions.map((terms) => {
        const pieces = joinAll(terms.map((places) => inBlocks(places, below(2) === 0)));
        const [one, other] = [unionBlocks(pieces, (block) => block < 5), unionBlocks(pieces, (block) => block >= 5)];
        return below(2) === 0 ? [one, other] : [joinBlocks(one, other)];
      });
      const found = meetingPlaces(unions, range);
      expect(found.get(3)?.toSorted((a, b) => a - b) ?? []).toEqual(expected.toSorted((a, b) => a - b));
      expect(found.get(5)?.length ?? 0).toBe(expected.length);
      expect(found.get(4) ?? []).toEqual([]);
    }
  });
});
