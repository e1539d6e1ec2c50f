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

/** A look, and until when it speaks. */
export type EarlierLook = { at: Date; goodUntil: Date };

/**
 * Keeps looks that were made before the first one that is noted here, oldest first, with the gaps between them. Whoever hands in what they
 * found notes its own look after them.
 */
export async function noteEarlierLooks(
  sql: SqlExecutor,
  { sourceKey, part, looks }: { sourceKey: string; part: string; looks: readonly EarlierLook[] },
): Promise<void> {
  if (looks.length === 0) return;
  await sql.query(
    `WITH look AS (SELECT * FROM unnest($3::timestamptz[], $4::timestamptz[]) AS t (at, good_until)
     ), noted AS (
       INSERT INTO evaluation_look (source_key, part, at, outcome, good_until)
       SELECT $1, $2, at, 'complete', good_until FROM look ORDER BY at
     ), gap AS (
       INSERT INTO evaluation_gap (source_key, part, gap_from, gap_to)
       SELECT $1, $2, good_until, next FROM (SELECT good_until, lead(at) OVER (ORDER BY at) AS next FROM look) l WHERE good_until < next
     ) INSERT INTO evaluation_part (source_key, part, first_at, last_at, good_until, recorded_at)
       SELECT $1, $2, min(at), max(at), max(good_until), max(at) FROM look`,
    [sourceKey, part, looks.map(({ at }) => at), looks.map(({ goodUntil }) => goodUntil)],
  );
}
