import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Day } from "#lib/domain/period.ts";
import { conditionsOf, type Parameters, type SprawlFilters } from "#lib/db/sprawl/sprawl-sql.ts";

/** How many came and went on a day, "2026-11-21". */
export type DayCount = { day: string; came: number; went: number };

/**
 * The days on which namespaces were made and went, over all lives. Where the cluster does not tell when one was made, it is the day on
 * which we first saw it. Of the filters only those that hold for a whole life count: teams, clusters and providers.
 */
export async function readLives(
  sql: SqlExecutor,
  { filters, asOf, now }: { filters: SprawlFilters; asOf: Date | null; now: Date },
): Promise<DayCount[]> {
  const parameters: Parameters = [asOf];
  const conditions = conditionsOf({ ...filters, strengths: [], states: [], ages: [], search: "" }, now, parameters);
  const where = conditions.map((condition) => `AND ${condition}`).join(" ");
  const { rows } = await sql.query(
    `SELECT day::text, sum(came)::int AS came, sum(went)::int AS went FROM (
       SELECT coalesce(t.created_at, t.first_seen_at)::date AS day, count(*) AS came, 0 AS went FROM namespace_summary t
       WHERE ($1::timestamptz IS NULL OR t.first_seen_at <= $1) ${where} GROUP BY 1
       UNION ALL
       SELECT t.gone_at::date, 0, count(*) FROM namespace_summary t
       WHERE t.gone_at IS NOT NULL AND ($1::timestamptz IS NULL OR t.gone_at <= $1) ${where} GROUP BY 1
     ) events GROUP BY day ORDER BY day`,
    parameters,
  );
  return rows as DayCount[];
}

/** How many things got and lost an owner of a strength on a day. */
export type OwnerDay = { day: string; strength: string; came: number; went: number };

/** How many answers of each strength began and ended on a day, from the owners' stretches. */
export async function readOwnerDays(
  sql: SqlExecutor,
  { only, asOf }: { only: SprawlFilters["only"]; asOf: Date | null },
): Promise<OwnerDay[]> {
  const whose = "($2::boolean OR team_key = $3)";
  const { rows } = await sql.query(
    `SELECT day::text, strength, sum(came)::int AS came, sum(went)::int AS went FROM (
       SELECT seen_from::date AS day, strength, count(*) AS came, 0 AS went FROM namespace_owner
       WHERE ($1::timestamptz IS NULL OR seen_from <= $1) AND ${whose} GROUP BY 1, 2
       UNION ALL
       SELECT seen_to::date, strength, 0, count(*) FROM namespace_owner
       WHERE seen_to IS NOT NULL AND ($1::timestamptz IS NULL OR seen_to <= $1) AND ${whose} GROUP BY 1, 2
     ) events GROUP BY day, strength ORDER BY day`,
    [asOf, only === null, only?.teamKey ?? null],
  );
  return rows as OwnerDay[];
}

/** What namespaces cost on each day, effective, by currency and by how well their owners were known then. */
export async function readCostOwnerDays(
  sql: SqlExecutor,
  { from, to, asOf }: { from: Day; to: Day; asOf: Date | null },
): Promise<{ day: Day; currency: string; strength: string; amount: string }[]> {
  const { rows } = await sql.query(
    `SELECT day::text, currency, part.key AS strength, trim_scale(sum(part.value::numeric))::text AS amount
     FROM cluster_split s, jsonb_each_text(s.by_strength) part
     WHERE day >= $1 AND day < $2
       AND CASE WHEN $3::timestamptz IS NULL THEN replaced_at IS NULL ELSE split_at <= $3 AND (replaced_at IS NULL OR replaced_at > $3) END
     GROUP BY day, currency, part.key ORDER BY day, currency`,
    [from, to, asOf],
  );
  return rows as { day: Day; currency: string; strength: string; amount: string }[];
}

/** When each account was first and last listed, by "AWS 111122223333"; `to` null = it still is, or was at the instant asked for. */
export async function readAccountSpans(
  sql: SqlExecutor,
  asOf: Date | null,
): Promise<{ key: string; from: Date; to: Date | null }[]> {
  const { rows } = await sql.query(
    `SELECT provider || ' ' || account_id AS key, min(seen_from) AS "from",
       CASE WHEN bool_or(seen_to IS NULL OR seen_to > $1) THEN NULL ELSE max(seen_to) END AS "to"
     FROM cloud_account WHERE $1::timestamptz IS NULL OR seen_from <= $1 GROUP BY 1 ORDER BY 1`,
    [asOf],
  );
  return rows as { key: string; from: Date; to: Date | null }[];
}

/** When each cluster and account was first and last seen; `to` null = it still is. */
export async function readSpans(
  sql: SqlExecutor,
  table: "cluster" | "cloud_account",
): Promise<{ key: string; from: Date; to: Date | null }[]> {
  const key = table === "cluster" ? "cluster_key" : "account_id";
  const { rows } = await sql.query(
    `SELECT ${key} AS key, min(seen_from) AS "from", CASE WHEN bool_or(seen_to IS NULL) THEN NULL ELSE max(seen_to) END AS "to"
     FROM ${table} GROUP BY ${key} ORDER BY ${key}`,
  );
  return rows as { key: string; from: Date; to: Date | null }[];
}
