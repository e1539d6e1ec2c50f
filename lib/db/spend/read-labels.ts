import type { SqlExecutor } from "#lib/db/activity.ts";
import { queryPrepared } from "#lib/db/prepared.ts";
import type { SpendDimension } from "#lib/services/spend/spend-view.ts";

export type Labels = Map<string, { label: string; detail: string | null }>;

const LABEL_SQL: Partial<Record<SpendDimension, string>> = {
  // The newest name wins: a team that was renamed is one row.
  team: `SELECT DISTINCT ON (team_key) team_key AS key, team_name AS label, nullif(business_unit_name, '') AS detail FROM owner WHERE id > 0 ORDER BY team_key, id DESC`,
  businessUnit: `SELECT DISTINCT ON (business_unit_key) business_unit_key AS key, business_unit_name AS label, NULL AS detail FROM owner WHERE id > 0 ORDER BY business_unit_key, id DESC`,
  billingAccount: `SELECT DISTINCT ON (account_id) account_id AS key, coalesce(nullif(name, ''), account_id) AS label, account_id AS detail FROM account ORDER BY account_id`,
  subAccount: `SELECT DISTINCT ON (account_id) account_id AS key, coalesce(nullif(name, ''), account_id) AS label, account_id AS detail FROM account ORDER BY account_id, billing_account_id DESC`,
};

/**
 * Names for the values of a dimension; a value without one is its own name. Names only change with a publication, so they are
 * remembered as long as `stamp` stays, which the scope of the question tells.
 */
export async function readLabels(
  sql: SqlExecutor,
  dimension: SpendDimension,
  stamp: string | null = null,
): Promise<Labels> {
  const text = LABEL_SQL[dimension];
  if (!text) return new Map();
  const memory = remembered.get(sql) ?? { stamp, labels: new Map<SpendDimension, Labels>() };
  const known = memory.labels.get(dimension);
  if (known && stamp !== null && memory.stamp === stamp) return known;
  const { rows } = await queryPrepared(sql, text, []);
  const labels: Labels = new Map(
    rows.map((row) => [
      String(row.key),
      { label: String(row.label || row.key), detail: row.detail === null ? null : String(row.detail) },
    ]),
  );
  if (stamp !== null) {
    if (memory.stamp !== stamp) memory.labels.clear();
    remembered.set(sql, { stamp, labels: memory.labels.set(dimension, labels) });
  }
  return labels;
}

const remembered = new WeakMap<SqlExecutor, { stamp: string | null; labels: Map<SpendDimension, Labels> }>();

/** What a dimension's empty value is called. */
export function emptyLabel(dimension: SpendDimension): string {
  if (dimension === "team" || dimension === "businessUnit" || dimension === "costCentre") return "No owner";
  return dimension.startsWith("tag:") ? "No such tag" : "None given";
}
