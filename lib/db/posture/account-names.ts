import type { SqlExecutor } from "#lib/db/activity.ts";

/** What accounts are called, as they were last seen, by their ids. Those that no source of inventory lists are not among them. */
export async function readAccountNames(sql: SqlExecutor): Promise<Map<string, string>> {
  const { rows } = await sql.query(
    "SELECT DISTINCT ON (account_id) account_id, name FROM cloud_account WHERE name <> '' ORDER BY account_id, seen_from DESC",
  );
  return new Map(rows.map((row) => [String(row["account_id"]), String(row["name"])]));
}
