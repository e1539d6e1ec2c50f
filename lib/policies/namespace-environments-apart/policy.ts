import type { NamespaceFacts } from "#lib/policies/facts.ts";
import type { PolicySettings } from "#lib/policies/policy-settings.ts";
import { fails, notApplicable, passes, unknown, type Judgement, type PolicyContext } from "#lib/policies/policy.ts";

export function judge(facts: NamespaceFacts, { settings }: PolicyContext<PolicySettings>): Judgement {
  const { isSystem, environment, clusterEnvironment } = facts;
  if (isSystem) return notApplicable("It comes with the cluster.");
  if (environment === null) return unknown("Nothing names its environment.");
  if (clusterEnvironment === null) return unknown("Nothing names the environment of its cluster.");
  const isProduction = (name: string) => settings.productionEnvironments.includes(name);
  return isProduction(environment) === isProduction(clusterEnvironment)
    ? passes(`It is ${environment} in a cluster for ${clusterEnvironment}.`)
    : fails(`It is ${environment} in a cluster for ${clusterEnvironment}.`);
}
