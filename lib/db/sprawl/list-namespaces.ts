import type { SqlExecutor } from "#lib/db/activity.ts";
import { isoOf } from "#lib/db/instants.ts";
import { queryPrepared } from "#lib/db/prepared.ts";
import {
  ageClassSql,
  conditionsOf,
  foundSql,
  isCounted,
  isSearch,
  totalSql,
  type Parameters,
  type SprawlFilters,
} from "#lib/db/sprawl/sprawl-sql.ts";
import { summaryRelation } from "#lib/db/sprawl/summary-relation.ts";
import type { NamespaceSort } from "#lib/services/sprawl/sprawl-view.ts";

/** A row of namespace_summary as it is read; amounts are texts, instants ISO 8601. */
export type SummaryRow = {
  cluster_key: string;
  uid: string;
  name: string;
  provider: string;
  created_at: string | null;
  first_seen_at: string;
  gone_at: string | null;
  team_key: string;
  strength: string;
  confidence: string | null;
  origin: string | null;
  reasons: string[];
  state: string;
  holds_data: boolean;
  quiet_since: string | null;
  pods: number | null;
  volumes_gib: number | null;
  load_balancers: number | null;
  currency: string | null;
  cost: string | null;
  /** What the team is called now, or was last; null where no team is known by the key. */
  team_name: string | null;
  /** When its cluster's namespaces were last all listed. */
  looked_at: string | null;
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

const COLUMNS = `t.cluster_key, t.uid, t.name, t.provider, t.created_at::text, t.first_seen_at::text, t.gone_at::text, t.team_key,
  t.strength, t.confidence, t.origin, t.reasons, t.state, t.holds_data, t.quiet_since::text, t.pods, t.volumes_gib, t.load_balancers,
  t.currency, trim_scale(t.cost)::text AS cost`;

const KEY = "t.cluster_key, t.uid";

/** Orders that an index of the namespaces that are there has. */
const ORDERED: ReadonlySet<NamespaceSort> = new Set(["cost", "name", "age"]);

/** Found namespaces that are quicker picked out of all in order than sorted. */
const MANY = 1_000;

/**
 * One page of a list, and how many namespaces match in all, in one statement: a list is asked for more often than anything else, and each
 * statement costs more on its way than in its work.
 */
export async function readSummaryPage(
  sql: SqlExecutor,
  listed: Listed,
  order: ListedOrder,
): Promise<{ rows: SummaryRow[]; total: number }> {
  const parameters: Parameters = [];
  const { direction } = orderOf(order);
  const { before, total, page } = pageSql(listed, order, parameters);
  const then = listed.asOf === null ? "" : `AND at <= $${parameters.push(listed.asOf)}`;
  const { rows } = await queryPrepared(
    sql,
    `${before} SELECT counted.total, page.*, team.team_name, good.at::text AS looked_at FROM (${total}) counted LEFT JOIN (${page}) page ON true
     LEFT JOIN (SELECT DISTINCT ON (team_key) team_key, team_name FROM team_membership ORDER BY team_key, valid_from DESC NULLS LAST) team
       ON team.team_key = page.team_key
     LEFT JOIN LATERAL (
       SELECT at FROM cluster_look WHERE cluster_key = page.cluster_key AND outcome = 'complete' ${then} ORDER BY at DESC LIMIT 1) good ON true
     ORDER BY page.place ${direction}, page.uid ${direction}`,
    parameters,
  );
  // A page without rows is one row with the count alone.
  const found = (rows as SummaryRow[]).filter(({ uid }) => uid !== null);
  return { rows: found.map(withInstants), total: Number(rows[0]?.total) };
}

/** Rows are read for one answer alone, so that they are changed and not copied. */
function withInstants(row: SummaryRow): SummaryRow {
  row.first_seen_at = isoOf(row.first_seen_at);
  for (const name of ["created_at", "gone_at", "quiet_since", "looked_at"] as const)
    if (row[name] !== null) row[name] = isoOf(row[name]);
  return row;
}

/** One namespace of a relation, by SQL's conditions on `t` and their order: the first row; null where none matches. */
export async function findSummary(
  sql: SqlExecutor,
  { relation, conditions }: { relation: string; conditions: string },
  parameters: Parameters,
): Promise<SummaryRow | null> {
  const { rows } = await sql.query(
    `SELECT ${COLUMNS}, NULL AS team_name, NULL AS looked_at FROM ${relation} ${conditions} LIMIT 1`,
    parameters,
  );
  const [row] = rows as SummaryRow[];
  return row ? withInstants(row) : null;
}

/** The page's rows and the count of all, each as a statement, with what stands before both. */
function pageSql(
  listed: Listed,
  order: ListedOrder,
  parameters: Parameters,
): { before: string; total: string; page: string } {
  const relation = summaryRelation(listed.asOf, parameters);
  const { column, direction } = orderOf(order);
  const inOrder = `ORDER BY place ${direction}, uid ${direction} ${limitOf(order, parameters)}`;
  const matched = (columns: string, conditions: readonly string[]) =>
    `SELECT ${columns}, ${column} AS place FROM ${relation} ${whereOf(conditions)}`;
  // The limit of one tells the planner that there is a row for each: it takes the columns of the key for independent, and expects none.
  const wholeRows = (found: string) =>
    `SELECT ${COLUMNS}, f.place FROM (${found}) f
     JOIN LATERAL (SELECT * FROM ${relation} WHERE t.cluster_key = f.cluster_key AND t.uid = f.uid LIMIT 1) t ON true`;
  if (listed.asOf === null && isCounted(listed.filters)) {
    // The counts are kept, and an index in the order of the list ends the work with the page's last row. What a late page passes over
    // is passed over in the index alone.
    const conditions = conditionsOf(listed.filters, listed.now, parameters);
    const total = totalSql(listed.filters, parameters);
    const page =
      order.offset === 0
        ? `${matched(COLUMNS, conditions)} ${inOrder}`
        : wholeRows(`${matched(KEY, conditions)} ${inOrder}`);
    return { before: "", total, page };
  }
  if (listed.asOf === null && ORDERED.has(order.sort)) {
    // The kept counts know no names and ages, so that rows are counted. Of many the page is near the front of the order, and few are
    // sorted: the count decides which half of the statement runs.
    const many = matched(KEY, [
      ...conditionsOf(listed.filters, listed.now, parameters),
      `(SELECT total FROM counted) > ${MANY}`,
    ]);
    const matches = matching(listed, parameters);
    const few = matched(KEY, [...matches, `(SELECT total FROM counted) <= ${MANY}`]);
    const counted = isSearch(listed.filters)
      ? `(${foundSql(listed.filters.search, parameters)}) n`
      : `${relation} ${whereOf(matches)}`;
    return {
      before: `WITH counted AS MATERIALIZED (SELECT count(*)::int AS total FROM ${counted})`,
      total: "SELECT total FROM counted",
      page: wholeRows(`(${many} ${inOrder}) UNION ALL (${few} ${inOrder})`),
    };
  }
  // No index knows this order: the rows that are counted are sorted too, and are gone through once.
  return {
    before: `WITH found AS MATERIALIZED (${matched(KEY, matching(listed, parameters))})`,
    total: "SELECT count(*)::int AS total FROM found",
    page: wholeRows(`SELECT * FROM found ${inOrder}`),
  };
}

/** Every order ends with the uid, so that no page repeats or leaves out a row of another. */
function orderOf({ sort, descending }: ListedOrder): { column: string; direction: "ASC" | "DESC" } {
  const isDown = sort === "age" || sort === "quiet" ? !descending : descending;
  const column = COLUMN_OF_SORT[sort];
  return { column: column.includes("(") ? column : `t.${column}`, direction: isDown ? "DESC" : "ASC" };
}

/** The limit is part of the text: PostgreSQL plans a statement once for all values only where it knows how few rows are wanted. */
function limitOf({ offset, limit }: ListedOrder, parameters: Parameters): string {
  return `LIMIT ${Math.trunc(limit)}${offset === 0 ? "" : ` OFFSET $${parameters.push(offset)}`}`;
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

/** The conditions on what namespaces are listed from. What is searched for now is found by its name first, where the index of names is. */
function matching({ filters, asOf, now }: Listed, parameters: Parameters): string[] {
  if (asOf !== null || filters.search === "") return conditionsOf(filters, now, parameters);
  const found = `(t.cluster_key, t.uid) IN (${foundSql(filters.search, parameters)})`;
  return [...conditionsOf({ ...filters, search: "" }, now, parameters), found];
}

function whereOf(conditions: readonly string[]): string {
  return conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
}
