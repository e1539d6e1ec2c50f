import type { PoolClient } from "pg";
import { recordActivity } from "#lib/db/activity.ts";
import { observe } from "#lib/db/observe.ts";
import { lockCluster } from "#lib/db/sprawl/lock-cluster.ts";
import { refreshSummaries } from "#lib/db/sprawl/refresh-summaries.ts";
import { toAppError } from "#lib/errors.ts";
import { accessRows, keptAccess } from "#lib/services/clusters/access-rows.ts";
import { claimRows, keptClaims } from "#lib/services/clusters/claim-rows.ts";
import {
  clusterRow,
  CLUSTER_VALUES,
  namespaceRow,
  NAMESPACE_VALUES,
  nodeRow,
  NODE_VALUES,
} from "#lib/services/clusters/inventory-rows.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { publishDataset } from "#lib/services/directory/publish-dataset.ts";
import { judgeNamespaces } from "#lib/services/namespaces/judge-namespaces.ts";
import { storeStates } from "#lib/services/namespaces/store-states.ts";
import { resolveNamespaceOwners } from "#lib/services/ownership/resolve-namespace-owners.ts";
import { inventoryReachMs } from "#lib/services/policies/good-for.ts";
import { judgeCluster } from "#lib/services/policies/judge-cluster.ts";
import { requestPeople } from "#lib/services/policies/judge-people.ts";
import type { RunLease } from "#lib/services/runs/run-lease.ts";
import { observeNamespaceMakers } from "#lib/services/trail/append/observe-makers.ts";
import type { LoadedSource } from "#lib/services/sources/load-source.ts";
import type { ClusterInventory } from "#lib/sources/cluster-inventory.ts";
import type { OfferedSlice } from "#lib/sources/source.ts";

/**
 * Takes over what one cluster says now, in one transaction: its nodes, the lives of its namespaces, what is in them, the claims about
 * their owners and the verdicts on their use. The slice's period is the cluster's key. A cluster that does not answer keeps its last
 * state, and the failed look is kept: from the last good one on it is unknown. A namespace is gone only where every one was listed.
 */
export async function publishClusters(
  context: ServiceContext,
  lease: RunLease,
  source: LoadedSource,
  sliceId: number,
  offered: OfferedSlice,
): Promise<void> {
  const reading = await readOrNote(context, lease, source, offered);
  await context.database.transact(async (transaction) => {
    const { sql } = transaction;
    await lockCluster(sql, offered.period);
    const at = await lookTime(sql, offered.period, lease.logicalTime);
    const counts = await takeOver(sql, source.key, reading, at);
    await noteLook(sql, source.key, offered.period, {
      at,
      outcome: reading.complete ? "complete" : "partial",
      unknown: reading.unknown,
    });
    await observeNamespaceMakers(sql, { clusterKey: offered.period, at });
    await resolveNamespaceOwners(sql, { clusterKey: offered.period, now: at });
    await judgeNamespaces(sql, { clusterKey: offered.period, at });
    await refreshSummaries(sql, offered.period);
    const goodForMs = inventoryReachMs(source.schedule, "cluster", at);
    await judgeCluster(context, sql, { sourceKey: source.key, reading, at, goodForMs });
    await requestPeople(transaction);
    await publishDataset(sql, context, lease, { source, sliceId, offered, records: reading.namespaces.length });
    await sql.query("UPDATE publication SET totals = $2 WHERE run_id = $1", [
      lease.runId,
      JSON.stringify({
        complete: reading.complete,
        unknown: reading.unknown,
        notServed: reading.guardrails?.reports.notServed ?? [],
      }),
    ]);
    await recordActivity(sql, {
      at: context.now,
      actor: context.actor,
      action: "cluster.published",
      subject: `${source.key} ${offered.period}`,
      after: {
        run: lease.runId,
        complete: reading.complete,
        ...counts,
        unknown: reading.unknown.map(({ kind }) => kind),
      },
    });
  });
}

