import type { SqlExecutor } from "#lib/db/activity.ts";
import type { BilledPart } from "#lib/db/cluster-bill/write-split.ts";
import type { BillBasis } from "#lib/domain/cluster-bill/cluster-hour.ts";
import type { Amount } from "#lib/domain/money.ts";
import type { Day } from "#lib/domain/period.ts";

export type SplitRange = { clusterKey: string; from: Day; to: Day; asOf: Date | null };

/** A day's split without its rows. */
export type SplitHead = {
  day: Day;
  currency: string;
  amount: Amount;
  notes: { text: string; hours: number }[];
  parts: BilledPart[];
  splitAt: Date;
};

/** What a namespace, or what is none, cost on one day. */
export type SplitCost = {
  day: Day;
  currency: string;
  kind: "namespace" | "idle" | "overhead" | "unobserved";
  namespace: string;
  uid: string;
  direct: Amount;
  idle: Amount;
  shared: Amount;
  given: Amount;
  /** Billed and effective by resource. */
  resources: Record<string, [Amount, Amount]>;
};

/** The splits that were live at the instant, or are now. */
const HOLDS =
  "(CASE WHEN $4::timestamptz IS NULL THEN replaced_at IS NULL ELSE split_at <= $4 AND (replaced_at IS NULL OR replaced_at > $4) END)";

export async function readSplitHeads(
  sql: SqlExecutor,
  { clusterKey, from, to, asOf }: SplitRange,
  basis: BillBasis,
): Promise<SplitHead[]> {
  const { rows } = await sql.query(
    `SELECT day::text, currency, trim_scale(${basis})::text AS amount, notes, parts, split_at FROM cluster_split
     WHERE cluster_key = $1 AND day >= $2 AND day < $3 AND ${HOLDS} ORDER BY day, currency`,
    [clusterKey, from, to, asOf],
  );
  return rows.map((row) => ({
    day: row.day as Day,
    currency: String(row.currency),
    amount: String(row.amount),
    notes: row.notes as SplitHead["notes"],
    parts: row.parts as BilledPart[],
    splitAt: row.split_at as Date,
  }));
}

/** The rows of the days, of every namespace or of one: by uid where there is one, else by name. */
export async function readSplitCosts(
  sql: SqlExecutor,
  { clusterKey, from, to, asOf }: SplitRange,
  basis: BillBasis,
  only: { namespace: string; uid: string | null } | null = null,
): Promise<SplitCost[]> {
  const columns = ["direct", "idle", "shared", "given"]
    .map((part) => `trim_scale(${part}_${basis})::text AS ${part}`)
    .join(", ");
  const types =
    "kind text, namespace text, namespace_uid text, direct_billed numeric, direct_effective numeric, idle_billed numeric, idle_effective numeric, shared_billed numeric, shared_effective numeric, given_billed numeric, given_effective numeric, resources jsonb";
  const wanted =
    only === null ? "true" : only.uid === null ? "kind = 'namespace' AND namespace = $5" : "namespace_uid = $5";
  const { rows } = await sql.query(
    `WITH split AS (SELECT * FROM cluster_split WHERE cluster_key = $1 AND day >= $2 AND day < $3 AND ${HOLDS})
     SELECT s.day::text, s.currency, r.kind, r.namespace, r.namespace_uid AS uid, r.resources, ${columns}
     FROM split s JOIN namespace_cost_day r ON r.cluster_key = s.cluster_key AND r.day = s.day AND r.currency = s.currency AND r.split_id = s.id
     WHERE s.replaced_at IS NULL AND ${wanted}
     UNION ALL
     SELECT s.day::text, s.currency, r.kind, r.namespace, r.namespace_uid, r.resources, ${columns}
     FROM split s, jsonb_to_recordset(s.rows) AS r (${types})
     WHERE s.replaced_at IS NOT NULL AND ${wanted}
     ORDER BY 1, 2, 3, 4`,
    [clusterKey, from, to, asOf, ...(only === null ? [] : [only.uid ?? only.namespace])],
  );
  return rows as SplitCost[];
}
