import type { SqlExecutor } from "#lib/db/activity.ts";

/** What one source now says in one table of stretches: `seen_from` to `seen_to`, null while it is still so. */
export type Observation = {
  table: "cloud_account" | "organization_unit" | "ownership_claim";
  /** Which rows of the table this is the whole of. */
  scope: { source_key: string; subject_kind?: string };
  /** Columns that tell things apart. */
  keys: readonly string[];
  /** Columns that make a new stretch where they change. */
  values: readonly string[];
  /** The whole of the scope, by the table's column names. */
  rows: readonly Record<string, unknown>[];
  /** The instant of the observation. */
  at: Date;
};

/**
 * Replaces what a source says by what it says now, keeping what it said before: rows that changed or are gone end at the observation,
 * new and changed ones begin there, and what stayed the same is left alone. One statement; nothing else may write the scope meanwhile.
 *
 * @returns how many stretches began and ended.
 */
export async function observe(sql: SqlExecutor, observation: Observation): Promise<{ began: number; ended: number }> {
  const { table, scope, keys, values, rows, at } = observation;
  const columns = [...new Set([...Object.keys(scope), ...keys, ...values])];
  const same = (of: readonly string[]) =>
    of.length === 0 ? "true" : `(${of.map((name) => `t.${name} IS NOT DISTINCT FROM i.${name}`).join(" AND ")})`;
  const inScope = Object.keys(scope)
    .map((name, index) => `t.${name} = $${index + 3}`)
    .join(" AND ");
  const { rows: counted } = await sql.query(
    `WITH i AS MATERIALIZED (SELECT * FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb)),
     ended AS (
       UPDATE ${table} t SET seen_to = $2 WHERE ${inScope} AND t.seen_to IS NULL
         AND NOT EXISTS (SELECT FROM i WHERE ${same(keys)} AND ${same(values)}) RETURNING 1
     ), began AS (
       INSERT INTO ${table} (${columns.join(", ")}, seen_from)
       SELECT ${columns.map((name) => `i.${name}`).join(", ")}, $2 FROM i
       WHERE NOT EXISTS (SELECT FROM ${table} t WHERE ${inScope} AND t.seen_to IS NULL AND ${same(keys)} AND ${same(values)}) RETURNING 1
     )
     SELECT (SELECT count(*)::int FROM began) AS began, (SELECT count(*)::int FROM ended) AS ended`,
    [JSON.stringify(rows.map((row) => ({ ...row, ...scope }))), at, ...Object.values(scope)],
  );
  return { began: Number(counted[0]?.began), ended: Number(counted[0]?.ended) };
}
