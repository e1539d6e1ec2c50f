import {
  addAll,
  addRule,
  emptyRuleSet,
  firstOf,
  indexValues,
  keepOnly,
  rememberSets,
  type Demand,
  type RuleSet,
} from "#lib/domain/allocation/rule-set.ts";
import type {
  AllocationRule,
  Assignment,
  ChargeDimensions,
  DirectoryTeam,
  RuleMatch,
} from "#lib/domain/allocation/rule.ts";
import { teamDirectory, type TeamDirectory } from "#lib/domain/allocation/team-directory.ts";
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

export type Verdict = { assignment: Assignment; ruleId: string | null };

const UNALLOCATED: Verdict = { assignment: { kind: "unallocated" }, ruleId: null };

const SCALAR_FIELDS = [
  "provider",
  "billingAccountId",
  "subAccountId",
  "regionId",
  "serviceName",
  "chargeCategory",
] as const satisfies (keyof RuleMatch & keyof ChargeDimensions)[];

/**
 * Compiles the rules that are valid in `period` against the teams of that period. The first rule by position whose
 * conditions hold and whose target exists decides; without one the cost is unallocated.
 *
 * A condition that is given with an empty list of values holds for nothing. Per field, each distinct value is looked
 * up once; a key is then an intersection of bit sets, whatever the number of rules.
 */
