import type { Severity } from "#lib/domain/posture/verdict.ts";

/** Days within which a failure of each severity has to be resolved, counted from when it failed without a break. */
export const DUE_DAYS: Readonly<Record<Severity, number>> = { critical: 7, high: 30, medium: 90, low: 180 };
