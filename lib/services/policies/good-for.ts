import { lookReachMs } from "#lib/services/evaluations/look-reach.ts";

const HOUR_MS = 3_600_000;

/** How long a look at a cluster speaks: two of the hours in which it is looked at. */
const CLUSTER_GOOD_FOR_MS = 2 * HOUR_MS;

/** Organisations are read every six hours. */
const ACCOUNTS_GOOD_FOR_MS = 12 * HOUR_MS;

/** People are judged with the directory and after looks at clusters, which is every hour; a day without either is a gap. */
export const PEOPLE_GOOD_FOR_MS = 24 * HOUR_MS;

/** How long a look at a source of inventory speaks: by its own schedule where it has one. */
export function inventoryReachMs(schedule: string | null | undefined, kind: "cluster" | "accounts", at: Date): number {
  if (schedule) return lookReachMs(schedule, at);
  return kind === "cluster" ? CLUSTER_GOOD_FOR_MS : ACCOUNTS_GOOD_FOR_MS;
}
