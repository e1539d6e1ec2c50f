import { alignComparison, bucketsOf, loadedBuckets, topAndRest, type Series } from "#lib/charts/trend.ts";
import { emptyLabel, type Labels } from "#lib/db/spend/read-labels.ts";
import type { SpendBucket, SpendComparison, SpendTotal } from "#lib/db/spend/read-spend.ts";
import type { ScopeRow, SpendQuestion } from "#lib/db/spend/spend-sql.ts";
import { coveragePercent, percentChange, sharePercent } from "#lib/domain/change.ts";
import { decimal, sum, toAmount, ZERO, type Amount, type Decimal } from "#lib/domain/money.ts";
import { addDays, dayOf, isWholeMonths, rangeOf, type Day, type DayRange } from "#lib/domain/period.ts";
import type {
  BarThatAddsUp,
  CostKind,
  SpendQuery,
  SpendRow,
  SpendSection,
  TrendSeries,
} from "#lib/services/spend/spend-view.ts";

/** Everything that was read for a spend view. */
export type SpendParts = {
  query: SpendQuery;
  question: SpendQuestion;
  buckets: Day[];
  totals: SpendTotal[];
  cells: SpendBucket[];
  previous: (SpendComparison & { range: DayRange }) | null;
  labels: Labels;
  estimatedFrom: Day | null;
};

/** One section per currency, largest first. Pure. */
export function assembleSections(parts: SpendParts): SpendSection[] {
  const shown = Map.groupBy(parts.question.scope, (row) => row.shownIn);
  return (
    [...shown]
      .map(([currency, scope]) => assembleSection(parts, currency, scope))
      // A currency that the filters leave nothing of is no zero that somebody measured.
      .filter(({ rows }) => rows.length > 0 || !isFiltered(parts.query))
      .toSorted(
        (a, b) =>
          decimal(b.bar.total).abs().comparedTo(decimal(a.bar.total).abs()) || (a.currency < b.currency ? -1 : 1),
      )
  );
}

function isFiltered({ filters, kinds }: SpendQuery): boolean {
  return Object.keys(filters).length > 0 || kinds.length > 0;
}

function assembleSection(parts: SpendParts, currency: string, scope: readonly ScopeRow[]): SpendSection {
  const totals = parts.totals.filter((total) => total.currency === currency);
  const previous = parts.previous?.totals.filter((total) => total.currency === currency) ?? null;
  const previousTotal = previous && toAmount(sum(previous.map((total) => total.amount)));
  const bar = assembleBar(parts, totals, scope);
  const spark = sparkByKey(parts, currency, scope);
  return {
    currency,
    rates: ratesOf(scope),
    bar,
    previousTotal,
    change: percentChange(bar.total, previousTotal),
    trend: assembleTrend(parts, currency, spark),
    rows: assembleRows(parts, bar.total, totals, previous, spark),
  };
}

function assembleBar(parts: SpendParts, totals: readonly SpendTotal[], scope: readonly ScopeRow[]): BarThatAddsUp {
  const of = (kind: CostKind) =>
    toAmount(sum(totals.filter((total) => total.kind === kind).map((total) => total.amount)));
  const [direct, shared, unallocated] = [of("direct"), of("shared"), of("unallocated")];
  const total = toAmount(sum([direct, shared, unallocated]));
  const { query } = parts;
  const isWhole = !isFiltered(query) && isWholeMonths(query);
  const controlTotal =
    isWhole && scope.every((row) => row.factor === null && row.slice.countedAccounts === null)
      ? toAmount(sum(scope.map((row) => row.slice.totals[row.currency]?.[query.basis] ?? ZERO)))
      : null;
  return {
    direct,
    shared,
    idle: "0",
    unallocated,
    total,
    controlTotal,
    difference: controlTotal === null ? null : toAmount(decimal(total).minus(controlTotal)),
    coveragePercent: coveragePercent({ direct, shared, total }),
  };
}

