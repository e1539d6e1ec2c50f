import { readListedAccounts } from "#lib/db/inventory.ts";
import { groupByAge, groupSummaries, type GroupRow } from "#lib/db/sprawl/list-namespaces.ts";
import { readClusterCosts, readCostRange } from "#lib/db/sprawl/refresh-costs.ts";
import { readLives, readSpans } from "#lib/db/sprawl/read-growth.ts";
import { readStandings, type StandingRow } from "#lib/db/sprawl/cluster-standings.ts";
import { addDays, day, dayOf, type DayRange } from "#lib/domain/period.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { loadAccountOwners } from "#lib/services/ownership/load-account-owners.ts";
import { growthLines } from "#lib/services/sprawl/growth-lines.ts";
import { listedOf, readPage } from "#lib/services/sprawl/list-namespaces.ts";
import { coverageOf } from "#lib/services/sprawl/read-coverage.ts";
import {
  NO_SPRAWL_FILTERS,
  type SprawlKind,
  type SprawlQuery,
  type SprawlView,
} from "#lib/services/sprawl/sprawl-view.ts";
import { loadTeamNames, toCosts, toGroups, toStanding } from "#lib/services/sprawl/to-namespace-row.ts";
import { readSpend } from "#lib/services/spend/read-spend.ts";

const COMPARED_DAYS = 30;

/**
 * What exists and how it grows: accounts, clusters, nodes and namespaces with what they cost, whose they are, and the first page of the
 * list. A member sees what is the own team's.
 */
export async function readSprawl(context: ServiceContext, query: SprawlQuery): Promise<SprawlView> {
  await authorise(context, "sprawl:read", "sprawl");
  const { pool } = context.database;
  const listed = listedOf(context, query);
  const { only } = listed.filters;
  const [teams, looked, groups, ages, all, lives, clusters, accounts, costRange] = await Promise.all([
    loadTeamNames(pool),
    readStandings(pool, { asOf: query.asOf }),
    groupSummaries(pool, listed),
    groupByAge(pool, listed),
    groupSummaries(pool, { ...listed, filters: { ...EVERYTHING, only } }),
    readLives(pool, listed),
    readSpans(pool, "cluster"),
    readSpans(pool, "cloud_account"),
    readCostRange(pool),
  ]);
  const ownClusters = new Set(all.filter(({ dimension }) => dimension === "cluster_key").map(({ key }) => key));
  const standings = looked.filter(({ cluster_key: key }) => only === null || ownClusters.has(key));
  const firstLook = earliest(standings);
  const spans = {
    clusters: clusters.filter(({ key }) => only === null || ownClusters.has(key)),
    accounts: only === null ? accounts : [],
  };
  const growth = growthLines(lives, spans, firstLook, listed.now);
  const range = costRange === null ? null : { from: day(costRange.from), to: day(costRange.to) };
  const labelOfTeam = (key: string) => (key === "" ? "Nobody" : (teams.get(key) ?? key));
  const plain = (key: string) => key;
  const counts = new Map(toGroups(all, "cluster_key", plain).map(({ key, namespaces }) => [key, namespaces]));
  return {
    asOf: query.asOf?.toISOString() ?? null,
    kinds: await kindsOf(context, query.asOf, { all, growth, standings, range }),
    growth,
    coverage: await coverageOf(context, query.asOf, all),
    groups: {
      teams: toGroups(groups, "team_key", labelOfTeam),
      clusters: toGroups(groups, "cluster_key", plain),
      providers: toGroups(groups, "provider", plain),
      strengths: toGroups(groups, "strength", plain),
      states: toGroups(groups, "state", plain),
      ages: toGroups(ages, "age", plain),
    },
    clusters: standings.map((row) => toStanding(row, counts.get(row.cluster_key) ?? 0)),
    costRange: range,
    page: await readPage(context, query),
  };
}

/** No filter at all. */
export const EVERYTHING = {
  ...NO_SPRAWL_FILTERS,
  only: null,
};

function earliest(standings: readonly StandingRow[]): Date | null {
  return standings.reduce<Date | null>(
    (first, { first_seen_at: at }) => (first === null || at.getTime() < first.getTime() ? at : first),
    null,
  );
}

type Found = {
  all: readonly GroupRow[];
  growth: SprawlView["growth"];
  standings: readonly StandingRow[];
  range: DayRange | null;
};

async function kindsOf(context: ServiceContext, asOf: Date | null, found: Found): Promise<SprawlKind[]> {
  const { all, growth, standings } = found;
  const total = all.filter(({ dimension }) => dimension === "");
  const isMember = context.actor.role === "member";
  const bills = isMember ? null : await readClusterCosts(context.database.pool);
  const accounts = await accountKind(context, asOf, found);
  const clusters: SprawlKind = {
    kind: "clusters",
    count: standings.length,
    change: changeOf(growth.clusters),
    // Of its team's namespaces where a member asks; otherwise of all that the clusters are billed for.
    costs: toCosts(bills ?? total),
  };
  const namespaces: SprawlKind = {
    kind: "namespaces",
    count: total.reduce((sum, row) => sum + row.namespaces, 0),
    change: isObservedThen(growth) ? changeOf(growth.namespaces) : null,
    costs: toCosts(total),
  };
  // Nodes are nobody's: who sees one team's namespaces only is not told how many machines run beneath.
  if (isMember) return [accounts, clusters, namespaces];
  const { rows } = await context.database.pool.query<{ nodes: number }>(
    `SELECT count(*)::int AS nodes FROM cluster_node
     WHERE CASE WHEN $1::timestamptz IS NULL THEN seen_to IS NULL ELSE seen_from <= $1 AND (seen_to IS NULL OR seen_to > $1) END`,
    [asOf],
  );
  return [accounts, clusters, { kind: "nodes", count: rows[0]?.nodes ?? 0, change: null, costs: [] }, namespaces];
}

/** Accounts with what they cost in the days that the other costs are of, or else in the last 30. */
async function accountKind(context: ServiceContext, asOf: Date | null, { growth, range }: Found): Promise<SprawlKind> {
  const { pool } = context.database;
  const today = dayOf(asOf ?? context.now);
  const { role, teamKey } = context.actor;
  const [accounts, owners, spend] = await Promise.all([
    readListedAccounts(pool, asOf),
    role === "member" ? loadAccountOwners(pool, { day: today, asOf }) : null,
    readSpend(context, {
      ...(range ?? { from: addDays(today, -COMPARED_DAYS), to: today }),
      basis: "effective",
      groupBy: "provider",
      granularity: "month",
      compare: "none",
      currency: null,
      filters: {},
      kinds: [],
      asOf,
    }),
  ]);
  const own = accounts.filter(
    ({ provider, accountId }) =>
      owners === null || (teamKey !== null && owners.get(`${provider} ${accountId}`)?.teamKey === teamKey),
  );
  return {
    kind: "accounts",
    count: own.length,
    change: owners === null ? changeOf(growth.accounts) : null,
    costs: spend.sections.map(({ currency, bar }) => ({ currency, amount: bar.total })),
  };
}

function changeOf(counts: readonly (number | null)[]): number | null {
  const now = counts.at(-1) ?? null;
  const then = counts.at(-1 - COMPARED_DAYS) ?? null;
  return now === null || then === null ? null : now - then;
}

/** What was gone before we first looked is not known, so that a count of before then is no count. */
function isObservedThen({ days, observedFrom }: SprawlView["growth"]): boolean {
  const then = days.at(-1 - COMPARED_DAYS);
  return observedFrom !== null && then !== undefined && observedFrom <= then;
}
