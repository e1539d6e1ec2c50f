import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Relation } from "#lib/db/cost-relations.ts";

const SUMS =
  "sum(billed)::DECIMAL(38,12), sum(effective)::DECIMAL(38,12), sum(list)::DECIMAL(38,12), sum(contracted)::DECIMAL(38,12), sum(line_items)::INTEGER";

/**
 * Writes `allocated` and its three coarser sums as CSV files without header, in the databases' column order.
 * `coarse_id(key_id, account_key_id, service_key_id)` must be there.
 */
export async function exportRelations(
  connection: DuckDBConnection,
  sliceId: number,
  publicationId: number,
  folder: string,
): Promise<Record<Relation, string>> {
  const selects: Record<Relation, string> = {
    // A key has one owner or pool, so that `allocated` has one row a key and day already.
    cost_day: `SELECT ${sliceId}, key_id, day, owner_id, pool_id, billed, effective, list, contracted, line_items, ${publicationId} FROM allocated ORDER BY key_id, day`,
    cost_month: `SELECT ${sliceId}, owner_id, key_id, pool_id, ${SUMS} FROM allocated GROUP BY owner_id, key_id, pool_id ORDER BY owner_id, key_id`,
    cost_day_account: `SELECT ${sliceId}, day, account_key_id, owner_id, pool_id, ${SUMS} FROM allocated JOIN coarse_id USING (key_id) GROUP BY day, account_key_id, owner_id, pool_id ORDER BY day`,
    cost_day_service: `SELECT ${sliceId}, day, service_key_id, ${SUMS} FROM allocated JOIN coarse_id USING (key_id) GROUP BY day, service_key_id ORDER BY day`,
  };
  const files = {} as Record<Relation, string>;
  for (const relation of Object.keys(selects) as Relation[]) {
    const file = join(folder, `${relation}.csv`);
    await connection.run(`COPY (${selects[relation]}) TO '${file.replaceAll("'", "''")}' (FORMAT csv, HEADER false)`);
    files[relation] = file;
  }
  return files;
}

/** Per currency, what `allocated` adds up to: must equal the control totals. */
export async function readAllocatedTotals(
  connection: DuckDBConnection,
): Promise<Record<string, { billed: string; effective: string; list: string; contracted: string; lineItems: number }>> {
  const result = await connection.run(`
    SELECT k.currency, sum(billed)::VARCHAR, sum(effective)::VARCHAR, sum(list)::VARCHAR, sum(contracted)::VARCHAR, sum(line_items)::BIGINT
    FROM allocated JOIN assignment USING (key_id) JOIN charge_key k USING (key_no) GROUP BY k.currency`);
  const totals: Awaited<ReturnType<typeof readAllocatedTotals>> = {};
  for (const [currency, billed, effective, list, contracted, lineItems] of await result.getRowsJson())
    totals[String(currency)] = {
      billed: String(billed),
      effective: String(effective),
      list: String(list),
      contracted: String(contracted),
      lineItems: Number(lineItems),
    };
  return totals;
}