/** Amount per bucket for each key and, under null, for all together: zero where something was loaded, null where not. */
function sparkByKey(
  parts: SpendParts,
  currency: string,
  scope: readonly ScopeRow[],
): Map<string | null, (Amount | null)[]> {
  const loaded = loadedBuckets(
    scope.map((row) => loadedDays(row, parts.query)),
    parts.query.granularity,
  );
  const positions = new Map<string, number>(parts.buckets.map((bucket, index) => [bucket, index]));
  const blank = parts.buckets.map((bucket): Amount | null => (loaded.has(bucket) ? "0" : null));
  const byKey = new Map<string | null, (Amount | null)[]>([[null, [...blank]]]);
  for (const cell of parts.cells) {
    const position = positions.get(cell.bucket);
    if (cell.currency !== currency || position === undefined) continue;
    let values = byKey.get(cell.key);
    if (!values) byKey.set(cell.key, (values = [...blank]));
    values[position] = cell.amount;
  }
  return byKey;
}

function loadedDays(row: ScopeRow, range: DayRange): DayRange {
  const month = rangeOf(row.slice.period);
  const until =
    row.slice.dataUntil === null ? month.from : addDays(dayOf(new Date(row.slice.dataUntil.getTime() - 1)), 1);
  return { from: month.from > range.from ? month.from : range.from, to: until < range.to ? until : range.to };
}

function assembleTrend(parts: SpendParts, currency: string, spark: Map<string | null, (Amount | null)[]>): TrendSeries {
  const series: Series[] = [];
  for (const [key, values] of spark) if (key !== null) series.push({ key, label: labelOf(parts, key), values });
  const { previous, query } = parts;
  const compared = previous && {
    buckets: bucketsOf(previous.range, query.granularity),
    amounts: new Map(
      previous.cells.filter((cell) => cell.currency === currency).map((cell) => [cell.bucket, cell.amount]),
    ),
  };
  return {
    buckets: parts.buckets,
    series: topAndRest(series),
    comparison:
      compared &&
      alignComparison(
        compared.buckets.map((bucket) => compared.amounts.get(bucket) ?? null),
        parts.buckets.length,
      ),
    estimatedFrom: parts.estimatedFrom,
  };
}

function assembleRows(
  parts: SpendParts,
  sectionTotal: Amount,
  totals: readonly SpendTotal[],
  previous: SpendComparison["totals"] | null,
  spark: Map<string | null, (Amount | null)[]>,
): SpendRow[] {
  const current = sumByKey(totals);
  const before = previous && new Map(previous.map(({ key, amount }) => [key, amount]));
  const keys = new Set([...current.keys(), ...(before?.keys() ?? [])]);
  const rows = [...keys].map((key) => {
    const kinds = current.get(key);
    const total = kinds?.total ?? ZERO;
    const earlier = before ? (before.get(key) ?? "0") : null;
    const amount = toAmount(total);
    return {
      total,
      row: {
        key,
        label: labelOf(parts, key),
        detail: parts.labels.get(key)?.detail ?? null,
        amount,
        sharePercent: sharePercent(amount, sectionTotal),
        direct: toAmount(kinds?.direct ?? ZERO),
        shared: toAmount(kinds?.shared ?? ZERO),
        previous: earlier,
        change: percentChange(amount, earlier),
        spark: spark.get(key) ?? [],
      },
    };
  });
  return rows.toSorted((a, b) => b.total.comparedTo(a.total) || (a.row.key < b.row.key ? -1 : 1)).map(({ row }) => row);
}

type KindSums = { total: Decimal; direct: Decimal; shared: Decimal };

function sumByKey(totals: readonly SpendTotal[]): Map<string, KindSums> {
  const byKey = new Map<string, KindSums>();
  for (const { key, kind, amount } of totals) {
    const entry = byKey.get(key) ?? { total: ZERO, direct: ZERO, shared: ZERO };
    const value = decimal(amount);
    entry.total = entry.total.plus(value);
    if (kind !== "unallocated") entry[kind] = entry[kind].plus(value);
    byKey.set(key, entry);
  }
  return byKey;
}

function labelOf(parts: SpendParts, key: string): string {
  return key === "" ? emptyLabel(parts.query.groupBy) : (parts.labels.get(key)?.label ?? key);
}

function ratesOf(scope: readonly ScopeRow[]): string[] {
  const texts = scope
    .filter((row) => row.factor !== null)
    .map(
      (row) =>
        `1 ${row.currency} = ${decimal(row.factor ?? 1)
          .toDecimalPlaces(10)
          .toFixed()} ${row.shownIn} (${row.slice.period})`,
    );
  return [...new Set(texts)];
}
