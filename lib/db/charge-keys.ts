import type { PoolClient } from "pg";
import { copyCsv } from "#lib/db/bulk-copy.ts";

const COLUMNS =
  "hash, grain, currency, provider, billing_account_id, sub_account_id, region_id, service_category, service_name, charge_category, environment, tags, resource_patterns";

/**
 * Looks the keys of a CSV file (columns as COLUMNS; tags and resource patterns as JSON text) up in the dictionary,
 * adds those that are not there, and answers hash (32 hex digits) → id. Runs in the caller's transaction.
 */
export async function resolveChargeKeys(sql: PoolClient, file: string): Promise<Map<string, number>> {
  await sql.query(`
    CREATE TEMP TABLE incoming_key (
      hash text, grain text, currency text, provider text, billing_account_id text, sub_account_id text, region_id text,
      service_category text, service_name text, charge_category text, environment text, tags text, resource_patterns text
    ) ON COMMIT DROP`);
  // An unquoted empty CSV field reads as null; these columns have no nulls, so the null marker is one that cannot occur.
  await copyCsv(sql, "incoming_key", COLUMNS, file);
  // Sorted, so that two runs that add the same keys wait for each other instead of deadlocking.
  await sql.query(`
    INSERT INTO charge_key (${COLUMNS})
    SELECT i.hash::uuid, i.grain, i.currency, coalesce(i.provider, ''), coalesce(i.billing_account_id, ''), coalesce(i.sub_account_id, ''),
           coalesce(i.region_id, ''), coalesce(i.service_category, ''), coalesce(i.service_name, ''), coalesce(i.charge_category, ''),
           coalesce(i.environment, ''), coalesce(i.tags, '{}')::jsonb,
           ARRAY(SELECT jsonb_array_elements_text(coalesce(i.resource_patterns, '[]')::jsonb))
    FROM incoming_key i
    WHERE NOT EXISTS (SELECT FROM charge_key k WHERE k.hash = i.hash::uuid)
    ORDER BY i.hash
    ON CONFLICT (hash) DO NOTHING`);
  const { rows } = await sql.query<{ hash: string; id: number }>(
    `SELECT i.hash, k.id FROM incoming_key i JOIN charge_key k ON k.hash = i.hash::uuid`,
  );
  return new Map(rows.map(({ hash, id }) => [hash, id]));
}
