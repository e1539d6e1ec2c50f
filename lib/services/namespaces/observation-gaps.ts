import type { TimeRange } from "#lib/domain/dormancy/sign.ts";

/** One time that a cluster was looked at; `unknownKinds` as RBAC names them. */
export type Look = { at: Date; outcome: "complete" | "partial" | "failed"; unknownKinds: readonly string[] };

const HOUR_MS = 3_600_000;
/** A look stands for what comes after it for twice the usual distance between looks, and for a day with some slack at most. */
const USUAL_DISTANCES = 2;
const SHORTEST_STAND_MS = HOUR_MS;
const LONGEST_STAND_MS = 26 * HOUR_MS;
/** Distances on either side that tell what is usual at a look. */
const NEIGHBOURS = 4;

/**
 * The stretches in which nobody looked at some kinds, from the first look that knew them up to `until`. Pure.
 *
 * @param kinds the kinds that a look must have known to count; none = any look that listed every namespace.
 */
export function observationGaps(looks: readonly Look[], kinds: readonly string[], until: Date): TimeRange[] {
  const known = looks
    .filter(({ outcome, unknownKinds }) => outcome === "complete" && !unknownKinds.some((kind) => kinds.includes(kind)))
    .map(({ at }) => at.getTime())
    .toSorted((a, b) => a - b);
  const distances = known.slice(1).map((time, index) => time - (known[index] ?? time));
  return [...known, until.getTime()].slice(1).flatMap((next, index) => {
    const end = (known[index] ?? next) + standOf(distances, index);
    return next > end ? [{ from: new Date(end).toISOString(), to: new Date(next).toISOString() }] : [];
  });
}

/** A schedule may have been changed: what is usual is told by the looks around. */
function standOf(distances: readonly number[], index: number): number {
  const around = distances.slice(Math.max(0, index - NEIGHBOURS), index + NEIGHBOURS + 1).toSorted((a, b) => a - b);
  const usual = around[Math.floor(around.length / 2)] ?? LONGEST_STAND_MS;
  return Math.min(LONGEST_STAND_MS, Math.max(SHORTEST_STAND_MS, usual * USUAL_DISTANCES));
}
