import type { SqlExecutor } from "#lib/db/activity.ts";
import { queryPrepared } from "#lib/db/prepared.ts";
import type { BillingPeriod } from "#lib/domain/period.ts";
import type { StoredPoolShares } from "#lib/domain/allocation/pooled-cells.ts";
import type { ControlTotals } from "#lib/services/sources/source-view.ts";

/** A cost slice in the version that counts: the newest, or the one that was published at `asOf`. */
export type ScopedSlice = {
  sliceId: number;
  sourceKey: string;
  period: BillingPeriod;
  publicationId: number;
  /** True where it is still the newest, so that the live roll-ups answer for it. */
  isCurrent: boolean;
  publishedAt: Date;
  dataUntil: Date | null;
  totals: ControlTotals;
  projection: { tagKeys: string[] };
  /** Who carries the slice's pools. */
  poolShares: StoredPoolShares;
  /** Null = all of it counts. Otherwise the accounts that count here, "AWS 111122223333": the others are another source's. */
  countedAccounts: string[] | null;
  /** Changes with every publication of any slice: what is known of names holds as long as this stays. */
  publicationStamp: string;
};

/**
 * The published cost slices of some billing periods that count, as of an instant or now. Where several have cost of the same account in
 * the same month, it is counted in those whose sources rank first; a slice of which nothing is left is not answered.
 */
export async function readCostScope(
  sql: SqlExecutor,
  periods: readonly BillingPeriod[],
  asOf: Date | null,
): Promise<ScopedSlice[]> {
  const { rows } = await queryPrepared(
    sql,
    `WITH found AS MATERIALIZED (
     SELECT s.id, s.source_key, s.period, s.publication_id, p.id AS counted_id, p.published_at, p.data_until, p.totals, p.projection, p.pool_shares,
       p.accounts, p.billing_accounts,
       coalesce((SELECT r.rank FROM source_rank r WHERE r.source_key = s.source_key AND ($2::timestamptz IS NULL OR r.from_at <= $2)
         ORDER BY r.from_at DESC LIMIT 1), ${UNRANKED}) AS rank,
       (SELECT sum(publication_id)::text FROM slice) AS publication_stamp
     FROM slice s JOIN LATERAL (
       SELECT * FROM publication p WHERE p.slice_id = s.id AND ($2::timestamptz IS NULL AND p.id = s.publication_id OR p.published_at <= $2)
       ORDER BY p.id DESC LIMIT 1
     ) p ON true
     WHERE s.dataset = 'cost' AND s.period = ANY($1)
     )
     SELECT f.*, counted.accounts AS counted_accounts FROM found f LEFT JOIN LATERAL (
       SELECT ARRAY(SELECT unnest(f.accounts) EXCEPT SELECT unnest(other.accounts) FROM found other WHERE ${countsBefore("other", "f")}) AS accounts
       WHERE EXISTS (SELECT FROM found other WHERE ${countsBefore("other", "f")})
     ) AS counted ON true
     WHERE counted.accounts IS NULL OR cardinality(counted.accounts) > 0
     ORDER BY f.period, f.id`,
    [periods, asOf],
  );
  return rows.map((row) => ({
    sliceId: Number(row.id),
    sourceKey: String(row.source_key),
    period: row.period as BillingPeriod,
    publicationId: Number(row.counted_id),
    isCurrent: row.counted_id === row.publication_id,
    publishedAt: row.published_at as Date,
    dataUntil: row.data_until as Date | null,
    totals: row.totals as ControlTotals,
    projection: row.projection as { tagKeys: string[] },
    poolShares: row.pool_shares as StoredPoolShares,
    countedAccounts: (row.counted_accounts as string[] | null) ?? null,
    publicationStamp: String(row.publication_stamp),
  }));
}

/** Sources that nobody has ranked come last. */
const UNRANKED = 1_000_000;

/** Has cost under one of the same billing accounts in the same month, and its source ranks before. */
function countsBefore(other: string, slice: string): string {
  return `${other}.period = ${slice}.period AND ${other}.rank < ${slice}.rank
    AND ${other}.billing_accounts && ${slice}.billing_accounts`;
}
