import type { SqlExecutor } from "#lib/db/activity.ts";
import { readStandings } from "#lib/db/sprawl/cluster-standings.ts";
import { groupSummaries, type GroupRow } from "#lib/db/sprawl/list-namespaces.ts";
import { readClusterCosts, readCostRange } from "#lib/db/sprawl/refresh-costs.ts";
import { ownerResolver } from "#lib/domain/ownership/resolve-owner.ts";
import { day, dayOf } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import type { ClusterView, NodePoolView, NodeView, ObservationGap } from "#lib/services/clusters/cluster-view.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { observationGaps, type Look } from "#lib/services/namespaces/observation-gaps.ts";
import { loadAccountClaims } from "#lib/services/ownership/load-account-claims.ts";
import { loadDirectoryView } from "#lib/services/ownership/load-directory-view.ts";
import { toOwnerView } from "#lib/services/ownership/to-owner-view.ts";
import { EVERYTHING } from "#lib/services/sprawl/read-sprawl.ts";
import { loadTeamNames, toCosts, toGroups, toStanding } from "#lib/services/sprawl/to-namespace-row.ts";

const GAP_DAYS = 30;

/**
 * One cluster: how it was last seen, whose it is, its node pools, and its namespaces in numbers. Its bill is services/cluster-bill's.
 * A member sees the clusters that hold namespaces of the own team, and of these only what is the team's.
 *
 * @throws AppError "not_found".
 */
export async function readCluster(
  context: ServiceContext,
  { clusterKey, asOf }: { clusterKey: string; asOf: Date | null },
): Promise<ClusterView> {
  await authorise(context, "sprawl:read", `cluster ${clusterKey}`);
  const { pool } = context.database;
  const { role, teamKey } = context.actor;
  const only = role === "member" ? { teamKey } : null;
  const now = asOf ?? context.now;
  const filters = { ...EVERYTHING, clusters: [clusterKey], only };
  const [standings, groups, teams, costRange, bills] = await Promise.all([
    readStandings(pool, { asOf, clusterKey }),
    groupSummaries(pool, { filters, asOf, now }),
    loadTeamNames(pool),
    readCostRange(pool),
    readClusterCosts(pool),
  ]);
  const [standing] = standings;
  const total = groups.filter(({ dimension }) => dimension === "");
  const namespaces = total.reduce((sum, row) => sum + row.namespaces, 0);
  if (!standing || (only !== null && namespaces === 0))
    throw new AppError("not_found", `There is no cluster "${clusterKey}".`);
  const [owner, nodes, gaps, account, pods] = await Promise.all([
    ownerOfAccount(context, standing.account_id, asOf, teams),
    only === null ? readNodes(pool, clusterKey, asOf) : null,
    readGaps(pool, clusterKey, now),
    readAccountName(pool, standing.account_id),
    countPods(pool, clusterKey, only),
  ]);
  const ofCluster = bills.filter((bill) => bill.clusterKey === clusterKey);
  return {
    asOf: asOf?.toISOString() ?? null,
    standing: toStanding(standing, namespaces),
    sourceKey: standing.source_key,
    version: standing.version,
    region: standing.region,
    accountId: standing.account_id,
    accountName: account,
    uid: standing.uid,
    firstSeenAt: standing.first_seen_at.toISOString(),
    owner,
    nodePools: nodes === null ? null : poolsOf(nodes),
    nodes,
    gaps,
    counts: { ...countsOf(groups, namespaces), pods: asOf === null ? pods : null },
    teams: toGroups(groups, "team_key", (key) => (key === "" ? "Nobody" : (teams.get(key) ?? key))),
    costs: toCosts(only === null ? ofCluster : total),
    costRange: costRange === null ? null : { from: day(costRange.from), to: day(costRange.to) },
  };
}

function countsOf(groups: readonly GroupRow[], namespaces: number) {
  const count = (dimension: GroupRow["dimension"], key: string) =>
    groups
      .filter((row) => row.dimension === dimension && row.key === key)
      .reduce((sum, row) => sum + row.namespaces, 0);
  return {
    namespaces,
    unused: count("state", "unused"),
    asleep: count("state", "asleep"),
    unknown: count("state", "unknown"),
    unowned: count("team_key", ""),
  };
}

async function ownerOfAccount(
  { database, now }: ServiceContext,
  accountId: string | null,
  asOf: Date | null,
  teams: ReadonlyMap<string, string>,
) {
  const at = asOf ?? now;
  const [claims, directory] = await Promise.all([
    loadAccountClaims(database.pool, accountId, asOf),
    loadDirectoryView(database.pool, dayOf(at)),
  ]);
  return toOwnerView(ownerResolver(directory)(claims, at.toISOString()), (key) => teams.get(key));
}

