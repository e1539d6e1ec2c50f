import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Spans } from "#lib/domain/posture/spans.ts";

export type PeriodFilters = {
  /** Null = every one. */
  teams: readonly string[] | null;
  accounts: readonly string[] | null;
  clusters: readonly string[] | null;
  environments: readonly string[] | null;
};

/** What one rule said over a period. Failing time counts as far as somebody looked; the rest of a resource's time is not known. */
export type RulePeriod = {
  ruleKey: string;
  failed: Spans;
  unknown: Spans;
  resources: number;
  failedResources: number;
  /** Without a failure, but unknown or not looked at for some of the time. */
  unknownResources: number;
};

/**
 * By rule: when anything failed in `[from, to)` and when anything was not known, as of `knownAt`: rows that were recorded later or taken
 * back before do not count, and an end that was learnt later is no end.
 */
export async function readPeriodSpans(
  sql: SqlExecutor,
  asked: { from: Date; to: Date; knownAt: Date; rules: readonly string[]; filters: PeriodFilters },
): Promise<RulePeriod[]> {
  const { from, to, knownAt, rules, filters } = asked;
  const { rows } = await sql.query(
    `WITH cover AS MATERIALIZED (
       SELECT source_key, part, range_agg(tstzrange(greatest(at, $1), least(good_until, $2))) AS looked
       FROM evaluation_look WHERE outcome <> 'failed' AND good_until > $1 AND at < $2 AND at <= $3 GROUP BY source_key, part),
     cells AS MATERIALIZED (
       SELECT c.id, c.rule_key, coalesce(cover.looked, '{}'::tstzmultirange) AS looked FROM posture_cell c
       LEFT JOIN cover ON cover.source_key = c.source_key AND cover.part = c.part
       WHERE c.rule_key = ANY($4) AND ($5::text[] IS NULL OR c.team_key = ANY($5)) AND ($6::text[] IS NULL OR c.account_id = ANY($6))
         AND ($7::text[] IS NULL OR c.cluster_key = ANY($7)) AND ($8::text[] IS NULL OR c.environment = ANY($8))),
     stretches AS (
       SELECT c.rule_key, e.resource_id, e.verdict,
         tstzmultirange(tstzrange(greatest(e.valid_from, $1),
           least(CASE WHEN e.valid_to > $3 THEN $2 ELSE coalesce(e.valid_to, $2) END, $2))) AS held, c.looked
       FROM cells c JOIN evaluation e ON e.cell_id = c.id
       WHERE e.valid_from < $2 AND (e.valid_to IS NULL OR e.valid_to > greatest($1, e.valid_from)) AND e.recorded_at <= $3
         AND (e.retired_at IS NULL OR e.retired_at > $3) AND e.verdict <> 'not_applicable'),
     times AS (
       SELECT rule_key, resource_id,
         CASE WHEN verdict = 'fail' THEN held * looked ELSE '{}'::tstzmultirange END AS failed,
         CASE WHEN verdict = 'unknown' THEN held ELSE held - looked END AS unknown
       FROM stretches),
     by_resource AS (
       SELECT rule_key, resource_id, range_agg(failed) AS failed, range_agg(unknown) AS unknown FROM times GROUP BY rule_key, resource_id)
     SELECT rule_key, count(*)::int AS resources,
       count(*) FILTER (WHERE NOT isempty(failed))::int AS failed_resources,
       count(*) FILTER (WHERE isempty(failed) AND NOT isempty(unknown))::int AS unknown_resources,
       ${asJson("range_agg(failed)")} AS failed, ${asJson("range_agg(unknown)")} AS unknown
     FROM by_resource GROUP BY rule_key ORDER BY rule_key`,
    [from, to, knownAt, rules, filters.teams, filters.accounts, filters.clusters, filters.environments],
  );
  return rows.map((row) => ({
    ruleKey: String(row.rule_key),
    failed: row.failed as Spans,
    unknown: row.unknown as Spans,
    resources: Number(row.resources),
    failedResources: Number(row.failed_resources),
    unknownResources: Number(row.unknown_resources),
  }));
}

/** A multirange as JSON of milliseconds: [[from, to], …]. */
function asJson(multirange: string): string {
  const milliseconds = (bound: string): string => `round(extract(epoch FROM ${bound}(one)) * 1000)::bigint`;
  return `(SELECT coalesce(json_agg(json_build_array(${milliseconds("lower")}, ${milliseconds("upper")}) ORDER BY lower(one)), '[]')
    FROM unnest(${multirange}) AS one)`;
}
