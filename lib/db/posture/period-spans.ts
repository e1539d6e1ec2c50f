import type { SqlExecutor } from "#lib/db/activity.ts";
import { knownAt, type Population } from "#lib/db/posture/population-sql.ts";
import type { Spans } from "#lib/domain/posture/spans.ts";

/**
 * What one rule said over a period. Failing time counts as far as somebody looked; the rest of a resource's time is not known, and neither is
 * the time before the first look at its part, but for what that look brought of it.
 */
export type RulePeriod = {
  ruleKey: string;
  /** Whose the resources were; null where teams are not told apart. */
  teamKey: string | null;
  failed: Spans;
  unknown: Spans;
  resources: number;
  failedResources: number;
  /** Without a failure, but unknown or not looked at for some of the time. */
  unknownResources: number;
};

/**
 * By rule, and by team where that is asked for: when anything failed in `[from, known)` and when anything was not known, by what was known
 * at the period's end, as `rowsSql` has it. Gaps are those of the part that evaluates. `told` is the time that a stretch speaks of, whoever
 * the owner was then.
 */
export async function readPeriodSpans(
  sql: SqlExecutor,
  population: Population & { from: Date },
  { isByTeam }: { isByTeam: boolean },
): Promise<RulePeriod[]> {
  const { known, from, ruleIds, teams, accounts, clusters, environments } = population;
  const { rows } = await sql.query(
    `WITH gaps AS MATERIALIZED (
       SELECT source_key, part, range_agg(tstzrange(gap_from, gap_to)) AS silent FROM (
         SELECT source_key, part, gap_from, least(gap_to, $2) AS gap_to FROM evaluation_gap WHERE gap_from < $2 AND gap_to > $1
         UNION ALL SELECT source_key, part, good_until, $2 FROM evaluation_part WHERE good_until < $2) AS gap GROUP BY source_key, part),
     cells AS MATERIALIZED (
       SELECT c.id, p.rule_key, CASE WHEN $8 THEN c.team_key END AS team_key, coalesce(gaps.silent, '{}'::tstzmultirange) AS silent,
         least(part.first_at, $2) AS first_at FROM posture_cell c
       JOIN posture_rule p ON p.id = c.rule_id LEFT JOIN gaps ON gaps.source_key = c.source_key AND gaps.part = c.part
       LEFT JOIN evaluation_part part ON part.source_key = c.source_key AND part.part = c.part
       WHERE c.grain = 'full' AND c.rule_id = ANY($3) AND ($4::text[] IS NULL OR c.team_key = ANY($4))
         AND ($5::text[] IS NULL OR c.account_id = ANY($5)) AND ($6::text[] IS NULL OR c.cluster_key = ANY($6))
         AND ($7::text[] IS NULL OR c.environment = ANY($7))),
     stretches AS (
       SELECT c.rule_key, c.team_key, e.resource_id, e.verdict, c.silent, c.first_at,
         tstzrange(greatest(e.valid_from, $1), least(coalesce(e.valid_to, $2), $2)) AS held,
         tstzrange(greatest(least(e.held_from, e.valid_from), $1), least(coalesce(e.valid_to, $2), $2)) AS told
       FROM cells c JOIN evaluation e ON e.cell_id = c.id
       WHERE e.valid_from < $2 AND (e.valid_to IS NULL OR e.valid_to > greatest(e.valid_from, $1)) AND ${knownAt("$2::timestamptz")}),
     by_resource AS (
       SELECT rule_key, team_key, resource_id,
         coalesce(range_agg(tstzmultirange(held) - silent) FILTER (WHERE verdict = 'fail'), '{}') AS failed,
         coalesce(range_agg(CASE WHEN verdict = 'unknown' THEN tstzmultirange(held) ELSE tstzmultirange(held) * silent END)
           FILTER (WHERE verdict <> 'not_applicable'), '{}')
         + coalesce(tstzmultirange(tstzrange($1, greatest($1, max(first_at))))
           - range_agg(told) FILTER (WHERE (SELECT bool_or(first_at > $1) FROM cells)), '{}') AS unknown
       FROM stretches GROUP BY rule_key, team_key, resource_id HAVING bool_or(verdict <> 'not_applicable'))
     SELECT rule_key, team_key, count(*)::int AS resources,
       count(*) FILTER (WHERE NOT isempty(failed))::int AS failed_resources,
       count(*) FILTER (WHERE isempty(failed) AND NOT isempty(unknown))::int AS unknown_resources,
       ${asJson("range_agg(failed)")} AS failed, ${asJson("range_agg(unknown)")} AS unknown
     FROM by_resource GROUP BY rule_key, team_key ORDER BY rule_key, team_key COLLATE "C"`,
    [from, known, ruleIds, teams, accounts, clusters, environments, isByTeam],
  );
  return rows.map((row) => ({
    ruleKey: String(row["rule_key"]),
    teamKey: row["team_key"] === null ? null : String(row["team_key"]),
    failed: row["failed"] as Spans,
    unknown: row["unknown"] as Spans,
    resources: Number(row["resources"]),
    failedResources: Number(row["failed_resources"]),
    unknownResources: Number(row["unknown_resources"]),
  }));
}

/** A multirange as JSON of milliseconds: [[from, to], …]. */
function asJson(multirange: string): string {
  const milliseconds = (bound: string): string => `round(extract(epoch FROM ${bound}(one)) * 1000)::bigint`;
  return `(SELECT coalesce(json_agg(json_build_array(${milliseconds("lower")}, ${milliseconds("upper")}) ORDER BY lower(one)), '[]')
    FROM unnest(${multirange}) AS one)`;
}
