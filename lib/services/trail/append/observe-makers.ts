import type { PoolClient } from "pg";
import { observe } from "#lib/db/observe.ts";
import { lockCluster } from "#lib/db/sprawl/lock-cluster.ts";
import { refreshSummaries } from "#lib/db/sprawl/refresh-summaries.ts";
import { readAccountMakers, readMakerSources, readNamespaceMakers } from "#lib/db/trail/makings.ts";
import type { Making } from "#lib/domain/trail/making.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { namespaceSubject } from "#lib/services/clusters/claim-rows.ts";
import { resolveAllNamespaceOwners, resolveNamespaceOwners } from "#lib/services/ownership/resolve-namespace-owners.ts";
import { requestReallocation } from "#lib/services/rules/request-reallocation.ts";

/**
 * Claims of the audit trail about a cluster's namespaces as they are now: whoever made one, by mail. In the caller's transaction, which has the
 * cluster's lock and resolves owners next. A maker that is no person claims nothing.
 */
export async function observeNamespaceMakers(
  sql: PoolClient,
  { clusterKey, at }: { clusterKey: string; at: Date },
): Promise<{ began: number; ended: number }> {
  const makers = await readNamespaceMakers(sql, clusterKey);
  const counts = { began: 0, ended: 0 };
  for (const sourceKey of await readMakerSources(sql, clusterKey)) {
    const { began, ended } = await observe(sql, {
      table: "ownership_claim",
      scope: { source_key: sourceKey, subject_kind: "namespace", part: clusterKey },
      ...CLAIM_COLUMNS,
      rows: makers
        .filter((maker) => maker.source_key === sourceKey && maker.person !== null)
        .map(({ uid, actor, person, through, at: madeAt }) => ({
          subject_key: namespaceSubject(clusterKey, uid),
          ...claimOf(person ?? "", madeAt, `made by ${actor}${through === null ? "" : ` through ${through}`}`),
        })),
      at,
    });
    counts.began += began;
    counts.ended += ended;
  }
  return counts;
}

/** Takes what a reading has told of makers into the claims, where there is something new, and resolves the owners that hang on them. */
export async function attributeMakings(
  context: ServiceContext,
  sourceKey: string,
  makings: readonly Pick<Making, "kind" | "clusterKey">[],
): Promise<void> {
  const { database, now: at } = context;
  const clusters = new Set(makings.flatMap(({ kind, clusterKey }) => (kind === "namespace" ? [clusterKey] : [])));
  for (const clusterKey of [...clusters].toSorted())
    await database.transact(async ({ sql }) => {
      await lockCluster(sql, clusterKey);
      const { began, ended } = await observeNamespaceMakers(sql, { clusterKey, at });
      if (began + ended === 0) return;
      await resolveNamespaceOwners(sql, { clusterKey, now: at });
      await refreshSummaries(sql, clusterKey);
    });
  await attributeAccounts(context, sourceKey);
}

/** Of all that the source has told, and not of this reading alone: one that failed here has kept its events and is not repeated. */
async function attributeAccounts(context: ServiceContext, sourceKey: string): Promise<void> {
  await context.database.transact(async (transaction) => {
    const { sql } = transaction;
    const makers = await readAccountMakers(sql, sourceKey);
    if (makers.length === 0) return;
    const { began, ended } = await observe(sql, {
      table: "ownership_claim",
      scope: { source_key: sourceKey, subject_kind: "account" },
      ...CLAIM_COLUMNS,
      rows: makers.map(({ account, actor, person, at }) => ({
        subject_key: `AWS ${account}`,
        ...claimOf(person, at, `asked for by ${actor}`),
      })),
      at: context.now,
    });
    if (began + ended === 0) return;
    await resolveAllNamespaceOwners(sql, context.now);
    await requestReallocation(transaction, context);
  });
}

const CLAIM_COLUMNS = {
  keys: ["subject_key", "origin", "detail"],
  values: ["names_kind", "names_value", "inherited", "held_from", "held_to"],
};

function claimOf(person: string, from: Date, detail: string) {
  const names = { names_kind: "mail", names_value: person };
  return { origin: "audit-log", ...names, detail, inherited: false, held_from: from, held_to: null };
}
