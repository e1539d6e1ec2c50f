import type { SqlExecutor } from "#lib/db/activity.ts";
import { refreshCosts } from "#lib/db/sprawl/refresh-costs.ts";

const TAKEN_OVER = [
  "source_key",
  "name",
  "provider",
  "created_at",
  "first_seen_at",
  "gone_at",
  "team_key",
  "strength",
  "confidence",
  "origin",
  "reasons",
  "state",
  "holds_data",
  "quiet_since",
  "pods",
  "volumes",
  "volumes_gib",
  "load_balancers",
];

/**
 * Makes the lists' rows of one cluster's namespaces anew from what is stored about them, and the counts of them. In the transaction
 * that changed what is stored; rows that stay the same are not written.
 */
export async function refreshSummaries(sql: SqlExecutor, clusterKey: string): Promise<void> {
  await sql.query(
    `INSERT INTO namespace_summary AS t (cluster_key, uid, ${TAKEN_OVER.join(", ")})
     SELECT $1, n.uid, n.source_key, n.name, coalesce(c.provider, 'other'), n.created_at, n.first_seen_at, n.seen_to,
       coalesce(o.team_key, ''), coalesce(o.strength, 'none'), o.confidence, o.origin, coalesce(o.reasons, '[]'),
       CASE WHEN n.deletion_at IS NOT NULL OR n.phase = 'Terminating' THEN 'terminating' ELSE coalesce(s.judgement ->> 'verdict', 'unknown') END,
       coalesce((s.judgement ->> 'holdsData')::boolean, false), (s.judgement ->> 'since')::timestamptz,
       (s.content -> 'pods' ->> 'running')::int + (s.content -> 'pods' ->> 'pending')::int, v.volumes, v.gib, b.balancers
     FROM (
       SELECT DISTINCT ON (uid) *, min(seen_from) OVER (PARTITION BY uid) AS first_seen_at
       FROM namespace WHERE cluster_key = $1 ORDER BY uid, seen_to IS NULL DESC, seen_from DESC, id DESC
     ) n
     LEFT JOIN (SELECT DISTINCT ON (uid) * FROM namespace_owner WHERE cluster_key = $1 ORDER BY uid, seen_to IS NULL DESC, seen_from DESC, id DESC) o USING (uid)
     LEFT JOIN namespace_state s ON s.cluster_key = $1 AND s.uid = n.uid
     LEFT JOIN (SELECT provider FROM cluster WHERE cluster_key = $1 ORDER BY seen_from DESC, id DESC LIMIT 1) c ON true
     LEFT JOIN LATERAL (
       SELECT count(*)::int AS volumes, CASE WHEN count(*) = count(e ->> 'gib') THEN coalesce(sum((e ->> 'gib')::float8), 0) END AS gib
       FROM jsonb_array_elements(s.content -> 'volumes') e) v ON jsonb_typeof(s.content -> 'volumes') = 'array'
     LEFT JOIN LATERAL (
       SELECT count(*) FILTER (WHERE (e ->> 'isLoadBalancer')::boolean)::int AS balancers
       FROM jsonb_array_elements(s.content -> 'services') e) b ON jsonb_typeof(s.content -> 'services') = 'array'
     ON CONFLICT (cluster_key, uid) DO UPDATE SET (${TAKEN_OVER.join(", ")}) = ROW (${TAKEN_OVER.map((name) => `excluded.${name}`).join(", ")})
     WHERE (${TAKEN_OVER.map((name) => `t.${name}`).join(", ")}) IS DISTINCT FROM (${TAKEN_OVER.map((name) => `excluded.${name}`).join(", ")})`,
    [clusterKey],
  );
  await refreshCosts(sql, clusterKey);
}
