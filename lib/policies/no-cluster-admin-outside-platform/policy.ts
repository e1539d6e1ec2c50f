import type { SubjectFacts } from "#lib/policies/facts.ts";
import type { PolicySettings } from "#lib/policies/policy-settings.ts";
import { fails, passes, unknown, type Judgement, type PolicyContext } from "#lib/policies/policy.ts";

/** Of a namespace and of a cluster alike: who is bound to cluster-admin there. */
export type AdministeredFacts = { administrators: readonly (SubjectFacts & { binding?: string })[] | null };

export function judge({ administrators }: AdministeredFacts, { settings }: PolicyContext<PolicySettings>): Judgement {
  if (administrators === null) return unknown("The bindings to cluster-admin could not be read.");
  const outside = administrators.filter((subject) => !isAllowed(subject, settings));
  if (outside.length === 0) return passes("Nobody outside of the platform team is bound to cluster-admin.");
  const [first] = outside.map(described);
  const others = outside.length > 1 ? `, and ${outside.length - 1} more` : "";
  return fails(
    `cluster-admin is bound to ${first}${others}.`,
    outside.map(({ kind, name, namespace, teamKey, binding }) => ({
      kind,
      name,
      namespace,
      team: teamKey,
      binding: binding ?? null,
    })),
  );
}

function isAllowed({ kind, name, namespace, teamKey }: SubjectFacts, settings: PolicySettings): boolean {
  if (kind === "ServiceAccount")
    return settings.platformServiceAccounts.some((allowed) => {
      const [allowedNamespace, allowedName] = allowed.split("/");
      return isMeant(allowedNamespace, namespace ?? "") && isMeant(allowedName, name);
    });
  if (kind === "Group" && settings.platformGroups.includes(name)) return true;
  return teamKey !== null && settings.platformTeams.includes(teamKey);
}

function isMeant(allowed: string | undefined, found: string): boolean {
  return allowed === "*" || allowed === found;
}

function described({ kind, name, namespace, teamKey }: SubjectFacts): string {
  if (kind === "ServiceAccount") return `the service account ${namespace ?? ""}/${name}`;
  const whose = teamKey === null ? "whose team nobody knows" : `of the team ${teamKey}`;
  return `the ${kind.toLowerCase()} ${name}, ${whose}`;
}
