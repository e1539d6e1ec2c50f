import type { AccountFacts } from "#lib/policies/facts.ts";
import { fails, notApplicable, passes, unknown, type Judgement } from "#lib/policies/policy.ts";

export function judge({ isOpen, hasConfig }: AccountFacts): Judgement {
  if (!isOpen) return notApplicable("The account is closed.");
  if (hasConfig === null) return unknown("Nothing that is read says whether AWS Config is on.");
  return hasConfig
    ? passes("AWS Config evaluates its rules there.")
    : fails("AWS Config is off there, or has no rules.");
}
