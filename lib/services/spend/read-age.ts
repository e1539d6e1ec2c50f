import { loadConfig } from "#lib/config.ts";
import { queryPrepared } from "#lib/db/prepared.ts";
import type { ScopedSlice } from "#lib/db/spend/cost-scope.ts";
import { commonFreshness, expectedPeriods, sliceFreshness, sourceFreshness } from "#lib/domain/freshness.ts";
import type { BillingPeriod } from "#lib/domain/period.ts";
import type { AppErrorJson } from "#lib/errors.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import type { AgeStamp } from "#lib/services/spend/spend-view.ts";

/** How old the figures of some periods are and what is missing from them, by name. */
export async function readAge(
  context: ServiceContext,
  asked: { periods: readonly BillingPeriod[]; scope: readonly ScopedSlice[]; asOf: Date | null },
): Promise<AgeStamp> {
  const { settleDays } = loadConfig();
  const now = asked.asOf ?? context.now;
  const bySource = Map.groupBy(asked.scope, (slice) => slice.sourceKey);
  const freshness = commonFreshness(
    [...bySource.values()].map((slices) =>
      sourceFreshness(slices.map((slice) => sliceFreshness(slice, settleDays, now))),
    ),
  );
  const { sources, stale } = await readDeliveries(context, asked, now);
  const missing = sources.flatMap(({ title, expectedFrom, published }) =>
    expectedPeriods(expectedFrom, published, now)
      .missing.filter((period) => asked.periods.includes(period))
      .map((period) => ({ source: title, period: String(period) })),
  );
  const publishedAt = asked.scope
    .map((slice) => slice.publishedAt.toISOString())
    .toSorted()
    .at(-1);
  return {
    publishedAt: publishedAt ?? null,
    completeTo: freshness.completeTo,
    estimatedFrom: freshness.estimatedFrom,
    missing,
    stale,
  };
}

type CostSource = { title: string; expectedFrom: BillingPeriod | null; published: BillingPeriod[] };

/** Which periods every source has published up to `now`, and whose newest pull failed. What failed says nothing about an instant of the past. */
async function readDeliveries(
  context: ServiceContext,
  asked: { periods: readonly BillingPeriod[]; asOf: Date | null },
  now: Date,
): Promise<{ sources: CostSource[]; stale: AgeStamp["stale"] }> {
  const { rows } = await queryPrepared(
    context.database.pool,
    `SELECT o.title, o.expected_from, array_agg(s.period) FILTER (WHERE s.period IS NOT NULL) AS published, NULL AS period, NULL AS error
     FROM source o LEFT JOIN slice s ON s.source_key = o.key AND s.dataset = 'cost'
       AND EXISTS (SELECT FROM publication p WHERE p.slice_id = s.id AND p.published_at <= $1)
     WHERE o.dataset = 'cost' AND o.kind <> 'import' AND o.removed_at IS NULL GROUP BY o.key
     UNION ALL
     (SELECT o.title, NULL, NULL, s.period, r.error FROM slice s JOIN source o ON o.key = s.source_key
     LEFT JOIN LATERAL (SELECT error FROM run WHERE slice_id = s.id AND state = 'failed' ORDER BY queued_at DESC LIMIT 1) r ON true
     WHERE s.dataset = 'cost' AND s.stale AND s.period = ANY($2) ORDER BY s.period, o.title)`,
    [now, asked.asOf ? [] : asked.periods],
  );
  const sources = rows.filter((row) => row.period === null);
  return {
    sources: sources.map((row) => ({
      title: String(row.title),
      expectedFrom: row.expected_from as BillingPeriod | null,
      published: (row.published as BillingPeriod[] | null) ?? [],
    })),
    stale: rows
      .filter((row) => row.period !== null)
      .map((row) => ({
        source: String(row.title),
        period: String(row.period),
        message: (row.error as AppErrorJson | null)?.message ?? "The last pull failed.",
      })),
  };
}
