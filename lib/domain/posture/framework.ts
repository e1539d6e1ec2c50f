import type { Severity } from "#lib/domain/posture/verdict.ts";

/**
 * One control of a framework. `rules` are the checks that speak for it: identifiers of AWS Config managed rules (upper case with
 * underscores), our own checks (kebab-case), and "policy-report:<policy>/<rule>" or "baseline:<rule>", which may end in `*`.
 * `manual` says what remains to be shown by hand, null where the rules cover it. A control without rules always has it.
 */
export type FrameworkControl = {
  id: string;
  title: string;
  description: string;
  group: string;
  rules: string[];
  manual: string | null;
  /** How bad a failure is where the framework says so; otherwise each rule says it of its own. */
  severity?: Severity | undefined;
};

/** A framework with every control that it has, in its own order. `id` is what addresses and reports call it by. */
export type Framework = { id: string; name: string; version: string; publisher: string; controls: FrameworkControl[] };

/** Whether a rule that reports results is meant by what a control names: the same text, or the same beginning where the name ends in `*`. */
export function isRuleMeant(named: string, rule: string): boolean {
  return named.endsWith("*") ? rule.startsWith(named.slice(0, -1)) : named === rule;
}
