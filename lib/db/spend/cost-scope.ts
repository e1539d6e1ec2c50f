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
  /** Changes with every publication of any slice: what is known of names holds as long as this stays. */
  publicationStamp: string;
};

/** The published cost slices of some billing periods, as of an instant or now. */
export async function readCostScope(
  sql: SqlExecutor,
  periods: readonly BillingPeriod[],
  asOf: Date | null,
): Promise<ScopedSlice[]> {
  const { rows } = await queryPrepared(
    sql,
    `SELECT s.id, s.source_key, s.period, s.publication_id, p.id AS counted_id, p.published_at, p.data_until, p.totals, p.projection, p.pool_shares,
       (SELECT sum(publication_id)::text FROM slice) AS publication_stamp
     FROM slice s JOIN LATERAL (
       SELECT * FROM publication p WHERE p.slice_id = s.id AND ($2::timestamptz IS NULL AND p.id = s.publication_id OR p.published_at <= $2)
       ORDER BY p.id DESC LIMIT 1
     ) p ON true
     WHERE s.dataset = 'cost' AND s.period = ANY($1)
     ORDER BY s.period, s.id`,
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
    publicationStamp: String(row.publication_stamp),
  }));
}
