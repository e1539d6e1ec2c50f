import {
  ACCOUNT_POLICIES,
  ADMINISTRATION_POLICIES,
  DRIFT_POLICIES,
  NAMESPACE_POLICIES,
  NODE_POLICIES,
  PERSON_POLICIES,
  TIER_POLICIES,
  WORKLOAD_POLICIES,
} from "#lib/policies/index.ts";
import type { Judgement, Policy } from "#lib/policies/policy.ts";
import { DEFAULT_POLICY_SETTINGS, type PolicySettings } from "#lib/policies/policy-settings.ts";

export const NOW = new Date("2026-11-21T12:00:00Z");
export const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000);

/** A check by its id, asked at noon of the day that the tests are about. */
function asker<Facts>(policies: readonly Policy<Facts, PolicySettings>[]) {
  return (id: string, facts: Facts, settings: Partial<PolicySettings> = {}): Judgement => {
    const policy = policies.find((one) => one.id === id);
    if (policy === undefined) throw new RangeError(`There is no check ${id}.`);
    return policy.judge(facts, { now: NOW, settings: { ...DEFAULT_POLICY_SETTINGS, ...settings } });
  };
}

export const judgeNamespace = asker(NAMESPACE_POLICIES);
export const judgeNode = asker(NODE_POLICIES);
export const judgeWorkload = asker(WORKLOAD_POLICIES);
export const judgeDrift = asker(DRIFT_POLICIES);
export const judgeAccount = asker(ACCOUNT_POLICIES);
export const judgePerson = asker(PERSON_POLICIES);
export const judgeAdministration = asker(ADMINISTRATION_POLICIES);
export const judgeTier = asker(TIER_POLICIES);
