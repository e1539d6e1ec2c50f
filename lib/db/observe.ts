import type { SqlExecutor } from "#lib/db/activity.ts";

/** What one source now says in one table of stretches: `seen_from` to `seen_to`, null while it is still so. */
export type Observation = {
  table:
    | "cloud_account"
    | "organization_unit"
    | "ownership_claim"
    | "cluster"
    | "cluster_node"
    | "cluster_binding"
    | "application_sync"
    | "namespace"
    | "namespace_access"
    | "namespace_owner"
    | "namespace_verdict"
    | "compliance_rule";
  /** Which rows of the table this is the whole of. */
  scope: { source_key?: string; subject_kind?: string; part?: string; cluster_key?: string };
  /** Columns that tell things apart; never null. */
  keys: readonly string[];
  /** Columns that make a new stretch where they change. */
  values: readonly string[];
  /** The whole of the scope, by the table's column names. */
  rows: readonly Record<string, unknown>[];
  /** The instant of the observation. */
  at: Date;
  /** True where not everything could be read: what is missing from the rows then stays as it was. */
  isPartial?: boolean;
};

/**
 * Replaces what a source says by what it says now, keeping what it said before: rows that changed or are gone end at the observation,
 * new and changed ones begin there, and what stayed the same is left alone. One statement; nothing else may write the scope meanwhile.
 *
 * @returns how many stretches began and ended.
 */
export async function observe(sql: SqlExecutor, observation: Observation): Promise<{ began: number; ended: number }> {
  const { table, scope, keys, values, rows, at, isPartial = false } = observation;
  const columns = [...new Set([...Object.keys(scope), ...keys, ...values])];
  const sameKeys = keys.map((name) => `t.${name} = i.${name}`).join(" AND ");
  const isSame = [
    "t.id IS NOT NULL",
    "i.n IS NOT NULL",
    ...values.map((name) => `t.${name} IS NOT DISTINCT FROM i.${name}`),
  ];
  const inScope = Object.keys(scope)
    .map((name, index) => `t.${name} = $${index + 3}`)
    .join(" AND ");
  // A full join by equal keys is always hashed or merged. Anything that the planner may nest would compare each of 20,000 rows with
  // each of 20,000 others, for it cannot know how many rows the JSON has.
  const { rows: counted } = await sql.query(
    `WITH i AS MATERIALIZED (
       SELECT row_number() OVER () AS n, r.* FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb) r
     ), pair AS MATERIALIZED (
       SELECT t.id AS old, i.n, ${columns.map((name) => `i.${name}`).join(", ")}, ${isSame.join(" AND ")} AS is_same
       FROM (SELECT * FROM ${table} t WHERE ${inScope} AND t.seen_to IS NULL) t FULL JOIN i ON ${sameKeys}
     ), ended AS (
       UPDATE ${table} SET seen_to = $2 WHERE id IN (
         SELECT old FROM pair WHERE old IS NOT NULL GROUP BY old
         HAVING NOT bool_or(is_same) ${isPartial ? "AND bool_or(n IS NOT NULL)" : ""}) RETURNING 1
     ), began AS (
       INSERT INTO ${table} (${columns.join(", ")}, seen_from)
       SELECT ${columns.join(", ")}, $2 FROM (
         SELECT *, bool_or(is_same) OVER same_row AS is_known, row_number() OVER same_row AS place FROM pair WHERE n IS NOT NULL
         WINDOW same_row AS (PARTITION BY n)
       ) incoming WHERE NOT is_known AND place = 1 ORDER BY n RETURNING 1
     )
     SELECT (SELECT count(*)::int FROM began) AS began, (SELECT count(*)::int FROM ended) AS ended`,
    [JSON.stringify(rows.map((row) => ({ ...row, ...scope }))), at, ...Object.values(scope)],
  );
  return { began: Number(counted[0]?.began), ended: Number(counted[0]?.ended) };
}
