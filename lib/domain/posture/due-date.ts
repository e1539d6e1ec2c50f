import type { Severity } from "#lib/domain/posture/verdict.ts";

const DAY_MS = 86_400_000;

/** Days within which a failure of each severity has to be resolved, where nobody has configured others. */
export const DUE_DAYS: Readonly<Record<Severity, number>> = { critical: 7, high: 30, medium: 90, low: 180 };

/** When a failure that began at `heldFrom` has to be resolved; null where its severity is not known. */
export function dueDate(heldFrom: Date, severity: Severity | null): Date | null {
  return severity === null ? null : new Date(heldFrom.getTime() + DUE_DAYS[severity] * DAY_MS);
}
