import type { RuleMatch, RuleTarget } from "#lib/domain/allocation/rule.ts";

/** The fields of a rule's match that hold a list of values, in the order in which they are told. */
export const MATCH_LABELS = {
  provider: "Provider",
  billingAccountId: "Billing account",
  subAccountId: "Account",
  regionId: "Region",
  serviceName: "Service",
  chargeCategory: "Charge category",
  resourceId: "Resource id",
} as const;
export type MatchField = keyof typeof MATCH_LABELS;
export const MATCH_FIELDS = Object.keys(MATCH_LABELS) as MatchField[];

/** More values than this are counted instead of named. */
const NAMED = 3;

/** A match as conditions in words: ["Account is 123 or 456", "Tag team is claims"]. A target that a tag names is a condition too. */
export function matchWords(match: RuleMatch, target?: RuleTarget): string[] {
  const words = MATCH_FIELDS.flatMap((field) =>
    match[field] === undefined ? [] : [`${MATCH_LABELS[field]} is ${valueWords(match[field])}`],
  );
  if (match.tag !== undefined) {
    const keys = match.tag.keys.join(" or ");
    words.push(
      match.tag.values === undefined ? `Tag ${keys} is given` : `Tag ${keys} is ${valueWords(match.tag.values)}`,
    );
  }
  if (target?.kind === "tag-value") words.push(`Tag ${target.keys.join(" or ")} names a team`);
  return words.length === 0 ? ["Every cost"] : words;
}

/** Where a matching cost goes, in words. Names are looked up; a key that is unknown stands for itself. */
export function targetWords(
  target: RuleTarget,
  names: { teams: ReadonlyMap<string, string>; pools: ReadonlyMap<string, string> },
): string {
  if (target.kind === "team") return names.teams.get(target.team) ?? target.team;
  if (target.kind === "pool") return `Pool ${names.pools.get(target.pool) ?? target.pool}`;
  return "That team";
}

function valueWords(values: readonly string[]): string {
  if (values.length <= NAMED) return values.join(" or ");
  return `${values.slice(0, NAMED).join(", ")} or ${values.length - NAMED} more`;
}
