import type { PersonFacts } from "#lib/policies/facts.ts";
import { fails, notApplicable, passes, unknown, type Judgement, type PolicyContext } from "#lib/policies/policy.ts";

export function judge({ leftAt, hasMfa }: PersonFacts, { now }: PolicyContext<unknown>): Judgement {
  if (leftAt !== null && leftAt.getTime() <= now.getTime()) return notApplicable("The person has left.");
  if (hasMfa === null) return unknown("Nothing that is read says whether the person has a second factor.");
  return hasMfa ? passes("The person has a second factor.") : fails("The person signs in with a password alone.");
}
