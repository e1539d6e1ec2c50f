import { readCostScope, type ScopedSlice } from "#lib/db/spend/cost-scope.ts";
import { COST_BASES, decimal, sum, toAmount, type Amount, type CostBasis } from "#lib/domain/money.ts";
import { billingPeriod } from "#lib/domain/period.ts";
import { sliceTruth, type SliceTruth } from "#demo/estate/truth.ts";
import type { Measure } from "#demo/prove/measure.ts";
import type { ProvedEstate } from "#demo/prove/proved-estate.ts";

const RELATIONS = ["cost_day", "cost_month", "cost_day_account", "cost_day_service"] as const;

/**
 * Every source, period, currency and basis: what the owners, the pools and nobody have adds up to what the provider billed, in every
 * roll-up, and each of the three is what the generator planted.
 */
export async function proveBalance({ database, truth }: ProvedEstate): Promise<Measure[]> {
  const periods = [...new Set(truth.slices.map((slice) => slice.period))];
  const scope = await readCostScope(database.pool, periods, null);
  const measures: Measure[] = [];
  for (const slice of scope) {
    const isRestated = slice.sourceKey === truth.restatement.source && slice.period === truth.restatement.period;
    const planted = sliceTruth(truth, slice.sourceKey as SliceTruth["source"], slice.period, isRestated ? 2 : 1);
    measures.push(...(await proveSlice(database.pool, slice, planted)));
  }
  const loaded = scope.map((slice) => `${slice.sourceKey} ${slice.period}`).toSorted();
  const delivered = [...new Set(truth.slices.map((slice) => `${slice.source} ${billingPeriod(slice.period)}`))].toSorted();
  measures.push({ promise: "balance", measure: "slices", expected: delivered.join(", "), found: loaded.join(", ") });
  return measures;
}

type Pool = ProvedEstate["database"]["pool"];

async function proveSlice(pool: Pool, slice: ScopedSlice, planted: SliceTruth): Promise<Measure[]> {
  const measures: Measure[] = [];
  const name = `${slice.sourceKey} ${slice.period} ${planted.currency}`;
  const say = (measure: string, expected: Amount, found: Amount) => measures.push({ promise: "balance", measure: `${name} ${measure}`, expected, found });
  const rows = await readParts(pool, slice.sliceId);
  for (const basis of COST_BASES) {
    const part = (keep: (row: PartRow) => boolean) => toAmount(sum(rows.filter((row) => row.currency === planted.currency && keep(row)).map((row) => row[basis])));
    const direct = part((row) => row.team !== "" && row.pool === "");
    const pools = part((row) => row.pool !== "");
    const unallocated = part((row) => row.team === "" && row.pool === "");
    say(`${basis}: owners + pools + unallocated = billed`, plain(planted.totals[basis]), toAmount(sum([direct, pools, unallocated])));
    say(`${basis}: control total`, plain(planted.totals[basis]), slice.totals[planted.currency]?.[basis] ?? "none");
    say(`${basis}: owners`, plainSum(planted.direct, basis), direct);
    say(`${basis}: pools`, plainSum(planted.pools, basis), pools);
    say(`${basis}: unallocated`, plain(planted.unallocated[basis]), unallocated);
    for (const team of new Set([...Object.keys(planted.direct), ...rows.filter((row) => row.pool === "" && row.team !== "").map((row) => row.team)]))
      say(`${basis}: ${team}`, plain(planted.direct[team]?.[basis] ?? "0"), part((row) => row.team === team && row.pool === ""));
    for (const unit of Object.keys(planted.directByBusinessUnit))
      say(`${basis}: business unit ${unit}`, plain(planted.directByBusinessUnit[unit]?.[basis] ?? "0"), part((row) => row.unit === unit && row.pool === ""));
    for (const key of new Set([...Object.keys(planted.pools), ...rows.map((row) => row.pool).filter((one) => one !== "")]))
      say(`${basis}: pool ${key}`, plain(planted.pools[key]?.[basis] ?? "0"), part((row) => row.pool === key));
  }
  for (const relation of RELATIONS) {
    const found = await pool.query<Record<CostBasis, Amount> & { line_items: string }>(
      `SELECT ${COST_BASES.map((basis) => `trim_scale(sum(${basis}))::text AS ${basis}`).join(", ")}, sum(line_items) AS line_items FROM ${relation} WHERE slice_id = $1`,
      [slice.sliceId],
    );
    for (const basis of COST_BASES) say(`${basis}: ${relation}`, plain(planted.totals[basis]), plain(found.rows[0]?.[basis] ?? "0"));
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
