import type { SqlExecutor } from "#lib/db/activity.ts";

/** A failure while its risk was accepted and known: it counts at every instant of `[from, to)`. */
export type Waived = {
  ruleId: number;
  sourceKey: string;
  part: string;
  teamKey: string;
  accountId: string;
  clusterKey: string;
  environment: string;
  from: Date;
  to: Date | null;
};

/**
 * The waived failures of a stretch of time, each once for an instant, however many waivers cover it. There are few waivers, and each leads
 * to the failures that it is about by its own way.
 */
export async function readWaived(
  sql: SqlExecutor,
  { ruleIds, from, to }: { ruleIds: readonly number[]; from: Date; to: Date },
): Promise<Waived[]> {
  const { rows } = await sql.query(
    `WITH w AS MATERIALIZED (
       SELECT p.id AS rule_id, w.scope_kind, w.scope_key, greatest(w.valid_from, w.decided_at) AS from_at,
         least(w.ends_at, CASE WHEN w.ended_at <= $3 THEN w.ended_at END) AS to_at
       FROM waiver w JOIN posture_rule p USING (rule_key)
       WHERE p.id = ANY($1::int[]) AND w.decision = 'approved' AND w.decided_at <= $3 AND w.valid_from <= $3 AND w.ends_at > $2
         AND (w.ended_at IS NULL OR w.ended_at > $2)
     ), hit AS (
       SELECT e.id, w.from_at, w.to_at FROM w JOIN posture_cell c ON c.grain = 'full' AND c.rule_id = w.rule_id
         AND (w.scope_kind = 'all' OR w.scope_kind = 'team' AND c.team_key = w.scope_key OR w.scope_kind = 'account' AND c.account_id = w.scope_key
           OR w.scope_kind = 'cluster' AND c.cluster_key = w.scope_key)
       JOIN evaluation e ON e.cell_id = c.id AND e.verdict = 'fail'
       UNION
       SELECT e.id, w.from_at, w.to_at FROM w JOIN compliance_resource r ON w.scope_kind = 'namespace'
         AND r.cluster_key = split_part(w.scope_key, ' ', 1) AND r.namespace_uid = split_part(w.scope_key, ' ', 2)
       JOIN evaluation e ON e.resource_id = r.id AND e.verdict = 'fail' JOIN posture_cell c ON c.id = e.cell_id AND c.rule_id = w.rule_id
       UNION
       SELECT e.id, w.from_at, w.to_at FROM w JOIN compliance_resource r ON w.scope_kind = 'resource'
         AND r.kind = split_part(w.scope_key, ' ', 1) AND r.resource_key = substr(w.scope_key, strpos(w.scope_key, ' ') + 1)
       JOIN evaluation e ON e.resource_id = r.id AND e.verdict = 'fail' JOIN posture_cell c ON c.id = e.cell_id AND c.rule_id = w.rule_id
     ), met AS (
       SELECT e.cell_id, range_agg(tstzrange(
           greatest(h.from_at, e.valid_from, CASE WHEN e.is_first THEN '-infinity' ELSE e.recorded_at END), least(h.to_at, e.valid_to, e.retired_at), '[)'))
         AS spans
       FROM hit h JOIN evaluation e USING (id)
       WHERE greatest(h.from_at, e.valid_from, CASE WHEN e.is_first THEN '-infinity' ELSE e.recorded_at END) < coalesce(least(h.to_at, e.valid_to, e.retired_at), 'infinity')
         AND greatest(h.from_at, e.valid_from) <= $3 AND coalesce(least(h.to_at, e.valid_to, e.retired_at), 'infinity') > $2
       GROUP BY e.id, e.cell_id
     )
     SELECT c.rule_id, c.source_key, c.part, c.team_key, c.account_id, c.cluster_key, c.environment, lower(s) AS from_at, upper(s) AS to_at
     FROM met JOIN posture_cell c ON c.id = met.cell_id, unnest(met.spans) s`,
    [ruleIds, from, to],
  );
  return rows.map((row) => ({
    ruleId: Number(row["rule_id"]),
    sourceKey: String(row["source_key"]),
    part: String(row["part"]),
    teamKey: String(row["team_key"]),
    accountId: String(row["account_id"]),
    clusterKey: String(row["cluster_key"]),
    environment: String(row["environment"]),
    from: row["from_at"] as Date,
    to: row["to_at"] as Date | null,
  }));
}
