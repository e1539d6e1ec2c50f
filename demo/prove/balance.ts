import { readCostScope, type ScopedSlice } from "#lib/db/spend/cost-scope.ts";
import { COST_BASES, decimal, sum, toAmount, type Amount, type CostBasis } from "#lib/domain/money.ts";
import { billingPeriod, rangeOf } from "#lib/domain/period.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { readSpend } from "#lib/services/spend/read-spend.ts";
import { sliceTruth, type SliceTruth } from "#demo/estate/truth.ts";
import type { Measure } from "#demo/prove/measure.ts";
import type { ProvedEstate } from "#demo/prove/proved-estate.ts";

const RELATIONS = ["cost_day", "cost_month", "cost_day_account", "cost_day_service"] as const;

/**
 * Every source, period, currency and basis: what the owners, the pools and nobody have adds up to what the provider billed, in every
 * roll-up, and each of the three is what the generator planted.
 */
export async function proveBalance({ database, truth, context }: ProvedEstate): Promise<Measure[]> {
  const periods = [...new Set(truth.slices.map((slice) => slice.period))];
  const scope = await readCostScope(database.pool, periods, null);
  const measures: Measure[] = [];
  for (const slice of scope) {
    const isRestated = slice.sourceKey === truth.restatement.source && slice.period === truth.restatement.period;
    const planted = sliceTruth(truth, slice.sourceKey as SliceTruth["source"], slice.period, isRestated ? 2 : 1);
    measures.push(...(await proveSlice(database.pool, slice, planted)));
  }
  measures.push(...(await proveShares(context(), truth)));
  const loaded = scope.map((slice) => `${slice.sourceKey} ${slice.period}`).toSorted();
  const delivered = [
    ...new Set(truth.slices.map((slice) => `${slice.source} ${billingPeriod(slice.period)}`)),
  ].toSorted();
  measures.push({ promise: "balance", measure: "slices", expected: delivered.join(", "), found: loaded.join(", ") });
  return measures;
}

/** As /spend shows it by team: the teams' shares add up to the pools, and everything to the bill, in each month and currency. */
async function proveShares(context: ServiceContext, truth: ProvedEstate["truth"]): Promise<Measure[]> {
  const measures: Measure[] = [];
  for (const period of new Set(truth.slices.map((slice) => slice.period)))
    for (const basis of COST_BASES) {
      const view = await readSpend(context, {
        ...rangeOf(period),
        basis,
        groupBy: "team",
        granularity: "day",
        compare: "none",
        currency: null,
        filters: {},
        kinds: [],
        asOf: null,
      });
      for (const section of view.sections) {
        const planted = newest(truth, period, section.currency);
        const say = (measure: string, expected: Amount, found: Amount) =>
          measures.push({
            promise: "balance",
            measure: `/spend ${period} ${section.currency} ${basis}: ${measure}`,
            expected,
            found,
          });
        say("the bar's right edge", toAmount(sum(planted.map((slice) => slice.totals[basis]))), section.bar.total);
        say("difference to the bill", "0", section.bar.difference ?? "none");
        say(
          "teams' shares = pools",
          toAmount(sum(planted.flatMap((slice) => Object.values(slice.pools).map((pool) => pool[basis])))),
          toAmount(sum(section.rows.map((row) => row.shared))),
        );
        say("all rows of the table", section.bar.total, toAmount(sum(section.rows.map((row) => row.amount))));
        say(
          "all days of the trend",
          section.bar.total,
          toAmount(sum(section.trend.series.flatMap((one) => one.values.filter((value) => value !== null)))),
        );
      }
    }
  return measures;
}

/** The deliveries that count for a month, the second one where there were two. */
function newest(truth: ProvedEstate["truth"], period: string, currency: string): SliceTruth[] {
  const ofMonth = truth.slices.filter((slice) => slice.period === period && slice.currency === currency);
  return ofMonth.filter(
    (slice) => slice.version === 2 || !ofMonth.some((other) => other.source === slice.source && other.version === 2),
  );
}

type Pool = ProvedEstate["database"]["pool"];

