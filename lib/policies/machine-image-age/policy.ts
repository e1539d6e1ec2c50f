import { dayText, isOlderThan } from "#lib/policies/age.ts";
import type { NodeFacts } from "#lib/policies/facts.ts";
import type { PolicySettings } from "#lib/policies/policy-settings.ts";
import { fails, passes, unknown, type Judgement, type PolicyContext } from "#lib/policies/policy.ts";

export function judge(facts: NodeFacts, { now, settings }: PolicyContext<PolicySettings>): Judgement {
  const { machineImage, machineImageCreatedAt } = facts;
  const days = settings.machineImageDays;
  if (machineImage === null) return unknown("The cluster does not tell what image the machine runs on.");
  if (machineImageCreatedAt === null) return unknown(`Nothing tells when the image ${machineImage} was made.`);
  const made = `The image ${machineImage} was made on ${dayText(machineImageCreatedAt)}`;
  return isOlderThan(machineImageCreatedAt, days, now)
    ? fails(`${made}, more than ${days} days ago.`)
    : passes(`${made}, at most ${days} days ago.`);
}
