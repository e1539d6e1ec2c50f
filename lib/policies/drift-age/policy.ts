import { dayText, isOlderThan } from "#lib/policies/age.ts";
import type { DriftFacts } from "#lib/policies/facts.ts";
import type { PolicySettings } from "#lib/policies/policy-settings.ts";
import { fails, passes, unknown, type Judgement, type PolicyContext } from "#lib/policies/policy.ts";

export function judge(
  { isDrifted, driftedSince }: DriftFacts,
  { now, settings }: PolicyContext<PolicySettings>,
): Judgement {
  const days = settings.driftDays;
  if (isDrifted === null) return unknown("Whether it is as declared is not known.");
  if (!isDrifted) return passes("It is as declared.");
  if (driftedSince === null) return unknown("It is not as declared; nothing tells since when.");
  const since = `It has not been as declared since ${dayText(driftedSince)}`;
  return isOlderThan(driftedSince, days, now)
    ? fails(`${since}, longer than ${days} days.`)
    : passes(`${since}, at most ${days} days.`);
}
