import { dayText, isOlderThan } from "#lib/policies/age.ts";
import type { ImageFacts, WorkloadFacts } from "#lib/policies/facts.ts";
import type { PolicySettings } from "#lib/policies/policy-settings.ts";
import { fails, notApplicable, passes, unknown, type Judgement, type PolicyContext } from "#lib/policies/policy.ts";

export function judge({ images }: Pick<WorkloadFacts, "images">, context: PolicyContext<PolicySettings>): Judgement {
  if (images.length === 0) return notApplicable("It names no image.");
  const old = images.flatMap((image) => reasonAgainst(image, context) ?? []);
  if (old.length > 0) return fails(old.join(" "), images.map(known));
  const undated = images.filter(({ createdAt }) => createdAt === null);
  if (undated.length > 0)
    return unknown(`Nothing tells when ${undated.map(({ image }) => image).join(", ")} was made.`);
  return {
    ...passes(`Its images were made within ${context.settings.containerImageDays} days.`),
    found: images.map(known),
  };
}

function reasonAgainst(facts: ImageFacts, { now, settings }: PolicyContext<PolicySettings>): string | null {
  const { image, createdAt, isEndOfLife, system } = facts;
  if (isEndOfLife === true) return `${image} is based on ${system ?? "a system"}, which nobody looks after any more.`;
  const days = settings.containerImageDays;
  if (createdAt === null || !isOlderThan(createdAt, days, now)) return null;
  return `${image} was made on ${dayText(createdAt)}, more than ${days} days ago.`;
}

function known({ image, createdAt, isEndOfLife, system }: ImageFacts) {
  return { image, createdAt: createdAt?.toISOString() ?? null, isEndOfLife, system };
}
