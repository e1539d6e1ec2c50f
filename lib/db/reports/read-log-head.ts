import type { SqlExecutor } from "#lib/db/activity.ts";

/** The newest signed head of the audit trail up to an instant; null where there was none. `size` is a decimal string. */
export async function readLogHead(
  sql: SqlExecutor,
  asOf: string,
): Promise<{ size: string; root: string; at: string; keyId: string } | null> {
  const { rows } = await sql.query(
    "SELECT size::text AS size, root, at, key_id FROM tree_head WHERE at <= $1 ORDER BY tree_head.size DESC LIMIT 1",
    [asOf],
  );
  const row = rows[0];
  if (!row || !(row["at"] instanceof Date)) return null;
  return {
    size: String(row["size"]),
    root: String(row["root"]),
    at: row["at"].toISOString(),
    keyId: String(row["key_id"]),
  };
}