export function compileRules(
  rules: readonly AllocationRule[],
  teams: readonly DirectoryTeam[],
  period: BillingPeriod,
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

  const candidates = emptyRuleSet(size);
  const explain = (dimensions: ChargeDimensions): Verdict => {
    candidates.set(usable);
    for (const narrow of filters) narrow(candidates, dimensions);
    return firstOf(candidates, (rule) => verdictOf(targets[rule], dimensions)) ?? UNALLOCATED;
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
  return !tag || tag.keys.some((key) => {
    const value = tagValue(dimensions.tags, normaliseTagKey(key));
    return value !== null && holds(tag.values ?? ["*"], value);
  });
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

/** A target against the directory of the period. */
type CompiledTarget = { unknownTeams: string[] } & (
  | { kind: "fixed"; verdict: Verdict }
  | { kind: "nobody" }
  | { kind: "tag-value"; keys: string[]; resolve: (value: string) => Verdict | null }
);

function compileTarget({ ruleId, target }: AllocationRule, directory: TeamDirectory): CompiledTarget {
  const toTeam = (teamKey: string): Verdict => ({ assignment: { kind: "team", teamKey }, ruleId });
  if (target.kind === "pool")
    return { kind: "fixed", verdict: { assignment: { kind: "pool", poolKey: target.pool }, ruleId }, unknownTeams: [] };
  if (target.kind === "team") {
    const teamKey = directory.byKey(target.team);
    return teamKey === null
      ? { kind: "nobody", unknownTeams: [target.team] }
      : { kind: "fixed", verdict: toTeam(teamKey), unknownTeams: [] };
  }

  // The rule's own aliases come before the directory: they are the more particular statement.
  const aliases = new Map(
    Object.entries(target.aliases ?? {}).map(([value, team]) => [comparable(value), directory.resolve(team)]),
  );
  const verdicts = new Map<string, Verdict>();
  const resolve = (value: string): Verdict | null => {
    const alias = aliases.get(comparable(value));
    const teamKey = alias === undefined ? directory.resolve(value) : alias;
    if (teamKey === null) return null;
    const verdict = verdicts.get(teamKey) ?? toTeam(teamKey);
    verdicts.set(teamKey, verdict);
    return verdict;
  };
  const unknownTeams = Object.values(target.aliases ?? {}).filter((team) => directory.resolve(team) === null);
  return { kind: "tag-value", keys: target.keys.map(normaliseTagKey), resolve, unknownTeams: [...new Set(unknownTeams)] };
}

function verdictOf(target: CompiledTarget | undefined, { tags }: ChargeDimensions): Verdict | null {
  if (target?.kind === "fixed") return target.verdict;
  if (target?.kind !== "tag-value") return null;
  for (const key of target.keys) {
    const value = tagValue(tags, key);
    if (value !== null) return target.resolve(value);
  }
  return null;
}

/** Takes out of the candidates what one field rules out. */
type Filter = (candidates: RuleSet, dimensions: ChargeDimensions) => void;

/** The demands that rules make, and the rules that make none; null where no rule makes any. */
function demandsOf<T>(
  rules: readonly T[],
  read: (rule: T) => readonly string[] | undefined,
): { demands: Demand[]; indifferent: RuleSet } | null {
  const demands: Demand[] = [];
  const indifferent = emptyRuleSet(rules.length);
  rules.forEach((rule, number) => {
    const values = read(rule);
    if (values) demands.push({ rule: number, values });
    else addRule(indifferent, number);
  });
  return demands.length > 0 ? { demands, indifferent } : null;
}

function scalarFilter(rules: readonly AllocationRule[], field: (typeof SCALAR_FIELDS)[number]): Filter | null {
  const read = demandsOf(rules, (rule) => rule.match[field]);
  if (!read) return null;
  const lookUp = indexValues(rules.length, read.demands, read.indifferent);
  return (candidates, dimensions) => keepOnly(candidates, lookUp(dimensions[field]));
}

function resourceFilter(rules: readonly AllocationRule[]): Filter | null {
  const read = demandsOf(rules, (rule) => rule.match.resourceId);
  if (!read) return null;
  const byPattern = new Map<string, RuleSet>();
  for (const { rule, values } of read.demands) {
    for (const pattern of values) {
      const set = byPattern.get(pattern) ?? emptyRuleSet(rules.length);
      addRule(set, rule);
      byPattern.set(pattern, set);
    }
  }
  const found = emptyRuleSet(rules.length);
  return (candidates, { resourcePatterns }) => {
    found.set(read.indifferent);
    for (const pattern of resourcePatterns) {
      const set = byPattern.get(pattern);
      if (set) addAll(found, set);
    }
    keepOnly(candidates, found);
  };
}

function tagFilter(rules: readonly AllocationRule[]): Filter | null {
  const read = demandsOf(rules, (rule) => rule.match.tag?.keys);
  if (!read) return null;
  const byKey = groupByKey(read.demands);
  const lookUps = [...byKey].map(([key, numbers]) => {
    const demands = numbers.map((rule) => ({ rule, values: rules[rule]?.match.tag?.values ?? ["*"] }));
    return { key, lookUp: indexValues(rules.length, demands) };
  });
  return tagsFilter(lookUps, read.indifferent);
}

/** Leaves out the tag-value rules that no tag of the key could resolve; which tag comes first is looked at in the end. */
function targetFilter(targets: readonly CompiledTarget[]): Filter | null {
  const read = demandsOf(targets, (target) => (target.kind === "tag-value" ? target.keys : undefined));
  if (!read) return null;
  const lookUps = [...groupByKey(read.demands)].map(([key, numbers]) => ({
    key,
    lookUp: rememberSets((value) => {
      const set = emptyRuleSet(targets.length);
      for (const rule of numbers) {
        const target = targets[rule];
        if (target?.kind === "tag-value" && target.resolve(value)) addRule(set, rule);
      }
      return set;
    }),
  }));
  return tagsFilter(lookUps, read.indifferent);
}

function groupByKey(demands: readonly Demand[]): Map<string, number[]> {
  const byKey = new Map<string, number[]>();
  for (const { rule, values } of demands) {
    for (const key of new Set(values.map(normaliseTagKey))) byKey.set(key, [...(byKey.get(key) ?? []), rule]);
  }
  return byKey;
}

function tagsFilter(
  lookUps: readonly { key: string; lookUp: (value: string) => RuleSet }[],
  indifferent: RuleSet,
): Filter {
  const found = Uint32Array.from(indifferent);
  return (candidates, { tags }) => {
    found.set(indifferent);
    for (const { key, lookUp } of lookUps) {
      const value = tagValue(tags, key);
      if (value !== null) addAll(found, lookUp(value));
    }
    keepOnly(candidates, found);
  };
}
