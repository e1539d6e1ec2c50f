import { dayText, isOlderThan } from "#lib/policies/age.ts";
import type { NodeFacts } from "#lib/policies/facts.ts";
import type { PolicySettings } from "#lib/policies/policy-settings.ts";
import { fails, passes, unknown, type Judgement, type PolicyContext } from "#lib/policies/policy.ts";

export function judge({ createdAt }: NodeFacts, { now, settings }: PolicyContext<PolicySettings>): Judgement {
  const days = settings.nodeDays;
  if (createdAt === null) return unknown("The cluster does not tell since when the node has been there.");
  const joined = `It joined on ${dayText(createdAt)}`;
  return isOlderThan(createdAt, days, now)
    ? fails(`${joined}, more than ${days} days ago.`)
    : passes(`${joined}, at most ${days} days ago.`);
}
