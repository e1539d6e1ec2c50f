import type { SqlExecutor } from "#lib/db/activity.ts";
import { readCostScope } from "#lib/db/spend/cost-scope.ts";
import { countedText, IS_COUNTED_SQL } from "#lib/db/spend/spend-sql.ts";
import type { ChargeDimensions } from "#lib/domain/allocation/rule.ts";
import type { Amount } from "#lib/domain/money.ts";
import type { BillingPeriod } from "#lib/domain/period.ts";

/** One key of a period's roll-ups with its billed cost, whoever owns it now. */
export type KeyCost = { currency: string; dimensions: ChargeDimensions; billed: Amount; lineItems: number };

/** Every key of the period's cost that counts, once. */
export async function readKeyCosts(sql: SqlExecutor, period: BillingPeriod): Promise<KeyCost[]> {
  const slices = await readCostScope(sql, [period], null);
  const { rows } = await sql.query(
    `SELECT k.*, m.billed::text AS billed, m.line_items FROM charge_key k JOIN (
       SELECT m.key_id, sum(m.billed) AS billed, sum(m.line_items)::int AS line_items
       FROM cost_month m JOIN unnest($1::int[], $2::text[]) AS s (slice_id, counted) ON s.slice_id = m.slice_id
         JOIN charge_key k ON k.id = m.key_id
       WHERE ${IS_COUNTED_SQL} GROUP BY m.key_id
     ) m ON m.key_id = k.id`,
    [slices.map((slice) => slice.sliceId), slices.map(countedText)],
  );
  return rows.map((row) => ({
    currency: String(row.currency),
    billed: String(row.billed),
    lineItems: Number(row.line_items),
    dimensions: {
      provider: String(row.provider),
      billingAccountId: String(row.billing_account_id),
      subAccountId: String(row.sub_account_id),
      regionId: String(row.region_id),
      serviceCategory: String(row.service_category),
      serviceName: String(row.service_name),
      chargeCategory: String(row.charge_category),
      tags: row.tags as Record<string, string>,
      resourcePatterns: row.resource_patterns as string[],
    },
  }));
}
