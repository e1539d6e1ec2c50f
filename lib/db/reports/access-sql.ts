import type { Sql } from "#lib/db/posture/population-sql.ts";

/** Null lists narrow nothing; "" in `teams` is what nobody owns. */
export type AskedAccess = { at: Date; clusters: readonly string[] | null; teams: readonly string[] | null };

/** Columns of the rows that `accessSql` answers, in the order of the report; all of them text but the last, an instant. */
export const ACCESS_COLUMNS = [
  "cluster_key",
  "scope",
  "name",
  "uid",
  "team_key",
  "subject_name",
  "subject_kind",
  "subject_namespace",
  "role",
  "role_kind",
  "binding",
  "seen_from",
] as const;

const ORDER = [
  "cluster_key",
  "scope",
  "name",
  "uid",
  "subject_kind",
  "subject_namespace",
  "subject_name",
  "role",
  "binding",
];

const held = (alias: string) => `${alias}.seen_from <= $1 AND (${alias}.seen_to IS NULL OR ${alias}.seen_to > $1)`;
const OWNED = `namespace n LEFT JOIN namespace_owner o ON o.cluster_key = n.cluster_key AND o.uid = n.uid AND ${held("o")}`;
const isAsked = (cluster: string) => `($2::text[] IS NULL OR ${cluster} = ANY($2::text[]))`;
const IS_OF_TEAMS = "($3::text[] IS NULL OR coalesce(o.team_key, '') = ANY($3::text[]))";

/**
 * Whom bindings give something at an instant, one row for each subject of each: "cluster-wide" those of whole clusters, whose namespace is
 * empty, and "namespace" those of one. What is for a whole cluster is for everybody's namespaces: teams have it where they have a namespace.
 *
 * A cluster's binding begins a new stretch whenever anybody is added to it, so that a subject's `seen_from` is where the unbroken row of
 * stretches that name it began.
 */
export function accessSql({ at, clusters, teams }: AskedAccess): Sql {
  const text = `WITH granted AS (
      SELECT DISTINCT b.source_key, b.cluster_key, b.name AS binding, b.role, s->>'kind' AS subject_kind, s->>'name' AS subject_name,
        coalesce(s->>'namespace', '') AS subject_namespace, b.seen_from, b.seen_to
      FROM cluster_binding b, jsonb_array_elements(b.subjects) s WHERE b.seen_from <= $1 AND ${isAsked("b.cluster_key")}
    ), stretch AS (
      SELECT *, lag(seen_to) OVER (
        PARTITION BY source_key, cluster_key, binding, role, subject_kind, subject_name, subject_namespace ORDER BY seen_from
      ) IS DISTINCT FROM seen_from AS begins FROM granted
    ), cluster_wide AS (
      SELECT cluster_key, 'cluster-wide' AS scope, '' AS name, '' AS uid, '' AS team_key, subject_name, subject_kind, subject_namespace,
        role, 'ClusterRole' AS role_kind, binding, max(seen_from) FILTER (WHERE begins) AS seen_from
      FROM stretch t WHERE $3::text[] IS NULL OR EXISTS (
        SELECT 1 FROM ${OWNED} WHERE n.cluster_key = t.cluster_key AND ${held("n")} AND ${IS_OF_TEAMS})
      GROUP BY source_key, cluster_key, binding, role, subject_kind, subject_name, subject_namespace
      HAVING bool_or(seen_to IS NULL OR seen_to > $1)
    ), of_namespace AS (
      SELECT a.cluster_key, 'namespace' AS scope, n.name, a.uid, coalesce(o.team_key, '') AS team_key, a.subject_name, a.subject_kind,
        a.subject_namespace, a.role, a.role_kind, a.binding, a.seen_from
      FROM namespace_access a JOIN (${OWNED}) ON n.cluster_key = a.cluster_key AND n.uid = a.uid AND ${held("n")}
      WHERE ${held("a")} AND ${isAsked("a.cluster_key")} AND ${IS_OF_TEAMS}
    )
    SELECT ${ACCESS_COLUMNS.join(", ")} FROM (SELECT * FROM cluster_wide UNION ALL SELECT * FROM of_namespace) access
    ORDER BY ${ORDER.map((column) => `${column} COLLATE "C"`).join(", ")}`;
  return { text, values: [at, clusters, teams] };
}
