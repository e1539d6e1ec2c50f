import { startOf, type Day } from "#lib/domain/period.ts";
import type { Calendar } from "#demo/estate/calendar.ts";
import { drawFailures } from "#demo/estate/failures.ts";
import { randomFor } from "#demo/estate/random.ts";

/** A policy that Kyverno reports on. */
export type PlannedPolicy = {
  policy: string;
  rule: string;
  severity: "low" | "medium" | "high";
  /** When it was installed; null = before the history begins. */
  from: Day | null;
};

/** As a PolicyReport words it. */
export type PolicyResult = "pass" | "fail" | "error";

export type ResultStretch = { from: Date; to: Date | null; result: PolicyResult };

/** Is installed from the middle of the history on. */
export const LATE_POLICY = "disallow-host-path";
/** Of a thousand results so many fail. */
const FAILING_PER_MILLE = 100;

export function plannedPolicies({ periods }: Pick<Calendar, "periods">): PlannedPolicy[] {
  const late = `${periods[Math.floor(periods.length / 2)] ?? ""}-10` as Day;
  return [
    { policy: "require-requests-limits", rule: "validate-resources", severity: "medium", from: null },
    { policy: "disallow-privileged-containers", rule: "privileged-containers", severity: "high", from: null },
    { policy: "disallow-latest-tag", rule: "require-image-tag", severity: "medium", from: null },
    { policy: "require-owner-label", rule: "check-owner", severity: "low", from: null },
    { policy: LATE_POLICY, rule: "host-path", severity: "medium", from: late },
  ];
}

/**
 * What a policy says of one thing from an instant on: every instant after it is in one stretch.
 *
 * @param thing "<cluster> <namespace>/<workload>".
 */
export function resultStretches(
  seed: string,
  { policy, from: installed }: PlannedPolicy,
  thing: string,
  since: Date,
): ResultStretch[] {
  const random = randomFor(seed, "policy", policy, thing);
  const begin = installed === null || startOf(installed) < since ? since : startOf(installed);
  const stretches: ResultStretch[] = [];
  let at = begin;
  const until = (to: Date, result: PolicyResult) => {
    if (to <= at) return;
    stretches.push({ from: at, to, result });
    at = to;
  };
  for (const { from, to, isUnknown } of drawFailures(random, FAILING_PER_MILLE)) {
    until(from, "pass");
    until(to, isUnknown ? "error" : "fail");
  }
  return [...stretches, { from: at, to: null, result: "pass" }];
}

/** What a policy says of one thing at an instant; null where it was not installed yet. */
export function resultAt(seed: string, policy: PlannedPolicy, thing: string, at: Date): PolicyResult | null {
  if (policy.from !== null && at < startOf(policy.from)) return null;
  return resultStretches(seed, policy, thing, at)[0]?.result ?? null;
}
