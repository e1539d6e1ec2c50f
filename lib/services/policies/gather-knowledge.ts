import type { PoolClient } from "pg";
import { loadConfig } from "#lib/config.ts";
import { compileGlob } from "#lib/domain/glob.ts";
import { dayOf } from "#lib/domain/period.ts";
import type { NamespaceFacts } from "#lib/policies/facts.ts";
import type { PolicySettings } from "#lib/policies/policy-settings.ts";
import { environmentOf } from "#lib/services/evaluations/load-places.ts";
import { protectionOf } from "#lib/services/namespaces/protection.ts";
import { loadDirectoryView } from "#lib/services/ownership/load-directory-view.ts";
import type { ClusterKnowledge } from "#lib/services/policies/cluster-facts.ts";
import { subjectResolver } from "#lib/services/policies/resolve-subjects.ts";
import type { ClusterGuardrails } from "#lib/sources/cluster-guardrails.ts";
import type { ClusterInventory } from "#lib/sources/cluster-inventory.ts";
import { EVIDENCE_KINDS, KINDS, nameOf } from "#lib/sources/kubernetes/index.ts";

/** Kinds without which an owner may be missing that is named somewhere. */
const KINDS_WITH_OWNERS = [KINDS.roleBindings, ...Object.values(EVIDENCE_KINDS)].map(nameOf);

/** What the database knows of a cluster that was just read: owners, the directory, its account's environment. */
export async function gatherKnowledge(
  sql: PoolClient,
  sourceKey: string,
  { cluster, unknown }: ClusterInventory,
  guardrails: ClusterGuardrails,
  { now, settings }: { now: Date; settings: PolicySettings },
): Promise<ClusterKnowledge> {
  const { sources, environmentTags } = loadConfig();
  const spec = sources[sourceKey];
  const directory = await loadDirectoryView(sql, dayOf(now));
  const owners = await sql.query<{
    uid: string;
    team_key: string | null;
    strength: NamespaceFacts["owner"]["strength"];
  }>("SELECT uid, team_key, strength FROM namespace_owner WHERE cluster_key = $1 AND seen_to IS NULL", [cluster.key]);
  const ownerOf = new Map(owners.rows.map((row) => [row.uid, row]));
  const accounts = await sql.query<{ tags: Record<string, string> }>(
    "SELECT tags FROM cloud_account WHERE account_id = $1 AND seen_to IS NULL AND tags IS NOT NULL ORDER BY id LIMIT 1",
    [cluster.accountId],
  );
  const isFullyRead = !unknown.some(({ kind }) => KINDS_WITH_OWNERS.includes(kind));
  const protectedNames = protectionOf(sourceKey).protectedNames.map(compileGlob);
  return {
    guardrails,
    isSystem: (name) => protectedNames.some((matches) => matches(name)),
    environmentTags,
    accountEnvironment: accounts.rows[0] ? environmentOf(accounts.rows[0].tags, environmentTags) : null,
    ownerOf: (uid) => {
      const found = ownerOf.get(uid);
      return { teamKey: found?.team_key ?? null, strength: found?.strength ?? "none", isFullyRead };
    },
    resolveSubject: subjectResolver(directory, spec?.kind === "kubernetes" ? spec.ownerGroups : []),
    settings,
  };
}
