import type { Parameters } from "#lib/db/sprawl/sprawl-sql.ts";

/** What namespaces are listed from, as `t`: those that are there now, or those that were there at an instant. */
export function summaryRelation(asOf: Date | null, parameters: Parameters): string {
  if (asOf === null) return "(SELECT * FROM namespace_summary WHERE gone_at IS NULL) t";
  const at = `$${parameters.push(asOf)}::timestamptz`;
  const held = (alias: string) =>
    `${alias}.seen_from <= ${at} AND (${alias}.seen_to IS NULL OR ${alias}.seen_to > ${at})`;
  // What was inside at the time is not kept: pods, volumes and costs of then are unknown.
  return `(
    SELECT n.cluster_key, n.uid, n.source_key, n.name, m.provider, n.created_at, m.first_seen_at, NULL::timestamptz AS gone_at,
      coalesce(o.team_key, '') AS team_key, coalesce(o.strength, 'none') AS strength, o.confidence, o.origin,
      coalesce(o.reasons, '[]') AS reasons,
      CASE WHEN n.deletion_at IS NOT NULL OR n.phase = 'Terminating' THEN 'terminating' ELSE coalesce(v.verdict, 'unknown') END AS state,
      coalesce(v.holds_data, false) AS holds_data, CASE WHEN v.verdict IN ('unused', 'asleep') THEN m.quiet_since END AS quiet_since,
      NULL::int AS pods, NULL::int AS volumes, NULL::float8 AS volumes_gib, NULL::int AS load_balancers, m.currency, m.cost, m.cost_order
    FROM namespace n JOIN namespace_summary m USING (cluster_key, uid)
    LEFT JOIN namespace_owner o ON o.cluster_key = n.cluster_key AND o.uid = n.uid AND ${held("o")}
    LEFT JOIN namespace_verdict v ON v.cluster_key = n.cluster_key AND v.uid = n.uid AND ${held("v")}
    WHERE ${held("n")}
  ) t`;
}
