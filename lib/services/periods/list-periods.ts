import { readCostScope } from "#lib/db/spend/cost-scope.ts";
import { countedText, IS_COUNTED_SQL } from "#lib/db/spend/spend-sql.ts";
import { coveragePercent } from "#lib/domain/change.ts";
import type { BillingPeriod } from "#lib/domain/period.ts";
import { decimal, toAmount } from "#lib/domain/money.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { PeriodView } from "#lib/services/periods/period-view.ts";

/** The billing periods that hold cost, newest first. */
export async function listPeriods(context: ServiceContext): Promise<PeriodView[]> {
  await authorise(context, "rules:read", "periods");
  const { pool } = context.database;
  const published = await pool.query<{ period: BillingPeriod }>(
    "SELECT DISTINCT period FROM slice WHERE dataset = 'cost' AND publication_id IS NOT NULL",
  );
  const slices = await readCostScope(
    pool,
    published.rows.map((row) => row.period),
    null,
  );
  const { rows } = await pool.query<Record<string, unknown>>(
    `SELECT s.period, c.closed_at, c.closed_by, k.currency, trim_scale(sum(m.billed))::text AS billed,
            trim_scale(coalesce(sum(m.billed) FILTER (WHERE m.owner_id = 0 AND m.pool_id = 0), 0))::text AS unallocated
     FROM unnest($1::int[], $2::text[], $3::text[]) AS s (slice_id, period, counted)
     JOIN cost_day_account m ON m.slice_id = s.slice_id JOIN charge_key k ON k.id = m.key_id
     LEFT JOIN closed_period c ON c.period = s.period
     WHERE ${IS_COUNTED_SQL} GROUP BY s.period, c.closed_at, c.closed_by, k.currency ORDER BY s.period DESC, sum(m.billed) DESC`,
    [slices.map((slice) => slice.sliceId), slices.map((slice) => slice.period), slices.map(countedText)],
  );
  return [...Map.groupBy(rows, (row) => String(row.period))].map(([period, parts]) => ({
    period: period as BillingPeriod,
    state: parts[0]?.closed_at ? "closed" : "open",
    closedAt: (parts[0]?.closed_at as Date | null)?.toISOString() ?? null,
    closedBy: (parts[0]?.closed_by as string | null) ?? null,
    totals: parts.map((part) => {
      const [billed, unallocated] = [String(part.billed), String(part.unallocated)];
      const direct = toAmount(decimal(billed).minus(unallocated));
      return {
        currency: String(part.currency),
        billed,
        unallocated,
        coveragePercent: coveragePercent({ direct, shared: "0", total: billed }),
      };
    }),
  }));
}
