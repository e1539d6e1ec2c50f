import {
  resourceFilter,
  SCALAR_FIELDS,
  scalarFilter,
  tagFilter,
  targetFilter,
} from "#lib/domain/allocation/rule-filters.ts";
import { addRule, emptyRuleSet, firstOf } from "#lib/domain/allocation/rule-set.ts";
import { compileTarget, verdictOf, type Verdict } from "#lib/domain/allocation/rule-target.ts";
import type { AllocationRule, Assignment, ChargeDimensions, DirectoryTeam } from "#lib/domain/allocation/rule.ts";
import { teamDirectory } from "#lib/domain/allocation/team-directory.ts";
import { compileGlob } from "#lib/domain/glob.ts";
import type { BillingPeriod } from "#lib/domain/period.ts";
import { comparable, normaliseTagKey, tagValue } from "#lib/domain/tags.ts";

/** The rules of one period, ready to be asked about any number of keys. */
export type CompiledRules = {
  /** Where the cost of a key goes. */
  assign(dimensions: ChargeDimensions): Assignment;
  /** The same with the rule that decided; null where none did. */
  explain(dimensions: ChargeDimensions): Verdict;
  /** Rules, valid in the period, that name a team which the directory does not have then; that target does not match. */
  unknownTeams: { ruleId: string; team: string }[];
  /** Names and aliases that several teams share, so that a tag with such a value names nobody. */
  ambiguousNames: string[];
};

const UNALLOCATED: Verdict = { assignment: { kind: "unallocated" }, ruleId: null };

/**
 * Compiles the rules that are valid in `period` against the teams of that period. The first rule by position whose
 * conditions hold and whose target exists decides; without one the cost goes to its account's owner, and where
 * nobody owns that it is unallocated.
 *
 * A condition that is given with an empty list of values holds for nothing. Per field, each distinct value is looked
 * up once; a key is then an intersection of bit sets, whatever the number of rules.
 *
 * @param accountOwners team key by provider and sub account, "AWS 111122223333"; only teams of `teams`.
 */
export function compileRules(
  rules: readonly AllocationRule[],
  teams: readonly DirectoryTeam[],
  period: BillingPeriod,
  accountOwners: ReadonlyMap<string, string> = new Map(),
): CompiledRules {
  const directory = teamDirectory(teams);
  const valid = rules.filter((rule) => isValidIn(rule, period)).toSorted(byPosition);
  const targets = valid.map((rule) => compileTarget(rule, directory));
  const size = valid.length;

  const usable = emptyRuleSet(size);
  targets.forEach((target, rule) => target.kind !== "nobody" && addRule(usable, rule));
  const filters = [
    ...SCALAR_FIELDS.map((field) => scalarFilter(valid, field)),
    resourceFilter(valid),
    tagFilter(valid),
    targetFilter(targets),
  ].filter((filter) => filter !== null);

  const ownerVerdicts = new Map(
    [...accountOwners].map(([account, teamKey]): [string, Verdict] => [
      account,
      { assignment: { kind: "team", teamKey }, ruleId: null },
    ]),
  );
  const candidates = emptyRuleSet(size);
  const explain = (dimensions: ChargeDimensions): Verdict => {
    candidates.set(usable);
    for (const narrow of filters) narrow(candidates, dimensions);
    return (
      firstOf(candidates, (rule) => verdictOf(targets[rule], dimensions)) ??
      ownerVerdicts.get(`${dimensions.provider} ${dimensions.subAccountId}`) ??
      UNALLOCATED
    );
  };
  return {
    assign: (dimensions) => explain(dimensions).assignment,
    explain,
    unknownTeams: targets.flatMap((target, rule) =>
      target.unknownTeams.map((team) => ({ ruleId: valid[rule]?.ruleId ?? "", team })),
    ),
    ambiguousNames: directory.ambiguousNames,
  };
}

/** True where the dimensions meet the rule's conditions; its target and its validity are not looked at. */
export function matchesRule(rule: Pick<AllocationRule, "match">, dimensions: ChargeDimensions): boolean {
  const { match } = rule;
  const holds = (values: readonly string[], text: string) =>
    values.some((value) => compileGlob(comparable(value))(comparable(text)));
  for (const field of SCALAR_FIELDS) {
    const values = match[field];
    if (values && !holds(values, dimensions[field])) return false;
  }
  if (match.resourceId && !match.resourceId.some((pattern) => dimensions.resourcePatterns.includes(pattern)))
    return false;
  const { tag } = match;
  return (
    !tag ||
    tag.keys.some((key) => {
      const value = tagValue(dimensions.tags, normaliseTagKey(key));
      return value !== null && holds(tag.values ?? ["*"], value);
    })
  );
}

/** What roll-ups must keep so that these rules can be applied: normalised tag keys and resource patterns, both sorted. */
export function requiredProjection(rules: readonly Pick<AllocationRule, "match" | "target">[]): {
  tagKeys: string[];
  resourcePatterns: string[];
} {
  const tagKeys = rules.flatMap(({ match, target }) => [
    ...(match.tag?.keys ?? []),
    ...(target.kind === "tag-value" ? target.keys : []),
  ]);
  const normalised = new Set(tagKeys.map(normaliseTagKey));
  normalised.delete("");
  const patterns = new Set(rules.flatMap(({ match }) => match.resourceId ?? []));
  return { tagKeys: [...normalised].toSorted(), resourcePatterns: [...patterns].toSorted() };
}

function isValidIn(rule: AllocationRule, period: BillingPeriod): boolean {
  return (rule.validFrom === null || rule.validFrom <= period) && (rule.validTo === null || period < rule.validTo);
}

/** Rules never share a position; should they, their identity decides, so that the outcome does not depend on the reading order. */
function byPosition(left: AllocationRule, right: AllocationRule): number {
  return left.position - right.position || (left.ruleId < right.ruleId ? -1 : Number(left.ruleId > right.ruleId));
}
