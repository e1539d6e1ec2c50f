import { dayText } from "#lib/policies/age.ts";
import type { PersonFacts } from "#lib/policies/facts.ts";
import { fails, notApplicable, passes, unknown, type Judgement, type PolicyContext } from "#lib/policies/policy.ts";

export function judge({ leftAt, access, unread }: PersonFacts, { now }: PolicyContext<unknown>): Judgement {
  if (leftAt === null || leftAt.getTime() > now.getTime()) return notApplicable("The person has not left.");
  const left = `The person left on ${dayText(leftAt)}`;
  if (access.length > 0) {
    const others = access.length > 1 ? ` and in ${access.length - 1} more places` : "";
    return fails(
      `${left} and is still named in ${access[0]}${others}.`,
      access.map((place) => ({ place })),
    );
  }
  if (unread.length > 0) return unknown(`The bindings of ${unread.join(", ")} have not been read lately.`);
  return passes(`${left} and is named in no binding.`);
}
