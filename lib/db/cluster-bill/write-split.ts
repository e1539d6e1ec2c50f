import type { PoolClient } from "pg";
import type { Day } from "#lib/domain/period.ts";
import type { BillAmounts } from "#lib/domain/cluster-bill/cluster-hour.ts";
import type { ClusterMethodView } from "#lib/services/cluster-bill/cluster-bill-view.ts";

/** One part of what was billed, for the page: what it is for and which machines it was. */
export type BilledPart = {
  kind: string;
  pool: string;
  instanceType: string | null;
  capacityType: string | null;
  resources: number;
  billed: string;
  effective: string;
};

/** A row of namespace_cost_day; direct + idle + shared is its cost. */
export type SplitRow = {
  kind: "namespace" | "idle" | "overhead" | "unobserved";
  namespace: string;
  uid: string;
  direct: BillAmounts;
  idle: BillAmounts;
  shared: BillAmounts;
  given: BillAmounts;
  /** Billed and effective by resource. */
  resources: object;
};

/** The settings that a day was split by. */
export type SplitSettings = Pick<ClusterMethodView, "method" | "idle" | "idlePer" | "shared">;

export type NewSplit = {
  clusterKey: string;
  day: Day;
  currency: string;
  billed: string;
  effective: string;
  settings: object;
  inputs: string;
  notes: { text: string; hours: number }[];
  parts: BilledPart[];
  at: Date;
  rows: readonly SplitRow[];
};

const COLUMNS = [
  "kind",
  "namespace",
  "namespace_uid",
  "billed",
  "effective",
  "direct_billed",
  "direct_effective",
  "idle_billed",
  "idle_effective",
  "shared_billed",
  "shared_effective",
  "given_billed",
  "given_effective",
  "resources",
];

/** Takes the days of a cluster for the transaction: two that split the same would otherwise both be the live one. */
export async function lockCluster(sql: PoolClient, clusterKey: string): Promise<void> {
  await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('cluster-split ' || $1, 0))", [clusterKey]);
}

/** Puts a split in the place of the live one, whose rows it keeps with the version that they were. */
export async function writeSplit(sql: PoolClient, split: NewSplit): Promise<void> {
  await retireSplit(sql, split, split.at);
  const inserted = await sql.query<{ id: number }>(
    `INSERT INTO cluster_split (cluster_key, day, currency, billed, effective, settings, inputs, notes, parts, split_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id`,
    [
      split.clusterKey,
      split.day,
      split.currency,
      split.billed,
      split.effective,
      JSON.stringify(split.settings),
      split.inputs,
      JSON.stringify(split.notes),
      JSON.stringify(split.parts),
      split.at,
    ],
  );
  await sql.query(
    `INSERT INTO namespace_cost_day (split_id, cluster_key, day, currency, ${COLUMNS.join(", ")})
     SELECT $1, $2, $3, $4, kind, namespace, namespace_uid, direct_billed + idle_billed + shared_billed, direct_effective + idle_effective + shared_effective,
       direct_billed, direct_effective, idle_billed, idle_effective, shared_billed, shared_effective, given_billed, given_effective, resources
     FROM unnest($5::text[], $6::text[], $7::text[], $8::numeric[], $9::numeric[], $10::numeric[], $11::numeric[], $12::numeric[], $13::numeric[], $14::numeric[], $15::numeric[], $16::jsonb[])
       AS i (kind, namespace, namespace_uid, direct_billed, direct_effective, idle_billed, idle_effective, shared_billed, shared_effective, given_billed, given_effective, resources)`,
    [inserted.rows[0]?.id, split.clusterKey, split.day, split.currency, ...columnsOf(split.rows)],
  );
  await noteOwners(sql, inserted.rows[0]?.id, split);
}

/** Keeps how much of the day had an owner then: the last answer of a namespace before the day was over. */
async function noteOwners(
  sql: PoolClient,
  splitId: number | undefined,
  { clusterKey, day, currency }: Pick<NewSplit, "clusterKey" | "day" | "currency">,
): Promise<void> {
  await sql.query(
    `UPDATE cluster_split SET by_strength = (
       SELECT jsonb_object_agg(strength, amount) FROM (
         SELECT coalesce(o.strength, 'none') AS strength, sum(r.effective)::text AS amount
         FROM namespace_cost_day r LEFT JOIN LATERAL (
           SELECT strength FROM namespace_owner o WHERE o.cluster_key = r.cluster_key AND o.uid = r.namespace_uid
             AND o.seen_from < (r.day + 1)::timestamp AT TIME ZONE 'UTC' AND (o.seen_to IS NULL OR o.seen_to > r.day::timestamp AT TIME ZONE 'UTC')
           ORDER BY o.seen_from DESC LIMIT 1
         ) o ON true
         WHERE r.cluster_key = $2 AND r.day = $3 AND r.currency = $4 AND r.kind = 'namespace' GROUP BY 1
       ) parts)
     WHERE id = $1`,
    [splitId, clusterKey, day, currency],
  );
}

function columnsOf(rows: readonly SplitRow[]): string[][] {
  return [
    rows.map((row) => row.kind),
    rows.map((row) => row.namespace),
    rows.map((row) => row.uid),
    rows.map((row) => row.direct.billed),
    rows.map((row) => row.direct.effective),
    rows.map((row) => row.idle.billed),
    rows.map((row) => row.idle.effective),
    rows.map((row) => row.shared.billed),
    rows.map((row) => row.shared.effective),
    rows.map((row) => row.given.billed),
    rows.map((row) => row.given.effective),
    rows.map((row) => JSON.stringify(row.resources)),
  ];
}

/** Ends the live split of a day, where there is one, and moves its rows into it. */
export async function retireSplit(
  sql: PoolClient,
  { clusterKey, day, currency }: { clusterKey: string; day: Day; currency: string },
  at: Date,
): Promise<void> {
  await sql.query(
    `UPDATE cluster_split s SET replaced_at = $4, rows = coalesce((
       SELECT jsonb_agg(to_jsonb(r) - 'split_id' - 'cluster_key' - 'day' - 'currency' ORDER BY r.kind, r.namespace) FROM namespace_cost_day r
       WHERE r.cluster_key = $1 AND r.day = $2 AND r.currency = $3), '[]')
     WHERE s.cluster_key = $1 AND s.day = $2 AND s.currency = $3 AND s.replaced_at IS NULL`,
    [clusterKey, day, currency, at],
  );
  await sql.query("DELETE FROM namespace_cost_day WHERE cluster_key = $1 AND day = $2 AND currency = $3", [
    clusterKey,
    day,
    currency,
  ]);
}

/** The live splits of a cluster's days: what went into each. */
export async function readSplitInputs(
  sql: PoolClient,
  { clusterKey, from, to }: { clusterKey: string; from: Day; to: Day },
): Promise<{ day: Day; currency: string; inputs: string; settings: SplitSettings }[]> {
  const { rows } = await sql.query<{ day: Day; currency: string; inputs: string; settings: SplitSettings }>(
    "SELECT day::text, currency, inputs, settings FROM cluster_split WHERE cluster_key = $1 AND day >= $2 AND day < $3 AND replaced_at IS NULL",
    [clusterKey, from, to],
  );
  return rows;
}