async function proveSlice(pool: Pool, slice: ScopedSlice, planted: SliceTruth): Promise<Measure[]> {
  const measures: Measure[] = [];
  const name = `${slice.sourceKey} ${slice.period} ${planted.currency}`;
  const say = (measure: string, expected: Amount, found: Amount) =>
    measures.push({ promise: "balance", measure: `${name} ${measure}`, expected, found });
  const rows = await readParts(pool, slice.sliceId);
  for (const basis of COST_BASES) {
    const part = (keep: (row: PartRow) => boolean) =>
      toAmount(sum(rows.filter((row) => row.currency === planted.currency && keep(row)).map((row) => row[basis])));
    const direct = part((row) => row.team !== "" && row.pool === "");
    const pools = part((row) => row.pool !== "");
    const unallocated = part((row) => row.team === "" && row.pool === "");
    say(
      `${basis}: owners + pools + unallocated = billed`,
      plain(planted.totals[basis]),
      toAmount(sum([direct, pools, unallocated])),
    );
    say(`${basis}: control total`, plain(planted.totals[basis]), slice.totals[planted.currency]?.[basis] ?? "none");
    say(`${basis}: owners`, plainSum(planted.direct, basis), direct);
    say(`${basis}: pools`, plainSum(planted.pools, basis), pools);
    say(`${basis}: unallocated`, plain(planted.unallocated[basis]), unallocated);
    for (const team of new Set([
      ...Object.keys(planted.direct),
      ...rows.filter((row) => row.pool === "" && row.team !== "").map((row) => row.team),
    ]))
      say(
        `${basis}: ${team}`,
        plain(planted.direct[team]?.[basis] ?? "0"),
        part((row) => row.team === team && row.pool === ""),
      );
    for (const unit of Object.keys(planted.directByBusinessUnit))
      say(
        `${basis}: business unit ${unit}`,
        plain(planted.directByBusinessUnit[unit]?.[basis] ?? "0"),
        part((row) => row.unit === unit && row.pool === ""),
      );
    for (const key of new Set([
      ...Object.keys(planted.pools),
      ...rows.map((row) => row.pool).filter((one) => one !== ""),
    ]))
      say(
        `${basis}: pool ${key}`,
        plain(planted.pools[key]?.[basis] ?? "0"),
        part((row) => row.pool === key),
      );
  }
  for (const relation of RELATIONS) {
    const found = await pool.query<Record<CostBasis, Amount> & { line_items: string }>(
      `SELECT ${COST_BASES.map((basis) => `trim_scale(sum(${basis}))::text AS ${basis}`).join(", ")}, sum(line_items) AS line_items FROM ${relation} WHERE slice_id = $1`,
      [slice.sliceId],
    );
    for (const basis of COST_BASES)
      say(`${basis}: ${relation}`, plain(planted.totals[basis]), plain(found.rows[0]?.[basis] ?? "0"));
    say(`line items: ${relation}`, String(planted.lineItems), String(found.rows[0]?.line_items ?? 0));
  }
  return measures;
}

type PartRow = Record<CostBasis, Amount> & { currency: string; team: string; unit: string; pool: string };

async function readParts(pool: Pool, sliceId: number): Promise<PartRow[]> {
  const { rows } = await pool.query<PartRow>(
    `SELECT k.currency, o.team_key AS team, o.business_unit_key AS unit, p.key AS pool, ${COST_BASES.map((basis) => `sum(c.${basis})::text AS ${basis}`).join(", ")}
     FROM cost_day c JOIN charge_key k ON k.id = c.key_id JOIN owner o ON o.id = c.owner_id JOIN pool p ON p.id = c.pool_id
     WHERE c.slice_id = $1 GROUP BY 1, 2, 3, 4`,
    [sliceId],
  );
  return rows;
}

function plain(amount: Amount): Amount {
  return toAmount(decimal(amount));
}

function plainSum(parts: Record<string, Record<CostBasis, Amount>>, basis: CostBasis): Amount {
  return toAmount(sum(Object.values(parts).map((part) => part[basis])));
}
