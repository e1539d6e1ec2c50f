import type { SqlExecutor } from "#lib/db/activity.ts";
import { rangeOf, type BillingPeriod, type Day } from "#lib/domain/period.ts";
import { decimal, toAmount, type Amount } from "#lib/domain/money.ts";

export type ConversionRate = { period: BillingPeriod; from: string; to: string; factor: Amount; day: Day };

/** Significant decimals of a factor; amounts keep 12, so that nothing a person could see is lost. */
const FACTOR_DECIMALS = 20;

/**
 * The factor from each currency to `to` for each billing period, keyed "2026-03 USD": the last reference rates published in the
 * period, or before its end where it is still running. Rates quoted against a third currency are crossed.
 */
export async function readConversionRates(
  sql: SqlExecutor,
  periods: readonly BillingPeriod[],
  to: string,
  asOf: Date | null,
): Promise<Map<string, ConversionRate>> {
  const ends = periods.map((period) => rangeOf(period).to);
  const { rows } = await sql.query(
    `SELECT e.period, r.currency, r.base, r.rate::text AS rate, r.day::text AS day
     FROM unnest($1::text[], $2::date[]) AS e (period, period_end)
     CROSS JOIN LATERAL (
       SELECT DISTINCT ON (currency, base) currency, base, rate, day FROM exchange_rate
       WHERE day < e.period_end AND ($3::timestamptz IS NULL OR day <= $3::timestamptz)
       ORDER BY currency, base, day DESC
     ) r`,
    [periods, ends, asOf],
  );
  const result = new Map<string, ConversionRate>();
  for (const period of periods) {
    const quotes = rows.filter((row) => row.period === period);
    for (const base of new Set(quotes.map((row) => String(row.base)))) {
      // Units of each currency for one unit of the base; the base itself is one.
      const units = new Map(
        quotes
          .filter((row) => row.base === base)
          .map((row) => [String(row.currency), { rate: String(row.rate), day: row.day as Day }]),
      );
      const target = to === base ? { rate: "1", day: null } : units.get(to);
      if (!target) continue;
      const lastDay = [...units.values()]
        .map((unit) => unit.day)
        .toSorted()
        .at(-1);
      for (const [currency, unit] of [...units, [base, { rate: "1", day: lastDay }] as const]) {
        if (currency === to || !unit.day || result.has(`${period} ${currency}`)) continue;
        const factor = toAmount(decimal(target.rate).dividedBy(unit.rate).toDecimalPlaces(FACTOR_DECIMALS));
        result.set(`${period} ${currency}`, { period, from: currency, to, factor, day: unit.day });
      }
    }
  }
  return result;
}
