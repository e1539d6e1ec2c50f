import type { SqlExecutor } from "#lib/db/activity.ts";
import { groupSummaries } from "#lib/db/sprawl/list-namespaces.ts";
import { readCostRange } from "#lib/db/sprawl/refresh-costs.ts";
import type { DormancyJudgement } from "#lib/domain/dormancy/judge-dormancy.ts";
import { day } from "#lib/domain/period.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { WINDOW_DAYS } from "#lib/services/namespaces/judge-namespaces.ts";
import { listedOf, readPage } from "#lib/services/sprawl/list-namespaces.ts";
import type {
  NamespaceRow,
  NamespaceState,
  SprawlQuery,
  UnusedQuery,
  UnusedRow,
  UnusedView,
} from "#lib/services/sprawl/sprawl-view.ts";
import { loadTeamNames, toCosts, toGroups } from "#lib/services/sprawl/to-namespace-row.ts";

/** Reasons for "unknown" that are listed; the rest are rarer. */
const SHOWN_REASONS = 10;

/**
 * The namespaces that nothing uses, each with its signs, its owner and what it costs, and what they cost together. A member sees those
 * of the own team.
 */
export async function readUnused(context: ServiceContext, query: UnusedQuery): Promise<UnusedView> {
  await authorise(context, "sprawl:read", "unused namespaces");
  return unusedOf(context, query);
}

/** The same for a caller who has asked for permission already. */
export async function unusedOf(context: ServiceContext, asked: UnusedQuery): Promise<UnusedView> {
  const { pool } = context.database;
  const { withAsleep, ...rest } = asked;
  const states: NamespaceState[] = withAsleep ? ["unused", "asleep"] : ["unused"];
  const query: SprawlQuery = { ...rest, states };
  const unknown = listedOf(context, { ...query, states: ["unknown"] });
  const [page, teams, costRange, groups, others, reasons] = await Promise.all([
    readPage(context, query),
    loadTeamNames(pool),
    readCostRange(pool),
    groupSummaries(pool, listedOf(context, query)),
    groupSummaries(pool, unknown),
    readUnknownReasons(pool, unknown.filters.only),
  ]);
  const judgements = await readJudgements(pool, page.rows, asked.asOf);
  return {
    asOf: asked.asOf?.toISOString() ?? null,
    windowDays: WINDOW_DAYS,
    rows: page.rows.map((row) => toUnusedRow(row, judgements.get(`${row.clusterKey} ${row.uid}`))),
    total: page.total,
    offset: page.offset,
    costs: toCosts(groups.filter(({ dimension }) => dimension === "")),
    byTeam: toGroups(groups, "team_key", (key) => (key === "" ? "Nobody" : (teams.get(key) ?? key))),
    unknown: {
      namespaces: others
        .filter(({ dimension }) => dimension === "")
        .reduce((sum, { namespaces }) => sum + namespaces, 0),
      reasons,
    },
    costRange: costRange === null ? null : { from: day(costRange.from), to: day(costRange.to) },
  };
}

/** The reasons of the page's rows. Those of an earlier instant are not kept: only the verdict is. */
async function readJudgements(
  sql: SqlExecutor,
  page: readonly NamespaceRow[],
  asOf: Date | null,
): Promise<Map<string, { judgement: DormancyJudgement; volumes: number | null }>> {
  if (asOf !== null || page.length === 0) return new Map();
  const { rows } = await sql.query(
    `SELECT s.cluster_key, s.uid, s.judgement, m.volumes FROM unnest($1::text[], $2::text[]) AS i (cluster_key, uid)
     JOIN namespace_state s USING (cluster_key, uid) JOIN namespace_summary m USING (cluster_key, uid) WHERE s.judgement IS NOT NULL`,
    [page.map(({ clusterKey }) => clusterKey), page.map(({ uid }) => uid)],
  );
  return new Map(
    rows.map((row) => [
      `${String(row.cluster_key)} ${String(row.uid)}`,
      { judgement: row.judgement as DormancyJudgement, volumes: row.volumes as number | null },
    ]),
  );
}

function toUnusedRow(
  row: NamespaceRow,
  found: { judgement: DormancyJudgement; volumes: number | null } | undefined,
): UnusedRow {
  const judgement = found?.judgement;
  return {
    ...row,
    reasons: judgement?.reasons ?? [],
    wouldChange: judgement?.wouldChange ?? [],
    signs: (judgement?.signs ?? []).map(({ sign, reading, reason, lastUse }) => ({ sign, reading, reason, lastUse })),
    vetoes: (judgement?.vetoes ?? []).map(({ kind, reason }) => ({ kind, reason })),
    remains: { volumes: found?.volumes ?? null, loadBalancers: row.loadBalancers },
  };
}

/** Why namespaces cannot be judged, by the sign that is not known, the most frequent first. */
async function readUnknownReasons(
  sql: SqlExecutor,
  only: { teamKey: string | null } | null,
): Promise<UnusedView["unknown"]["reasons"]> {
  const { rows } = await sql.query(
    `SELECT sign ->> 'wouldTell' AS reason, count(DISTINCT (m.cluster_key, m.uid))::int AS namespaces
     FROM namespace_summary m JOIN namespace_state s USING (cluster_key, uid)
     CROSS JOIN LATERAL jsonb_array_elements(s.judgement -> 'signs') sign
     WHERE m.gone_at IS NULL AND m.state = 'unknown' AND ($1::boolean OR m.team_key = $2) AND sign ->> 'reading' = 'unknown'
     GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${SHOWN_REASONS}`,
    [only === null, only?.teamKey ?? null],
  );
  return rows.map((row) => ({ reason: String(row.reason), namespaces: Number(row.namespaces) }));
}