/** A look that fails is kept by itself: the run's own transaction never comes to be. */
async function readOrNote(
  context: ServiceContext,
  lease: RunLease,
  source: LoadedSource,
  offered: OfferedSlice,
): Promise<ClusterInventory> {
  try {
    return await source.readCluster(offered, { signal: lease.signal, onProgress: lease.report });
  } catch (thrown) {
    // A run that another worker has taken says nothing about the cluster.
    if (!lease.signal.aborted)
      await noteLook(context.database.pool, source.key, offered.period, {
        at: lease.logicalTime,
        outcome: "failed",
        unknown: [],
        error: toAppError(thrown),
      });
    throw thrown;
  }
}

async function takeOver(sql: PoolClient, sourceKey: string, reading: ClusterInventory, at: Date) {
  const clusterKey = reading.cluster.key;
  const scope = { source_key: sourceKey, cluster_key: clusterKey };
  const isPartial = !reading.complete;
  await observe(sql, {
    table: "cluster",
    scope,
    keys: ["cluster_key"],
    values: CLUSTER_VALUES,
    rows: [await withWhatWasKnown(sql, sourceKey, clusterRow(reading))],
    at,
  });
  if (reading.nodes !== null)
    await observe(sql, {
      table: "cluster_node",
      scope,
      keys: ["uid"],
      values: NODE_VALUES,
      rows: reading.nodes.map(nodeRow),
      at,
    });
  const namespaces = await observe(sql, {
    table: "namespace",
    scope,
    keys: ["uid"],
    values: NAMESPACE_VALUES,
    rows: reading.namespaces.map(namespaceRow),
    at,
    isPartial,
  });
  const claims = await observe(sql, {
    table: "ownership_claim",
    scope: { source_key: sourceKey, subject_kind: "namespace", part: clusterKey },
    keys: ["subject_key", "origin", "detail"],
    values: ["names_kind", "names_value", "inherited", "held_from", "held_to"],
    rows: [...claimRows(reading), ...(await keptClaims(sql, sourceKey, reading))],
    at,
    isPartial,
  });
  await observe(sql, {
    table: "namespace_access",
    scope,
    keys: ["uid", "binding", "subject_kind", "subject_name", "subject_namespace"],
    values: ["role_kind", "role"],
    rows: [...accessRows(reading), ...(await keptAccess(sql, sourceKey, reading))],
    at,
    isPartial,
  });
  await storeStates(sql, reading, at);
  return { namespaces, claims };
}

/** What may not be read this time is still what it was: a version or a region does not go away. */
async function withWhatWasKnown(
  sql: PoolClient,
  sourceKey: string,
  row: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const { rows } = await sql.query<Record<string, unknown>>(
    "SELECT version, region, account_id, uid FROM cluster WHERE source_key = $1 AND cluster_key = $2 AND seen_to IS NULL",
    [sourceKey, row["cluster_key"]],
  );
  const known = rows[0] ?? {};
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? known[name] ?? null]));
}

/** Stretches never go backwards: a run that was queued early and done late looks at what is there now. */
async function lookTime(sql: PoolClient, clusterKey: string, logicalTime: Date): Promise<Date> {
  const { rows } = await sql.query<{ at: Date | null }>(
    "SELECT max(at) AS at FROM cluster_look WHERE cluster_key = $1 AND outcome <> 'failed'",
    [clusterKey],
  );
  const last = rows[0]?.at ?? null;
  return last !== null && last.getTime() > logicalTime.getTime() ? last : logicalTime;
}

async function noteLook(
  sql: Pick<PoolClient, "query"> | ServiceContext["database"]["pool"],
  sourceKey: string,
  clusterKey: string,
  look: { at: Date; outcome: string; unknown: unknown[]; error?: unknown },
): Promise<void> {
  await sql.query(
    "INSERT INTO cluster_look (source_key, cluster_key, at, outcome, unknown, error) VALUES ($1, $2, $3, $4, $5, $6)",
    [
      sourceKey,
      clusterKey,
      look.at,
      look.outcome,
      JSON.stringify(look.unknown),
      look.error === undefined ? null : JSON.stringify(look.error),
    ],
  );
}
