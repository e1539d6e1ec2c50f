import type { SqlExecutor } from "#lib/db/activity.ts";
import type { FileFinding } from "#lib/domain/trail/gap.ts";
import { fieldTerm, termHash } from "#lib/domain/trail/event-terms.ts";
import type { Sha256 } from "#lib/domain/merkle/tree-hash.ts";

/** A source of events: until when it was read, and what it said of its files. */
export type EventSource = {
  key: string;
  title: string;
  /** When it was read to its end last; null = never, or it is one that sends by itself. */
  readAt: Date | null;
  /** Why the newest attempt to read it failed; null where it did not. */
  failure: string | null;
  /** Days since 1970 of its first and last event; null = none ever came. */
  days: { first: number; last: number } | null;
  /** Events of `[fromDay, toDay)`. */
  count: number;
  findings: FileFinding[];
};

/** Of one source. */
const MOST_FINDINGS = 1_000;

/** All configured sources of events, in the order of their names. */
export async function readEventSources(
  sql: SqlExecutor,
  sha256: Sha256,
  { fromDay, toDay }: { fromDay: number; toDay: number },
): Promise<EventSource[]> {
  const sources = await sql.query(
    `SELECT s.key, s.title, s.plan_error->>'message' AS plan_error,
       (SELECT max(r.finished_at) FROM run r WHERE r.source_key = s.key AND r.kind = 'pull' AND r.state IN ('succeeded', 'unchanged')) AS read_at,
       (SELECT CASE WHEN r.state = 'failed' THEN r.error->>'message' END FROM run r WHERE r.source_key = s.key AND r.kind = 'pull' AND r.finished_at IS NOT NULL
        ORDER BY r.finished_at DESC LIMIT 1) AS failure,
       (SELECT coalesce(json_agg(json_build_object('file', f.file, 'code', f.code, 'message', f.message)), '[]') FROM
         (SELECT f.* FROM finding f JOIN slice l ON l.id = f.slice_id WHERE l.source_key = s.key AND l.dataset = 'events'
          ORDER BY f.id DESC LIMIT ${MOST_FINDINGS}) f) AS findings
     FROM source s WHERE s.dataset = 'events' AND s.removed_at IS NULL ORDER BY s.title, s.key`,
  );
  const terms = sources.rows.map(({ key }) => termHash(sha256, fieldTerm("sourceKey", String(key))));
  const counted = await sql.query(
    `SELECT term::float8 AS term, min(day) AS first, max(day) AS last, coalesce(sum(count) FILTER (WHERE day >= $2 AND day < $3), 0)::float8 AS count
     FROM event_term_day WHERE term = ANY($1::bigint[]) GROUP BY term`,
    [terms, fromDay, toDay],
  );
  return sources.rows.map((row, index) => {
    const found = counted.rows.find((one) => Number(one["term"]) === terms[index]);
    const failure = row["failure"] ?? row["plan_error"];
    return {
      key: String(row["key"]),
      title: String(row["title"]),
      readAt: row["read_at"] as Date | null,
      failure: typeof failure === "string" ? failure : null,
      days: found ? { first: Number(found["first"]), last: Number(found["last"]) } : null,
      count: Number(found?.["count"] ?? 0),
      findings: row["findings"] as FileFinding[],
    };
  });
}
