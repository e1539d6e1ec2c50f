import { compileGlob, isGlob } from "#lib/domain/glob.ts";
import { comparable } from "#lib/domain/tags.ts";

/** A set of rules by their number, one bit each, so that hundreds of rules are intersected in a few operations. */
export type RuleSet = Uint32Array;

const BITS = 32;

/** Distinct values whose rules are remembered per field; beyond it the memory starts anew, so that it stays bounded. */
const REMEMBERED_VALUES = 100_000;

export function emptyRuleSet(size: number): RuleSet {
  return new Uint32Array(Math.ceil(size / BITS));
}

export function addRule(set: RuleSet, rule: number): void {
  const word = Math.floor(rule / BITS);
  set[word] = (set[word] ?? 0) | (1 << (rule % BITS));
}

export function addAll(set: RuleSet, others: RuleSet): void {
  for (let word = 0; word < set.length; word += 1) set[word] = (set[word] ?? 0) | (others[word] ?? 0);
}

export function keepOnly(set: RuleSet, others: RuleSet): void {
  for (let word = 0; word < set.length; word += 1) set[word] = (set[word] ?? 0) & (others[word] ?? 0);
}

/** The first rule of the set, in ascending order, that the visitor returns something for. */
export function firstOf<T>(set: RuleSet, visit: (rule: number) => T | null): T | null {
  for (let word = 0; word < set.length; word += 1) {
    for (let bits = set[word] ?? 0; bits !== 0; bits &= bits - 1) {
      const found = visit(word * BITS + (BITS - 1 - Math.clz32(bits & -bits)));
      if (found !== null) return found;
    }
  }
  return null;
}

/** Remembers a set by value. */
export function rememberSets(compute: (value: string) => RuleSet): (value: string) => RuleSet {
  const remembered = new Map<string, RuleSet>();
  return (value) => {
    let set = remembered.get(value);
    if (set === undefined) {
      if (remembered.size >= REMEMBERED_VALUES) remembered.clear();
      set = compute(value);
      remembered.set(value, set);
    }
    return set;
  };
}

/** One rule's demand on one field: any of these values or patterns. */
export type Demand = { rule: number; values: readonly string[] };

/** Indexes the demands on one field. The result gives the rules that a value satisfies, those in `indifferent` included. */
export function indexValues(
  size: number,
  demands: readonly Demand[],
  indifferent: RuleSet = emptyRuleSet(size),
): (value: string) => RuleSet {
  const literals = new Map<string, number[]>();
  const patterns = new Map<string, { matches: (text: string) => boolean; rules: number[] }>();
  for (const { rule, values } of demands) {
    for (const value of new Set(values.map(comparable))) {
      if (isGlob(value)) {
        const pattern = patterns.get(value) ?? { matches: compileGlob(value), rules: [] };
        pattern.rules.push(rule);
        patterns.set(value, pattern);
      } else {
        const rules = literals.get(value) ?? [];
        rules.push(rule);
        literals.set(value, rules);
      }
    }
  }
  return rememberSets((value) => {
    const text = comparable(value);
    const set = Uint32Array.from(indifferent);
    for (const rule of literals.get(text) ?? []) addRule(set, rule);
    for (const { matches, rules } of patterns.values()) {
      if (matches(text)) for (const rule of rules) addRule(set, rule);
    }
    return set;
  });
}
