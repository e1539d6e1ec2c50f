import type { ColourSlot } from "#lib/charts/colours.ts";

const FIXED = {
  rest: "var(--series-rest)",
  shared: "var(--part-shared)",
  idle: "var(--part-idle)",
  unallocated: "var(--part-hatch)",
};

/** The CSS colour of a slot, in the theme at hand. */
export function slotColour(slot: ColourSlot | undefined): string {
  if (slot === undefined) return FIXED.rest;
  return typeof slot === "number" ? `var(--series-${slot + 1})` : FIXED[slot];
}
