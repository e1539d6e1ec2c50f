import type { SqlExecutor } from "#lib/db/activity.ts";
import type { FileFinding } from "#lib/domain/trail/gap.ts";
import { fieldTerm, startOfDay, termHash } from "#lib/domain/trail/event-terms.ts";
import type { Sha256Hex } from "#lib/domain/trail/event-leaf.ts";

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
  /** In the order in which they were found. */
  findings: FileFinding[];
};

/** Of one source. */
const MOST_FINDINGS = 1_000;

/**
 * All configured sources of events, in the order of their names; with `asOf` as they stood at that instant, by what had arrived and had been read by
 * then. Findings of before their time was kept are there at every instant.
 */
export async function readEventSources(
  sql: SqlExecutor,
  sha256Hex: Sha256Hex,
  { fromDay, toDay, asOf }: { fromDay: number; toDay: number; asOf: Date | null },
): Promise<EventSource[]> {
  const sources = await sql.query(
    `SELECT s.key, s.title, CASE WHEN $1::timestamptz IS NULL THEN s.plan_error->>'message' END AS plan_error,
       (SELECT max(r.finished_at) FROM run r WHERE r.source_key = s.key AND r.kind = 'pull' AND r.state IN ('succeeded', 'unchanged')
         AND ($1::timestamptz IS NULL OR r.finished_at <= $1)) AS read_at,
       (SELECT CASE WHEN r.state = 'failed' THEN r.error->>'message' END FROM run r WHERE r.source_key = s.key AND r.kind = 'pull' AND r.finished_at IS NOT NULL
          AND ($1::timestamptz IS NULL OR r.finished_at <= $1)
        ORDER BY r.finished_at DESC LIMIT 1) AS failure,
       (SELECT coalesce(json_agg(json_build_object('file', f.file, 'code', f.code, 'message', f.message, 'foundAt', f.found_at) ORDER BY f.id), '[]') FROM
         (SELECT f.* FROM finding f JOIN slice l ON l.id = f.slice_id WHERE l.source_key = s.key AND l.dataset = 'events'
            AND ($1::timestamptz IS NULL OR f.found_at IS NULL OR f.found_at <= $1)
          ORDER BY f.id DESC LIMIT ${MOST_FINDINGS}) f) AS findings
     FROM source s WHERE s.dataset = 'events' AND CASE WHEN $1::timestamptz IS NULL THEN s.removed_at IS NULL
       ELSE s.created_at <= $1 AND (s.removed_at IS NULL OR s.removed_at > $1) END ORDER BY s.title, s.key`,
    [asOf],
  );
  const keys = sources.rows.map(({ key }) => String(key));
  const counted = await (asOf === null
    ? countByTerms(sql, sha256Hex, keys, { fromDay, toDay })
    : countArrived(sql, sha256Hex, keys, { fromDay, toDay, asOf }));
  return sources.rows.map((row) => {
    const found = counted.get(String(row["key"]));
    const failure = row["failure"] ?? row["plan_error"];
    return {
      key: String(row["key"]),
      title: String(row["title"]),
      readAt: row["read_at"] as Date | null,
      failure: typeof failure === "string" ? failure : null,
      days: found ? { first: found.first, last: found.last } : null,
      count: found?.count ?? 0,
      findings: (row["findings"] as StoredFinding[]).map(({ foundAt, ...found }) => ({
        ...found,
        foundAt: foundAt === null ? null : new Date(foundAt),
      })),
    };
  });
}

type StoredFinding = Omit<FileFinding, "foundAt"> & { foundAt: string | null };
type Counted = { first: number; last: number; count: number };
type Days = { fromDay: number; toDay: number };

/** By what is counted when events arrive. */
async function countByTerms(sql: SqlExecutor, sha256Hex: Sha256Hex, keys: readonly string[], { fromDay, toDay }: Days) {
  const terms = keys.map((key) => termHash(sha256Hex, fieldTerm("sourceKey", key)));
  const { rows } = await sql.query(
    `SELECT term::float8 AS term, min(day) AS first, max(day) AS last, coalesce(sum(count) FILTER (WHERE day >= $2 AND day < $3), 0)::float8 AS count
     FROM event_term_day WHERE term = ANY($1::bigint[]) GROUP BY term`,
    [terms, fromDay, toDay],
  );
  return new Map(rows.map((row) => [keys[terms.indexOf(Number(row["term"]))] ?? "", toCounted(row)]));
}

/** Further back than this, what is counted is taken to have arrived: the events themselves would have to be gone through. */
const LATE_DAYS = 31;

/** By the events themselves: the counts do not know when what they count arrived. */
async function countArrived(
  sql: SqlExecutor,
  sha256Hex: Sha256Hex,
  keys: readonly string[],
  { fromDay, toDay, asOf }: Days & { asOf: Date },
) {
  const { rows } = await sql.query(
    `SELECT s.key, min(o.day) AS first, max(o.day) AS last, count(*) FILTER (WHERE o.day >= $3)::float8 AS count
     FROM unnest($1::text[], $2::bigint[]) AS s (key, term) CROSS JOIN LATERAL (
       SELECT event_day(e.occurred_at) AS day FROM event e
       WHERE e.source_key = s.key AND e.occurred_at >= $5 AND e.occurred_at < $6 AND e.received_at <= $7
       UNION ALL SELECT max(d.day) FROM event_term_day d WHERE d.term = s.term AND d.day < $4) o
     GROUP BY s.key HAVING max(o.day) IS NOT NULL`,
    [
      keys,
      keys.map((key) => termHash(sha256Hex, fieldTerm("sourceKey", key))),
      fromDay,
      fromDay - LATE_DAYS,
      startOfDay(fromDay - LATE_DAYS),
      startOfDay(toDay),
      asOf,
    ],
  );
  return new Map(rows.map((row) => [String(row["key"]), toCounted(row)]));
}

function toCounted({ first, last, count }: Record<string, unknown>): Counted {
  return { first: Number(first), last: Number(last), count: Number(count) };
}
