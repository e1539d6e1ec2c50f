import type { Amount } from "#lib/domain/money.ts";
import type { BillingPeriod, Day } from "#lib/domain/period.ts";
import type { TrendSeries } from "#lib/services/spend/spend-view.ts";

/** Requests made, those of them that were throttled or failed, and the price in USD of the others. */
export type ApiCount = { requests: number; throttled: number; failed: number; priceUsd: Amount };

/** A calendar month (UTC) of one source, in whole, against the cap. */
export type ApiMonth = ApiCount & {
  period: BillingPeriod;
  /** What was spent of the cap, in percent with one decimal; null without a cap. */
  usedPercent: string | null;
  /** The price has come up to the cap. */
  isCapReached: boolean;
};

export type ApiOperationMonth = ApiCount & { period: BillingPeriod; api: string; operation: string };

export type ApiOperationDay = ApiCount & { day: Day; api: string; operation: string };

/** What the requests of one source cost. The key that signs is one too ("signing.kms"), and the bucket of heads ("audit.heads"). */
export type ApiBillSource = {
  sourceKey: string;
  title: string;
  /** No longer configured; its bill stays. */
  removed: boolean;
  /** It has a cap or has cost something. Other sources ask for free. */
  isPriced: boolean;
  /** monthlyCapUsd as configured now; null = none. */
  capUsd: Amount | null;
  thisMonth: ApiMonth;
  /** The calendar months that the range touches, newest first; those that it cuts are in whole all the same. */
  months: ApiMonth[];
  /** By month and operation within the range, newest first, then the dearest. */
  operations: ApiOperationMonth[];
  /** By day and operation within the range; days without a request are left out. */
  days: ApiOperationDay[];
  /** Price per day and operation, of operations that have one. A day without a request is zero, a day that has not come yet a gap. */
  trend: TrendSeries;
};

export type ApiBillView = { from: Day; to: Day; sources: ApiBillSource[] };
