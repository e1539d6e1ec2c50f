import type { SqlExecutor } from "#lib/db/activity.ts";
import {
  ageClassSql,
  conditionsOf,
  isCounted,
  partConditions,
  type Parameters,
  type SprawlFilters,
} from "#lib/db/sprawl/sprawl-sql.ts";
import { summaryRelation } from "#lib/db/sprawl/summary-relation.ts";
import type { NamespaceSort } from "#lib/services/sprawl/sprawl-view.ts";

/** A row of namespace_summary as it is read; amounts are texts. */
export type SummaryRow = {
  cluster_key: string;
  uid: string;
  name: string;
  provider: string;
  created_at: Date | null;
  first_seen_at: Date;
  gone_at: Date | null;
  team_key: string;
  strength: string;
  confidence: string | null;
  origin: string | null;
  reasons: string[];
  state: string;
  holds_data: boolean;
  quiet_since: Date | null;
  pods: number | null;
  volumes: number | null;
  volumes_gib: number | null;
  load_balancers: number | null;
  currency: string | null;
  cost: string | null;
};

/** Which namespaces, as of when (null = now), and the instant that their age is counted to. */
export type Listed = { filters: SprawlFilters; asOf: Date | null; now: Date };

export type ListedOrder = { sort: NamespaceSort; descending: boolean; offset: number; limit: number };

const COLUMN_OF_SORT: Readonly<Record<NamespaceSort, string>> = {
  cost: "cost_order",
  name: "name",
  cluster: "cluster_key",
  team: "team_key",
  // The oldest first is the earliest first.
  age: "created_at",
  pods: "coalesce(t.pods, -1)",
  volumes: "coalesce(t.volumes_gib, -1)",
  quiet: "quiet_since",
};

const COLUMNS = `t.cluster_key, t.uid, t.name, t.provider, t.created_at, t.first_seen_at, t.gone_at, t.team_key, t.strength, t.confidence,
  t.origin, t.reasons, t.state, t.holds_data, t.quiet_since, t.pods, t.volumes, t.volumes_gib, t.load_balancers, t.currency,
  trim_scale(t.cost)::text AS cost`;

/** One page of a list, and how many namespaces match in all. */
export async function readSummaryPage(
  sql: SqlExecutor,
  listed: Listed,
  order: ListedOrder,
): Promise<{ rows: SummaryRow[]; total: number }> {
  if (listed.asOf !== null || !isCounted(listed.filters)) return searchSummaries(sql, listed, order);
  const [rows, total] = await Promise.all([listSummaries(sql, listed, order), countSummaries(sql, listed)]);
  return { rows, total };
}

/** The page alone: an index in the order of the list ends the work with the page's last row. */
async function listSummaries(sql: SqlExecutor, { filters, now }: Listed, order: ListedOrder): Promise<SummaryRow[]> {
  const parameters: Parameters = [];
  const relation = summaryRelation(null, parameters);
  const conditions = conditionsOf(filters, now, parameters);
  const { column, direction } = orderOf(order);
  const { rows } = await sql.query(
    `SELECT ${COLUMNS} FROM ${relation} ${whereOf(conditions)} ORDER BY ${column} ${direction}, t.uid ${direction}
     ${limitOf(order, parameters)}`,
    parameters,
  );
  return rows as SummaryRow[];
}

/** How many match, from the counts that are kept. */
async function countSummaries(sql: SqlExecutor, { filters, now }: Listed): Promise<number> {
  const parameters: Parameters = [];
  const conditions = conditionsOf(filters, now, parameters);
  const { rows } = await sql.query(
    `SELECT coalesce(sum(t.namespaces), 0)::int AS total FROM namespace_count t ${whereOf(conditions)}`,
    parameters,
  );
  return Number(rows[0]?.total);
}

/**
 * Page and count together. What the kept counts do not know has to be counted row by row, and of those rows the page is chosen too:
 * the namespaces are gone through once.
 */
async function searchSummaries(
  sql: SqlExecutor,
  listed: Listed,
  order: ListedOrder,
): Promise<{ rows: SummaryRow[]; total: number }> {
  const parameters: Parameters = [];
  const relation = summaryRelation(listed.asOf, parameters);
  const conditions = matching(listed, parameters);
  const { column, direction } = orderOf(order);
  const { rows } = await sql.query(
    `WITH found AS MATERIALIZED (SELECT t.cluster_key, t.uid, ${column} AS place FROM ${relation} ${whereOf(conditions)})
     SELECT counted.total, page.* FROM (SELECT count(*)::int AS total FROM found) counted
     LEFT JOIN (
       SELECT ${COLUMNS}, f.place FROM (
         SELECT * FROM found ORDER BY place ${direction}, uid ${direction} ${limitOf(order, parameters)}
       ) f JOIN ${relation} ON t.cluster_key = f.cluster_key AND t.uid = f.uid
     ) page ON true ORDER BY page.place ${direction}, page.uid ${direction}`,
    parameters,
  );
  // A page without rows is one row with the count alone.
  return { rows: (rows as SummaryRow[]).filter(({ uid }) => uid !== null), total: Number(rows[0]?.total) };
}