/** Null where nodes have never been listed. */
async function readNodes(sql: SqlExecutor, clusterKey: string, asOf: Date | null): Promise<NodeView[] | null> {
  const { rows } = await sql.query(
    `SELECT * FROM cluster_node WHERE cluster_key = $1
       AND CASE WHEN $2::timestamptz IS NULL THEN seen_to IS NULL ELSE seen_from <= $2 AND (seen_to IS NULL OR seen_to > $2) END
     ORDER BY node_pool NULLS LAST, name`,
    [clusterKey, asOf],
  );
  if (rows.length === 0) return null;
  return rows.map((row) => ({
    uid: String(row.uid),
    name: String(row.name),
    pool: (row.node_pool as string | null) ?? "",
    providerId: row.provider_id as string | null,
    instanceType: row.instance_type as string | null,
    capacityType: row.capacity_type as NodeView["capacityType"],
    zone: row.zone as string | null,
    cpuCores: decimals(Number(row.cpu_cores)),
    memoryGib: decimals(Number(row.memory_gib)),
    gpus: decimals(Number(row.gpus)),
    createdAt: (row.created_at as Date | null)?.toISOString() ?? null,
    kubeletVersion: row.kubelet_version as string | null,
    isReady: row.is_ready as boolean | null,
  }));
}

function poolsOf(nodes: readonly NodeView[]): NodePoolView[] {
  const pools = Map.groupBy(nodes, ({ pool, instanceType, capacityType }) =>
    JSON.stringify([pool, instanceType, capacityType]),
  );
  return [...pools.values()].flatMap((own) => {
    const [first] = own;
    if (!first) return [];
    const sum = (amounts: readonly string[]) => decimals(amounts.reduce((total, amount) => total + Number(amount), 0));
    return [
      {
        name: first.pool,
        instanceType: first.instanceType,
        capacityType: first.capacityType,
        nodes: own.length,
        ready: own.filter(({ isReady }) => isReady === true).length,
        zones: [...new Set(own.flatMap(({ zone }) => zone ?? []))].toSorted(),
        cpuCores: sum(own.map(({ cpuCores }) => cpuCores)),
        memoryGib: sum(own.map(({ memoryGib }) => memoryGib)),
        gpus: sum(own.map(({ gpus }) => gpus)),
      },
    ];
  });
}

async function readGaps(sql: SqlExecutor, clusterKey: string, now: Date): Promise<ObservationGap[]> {
  const { rows } = await sql.query(
    `SELECT at, outcome, error ->> 'message' AS message FROM cluster_look
     WHERE cluster_key = $1 AND at <= $2 AND at >= $2::timestamptz - ${GAP_DAYS} * interval '1 day' ORDER BY at, id`,
    [clusterKey, now],
  );
  const looks = rows.map((row): Look => ({
    at: row.at as Date,
    outcome: row.outcome as Look["outcome"],
    unknownKinds: [],
  }));
  return observationGaps(looks, [], now)
    .map(({ from, to }) => {
      const failed = rows.find(
        (row) => row.outcome !== "complete" && (row.at as Date) >= new Date(from) && (row.at as Date) <= new Date(to),
      );
      const reason = failed?.message ? String(failed.message) : "Nobody looked.";
      return { from, to: Date.parse(to) === now.getTime() ? null : to, reason };
    })
    .toReversed();
}

async function readAccountName(sql: SqlExecutor, accountId: string | null): Promise<string | null> {
  if (accountId === null) return null;
  const { rows } = await sql.query(
    `SELECT name FROM (SELECT name, 1 AS place FROM cloud_account WHERE account_id = $1 AND seen_to IS NULL
       UNION ALL SELECT name, 2 FROM account WHERE account_id = $1) names ORDER BY place LIMIT 1`,
    [accountId],
  );
  return rows[0] ? String(rows[0].name) : null;
}

/** Null where pods may not be read anywhere in it. */
async function countPods(
  sql: SqlExecutor,
  clusterKey: string,
  only: { teamKey: string | null } | null,
): Promise<number | null> {
  const { rows } = await sql.query(
    `SELECT sum(pods)::int AS pods FROM namespace_summary WHERE cluster_key = $1 AND gone_at IS NULL AND ($2::boolean OR team_key = $3)`,
    [clusterKey, only === null, only?.teamKey ?? null],
  );
  return rows[0]?.pods === null ? null : Number(rows[0]?.pods);
}

function decimals(amount: number): string {
  return String(Math.round(amount * 1000) / 1000);
}
