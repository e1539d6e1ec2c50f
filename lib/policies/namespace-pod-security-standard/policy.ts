import type { NamespaceFacts } from "#lib/policies/facts.ts";
import { POD_SECURITY_LEVELS, type PodSecurityLevel, type PolicySettings } from "#lib/policies/policy-settings.ts";
import { fails, notApplicable, passes, unknown, type Judgement, type PolicyContext } from "#lib/policies/policy.ts";

/** https://kubernetes.io/docs/concepts/security/pod-security-admission/ */
const ENFORCED = "pod-security.kubernetes.io/enforce";

export function judge(facts: NamespaceFacts, { settings }: PolicyContext<PolicySettings>): Judgement {
  if (facts.isSystem) return notApplicable("It comes with the cluster, whose own pods need more.");
  const { production, other } = settings.podSecurity;
  const label = facts.labels[ENFORCED];
  if (label === undefined) return fails(`It has no label ${ENFORCED}.`);
  const level = POD_SECURITY_LEVELS.find((known) => known === label);
  if (level === undefined) return fails(`Its label ${ENFORCED} names a level that does not exist.`);
  const strict = strictness(level);
  if (facts.environment === null) {
    const [least, most] = [strictness(production), strictness(other)].toSorted((left, right) => left - right);
    if (strict >= (most ?? 0)) return passes(`It enforces ${level}, which is enough in every environment.`);
    if (strict >= (least ?? 0))
      return unknown(`It enforces ${level}; whether that is enough depends on its environment, which nothing names.`);
    return fails(`It enforces ${level}, which is too little in every environment.`);
  }
  const wanted = settings.productionEnvironments.includes(facts.environment) ? production : other;
  return strict >= strictness(wanted)
    ? passes(`It enforces ${level}; ${facts.environment} asks for ${wanted}.`)
    : fails(`It enforces ${level}; ${facts.environment} asks for ${wanted}.`);
}

function strictness(level: PodSecurityLevel): number {
  return POD_SECURITY_LEVELS.indexOf(level);
}
