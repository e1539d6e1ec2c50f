import type { AccountFacts } from "#lib/policies/facts.ts";
import { fails, notApplicable, passes, unknown, type Judgement } from "#lib/policies/policy.ts";

export function judge({ isOpen, hasTrail }: AccountFacts): Judgement {
  if (!isOpen) return notApplicable("The account is closed.");
  if (hasTrail === null) return unknown("Nothing that is read says whether it has a trail.");
  return hasTrail ? passes("It has a trail.") : fails("It has no trail.");
}