/** Every order ends with the uid, so that no page repeats or leaves out a row of another. */
function orderOf({ sort, descending }: ListedOrder): { column: string; direction: "ASC" | "DESC" } {
  const isDown = sort === "age" || sort === "quiet" ? !descending : descending;
  const column = COLUMN_OF_SORT[sort];
  return { column: column.includes("(") ? column : `t.${column}`, direction: isDown ? "DESC" : "ASC" };
}

function limitOf({ offset, limit }: ListedOrder, parameters: Parameters): string {
  return `LIMIT $${parameters.push(limit)} OFFSET $${parameters.push(offset)}`;
}

/** How many namespaces there are, and what they cost, by one value of a dimension, or in all (dimension ""). */
export type GroupRow = {
  dimension: "" | "team_key" | "cluster_key" | "provider" | "strength" | "state" | "age";
  key: string;
  /** "" = what they cost is not known. */
  currency: string;
  namespaces: number;
  unused: number;
  cost: string;
};

const DIMENSIONS = ["team_key", "cluster_key", "provider", "strength", "state"] as const;

/** Counts and sums by every dimension at once. */
export async function groupSummaries(sql: SqlExecutor, { filters, asOf, now }: Listed): Promise<GroupRow[]> {
  const parameters: Parameters = [];
  const counted = countedRelation({ filters, asOf, now }, parameters);
  const { rows } = await sql.query(
    `SELECT CASE ${DIMENSIONS.map((name) => `WHEN GROUPING(t.${name}) = 0 THEN '${name}'`).join(" ")} ELSE '' END AS dimension,
       coalesce(${DIMENSIONS.map((name) => `t.${name}`).join(", ")}, '') AS key, t.currency,
       sum(t.namespaces)::int AS namespaces, coalesce(sum(t.namespaces) FILTER (WHERE t.is_unused), 0)::int AS unused,
       trim_scale(sum(t.cost))::text AS cost
     FROM ${counted} GROUP BY GROUPING SETS ((t.currency), ${DIMENSIONS.map((name) => `(t.${name}, t.currency)`).join(", ")})`,
    parameters,
  );
  return rows as GroupRow[];
}

/** Counts and sums by class of age, which changes with time and so is counted when it is asked for. */
export async function groupByAge(sql: SqlExecutor, listed: Listed): Promise<GroupRow[]> {
  const parameters: Parameters = [listed.now];
  const relation = summaryRelation(listed.asOf, parameters);
  const conditions = matching(listed, parameters);
  const { rows } = await sql.query(
    `SELECT 'age' AS dimension, ${ageClassSql("$1")} AS key, coalesce(t.currency, '') AS currency, count(*)::int AS namespaces,
       (count(*) FILTER (WHERE t.state = 'unused'))::int AS unused, trim_scale(coalesce(sum(t.cost), 0))::text AS cost
     FROM ${relation} ${whereOf(conditions)} GROUP BY 2, 3`,
    parameters,
  );
  return rows as GroupRow[];
}

/** The matching namespaces counted by everything that they are grouped by: stored where it can be, made where it has to be. */
function countedRelation({ filters, asOf, now }: Listed, parameters: Parameters): string {
  if (asOf === null && isCounted(filters))
    return `(SELECT *, state = 'unused' AS is_unused FROM namespace_count t ${whereOf(conditionsOf(filters, now, parameters))}) t`;
  const relation = summaryRelation(asOf, parameters);
  const conditions = matching({ filters, asOf, now }, parameters);
  return `(
    SELECT t.cluster_key, t.provider, t.team_key, t.strength, t.state, coalesce(t.currency, '') AS currency, t.state = 'unused' AS is_unused,
      count(*)::int AS namespaces, coalesce(sum(t.cost), 0) AS cost
    FROM ${relation} ${whereOf(conditions)} GROUP BY 1, 2, 3, 4, 5, 6
  ) t`;
}

/** The conditions on what namespaces are listed from. As of then names are not read from where the index of their parts is. */
function matching({ filters, asOf, now }: Listed, parameters: Parameters): string[] {
  const conditions = conditionsOf(filters, now, parameters);
  return asOf === null ? [...conditions, ...partConditions(filters.search, parameters)] : conditions;
}

function whereOf(conditions: readonly string[]): string {
  return conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
}
