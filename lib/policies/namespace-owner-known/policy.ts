import type { NamespaceFacts } from "#lib/policies/facts.ts";
import { fails, notApplicable, passes, unknown, type Judgement } from "#lib/policies/policy.ts";

/** A hint is not enough: what can only be guessed nobody has said. */
export function judge({ isSystem, owner }: NamespaceFacts): Judgement {
  if (isSystem) return notApplicable("It comes with the cluster.");
  if (owner.teamKey !== null && (owner.strength === "explicit" || owner.strength === "derived"))
    return passes(`It belongs to the team ${owner.teamKey}.`);
  if (!owner.isFullyRead) return unknown("Some of what names owners could not be read.");
  if (owner.strength === "contested") return fails("Several teams are named for it, and nothing decides between them.");
  return owner.teamKey === null
    ? fails("Nothing says whose it is.")
    : fails(`Only a hint leads to the team ${owner.teamKey}.`);
}
