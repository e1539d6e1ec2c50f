import type { PoolClient } from "pg";
import { observe } from "#lib/db/observe.ts";
import { lockCluster } from "#lib/db/sprawl/lock-cluster.ts";
import { refreshSummaries } from "#lib/db/sprawl/refresh-summaries.ts";
import type { Claim } from "#lib/domain/ownership/claim.ts";
import { ownerResolver } from "#lib/domain/ownership/resolve-owner.ts";
import { dayOf } from "#lib/domain/period.ts";
import { reassignEvaluations } from "#lib/services/evaluations/reassign-evaluations.ts";
import { loadAccountClaims } from "#lib/services/ownership/load-account-claims.ts";
import { loadClaims } from "#lib/services/ownership/load-claims.ts";
import { loadDirectoryView } from "#lib/services/ownership/load-directory-view.ts";
import { loadOverrides } from "#lib/services/ownership/load-overrides.ts";
import { withRepositoryOwners } from "#lib/services/ownership/repository-owners.ts";

/**
 * Resolves the owner of every namespace of a cluster from the claims as they stand, and stores what has changed, evaluations included. Where a decision was
 * made after `now`, as it is while a run waits in the queue, the answer is of that later instant.
 */
export async function resolveNamespaceOwners(
  sql: PoolClient,
  { clusterKey, now }: { clusterKey: string; now: Date },
): Promise<{ began: number; ended: number }> {
  const at = await notBefore(sql, clusterKey, now);
  const there = await sql.query<{ uid: string }>(
    "SELECT uid FROM namespace WHERE cluster_key = $1 AND seen_to IS NULL",
    [clusterKey],
  );
  const accounts = await sql.query<{ account_id: string | null }>(
    "SELECT account_id FROM cluster WHERE cluster_key = $1 AND seen_to IS NULL",
    [clusterKey],
  );
  const claims = await loadClaims(sql, "namespace", null, { part: clusterKey });
  const overrides = await loadOverrides(sql, { part: clusterKey, asOf: null });
  const inherited = await loadAccountClaims(sql, accounts.rows[0]?.account_id ?? null, null);
  const directory = await loadDirectoryView(sql, dayOf(at));
  const resolve = ownerResolver(withRepositoryOwners(directory, claims.values()));
  const rows = there.rows.map(({ uid }) => {
    const subject = `${clusterKey} ${uid}`;
    const own: Claim[] = [...(overrides.get(subject) ?? []), ...(claims.get(subject) ?? []), ...inherited];
    const { teamKey, strength, confidence, winner, reasons } = resolve(own, at.toISOString());
    return { uid, team_key: teamKey, strength, confidence, origin: winner?.origin ?? null, reasons };
  });
  const counts = await observe(sql, {
    table: "namespace_owner",
    scope: { cluster_key: clusterKey },
    keys: ["uid"],
    values: ["team_key", "strength", "confidence", "origin", "reasons"],
    rows,
    at,
  });
  if (counts.began + counts.ended > 0) await reassignEvaluations(sql, { clusterKey, at });
  return counts;
}

/** Resolves every namespace anew where something changed that is no cluster's own: the directory, or claims about accounts. */
export async function resolveAllNamespaceOwners(sql: PoolClient, now: Date): Promise<void> {
  const { rows } = await sql.query<{ cluster_key: string }>(
    "SELECT DISTINCT cluster_key FROM cluster WHERE seen_to IS NULL ORDER BY cluster_key",
  );
  // All of them before the first: evaluations are locked with the first owner that changes, and never before a cluster.
  for (const { cluster_key: clusterKey } of rows) await lockCluster(sql, clusterKey);
  for (const { cluster_key: clusterKey } of rows) {
    const { began, ended } = await resolveNamespaceOwners(sql, { clusterKey, now });
    if (began + ended > 0) await refreshSummaries(sql, clusterKey);
  }
  // What is in an account and in no namespace moves with the account.
  await reassignEvaluations(sql, { clusterKey: null, at: now });
}

/** The later of `now` and the newest answer about a cluster: stretches never end before they begin. */
async function notBefore(sql: PoolClient, clusterKey: string, now: Date): Promise<Date> {
  const { rows } = await sql.query<{ at: Date | null }>(
    "SELECT max(seen_from) AS at FROM namespace_owner WHERE cluster_key = $1 AND seen_to IS NULL",
    [clusterKey],
  );
  const last = rows[0]?.at ?? null;
  return last !== null && last.getTime() > now.getTime() ? last : now;
}
