import { namedValue } from "#lib/policies/named-value.ts";
import type { PolicySettings } from "#lib/policies/policy-settings.ts";
import { fails, notApplicable, passes, unknown, type Judgement, type PolicyContext } from "#lib/policies/policy.ts";

const NO = ["false", "no", "none", "single-region", "0"];

/** Of an account by its tags, of a namespace by its labels and annotations. */
export type TieredFacts = { tags: Readonly<Record<string, string>> | null };

export function judge({ tags }: TieredFacts, { settings }: PolicyContext<PolicySettings>): Judgement {
  if (tags === null) return unknown("Its tags could not be read.");
  const tier = namedValue(tags, settings.tierKeys);
  if (tier === null) return unknown("Nothing names its tier.");
  if (!settings.redundantTiers.includes(tier.toLowerCase()))
    return notApplicable(`The tier ${tier} need not survive the loss of a region.`);
  const way = namedValue(tags, settings.redundancyKeys);
  if (way === null) return fails(`Its tier is ${tier}, and nothing says how it survives the loss of a region.`);
  return NO.includes(way.toLowerCase())
    ? fails(`Its tier is ${tier}, and it says itself that it does not survive the loss of a region ("${way}").`)
    : passes(`Its tier is ${tier}, and it survives the loss of a region by "${way}".`);
}
