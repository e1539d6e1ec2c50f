import type { DuckDBConnection } from "@duckdb/node-api";
import { KEY_COLUMNS } from "#lib/domain/key-columns.ts";

/** The dimensions that a coarse roll-up keeps; all others are '' in its keys. */
const GRAINS = {
  account: ["currency", "provider", "billing_account_id", "sub_account_id"],
  service: ["currency", "provider", "service_category", "service_name", "charge_category"],
} as const;

/**
 * Makes `dictionary_key(hash, grain, <KEY_COLUMNS>)`, every key that this slice needs in the database's dictionary,
 * and `coarse_key(key_no, account_hash, service_hash)`, from each full key to its coarse ones.
 */
export async function makeDictionaryKeys(connection: DuckDBConnection): Promise<void> {
  const coarse = (grain: keyof typeof GRAINS) => {
    const kept: readonly string[] = GRAINS[grain];
    return KEY_COLUMNS.map((column) => {
      if (kept.includes(column)) return column;
      return column === "tags"
        ? "'{}' AS tags"
        : column === "resource_patterns"
          ? "'[]' AS resource_patterns"
          : `'' AS ${column}`;
    }).join(", ");
  };
  const hash = (grain: keyof typeof GRAINS) => `md5(concat_ws(chr(31), '${grain}', ${GRAINS[grain].join(", ")}))`;
  await connection.run(`
    CREATE OR REPLACE TABLE coarse_key AS SELECT key_no, ${hash("account")} AS account_hash, ${hash("service")} AS service_hash FROM charge_key`);
  await connection.run(`
    CREATE OR REPLACE TABLE dictionary_key AS
    SELECT hash, 'full' AS grain, ${KEY_COLUMNS.join(", ")} FROM charge_key
    UNION ALL SELECT DISTINCT ${hash("account")}, 'account', ${coarse("account")} FROM charge_key
    UNION ALL SELECT DISTINCT ${hash("service")}, 'service', ${coarse("service")} FROM charge_key`);
}
