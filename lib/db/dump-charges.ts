import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { PoolClient } from "pg";
import { to as copyTo } from "pg-copy-streams";

export type ChargeFiles = { charges: string; keys: string };

/** Writes a published slice as it was before it was allocated: its charges by key and day, and their keys, as CSV files without header. */
export async function dumpCharges(sql: PoolClient, sliceId: number, folder: string): Promise<ChargeFiles> {
  const files = { charges: join(folder, "charges.csv"), keys: join(folder, "keys.csv") };
  const id = Math.trunc(sliceId);
  await copyOut(
    sql,
    `SELECT key_id, day, sum(billed), sum(effective), sum(list), sum(contracted), sum(line_items)
     FROM cost_day WHERE slice_id = ${id} GROUP BY key_id, day`,
    files.charges,
  );
  await copyOut(
    sql,
    `SELECT id, replace(hash::text, '-', ''), currency, provider, billing_account_id, sub_account_id, region_id, service_category, service_name,
            charge_category, environment, tags::text, to_jsonb(resource_patterns)::text
     FROM charge_key WHERE id IN (SELECT DISTINCT key_id FROM cost_month WHERE slice_id = ${id})`,
    files.keys,
  );
  return files;
}

async function copyOut(sql: PoolClient, query: string, file: string): Promise<void> {
  await pipeline(sql.query(copyTo(`COPY (${query}) TO STDOUT (FORMAT csv, FORCE_QUOTE *)`)), createWriteStream(file));
}
