import type { SqlExecutor } from "#lib/db/activity.ts";
import type { ChargeDimensions } from "#lib/domain/allocation/rule.ts";
import type { Amount } from "#lib/domain/money.ts";
import type { BillingPeriod } from "#lib/domain/period.ts";

/** One key of a period's roll-ups with its billed cost, whoever owns it now. */
export type KeyCost = { currency: string; dimensions: ChargeDimensions; billed: Amount; lineItems: number };

export async function readKeyCosts(sql: SqlExecutor, period: BillingPeriod): Promise<KeyCost[]> {
  const { rows } = await sql.query(
    `SELECT k.*, m.billed::text AS billed, m.line_items FROM charge_key k JOIN (
       SELECT key_id, sum(billed) AS billed, sum(line_items)::int AS line_items FROM cost_month
       WHERE slice_id IN (SELECT id FROM slice WHERE dataset = 'cost' AND period = $1) GROUP BY key_id
     ) m ON m.key_id = k.id`,
    [period],
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
