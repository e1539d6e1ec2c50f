import type { Policy } from "#lib/policies/policy.ts";
import type { PolicySettings } from "#lib/policies/policy-settings.ts";
import type {
  EvaluatedResource,
  EvaluatedRule,
  EvaluationItem,
  EvaluationReading,
  UnreadRule,
} from "#lib/sources/evaluation-reading.ts";

/** The source that Bursar's own checks are published under. */
export const POLICIES_SOURCE = "policies";

/** Checks on things of one kind: what the things are, and what is known of each. */
export type Judged<Facts> = {
  policies: readonly Policy<Facts, PolicySettings>[];
  things: readonly { resource: EvaluatedResource; facts: Facts }[];
};

type JudgedItems = { rules: EvaluatedRule[]; items: EvaluationItem[] };

/** Every check on every thing. Logical time and thresholds are given, so that the same facts give the same again. Pure. */
export function judgeAll<Facts>(
  { policies, things }: Judged<Facts>,
  context: { now: Date; settings: PolicySettings },
): JudgedItems {
  return {
    rules: policies.map((policy) => toRule(policy, context.settings)),
    items: things.flatMap(({ resource, facts }) =>
      policies.map((policy) => {
        const { verdict, note, found } = policy.judge(facts, context);
        return { ruleKey: policy.id, resource, verdict, note, evidence: found ?? null, from: null, to: null };
      }),
    ),
  };
}

/** With the thresholds that it was made against: whoever reads the rule as it stood reads them too. */
function toRule(
  { id, metadata }: Pick<Policy<never, PolicySettings>, "id" | "metadata">,
  settings: PolicySettings,
): EvaluatedRule {
  const { title, risk, severity, remedy, controls } = metadata;
  return { ruleKey: id, title, description: risk, severity, remedy, details: { controls, settings } };
}

/** What was judged as a source hands it in. A check that is made on things of several kinds is one rule. */
export function toReading(judged: readonly JudgedItems[], unread: UnreadRule[] = []): EvaluationReading {
  const rules = new Map(judged.flatMap((one) => one.rules.map((rule) => [rule.ruleKey, rule] as const)));
  return { rules: [...rules.values()], items: inTurn(judged), unread: () => unread };
}

async function* inTurn(judged: readonly JudgedItems[]): AsyncGenerator<EvaluationItem[]> {
  for (const { items } of judged) yield items;
}
