import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Day, DayRange } from "#lib/domain/period.ts";
import type { ApiCount, ApiOperationDay } from "#lib/services/api/api-bill-view.ts";

export type BilledDay = ApiOperationDay & { sourceKey: string };

const COUNTS = `sum(requests)::int AS requests, sum(throttled)::int AS throttled, sum(failed)::int AS failed,
  trim_scale(coalesce(sum(price_usd), 0))::text AS price_usd`;

/** The bill by source, day and operation, over all runs, accounts and regions; by source, then by day. */
export async function readBill(sql: SqlExecutor, range: DayRange): Promise<BilledDay[]> {
  const { rows } = await sql.query(
    `SELECT source_key, day::text AS day, api, operation, ${COUNTS} FROM api_request WHERE day >= $1 AND day < $2
     GROUP BY source_key, day, api, operation ORDER BY source_key, day, api, operation`,
    [range.from, range.to],
  );
  return rows.map((row) => ({
    sourceKey: String(row.source_key),
    day: String(row.day) as Day,
    api: String(row.api),
    operation: String(row.operation),
    ...toCount(row),
  }));
}

function toCount(row: Record<string, unknown>): ApiCount {
  return {
    requests: Number(row.requests ?? 0),
    throttled: Number(row.throttled ?? 0),
    failed: Number(row.failed ?? 0),
    priceUsd: String(row.price_usd ?? "0"),
  };
}
