import type { TimeRange } from "#lib/domain/dormancy/sign.ts";

/** One time that a cluster was looked at; `unknownKinds` as RBAC names them. */
export type Look = { at: Date; outcome: "complete" | "partial" | "failed"; unknownKinds: readonly string[] };

const HOUR_MS = 3_600_000;
/** A look stands for what comes after it for twice the usual distance between looks, and for a day with some slack at most. */
const USUAL_DISTANCES = 2;
const SHORTEST_STAND_MS = HOUR_MS;
const LONGEST_STAND_MS = 26 * HOUR_MS;

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
  const stand = standOf(known);
  return [...known, until.getTime()].slice(1).flatMap((next, index) => {
    const end = (known[index] ?? next) + stand;
    return next > end ? [{ from: new Date(end).toISOString(), to: new Date(next).toISOString() }] : [];
  });
}

function standOf(times: readonly number[]): number {
  const distances = times
    .slice(1)
    .map((time, index) => time - (times[index] ?? time))
    .toSorted((a, b) => a - b);
  const usual = distances[Math.floor(distances.length / 2)] ?? LONGEST_STAND_MS;
  return Math.min(LONGEST_STAND_MS, Math.max(SHORTEST_STAND_MS, usual * USUAL_DISTANCES));
}
