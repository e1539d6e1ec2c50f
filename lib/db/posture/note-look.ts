import type { SqlExecutor } from "#lib/db/activity.ts";

export type NotedLook = { sourceKey: string; part: string; at: Date; goodUntil: Date; unread: readonly unknown[] };

/** Keeps a look that went well, and the gap before it where the one before had had its time. */
export async function noteGoodLook(
  sql: SqlExecutor,
  { sourceKey, part, at, goodUntil, unread }: NotedLook,
): Promise<void> {
  await sql.query(
    `INSERT INTO evaluation_gap (source_key, part, gap_from, gap_to)
     SELECT source_key, part, good_until, $3 FROM evaluation_part WHERE source_key = $1 AND part = $2 AND good_until < $3`,
    [sourceKey, part, at],
  );
  await sql.query(
    `INSERT INTO evaluation_part (source_key, part, first_at, last_at, good_until, recorded_at) VALUES ($1, $2, $3, $3, $4, $3)
     ON CONFLICT (source_key, part) DO UPDATE SET last_at = $3, good_until = $4, recorded_at = $3`,
    [sourceKey, part, at, goodUntil],
  );
  await sql.query(
    "INSERT INTO evaluation_look (source_key, part, at, outcome, good_until, unknown) VALUES ($1, $2, $3, $4, $5, $6)",
    [sourceKey, part, at, unread.length > 0 ? "partial" : "complete", goodUntil, JSON.stringify(unread)],
  );
}
