import type { SqlExecutor } from "#lib/db/activity.ts";
import type { ContentGap, SourceRun } from "#lib/reports/bundle/report-content.ts";
import type { ReportParameters } from "#lib/services/reports/report-view.ts";

/** Gaps of one report; more are counted in the last one. */
const MOST_GAPS = 2_000;

/**
 * When each part of each source of evaluations was last looked at, and when nobody looked in time: at the instant, or anywhere in the period. A look
 * speaks until its `good_until`; a failed one speaks for nothing.
 */
export async function postureKnowledge(
  sql: SqlExecutor,
  { period, asOf }: ReportParameters,
): Promise<{ sources: SourceRun[]; gaps: ContentGap[] }> {
  const until = period?.to ?? asOf;
  const looks = await sql.query(
    `SELECT l.source_key, l.part, l.at, p.run_id FROM (
       SELECT source_key, part, max(at) AS at FROM evaluation_look WHERE at <= $1 AND outcome <> 'failed' GROUP BY 1, 2) l
     LEFT JOIN LATERAL (SELECT p.run_id FROM slice s JOIN publication p ON p.slice_id = s.id JOIN run r ON r.id = p.run_id
       WHERE s.source_key = l.source_key AND s.dataset = 'evaluations' AND s.period = l.part AND r.logical_time <= l.at
       ORDER BY r.logical_time DESC, p.id DESC LIMIT 1) p ON true
     ORDER BY l.source_key COLLATE "C", l.part COLLATE "C"`,
    [until],
  );
  const { rows } = await sql.query(
    `WITH good AS (
       SELECT source_key, part, at, good_until, lead(at) OVER (PARTITION BY source_key, part ORDER BY at, id) AS next
       FROM evaluation_look WHERE at <= $1 AND outcome <> 'failed'
     ), gap AS (
       SELECT source_key, part, good_until AS gap_from, next AS gap_to FROM good WHERE good_until < coalesce(next, $1)
       UNION ALL
       SELECT source_key, part, NULL, min(at) FILTER (WHERE outcome <> 'failed') FROM evaluation_look WHERE at <= $1 GROUP BY source_key, part
       HAVING min(at) FILTER (WHERE outcome <> 'failed') IS NULL OR min(at) FILTER (WHERE outcome <> 'failed') > $2
     )
     SELECT g.*, (SELECT l.error->>'message' FROM evaluation_look l WHERE l.source_key = g.source_key AND l.part = g.part AND l.outcome = 'failed'
         AND l.at >= coalesce(g.gap_from, '-infinity') AND l.at < coalesce(g.gap_to, 'infinity') AND l.at <= $1 ORDER BY l.at DESC, l.id DESC LIMIT 1) AS reason
     FROM gap g WHERE coalesce(gap_to, $1::timestamptz) >= $2 ORDER BY source_key COLLATE "C", part COLLATE "C", gap_from NULLS FIRST LIMIT $3`,
    [until, period?.from ?? until, MOST_GAPS + 1],
  );
  const instant = (value: unknown) => (value instanceof Date ? value.toISOString() : null);
  const gaps = rows.slice(0, MOST_GAPS).map((row) => ({
    source: String(row["source_key"]),
    part: String(row["part"]),
    from: instant(row["gap_from"]),
    to: instant(row["gap_to"]),
    reason: typeof row["reason"] === "string" ? row["reason"] : "Nobody looked in time.",
  }));
  const more = {
    source: "bundle",
    part: "gaps",
    from: null,
    to: null,
    reason: `There are more than ${MOST_GAPS} gaps; the data say of each row whether it lies in one.`,
  };
  return {
    sources: looks.rows.map((row) => ({
      source: String(row["source_key"]),
      part: String(row["part"]),
      at: instant(row["at"]),
      // What Bursar's own rules judge is looked at beside another source's run.
      run: typeof row["run_id"] === "string" ? row["run_id"] : null,
    })),
    gaps: rows.length > MOST_GAPS ? [...gaps, more] : gaps,
  };
}
