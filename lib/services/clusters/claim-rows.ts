import type { PoolClient } from "pg";
import type { ClaimOrigin } from "#lib/domain/ownership/claim.ts";
import type { ClusterInventory } from "#lib/sources/cluster-inventory.ts";

/** How a namespace is called in ownership_claim and ownership_override. */
export function namespaceSubject(clusterKey: string, uid: string): string {
  return `${clusterKey} ${uid}`;
}

/** The claims about a cluster's namespaces as rows of ownership_claim. */
export function claimRows({ cluster, namespaces }: ClusterInventory): Record<string, unknown>[] {
  return namespaces.flatMap(({ uid, claims }) =>
    claims.map((claim) => ({
      subject_key: namespaceSubject(cluster.key, uid),
      origin: claim.origin,
      names_kind: claim.names.kind,
      names_value: claim.names.value,
      detail: claim.detail,
      inherited: claim.inherited,
      held_from: claim.from,
      held_to: null,
    })),
  );
}

/** Which kinds an origin is read from beside the namespace itself, by the ends of their names. */
const KINDS_OF_ORIGIN: readonly { origins: readonly ClaimOrigin[]; kinds: RegExp }[] = [
  { origins: ["role-binding"], kinds: /^rolebindings\.|^clusterrolebindings\./ },
  { origins: ["gitops"], kinds: /\.argoproj\.io$|\.toolkit\.fluxcd\.io$/ },
  { origins: ["rancher-project", "rancher-creator"], kinds: /\.cattle\.io$/ },
  { origins: ["capsule-tenant"], kinds: /\.capsule\.clastix\.io$/ },
  { origins: ["backstage"], kinds: /backstage|catalog/ },
];

/** What was claimed before by kinds that may not be read now: not being allowed to look is no reason to forget. */
export async function keptClaims(
  sql: PoolClient,
  sourceKey: string,
  { cluster, namespaces, unknown }: ClusterInventory,
): Promise<Record<string, unknown>[]> {
  const lost = unknown.filter(({ reason }) => reason !== "not-served").map(({ kind }) => kind);
  const origins = KINDS_OF_ORIGIN.filter(({ kinds }) => lost.some((kind) => kinds.test(kind))).flatMap(
    ({ origins: of }) => of,
  );
  if (origins.length === 0) return [];
  const { rows } = await sql.query<Record<string, unknown>>(
    `SELECT subject_key, origin, names_kind, names_value, detail, inherited, held_from, held_to FROM ownership_claim
     WHERE source_key = $1 AND subject_kind = 'namespace' AND part = $2 AND seen_to IS NULL AND origin = ANY($3)`,
    [sourceKey, cluster.key, origins],
  );
  const there = new Set(namespaces.map(({ uid }) => namespaceSubject(cluster.key, uid)));
  const found = new Set(
    claimRows({ cluster, namespaces, unknown, nodes: null, complete: true, guardrails: null }).map((row) =>
      [row["subject_key"], row["origin"], row["detail"]].join("\n"),
    ),
  );
  return rows.filter(
    (row) =>
      there.has(String(row["subject_key"])) &&
      !found.has([row["subject_key"], row["origin"], row["detail"]].join("\n")),
  );
}
