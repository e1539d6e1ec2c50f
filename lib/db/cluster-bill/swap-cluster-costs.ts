import type { PoolClient } from "pg";
import { copyCsv } from "#lib/db/bulk-copy.ts";
import { decimal } from "#lib/domain/money.ts";
import type { Day } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";

const COLUMNS =
  "slice_id, cluster_key, starts_at, hours, kind, resource_id, namespace, account, currency, billed, effective, line_items";

/** Days of a cluster whose cost came, went or may have changed. Half-open. */
export type ChangedCluster = { clusterKey: string; from: Day; to: Day };

/** What the line items of a cluster add up to, in one currency. */
export type RecognisedTotal = {
  clusterKey: string;
  currency: string;
  billed: string;
  effective: string;
  lineItems: number;
};

/**
 * Replaces what a slice says of clusters by what was recognised in this reading, in the transaction that publishes it.
 *
 * @param recognised its rows as a CSV file without header, in the order of cluster_cost's columns behind its identity; null where there is nothing of a cluster.
 * @throws AppError "not_balanced" where the rows do not add up to the line items.
 */
export async function swapClusterCosts(
  sql: PoolClient,
  { sliceId, publicationId }: { sliceId: number; publicationId: number },
  recognised: { file: string; totals: readonly RecognisedTotal[] } | null,
): Promise<ChangedCluster[]> {
  const before = await changedDays(sql, sliceId);
  await sql.query("DELETE FROM cluster_cost WHERE slice_id = $1", [sliceId]);
  if (recognised === null) return before;
  const { file, totals } = recognised;
  await copyCsv(sql, "cluster_cost", COLUMNS, file);
  await assertEqual(sql, sliceId, totals);
  await sql.query(
    `INSERT INTO cluster_cost_total (publication_id, slice_id, cluster_key, currency, billed, effective, line_items)
     SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::numeric[], $6::numeric[], $7::int[])`,
    [
      publicationId,
      sliceId,
      totals.map((total) => total.clusterKey),
      totals.map((total) => total.currency),
      totals.map((total) => total.billed),
      totals.map((total) => total.effective),
      totals.map((total) => total.lineItems),
    ],
  );
  const after = await changedDays(sql, sliceId);
  const gone = before.filter(({ clusterKey }) => !after.some((other) => other.clusterKey === clusterKey));
  return [...after, ...gone];
}

async function changedDays(sql: PoolClient, sliceId: number): Promise<ChangedCluster[]> {
  const { rows } = await sql.query<{ cluster_key: string; first: string; next: string }>(
    `SELECT cluster_key, min((starts_at AT TIME ZONE 'UTC')::date)::text AS first,
       ((max(starts_at + (hours - 1) * interval '1 hour') AT TIME ZONE 'UTC')::date + 1)::text AS next
     FROM cluster_cost WHERE slice_id = $1 GROUP BY cluster_key ORDER BY cluster_key`,
    [sliceId],
  );
  return rows.map((row) => ({ clusterKey: row.cluster_key, from: row.first as Day, to: row.next as Day }));
}

async function assertEqual(sql: PoolClient, sliceId: number, totals: readonly RecognisedTotal[]): Promise<void> {
  const { rows } = await sql.query<{
    cluster_key: string;
    currency: string;
    billed: string;
    effective: string;
    line_items: string;
  }>(
    `SELECT cluster_key, currency, sum(billed) AS billed, sum(effective) AS effective, sum(line_items) AS line_items
     FROM cluster_cost WHERE slice_id = $1 GROUP BY 1, 2`,
    [sliceId],
  );
  const isSame = (total: RecognisedTotal) =>
    rows.some(
      (row) =>
        row.cluster_key === total.clusterKey &&
        row.currency === total.currency &&
        decimal(row.billed).equals(total.billed) &&
        decimal(row.effective).equals(total.effective) &&
        Number(row.line_items) === total.lineItems,
    );
  const broken = totals.find((total) => !isSame(total));
  if (broken === undefined && rows.length === totals.length) return;
  throw new AppError(
    "not_balanced",
    `What was recognised as the cluster ${broken?.clusterKey ?? ""}'s does not add up to its line items.`,
    { remedy: "Nothing was published. Please report this with the run's id: it is a defect of Bursar." },
  );
}
