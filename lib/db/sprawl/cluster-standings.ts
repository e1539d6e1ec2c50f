import type { SqlExecutor } from "#lib/db/activity.ts";

/** A cluster as it last answered, up to an instant. */
export type StandingRow = {
  cluster_key: string;
  source_key: string;
  provider: string;
  version: string | null;
  region: string | null;
  account_id: string | null;
  uid: string | null;
  first_seen_at: Date;
  /** The last look that listed every namespace. */
  looked_at: Date | null;
  /** The first look after it that failed or was not whole. */
  unknown_since: Date | null;
  error: { message: string } | null;
  unknown: { kind: string; message: string; rbacLine: string | null }[];
};

/** Every cluster with how its last looks went. @param asOf null = now; `clusterKey` null = all of them. */
export async function readStandings(
  sql: SqlExecutor,
  { asOf, clusterKey = null }: { asOf: Date | null; clusterKey?: string | null },
): Promise<StandingRow[]> {
  const { rows } = await sql.query(
    `WITH RECURSIVE ${EVERY_CLUSTER}
     SELECT k.cluster_key, last.source_key, coalesce(c.provider, 'other') AS provider, c.version, c.region, c.account_id, c.uid,
       first.at AS first_seen_at, good.at AS looked_at, later.at AS unknown_since, last.error, coalesce(read.unknown, '[]') AS unknown
     FROM every_cluster k
     JOIN LATERAL (
       SELECT at FROM cluster_look WHERE cluster_key = k.cluster_key AND ($1::timestamptz IS NULL OR at <= $1) ORDER BY at LIMIT 1) first ON true
     LEFT JOIN LATERAL (
       SELECT * FROM cluster WHERE cluster_key = k.cluster_key AND ($1::timestamptz IS NULL OR seen_from <= $1)
       ORDER BY seen_from DESC, id DESC LIMIT 1) c ON true
     LEFT JOIN LATERAL (
       SELECT at, id FROM cluster_look WHERE cluster_key = k.cluster_key AND outcome = 'complete' AND ($1::timestamptz IS NULL OR at <= $1)
       ORDER BY at DESC, id DESC LIMIT 1) good ON true
     LEFT JOIN LATERAL (
       SELECT at FROM cluster_look WHERE cluster_key = k.cluster_key AND outcome <> 'complete' AND ($1::timestamptz IS NULL OR at <= $1)
         AND at >= coalesce(good.at, '-infinity') AND (good.at IS NULL OR at > good.at OR id > good.id) ORDER BY at, id LIMIT 1) later ON true
     LEFT JOIN LATERAL (
       SELECT source_key, error FROM cluster_look WHERE cluster_key = k.cluster_key AND ($1::timestamptz IS NULL OR at <= $1)
       ORDER BY at DESC, id DESC LIMIT 1) last ON true
     LEFT JOIN LATERAL (
       SELECT unknown FROM cluster_look WHERE cluster_key = k.cluster_key AND outcome <> 'failed' AND ($1::timestamptz IS NULL OR at <= $1)
       ORDER BY at DESC, id DESC LIMIT 1) read ON true
     WHERE $2::text IS NULL OR k.cluster_key = $2 ORDER BY k.cluster_key`,
    [asOf, clusterKey],
  );
  return rows as StandingRow[];
}

/** Each key is found in the index behind the one before: what was looked at for years is not gone through to know fifty clusters. */
const EVERY_CLUSTER = `every_cluster AS (
  (SELECT cluster_key FROM cluster_look ORDER BY cluster_key LIMIT 1)
  UNION ALL
  SELECT next.cluster_key FROM every_cluster e
  JOIN LATERAL (SELECT cluster_key FROM cluster_look WHERE cluster_key > e.cluster_key ORDER BY cluster_key LIMIT 1) next ON true
)`;
