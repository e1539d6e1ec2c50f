import {
  addAll,
  addRule,
  emptyRuleSet,
  indexValues,
  keepOnly,
  rememberSets,
  type Demand,
  type RuleSet,
} from "#lib/domain/allocation/rule-set.ts";
import type { CompiledTarget } from "#lib/domain/allocation/rule-target.ts";
import type { AllocationRule, ChargeDimensions, RuleMatch } from "#lib/domain/allocation/rule.ts";
import { normaliseTagKey, tagValue } from "#lib/domain/tags.ts";

/** The conditions that look at one plain value. */
export const SCALAR_FIELDS = [
  "provider",
  "billingAccountId",
  "subAccountId",
  "regionId",
  "serviceName",
  "chargeCategory",
] as const satisfies (keyof RuleMatch & keyof ChargeDimensions)[];

/** Takes out of the candidates what one field rules out. */
export type Filter = (candidates: RuleSet, dimensions: ChargeDimensions) => void;

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

export function scalarFilter(rules: readonly AllocationRule[], field: (typeof SCALAR_FIELDS)[number]): Filter | null {
  const read = demandsOf(rules, (rule) => rule.match[field]);
  if (!read) return null;
  const lookUp = indexValues(rules.length, read.demands, read.indifferent);
  return (candidates, dimensions) => keepOnly(candidates, lookUp(dimensions[field]));
}

export function resourceFilter(rules: readonly AllocationRule[]): Filter | null {
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

export function tagFilter(rules: readonly AllocationRule[]): Filter | null {
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
export function targetFilter(targets: readonly CompiledTarget[]): Filter | null {
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
