import type { SqlExecutor } from "#lib/db/activity.ts";
import { EVERY_EVENT, termHash } from "#lib/domain/trail/event-terms.ts";
import type { Distance, GapPart } from "#lib/domain/trail/gap.ts";
import type { Sha256Hex } from "#lib/domain/trail/event-leaf.ts";

type Asked = { learnFrom: Date; from: Date; to: Date; shortestSeconds: number; arrivedBy: Date | null };

/** Of one part, the longest first. */
const MOST_OF_A_PART = 50;

/**
 * The long stretches between events that overlap `[from, to)`, by source and by cluster, account, or neither. What is usual is learnt from `[learnFrom, to)`.
 * The last event of a part opens a stretch that has no end yet.
 * Only what had arrived by `arrivedBy` counts; null = everything.
 */
export async function readDistances(
  sql: SqlExecutor,
  { learnFrom, from, to, shortestSeconds, arrivedBy }: Asked,
): Promise<Map<string, Distance[]>> {
  const { rows } = await sql.query(
    `WITH own AS (
       SELECT source_key, CASE WHEN cluster_key IS NOT NULL THEN 'cluster' WHEN account_id IS NOT NULL THEN 'account' ELSE 'source' END AS kind,
         coalesce(cluster_key, account_id, source_key) AS key, occurred_at FROM event
       WHERE occurred_at >= $1 AND occurred_at < $3 AND ($5::timestamptz IS NULL OR received_at <= $5)),
     apart AS (SELECT *, lead(occurred_at) OVER (PARTITION BY source_key, kind, key ORDER BY occurred_at) AS next FROM own),
     usual AS (SELECT source_key, kind, key, count(next)::int AS learnt,
         coalesce(extract(epoch FROM percentile_disc(0.95) WITHIN GROUP (ORDER BY next - occurred_at)), 0)::float8 AS seconds
       FROM apart GROUP BY 1, 2, 3),
     long AS (SELECT a.*, row_number() OVER (PARTITION BY source_key, kind, key ORDER BY coalesce(next, $3) - occurred_at DESC) AS place
       FROM apart a WHERE coalesce(next, $3) > $2 AND coalesce(next, $3) - occurred_at >= make_interval(secs => $4))
     SELECT l.source_key, l.kind, l.key, l.occurred_at, l.next, u.learnt, u.seconds FROM long l JOIN usual u USING (source_key, kind, key)
     WHERE l.place <= ${MOST_OF_A_PART} ORDER BY l.source_key, l.occurred_at DESC`,
    [learnFrom, from, to, shortestSeconds, arrivedBy],
  );
  const bySource = Map.groupBy(rows, (row) => String(row["source_key"]));
  return new Map(
    Array.from(bySource, ([source, own]) => [
      source,
      own.map((row) => ({
        part: { kind: row["kind"] as GapPart["kind"], key: String(row["key"]) },
        from: row["occurred_at"] as Date,
        to: row["next"] as Date | null,
        usualSeconds: Number(row["seconds"]),
        learntFrom: Number(row["learnt"]),
      })),
    ]),
  );
}

/** How many events all sources have from a day to another; counted when they arrive. */
export async function countEvents(
  sql: SqlExecutor,
  sha256Hex: Sha256Hex,
  fromDay: number,
  toDay: number,
): Promise<number> {
  const { rows } = await sql.query(
    "SELECT coalesce(sum(count), 0)::float8 AS count FROM event_term_day WHERE term = $1 AND day >= $2 AND day < $3",
    [termHash(sha256Hex, EVERY_EVENT), fromDay, toDay],
  );
  return Number(rows[0]?.["count"] ?? 0);
}
