import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import type { ChargeFiles } from "#lib/db/dump-charges.ts";

/** Memory for a re-allocation: roll-ups are a fraction of the line items. */
const SCRATCH_MEMORY = "512MB";

/** A private DuckDB that spills into the folder. */
export async function openScratch(folder: string): Promise<{ connection: DuckDBConnection; close(): Promise<void> }> {
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: SCRATCH_MEMORY,
    temp_directory: folder,
    threads: "2",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  return {
    connection,
    close: async () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Leaves a published slice's charges in the tables of a CostReading: `charge`, `charge_key` and an empty `account`. */
export async function loadCharges(connection: DuckDBConnection, files: ChargeFiles): Promise<void> {
  const path = (file: string) => `'${file.replaceAll("'", "''")}'`;
  await connection.run(`
    CREATE TABLE charge AS SELECT * FROM read_csv(${path(files.charges)}, header = false, columns = {
      key_no: 'INTEGER', day: 'DATE', billed: 'DECIMAL(38,12)', effective: 'DECIMAL(38,12)', list: 'DECIMAL(38,12)',
      contracted: 'DECIMAL(38,12)', line_items: 'INTEGER' })`);
  await connection.run(`
    CREATE TABLE charge_key AS SELECT * FROM read_csv(${path(files.keys)}, header = false, quote = '"', escape = '"', columns = {
      key_no: 'INTEGER', hash: 'VARCHAR', currency: 'VARCHAR', provider: 'VARCHAR', billing_account_id: 'VARCHAR',
      sub_account_id: 'VARCHAR', region_id: 'VARCHAR', service_category: 'VARCHAR', service_name: 'VARCHAR',
      charge_category: 'VARCHAR', environment: 'VARCHAR', tags: 'VARCHAR', resource_patterns: 'VARCHAR' })`);
  // Empty fields of the dictionary are '' and not null, whatever the CSV reader makes of them.
  for (const column of [
    "billing_account_id",
    "sub_account_id",
    "region_id",
    "service_category",
    "service_name",
    "charge_category",
    "environment",
  ])
    await connection.run(`UPDATE charge_key SET ${column} = '' WHERE ${column} IS NULL`);
  await connection.run(
    "CREATE TABLE account (provider VARCHAR, account_id VARCHAR, name VARCHAR, billing_account_id VARCHAR)",
  );
}
