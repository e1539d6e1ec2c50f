/** What an accepted risk is accepted for: from one thing to everything that the rule speaks of. */
export const WAIVER_SCOPES = ["resource", "namespace", "cluster", "account", "team", "all"] as const;
export type WaiverScope = (typeof WAIVER_SCOPES)[number];

/** Where a waiver stands at an instant. Only "active" and "ending" have an effect. */
export const WAIVER_STATES = ["waiting", "ending", "active", "upcoming", "expired", "ended", "refused"] as const;
export type WaiverState = (typeof WAIVER_STATES)[number];

/** One that ends within these days is about to end: somebody has to mend what it covers, or to ask again. */
export const ENDING_DAYS = 30;

/** The longest that a risk can be accepted in one go. What nobody looks at again is no decision. */
export const LONGEST_DAYS = 366;

const DAY_MS = 86_400_000;

/** What a waiver's standing depends on. Half-open: it holds in `[max(validFrom, decidedAt), min(endsAt, endedAt))`. */
export type WaiverTimes = {
  validFrom: Date;
  endsAt: Date;
  decidedAt: Date | null;
  decision: "approved" | "refused" | null;
  endedAt: Date | null;
};

/**
 * Where a waiver stands at an instant, by what was known then: a decision or an end that came later does not count. A request that nobody
 * decided before its end has expired without ever having held.
 */
export function waiverState(waiver: WaiverTimes, at: Date): WaiverState {
  const instant = at.getTime();
  const isKnown = (moment: Date | null): boolean => moment !== null && moment.getTime() <= instant;
  const decision = isKnown(waiver.decidedAt) ? waiver.decision : null;
  if (decision === "refused") return "refused";
  if (isKnown(waiver.endedAt)) return "ended";
  if (waiver.endsAt.getTime() <= instant) return "expired";
  if (decision === null) return "waiting";
  if (waiver.validFrom.getTime() > instant) return "upcoming";
  return waiver.endsAt.getTime() - instant <= ENDING_DAYS * DAY_MS ? "ending" : "active";
}

/** Whether failures that it covers are waived at an instant. */
export function isWaiverInForce(waiver: WaiverTimes, at: Date): boolean {
  const state = waiverState(waiver, at);
  return state === "active" || state === "ending";
}
