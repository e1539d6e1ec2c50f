import type { NamespaceFacts } from "#lib/policies/facts.ts";
import { fails, notApplicable, passes, unknown, type Judgement } from "#lib/policies/policy.ts";

export function judge({ isSystem, hasDefaultDeny }: NamespaceFacts): Judgement {
  if (isSystem) return notApplicable("It comes with the cluster.");
  if (hasDefaultDeny === null) return unknown("Network policies could not be read.");
  return hasDefaultDeny
    ? passes("A network policy refuses whatever no other one lets in.")
    : fails("No network policy refuses all incoming traffic to all of its pods.");
}
