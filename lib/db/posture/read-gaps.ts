import type { SqlExecutor } from "#lib/db/activity.ts";
import { queryPrepared } from "#lib/db/prepared.ts";

export type PartGap = { sourceKey: string; part: string; from: Date; to: Date | null };

/** Every gap that has begun by `to` and had not ended by `from`, by what is known at `to`: one that ended later goes on. */
export async function readGaps(sql: SqlExecutor, { from, to }: { from: Date; to: Date }): Promise<PartGap[]> {
  const { rows } = await queryPrepared(sql, gapsSql("$1", "$2"), [from, to]);
  return rows.map(toPartGap);
}

export function gapsSql(from: string, to: string): string {
  return `SELECT source_key, part, gap_from, CASE WHEN gap_to <= ${to} THEN gap_to END AS gap_to FROM evaluation_gap
    WHERE gap_from <= ${to} AND gap_to > ${from}
    UNION ALL SELECT source_key, part, good_until, NULL FROM evaluation_part WHERE good_until <= ${to}
    ORDER BY 1, 2, 3`;
}

/** A row of `gapsSql`. */
export function toPartGap(row: Record<string, unknown>): PartGap {
  return {
    sourceKey: String(row["source_key"]),
    part: String(row["part"]),
    from: instantOf(row["gap_from"]),
    to: row["gap_to"] === null ? null : instantOf(row["gap_to"]),
  };
}

/** An instant as the driver reads it, or as it stands in JSON. */
export function instantOf(value: unknown): Date {
  return value instanceof Date ? value : new Date(String(value));
}

/** What the newest failed look at each of these parts said, of those after the gap began. */
export async function readReasons(sql: SqlExecutor, gaps: readonly PartGap[], at: Date): Promise<Map<string, string>> {
  if (gaps.length === 0) return new Map();
  const { rows } = await queryPrepared(
    sql,
    `SELECT g.source_key, g.part, f.message FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS g (source_key, part, gap_from)
     JOIN LATERAL (${reasonSql("g", "$4")}) f ON true`,
    [gaps.map(({ sourceKey }) => sourceKey), gaps.map(({ part }) => part), gaps.map(({ from }) => from), at],
  );
  return new Map(rows.map((row) => [`${String(row["source_key"])} ${String(row["part"])}`, String(row["message"])]));
}

/** What the newest failed look said, of those at a gap's part from a day before the gap began up to an instant. */
export function reasonSql(gap: string, to: string): string {
  return `SELECT error ->> 'message' AS message FROM evaluation_look l WHERE l.source_key = ${gap}.source_key AND l.part = ${gap}.part
    AND l.outcome = 'failed' AND l.at <= ${to} AND l.at >= ${gap}.gap_from - interval '1 day' ORDER BY l.at DESC LIMIT 1`;
}
