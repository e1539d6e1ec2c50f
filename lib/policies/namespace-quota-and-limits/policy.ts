import type { NamespaceFacts } from "#lib/policies/facts.ts";
import { fails, notApplicable, passes, unknown, type Judgement } from "#lib/policies/policy.ts";

export function judge({ isSystem, quotas, limitRanges }: NamespaceFacts): Judgement {
  if (isSystem) return notApplicable("It comes with the cluster.");
  const missing = [...(quotas === 0 ? ["quota"] : []), ...(limitRanges === 0 ? ["limit range"] : [])];
  if (missing.length > 0) return fails(`It has no ${missing.join(" and no ")}.`);
  if (quotas === null || limitRanges === null)
    return unknown(`${quotas === null ? "Quotas" : "Limit ranges"} could not be read.`);
  return passes("It has a quota and a limit range.");
}
