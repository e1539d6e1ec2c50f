import type { AccountFacts } from "#lib/policies/facts.ts";
import { namedValue } from "#lib/policies/named-value.ts";
import type { PolicySettings } from "#lib/policies/policy-settings.ts";
import { fails, notApplicable, passes, unknown, type Judgement, type PolicyContext } from "#lib/policies/policy.ts";

export function judge({ isOpen, tags }: AccountFacts, { settings }: PolicyContext<PolicySettings>): Judgement {
  if (!isOpen) return notApplicable("The account is closed.");
  if (tags === null) return unknown("Its tags could not be read.");
  const missing = settings.requiredTags.filter((alternatives) => namedValue(tags, alternatives.split("|")) === null);
  return missing.length === 0
    ? passes("It has every tag that is asked for.")
    : fails(
        `It has no ${missing.map((one) => one.split("|").join(" or ")).join(", and no ")}.`,
        missing.map((tag) => ({ tag })),
      );
}
