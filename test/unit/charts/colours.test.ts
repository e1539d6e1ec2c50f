import fc from "fast-check";
import { expect, test } from "vitest";
import { colourSlot, colourSlots, PALETTE_SIZE } from "#lib/charts/colours.ts";

const keysArbitrary = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { maxLength: 20 });

test("up to eight keys never share a colour", () => {
  fc.assert(
    fc.property(keysArbitrary, (keys) => {
      const slots = [...colourSlots(keys).values()];
      expect(slots).toHaveLength(keys.length);
      expect(new Set(slots).size).toBe(Math.min(keys.length, PALETTE_SIZE));
      for (const slot of slots) expect([0, 1, 2, 3, 4, 5, 6, 7]).toContain(slot);
    }),
  );
});

test("rank and order do not change a colour", () => {
  fc.assert(
    fc.property(keysArbitrary, (keys) => {
      const straight = colourSlots(keys);
      const reversed = colourSlots(keys.toReversed());
      for (const key of keys) expect(reversed.get(key)).toBe(straight.get(key));
    }),
  );
});

test("a key keeps its own colour unless another one of the set holds it", () => {
  fc.assert(
    fc.property(keysArbitrary, (keys) => {
      const slots = colourSlots(keys);
      const wished = new Set(keys.map((key) => colourSlot(key)));
      const atHome = keys.filter((key) => slots.get(key) === colourSlot(key));
      expect(atHome.length).toBeGreaterThanOrEqual(wished.size);
    }),
  );
});

test("colours are the same on every machine and in every release", () => {
  expect(["claims", "motor", "life", "underwriting"].map((key) => colourSlot(key))).toEqual([7, 2, 7, 0]);
});

test("the rest and what nobody was given stand outside the palette", () => {
  expect(colourSlots([null, "", "claims"]).get(null)).toBe("rest");
  expect(colourSlots([null, "", "claims"]).get("")).toBe("unallocated");
  expect(colourSlot(null)).toBe("rest");
});
