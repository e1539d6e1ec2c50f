import type { SqlExecutor } from "#lib/db/activity.ts";
import type { ChargeDimensions } from "#lib/domain/allocation/rule.ts";

export type AllocatedKey = { key: ChargeDimensions; ownerId: number; poolId: number };

/** The keys of a published slice, each with the owner and the pool that it is given to; 0 = none. A key given to two comes twice. */
export async function readAllocatedKeys(sql: SqlExecutor, sliceId: number): Promise<AllocatedKey[]> {
  const { rows } = await sql.query(
    `SELECT a.owner_id, a.pool_id, k.currency, k.provider, k.billing_account_id, k.sub_account_id, k.region_id, k.service_category, k.service_name,
       k.charge_category, k.environment, k.tags, k.resource_patterns
     FROM (SELECT DISTINCT key_id, owner_id, pool_id FROM cost_month WHERE slice_id = $1) a JOIN charge_key k ON k.id = a.key_id`,
    [sliceId],
  );
  return rows.map((row) => ({
    ownerId: Number(row["owner_id"]),
    poolId: Number(row["pool_id"]),
    key: {
      currency: String(row["currency"]),
      provider: String(row["provider"]),
      billingAccountId: String(row["billing_account_id"]),
      subAccountId: String(row["sub_account_id"]),
      regionId: String(row["region_id"]),
      serviceCategory: String(row["service_category"]),
      serviceName: String(row["service_name"]),
      chargeCategory: String(row["charge_category"]),
      environment: String(row["environment"]),
      tags: row["tags"] as Record<string, string>,
      resourcePatterns: row["resource_patterns"] as string[],
    },
  }));
}
