import { compareText } from "#lib/charts/compare-text.ts";
import { addAmounts, decimal, toAmount, ZERO, type Amount, type Decimal } from "#lib/domain/money.ts";
import { eachDay, periodOf, periodsOf, rangeOf, type Day, type DayRange } from "#lib/domain/period.ts";

export type Granularity = "day" | "month";

/** One line or layer of a trend. `key` null is "the rest"; a value null is a gap: nothing was loaded for that bucket. */
export type Series = { key: string | null; label: string; values: (Amount | null)[] };

/** Layers that a stacked trend shows by name; the palette has as many colours. */
export const SHOWN_SERIES = 8;

/** The starts of the buckets that a half-open range touches, ascending and without holes. A month starts on its first day. */
export function bucketsOf(range: DayRange, granularity: Granularity): Day[] {
  return granularity === "day" ? eachDay(range) : periodsOf(range).map((period) => rangeOf(period).from);
}

/** The start of the bucket that a day falls into. */
export function bucketOf(value: Day, granularity: Granularity): Day {
  return granularity === "day" ? value : rangeOf(periodOf(value)).from;
}

/** The buckets for which something was loaded: those that one of the half-open ranges of loaded days touches. */
export function loadedBuckets(ranges: readonly DayRange[], granularity: Granularity): Set<Day> {
  return new Set(ranges.flatMap((range) => bucketsOf(range, granularity)));
}

/**
 * One series per key from amounts by key and day. A bucket without an amount is zero where it was loaded and a gap
 * where it was not; an amount in a bucket proves that it was loaded. Days outside the buckets are left out.
 */
export function toSeries(
  points: readonly { key: string; label: string; day: Day; amount: Amount }[],
  buckets: readonly Day[],
  granularity: Granularity,
  loaded: ReadonlySet<Day>,
): Series[] {
  const positions = new Map(buckets.map((bucket, index) => [bucket, index]));
  const known = buckets.map((bucket) => loaded.has(bucket));
  const byKey = new Map<string, { label: string; totals: Map<number, Decimal> }>();
  for (const { key, label, day, amount } of points) {
    const position = positions.get(bucketOf(day, granularity));
    if (position === undefined) continue;
    known[position] = true;
    const entry = byKey.get(key) ?? { label, totals: new Map<number, Decimal>() };
    entry.totals.set(position, (entry.totals.get(position) ?? ZERO).plus(decimal(amount)));
    byKey.set(key, entry);
  }
  return [...byKey].map(([key, { label, totals }]) => ({
    key,
    label,
    values: known.map((isKnown, position) => (isKnown ? toAmount(totals.get(position) ?? ZERO) : null)),
  }));
}

/**
 * The largest series by the size of their total, largest first, and the exact sum of all others as a last one with
 * key null. Without others there is no rest. Equal sizes are ordered by key, so that the order never flickers.
 */
export function topAndRest(series: readonly Series[], shown: number = SHOWN_SERIES, restLabel = "The rest"): Series[] {
  const ranked = series
    .map((one) => ({ one, size: decimal(addAmounts(one.values.filter((value) => value !== null))).abs() }))
    .toSorted((a, b) => b.size.comparedTo(a.size) || compareText(a.one.key ?? "", b.one.key ?? ""))
    .map(({ one }) => one);
  const others = ranked.slice(shown);
  if (others.length === 0) return ranked;
  return [...ranked.slice(0, shown), { key: null, label: restLabel, values: totalPerBucket(others) }];
}

/** The exact sum of series per bucket; a gap where all of them have one. */
export function totalPerBucket(series: readonly Series[]): (Amount | null)[] {
  const length = Math.max(0, ...series.map(({ values }) => values.length));
  return Array.from({ length }, (_, position) => {
    const amounts = series.map(({ values }) => values[position] ?? null).filter((value) => value !== null);
    return amounts.length === 0 ? null : addAmounts(amounts);
  });
}

/**
 * A comparison's values laid over a trend of `length` buckets, first on first. What the comparison lacks at its end
 * (February beside March) is a gap; what it has beyond the trend is not drawn.
 */
export function alignComparison(values: readonly (Amount | null)[], length: number): (Amount | null)[] {
  return Array.from({ length }, (_, position) => values[position] ?? null);
}
