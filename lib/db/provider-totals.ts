import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Amounts } from "#lib/domain/money.ts";

/** What one provider's line items of some slices add up to, and how much of it (billed) has an owner. */
export type ProviderTotals = Amounts & {
  currency: string;
  provider: string;
  lineItems: number;
  billedWithOwner: string;
};

/** Per currency and provider, of the published figures of one source; largest first. */
export async function readProviderTotals(sql: SqlExecutor, sourceKey: string): Promise<ProviderTotals[]> {
  const { rows } = await sql.query(
    `SELECT k.currency, k.provider, ${["billed", "effective", "list", "contracted"].map((basis) => `trim_scale(sum(m.${basis}))::text AS ${basis}`).join(", ")},
            sum(m.line_items)::int AS line_items,
            trim_scale(coalesce(sum(m.billed) FILTER (WHERE m.owner_id > 0 OR m.pool_id > 0), 0))::text AS billed_with_owner
     FROM slice s JOIN cost_month m ON m.slice_id = s.id JOIN charge_key k ON k.id = m.key_id
     WHERE s.source_key = $1 AND s.dataset = 'cost' GROUP BY k.currency, k.provider ORDER BY k.currency, sum(m.billed) DESC`,
    [sourceKey],
  );
  return rows.map((row) => ({
    currency: String(row.currency),
    provider: String(row.provider),
    billed: String(row.billed),
    effective: String(row.effective),
    list: String(row.list),
    contracted: String(row.contracted),
    lineItems: Number(row.line_items),
    billedWithOwner: String(row.billed_with_owner),
  }));
}
