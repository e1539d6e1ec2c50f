import type { Random } from "#demo/estate/random.ts";

/** A stretch of time in which a rule fails, or could not be evaluated. */
export type DrawnFailure = { from: Date; to: Date; isUnknown: boolean };

const DAY_MS = 86_400_000;
/** Draws are made for each quarter since then, so that the past is the same whatever day it is. */
const EPOCH = Date.UTC(2025, 0, 1);
const QUARTER_DAYS = 91;
const QUARTERS = 24;
const LONGEST_FAILURE_DAYS = 140;
/** Of a thousand failures so many are a rule that could not be evaluated for a while. */
const UNKNOWN_PER_MILLE = 60;

/** Failures that come and go, in order of their beginning; one may begin before the one before it has ended. @param perMille at any time. */
export function drawFailures(random: Random, perMille: number): DrawnFailure[] {
  const drawn: DrawnFailure[] = [];
  for (let quarter = 0; quarter < QUARTERS; quarter += 1) {
    const isFailing = random.perMille(2 * perMille);
    const from = new Date(
      EPOCH + (quarter * QUARTER_DAYS + random.below(QUARTER_DAYS)) * DAY_MS + random.below(86_400) * 1000,
    );
    const to = new Date(from.getTime() + (2 + random.below(LONGEST_FAILURE_DAYS)) * DAY_MS);
    const isUnknown = random.perMille(UNKNOWN_PER_MILLE);
    if (isFailing) drawn.push({ from, to, isUnknown });
  }
  return drawn;
}
