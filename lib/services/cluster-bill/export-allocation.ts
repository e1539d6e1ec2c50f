import { recordActivity } from "#lib/db/activity.ts";
import { readSplitCosts, readSplitHeads, type SplitCost } from "#lib/db/cluster-bill/read-splits.ts";
import { addAmounts } from "#lib/domain/money.ts";
import type { DayRange } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { allocationTable, type AllocatedOrigin, type AllocatedPart } from "#lib/reports/focus-allocation.ts";
import { writeCsv } from "#lib/reports/write-csv.ts";
import { methodOf, readMethods } from "#lib/services/cluster-bill/method-settings.ts";
import { assertRange } from "#lib/services/cluster-bill/read-cluster-bill.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { ExportedFile } from "#lib/services/spend/export-spend.ts";

/**
 * The split of a cluster's bill as FOCUS 1.3 rows, a CSV file: per day and currency the parts add up to what was billed. Who took it is
 * logged.
 *
 * @throws AppError "forbidden" for members; "invalid_input" as readClusterBill.
 */
export async function exportAllocation(
  context: ServiceContext,
  query: DayRange & { clusterKey: string; asOf: Date | null },
): Promise<ExportedFile> {
  const { clusterKey, from, to } = query;
  await authorise(context, "spend:export", clusterKey);
  if (context.actor.role === "member")
    throw new AppError("forbidden", "The bill of a whole cluster is not a team's own.", {
      remedy: "Take the cost of your namespaces instead.",
    });
  assertRange(query);
  const table = allocationTable(await readOrigins(context, query));
  await recordActivity(context.database.pool, {
    at: context.now,
    actor: context.actor,
    action: "allocation.exported",
    subject: `${clusterKey} ${from} to ${to}`,
    after: { rows: table.rows.length },
  });
  return {
    fileName: `allocation-${clusterKey.replace(/[^A-Za-z0-9]+/g, "-")}-${from}-${to}.csv`,
    contentType: "text/csv; charset=utf-8",
    body: writeCsv(table),
  };
}

/** ProviderName of the clusters that a provider runs; of others nobody knows whose machines they are. */
const PROVIDER_NAMES: Record<string, string> = { ecs: "AWS", eks: "AWS", aks: "Microsoft", gke: "Google Cloud" };

async function readOrigins(
  context: ServiceContext,
  query: DayRange & { clusterKey: string; asOf: Date | null },
): Promise<AllocatedOrigin[]> {
  const { pool } = context.database;
  const { clusterKey } = query;
  const [heads, effectiveHeads, billed, effective, methods, owners, cluster] = await Promise.all([
    readSplitHeads(pool, query, "billed"),
    readSplitHeads(pool, query, "effective"),
    readSplitCosts(pool, query, "billed"),
    readSplitCosts(pool, query, "effective"),
    readMethods(pool, clusterKey, query.asOf),
    pool.query<{ uid: string; team_key: string }>(
      "SELECT uid, team_key FROM namespace_summary WHERE cluster_key = $1",
      [clusterKey],
    ),
    pool.query<{ provider: string; account_id: string | null }>(
      "SELECT provider, account_id FROM cluster WHERE cluster_key = $1 ORDER BY seen_from DESC LIMIT 1",
      [clusterKey],
    ),
  ]);
  const teamOf = new Map(owners.rows.map((row) => [row.uid, row.team_key || null]));
  const keyOf = (cost: SplitCost) => JSON.stringify([cost.day, cost.currency, cost.kind, cost.namespace, cost.uid]);
  const effectiveOf = new Map(effective.map((cost) => [keyOf(cost), costOf(cost)]));
  const parts = Map.groupBy(billed, ({ day, currency }) => `${day} ${currency}`);
  return heads.map(({ day, currency, amount }) => {
    const ofDay = (parts.get(`${day} ${currency}`) ?? []).map((cost): AllocatedPart => ({
      kind: cost.kind,
      namespace: cost.namespace,
      uid: cost.uid,
      team: teamOf.get(cost.uid) ?? null,
      billed: costOf(cost),
      effective: effectiveOf.get(keyOf(cost)) ?? "0",
    }));
    const { method, ...settings } = methodOf(methods, day);
    return {
      clusterKey,
      day,
      currency,
      provider: PROVIDER_NAMES[cluster.rows[0]?.provider ?? ""] ?? "",
      account: cluster.rows[0]?.account_id ?? "",
      billed: amount,
      effective: effectiveHeads.find((head) => head.day === day && head.currency === currency)?.amount ?? "0",
      method,
      settings,
      parts: ofDay,
    };
  });
}

function costOf({ direct, idle, shared }: SplitCost): string {
  return addAmounts([direct, idle, shared]);
}
