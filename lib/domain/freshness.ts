import {
  addDays,
  addMonths,
  dayOf,
  eachPeriod,
  periodOf,
  rangeOf,
  startOf,
  type BillingPeriod,
  type Day,
} from "#lib/domain/period.ts";

const DAY_MS = 86_400_000;

/** Providers go on correcting a month for some days after its end; then it counts as settled. */
const GRACE_DAYS = 3;

/** From this day of the month on, its first figures should be there. */
const FIRST_EXPECTED_DAY = 3;

/** Days up to and including `completeTo` are complete and final; from `estimatedFrom` on they may still change. */
export type Freshness = {
  /** null = no day is complete yet. */
  completeTo: Day | null;
  /** null = nothing is an estimate. */
  estimatedFrom: Day | null;
  /** The newest day with any data, complete or not; null = no data. */
  newestDay: Day | null;
};

/**
 * How far the figures of one slice of cost can be relied on.
 *
 * The newest `settleDays` days that were delivered are estimates, as is a day that was delivered in part. A period
 * that has been over for more than `settleDays` + 3 days holds no estimates.
 *
 * @param slice.dataUntil exclusive end of the newest charge period, within the billing period; null without rows.
 */
export function sliceFreshness(
  slice: { period: BillingPeriod; dataUntil: Date | null },
  settleDays: number,
  now: Date,
): Freshness {
  const { from, to } = rangeOf(slice.period);
  if (slice.dataUntil === null || slice.dataUntil <= startOf(from))
    return { completeTo: null, estimatedFrom: null, newestDay: null };

  const newestDay = dayOf(new Date(slice.dataUntil.getTime() - 1));
  const newestComplete = addDays(dayOf(slice.dataUntil), -1);
  const settledAt = startOf(to).getTime() + (settleDays + GRACE_DAYS) * DAY_MS;
  if (now.getTime() > settledAt)
    return { completeTo: newestComplete < from ? null : newestComplete, estimatedFrom: null, newestDay };

  const unsettled = latest(addDays(newestDay, 1 - settleDays), from);
  const estimatedFrom = earliest(unsettled, addDays(newestComplete, 1));
  const completeTo = addDays(estimatedFrom, -1);
  return {
    completeTo: completeTo < from ? null : completeTo,
    estimatedFrom: estimatedFrom > newestDay ? null : estimatedFrom,
    newestDay,
  };
}

/** The freshness of one source over its slices: as far as its newest one, estimated from the first estimate on. */
export function sourceFreshness(slices: readonly Freshness[]): Freshness {
  const estimatedFrom = pick(slices, "estimatedFrom", earliest);
  const completeTo = pick(slices, "completeTo", latest);
  const lastFinal = estimatedFrom === null ? null : addDays(estimatedFrom, -1);
  return {
    completeTo: completeTo !== null && lastFinal !== null ? earliest(completeTo, lastFinal) : completeTo,
    estimatedFrom,
    newestDay: pick(slices, "newestDay", latest),
  };
}

/** The freshness of several sources together: a day is complete where every one of them has delivered it. */
export function commonFreshness(sources: readonly Freshness[]): Freshness {
  const everyComplete = sources.every((source) => source.completeTo !== null);
  return {
    completeTo: everyComplete ? pick(sources, "completeTo", earliest) : null,
    estimatedFrom: pick(sources, "estimatedFrom", earliest),
    newestDay: pick(sources, "newestDay", latest),
  };
}

/**
 * The billing periods that a source should have, and those of them that it does not offer: the holes. They run from
 * `expectedFrom`, or else the first period on offer, to the current month, which is expected from its third day on.
 */
export function expectedPeriods(
  expectedFrom: BillingPeriod | null,
  offered: readonly BillingPeriod[],
  now: Date,
): { expected: BillingPeriod[]; missing: BillingPeriod[] } {
  const first = expectedFrom ?? offered.toSorted()[0];
  if (first === undefined) return { expected: [], missing: [] };
  const current = periodOf(now);
  const last = now.getUTCDate() >= FIRST_EXPECTED_DAY ? current : addMonths(current, -1);
  const expected = eachPeriod(first, last);
  const there = new Set(offered);
  return { expected, missing: expected.filter((period) => !there.has(period)) };
}

function pick(all: readonly Freshness[], field: keyof Freshness, choose: (left: Day, right: Day) => Day): Day | null {
  return all.reduce<Day | null>((chosen, { [field]: value }) => {
    if (value === null) return chosen;
    return chosen === null ? value : choose(chosen, value);
  }, null);
}

function earliest(left: Day, right: Day): Day {
  return left < right ? left : right;
}

function latest(left: Day, right: Day): Day {
  return left > right ? left : right;
}
