import { loadConfig } from "#lib/config.ts";
import { bucketsOf } from "#lib/charts/trend.ts";
import { readSpendBuckets } from "#lib/db/spend/read-spend.ts";
import { readLabels } from "#lib/db/spend/read-labels.ts";
import { findLevelShift, type LevelShift } from "#lib/domain/anomaly.ts";
import { formatDayOfMonth, formatMoney } from "#lib/domain/format.ts";
import { decimal, sum, toAmount, type Amount } from "#lib/domain/money.ts";
import {
  addDays,
  addMonths,
  rangeOf,
  periodsOf,
  type BillingPeriod,
  type Day,
  type DayRange,
} from "#lib/domain/period.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { openScope } from "#lib/services/spend/open-scope.ts";
import { readAge } from "#lib/services/spend/read-age.ts";
import type { AttentionItem } from "#lib/services/spend/overview-view.ts";

/** A jump matters where it costs at least this part of all cost of the same days. */
const MATTERS = decimal("0.002");

/** Accounts whose daily cost jumped and stayed up, largest first. Reads the roll-up by day and account of at most three months. */
export async function readAnomalies(context: ServiceContext, month: BillingPeriod): Promise<AttentionItem[]> {
  const asked = { from: rangeOf(addMonths(month, -2)).from, to: rangeOf(month).to };
  const { question } = await openScope(context, {
    ...asked,
    basis: "effective",
    groupBy: "subAccount",
    granularity: "day",
    compare: "none",
    currency: loadConfig().reportingCurrency ?? null,
    filters: {},
    kinds: [],
    asOf: null,
  });
  const { pool } = context.database;
  const [cells, labels, age] = await Promise.all([
    readSpendBuckets(pool, question, "subAccount", "day"),
    readLabels(pool, "subAccount"),
    readAge(context, { periods: periodsOf(asked), scope: question.scope.map((row) => row.slice), asOf: null }),
  ]);
  if (age.completeTo === null) return [];
  const range: DayRange = { from: asked.from, to: addDays(age.completeTo, 1) };
  const days = bucketsOf(range, "day");
  const perDay = sum(cells.filter((cell) => cell.key === null).map((cell) => cell.amount)).dividedBy(
    Math.max(1, days.length),
  );
  const found = [...Map.groupBy(cells, (cell) => JSON.stringify([cell.currency, cell.key]))].flatMap(([, series]) => {
    const first = series[0];
    if (!first?.key) return [];
    const shift = findLevelShift(valuesOf(series, days));
    if (!shift) return [];
    const extra = decimal(shift.level).minus(shift.baseline);
    return extra.greaterThan(perDay.times(MATTERS)) ? [{ key: first.key, currency: first.currency, shift, extra }] : [];
  });
  return found
    .toSorted((a, b) => b.extra.comparedTo(a.extra))
    .map(({ key, currency, shift, extra }): AttentionItem => ({
      kind: "anomaly",
      title: `${labels.get(key)?.label ?? key} ${whenWords(shift, days)}`,
      detail: `${formatMoney(shift.level, currency)} a day instead of ${formatMoney(shift.baseline, currency)} (effective cost).`,
      amount: toAmount(extra.times(shift.until - shift.since)),
      currency,
      target: { page: "spend", team: null, service: null },
    }));
}

function whenWords(shift: LevelShift, days: readonly Day[]): string {
  const [first, last] = [days[shift.since], days[shift.until - 1]];
  if (!first || !last) return "costs more";
  return shift.until === days.length
    ? `costs more since ${formatDayOfMonth(first)}`
    : `cost more from ${formatDayOfMonth(first)} to ${formatDayOfMonth(last)}`;
}

function valuesOf(series: readonly { bucket: string; amount: Amount }[], days: readonly Day[]): Amount[] {
  const amounts = new Map(series.map((cell) => [cell.bucket, cell.amount]));
  return days.map((day) => amounts.get(day) ?? "0");
}
