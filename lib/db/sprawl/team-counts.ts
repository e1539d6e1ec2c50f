import type { SqlExecutor } from "#lib/db/activity.ts";
import { summaryRelation } from "#lib/db/sprawl/summary-relation.ts";
import { conditionsOf, type Parameters, type SprawlFilters } from "#lib/db/sprawl/sprawl-sql.ts";

/** How many namespaces a team has of a strength, of one currency. */
export type TeamCount = {
  /** "" = nobody's. */
  teamKey: string;
  strength: string;
  /** "" = what they cost is not known. */
  currency: string;
  namespaces: number;
  unused: number;
  cost: string;
};

/** Namespaces by team, strength of the owner and currency: from the kept counts, or as of then from the stretches. */
export async function countTeams(
  sql: SqlExecutor,
  { filters, asOf, now }: { filters: SprawlFilters; asOf: Date | null; now: Date },
): Promise<TeamCount[]> {
  const parameters: Parameters = [];
  const columns = `t.team_key AS "teamKey", t.strength, coalesce(t.currency, '') AS currency`;
  const many = asOf === null ? "t.namespaces" : "1";
  const relation = asOf === null ? "namespace_count t" : summaryRelation(asOf, parameters);
  const conditions = conditionsOf(filters, now, parameters);
  const { rows } = await sql.query(
    `SELECT ${columns}, sum(${many})::int AS namespaces, coalesce(sum(${many}) FILTER (WHERE t.state = 'unused'), 0)::int AS unused,
       trim_scale(coalesce(sum(t.cost), 0))::text AS cost
     FROM ${relation} ${conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`} GROUP BY 1, 2, 3`,
    parameters,
  );
  return rows as TeamCount[];
}
