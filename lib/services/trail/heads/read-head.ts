import type { SqlExecutor } from "#lib/db/activity.ts";
import { AppError } from "#lib/errors.ts";
import { headEnvelope } from "#lib/services/trail/heads/tree-head.ts";

/** A head as it was published. `envelope` is the signed text, byte for byte. */
export type HeadView = { size: number; root: string; at: string; keyId: string; envelope: string };

/** @throws AppError "not_found" where no head of so many entries was published. */
export async function readHeadOf(sql: SqlExecutor, size: number): Promise<HeadView> {
  return (await readFirst(sql, "size = $1", [size])) ?? notPublished(`No head of ${size} entries was published.`);
}

/**
 * The oldest published head that has an entry; of one key where one is named.
 *
 * @throws AppError "not_found" where there is none.
 */
export async function readHeadAbove(sql: SqlExecutor, entry: number, keyId: string | null = null): Promise<HeadView> {
  const head = await findHeadAbove(sql, entry, keyId);
  return head ?? notPublished(`No published head has entry ${entry} of the log.`);
}

export function findHeadAbove(sql: SqlExecutor, entry: number, keyId: string | null): Promise<HeadView | null> {
  return readFirst(sql, "size > $1 AND ($2::text IS NULL OR key_id = $2)", [entry, keyId]);
}

async function readFirst(sql: SqlExecutor, condition: string, values: unknown[]): Promise<HeadView | null> {
  const { rows } = await sql.query(
    `SELECT size::float8 AS size, root, at, key_id, signature FROM tree_head WHERE ${condition} ORDER BY tree_head.size LIMIT 1`,
    values,
  );
  const [row] = rows;
  if (!row) return null;
  const head = { size: Number(row["size"]), root: String(row["root"]), at: row["at"] as Date };
  const keyId = String(row["key_id"]);
  return { ...head, at: head.at.toISOString(), keyId, envelope: headEnvelope(head, keyId, String(row["signature"])) };
}

function notPublished(message: string): never {
  throw new AppError("not_found", message, {
    remedy: "Heads are published as events arrive; ask again in a few minutes.",
  });
}
