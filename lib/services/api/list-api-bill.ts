import { loadConfig } from "#lib/config.ts";
import { readBill, type BilledDay } from "#lib/db/api/read-bill.ts";
import { toSeries, topAndRest } from "#lib/charts/trend.ts";
import { sharePercent } from "#lib/domain/change.ts";
import { addAmounts, decimal, type Amount } from "#lib/domain/money.ts";
import {
  addDays,
  dayOf,
  daysIn,
  eachDay,
  periodOf,
  periodsOf,
  rangeOf,
  type BillingPeriod,
  type Day,
  type DayRange,
} from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { HEADS_BUCKET } from "#lib/services/trail/heads/head-places.ts";
import { SIGNING_KEY } from "#lib/services/signing/open-signing-key.ts";
import type {
  ApiBillSource,
  ApiBillView,
  ApiCount,
  ApiMonth,
  ApiOperationDay,
  ApiOperationMonth,
} from "#lib/services/api/api-bill-view.ts";

/** The longest range that is told day by day. */
const MAX_DAYS = 800;

type BilledSource = { key: string; title: string; removed: boolean; capUsd: Amount | null };

/**
 * What the requests of each source, and those to the key that signs, cost, by operation, day and month, against its cap. `from` and `to` are UTC days, half-open.
 * Sources that never asked an API and have no cap are left out; those that cost something stand first, then by title.
 *
 * @throws AppError "invalid_input" where `to` is not after `from`, or more than 800 days after it.
 */
export async function listApiBill(context: ServiceContext, range: DayRange): Promise<ApiBillView> {
  await authorise(context, "sources:read", "the API's bill");
  refuseImpossible(range);
  const { pool } = context.database;
  const today = dayOf(context.now);
  const periods = [...new Set([...periodsOf(range), periodOf(today)])].toSorted();
  // Months are told in whole, and this one in any case.
  const read: DayRange = {
    from: rangeOf(periods[0] ?? periodOf(today)).from,
    to: rangeOf(periods.at(-1) ?? periodOf(today)).to,
  };
  const [billed, sources] = await Promise.all([
    readBill(pool, read),
    pool.query<BilledSource>(
      `SELECT key, title, removed_at IS NOT NULL AS removed, settings ->> 'monthlyCapUsd' AS "capUsd" FROM source
       WHERE (removed_at IS NULL AND settings ->> 'monthlyCapUsd' IS NOT NULL)
          OR EXISTS (SELECT FROM api_request WHERE source_key = key)
       UNION ALL SELECT $1, 'The key that signs, in AWS KMS', $2::boolean, NULL WHERE EXISTS (SELECT FROM api_request WHERE source_key = $1)
       UNION ALL SELECT $3, 'Heads of the trail, in S3', $4::boolean, NULL WHERE EXISTS (SELECT FROM api_request WHERE source_key = $3)
       ORDER BY title, key`,
      [SIGNING_KEY, loadConfig().signing?.kms === undefined, HEADS_BUCKET, loadConfig().audit.heads.s3 === undefined],
    ),
  ]);
  const views = sources.rows.map((source) =>
    toSource(
      source,
      billed.filter((row) => row.sourceKey === source.key),
      range,
      today,
    ),
  );
  return { ...range, sources: views.toSorted((a, b) => Number(b.isPriced) - Number(a.isPriced)) };
}

function refuseImpossible(range: DayRange): void {
  const days = daysIn(range);
  if (days > 0 && days <= MAX_DAYS) return;
  throw new AppError("invalid_input", `The API's bill is told for 1 to ${MAX_DAYS} days, not for ${days}.`, {
    remedy: "Give a first day, and a day after the last one.",
  });
}

function toSource(source: BilledSource, billed: readonly BilledDay[], range: DayRange, today: Day): ApiBillSource {
  const days = billed
    .filter(({ day }) => day >= range.from && day < range.to)
    .map(({ day, api, operation, requests, throttled, failed, priceUsd }): ApiOperationDay => ({
      day,
      api,
      operation,
      requests,
      throttled,
      failed,
      priceUsd,
    }));
  const month = (period: BillingPeriod) => toMonth(period, billed, source.capUsd);
  return {
    sourceKey: source.key,
    title: source.title,
    removed: source.removed,
    isPriced: source.capUsd !== null || billed.some(({ priceUsd }) => !decimal(priceUsd).isZero()),
    capUsd: source.capUsd,
    thisMonth: month(periodOf(today)),
    months: periodsOf(range).toReversed().map(month),
    operations: operationsOf(days),
    days,
    trend: toTrend(days, range, today),
  };
}

function toMonth(period: BillingPeriod, billed: readonly BilledDay[], capUsd: Amount | null): ApiMonth {
  const count = total(billed.filter(({ day }) => periodOf(day) === period));
  return {
    period,
    ...count,
    usedPercent: capUsd === null ? null : sharePercent(count.priceUsd, capUsd),
    isCapReached: capUsd !== null && decimal(count.priceUsd).greaterThanOrEqualTo(capUsd),
  };
}

function operationsOf(days: readonly ApiOperationDay[]): ApiOperationMonth[] {
  const groups = Map.groupBy(days, ({ day, api, operation }) => JSON.stringify([periodOf(day), api, operation]));
  const months = [...groups.values()].flatMap(([first, ...others]): ApiOperationMonth[] => {
    if (first === undefined) return [];
    const { day, api, operation } = first;
    return [{ period: periodOf(day), api, operation, ...total([first, ...others]) }];
  });
  return months.toSorted(
    (a, b) =>
      (a.period === b.period ? 0 : a.period < b.period ? 1 : -1) ||
      decimal(b.priceUsd).comparedTo(a.priceUsd) ||
      b.requests - a.requests,
  );
}

function toTrend(days: readonly ApiOperationDay[], range: DayRange, today: Day): ApiBillSource["trend"] {
  const buckets = eachDay(range);
  const past = new Set(buckets.filter((day) => day < addDays(today, 1)));
  // What asks for free would only lengthen the legend.
  const points = days
    .filter(({ priceUsd }) => !decimal(priceUsd).isZero())
    .map(({ day, operation, priceUsd }) => ({ key: operation, label: operation, day, amount: priceUsd }));
  return {
    buckets,
    series: topAndRest(toSeries(points, buckets, "day", past)),
    comparison: null,
    estimatedFrom: null,
  };
}

function total(counts: readonly ApiCount[]): ApiCount {
  const add = (part: "requests" | "throttled" | "failed") => counts.reduce((sum, count) => sum + count[part], 0);
  return {
    requests: add("requests"),
    throttled: add("throttled"),
    failed: add("failed"),
    priceUsd: addAmounts(counts.map(({ priceUsd }) => priceUsd)),
  };
}
