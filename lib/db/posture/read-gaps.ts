import type { SqlExecutor } from "#lib/db/activity.ts";

export type PartGap = { sourceKey: string; part: string; from: Date; to: Date | null };

/** Every gap that has begun by `to` and had not ended by `from`, by what is known at `to`: one that ended later goes on. */
export async function readGaps(sql: SqlExecutor, { from, to }: { from: Date; to: Date }): Promise<PartGap[]> {
  const { rows } = await sql.query(
    `SELECT source_key, part, gap_from, CASE WHEN gap_to <= $2 THEN gap_to END AS gap_to FROM evaluation_gap
     WHERE gap_from <= $2 AND gap_to > $1
     UNION ALL SELECT source_key, part, good_until, NULL FROM evaluation_part WHERE good_until <= $2
     ORDER BY 1, 2, 3`,
    [from, to],
  );
  return rows.map((row) => ({
    sourceKey: String(row["source_key"]),
    part: String(row["part"]),
    from: row["gap_from"] as Date,
    to: row["gap_to"] as Date | null,
  }));
}

/** What the newest failed look at each of these parts said, of those after the gap began. */
export async function readReasons(sql: SqlExecutor, gaps: readonly PartGap[], at: Date): Promise<Map<string, string>> {
  const { rows } = await sql.query(
    `SELECT t.source_key, t.part, f.error ->> 'message' AS message FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS t (source_key, part, since)
     JOIN LATERAL (SELECT error FROM evaluation_look l WHERE l.source_key = t.source_key AND l.part = t.part AND l.outcome = 'failed'
       AND l.at <= $4 AND l.at >= t.since - interval '1 day' ORDER BY l.at DESC LIMIT 1) f ON true`,
    [gaps.map(({ sourceKey }) => sourceKey), gaps.map(({ part }) => part), gaps.map(({ from }) => from), at],
  );
  return new Map(rows.map((row) => [`${String(row["source_key"])} ${String(row["part"])}`, String(row["message"])]));
}

/** When any part was last looked at with success, up to an instant. */
export async function readLastLook(sql: SqlExecutor, at: Date): Promise<Date | null> {
  const { rows } = await sql.query(
    "SELECT at FROM evaluation_look WHERE at <= $1 AND outcome <> 'failed' ORDER BY at DESC LIMIT 1",
    [at],
  );
  return rows[0]?.["at"] instanceof Date ? rows[0]["at"] : null;
}
