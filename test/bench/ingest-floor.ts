import { availableParallelism } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { PoolClient } from "pg";
import { copyCsv } from "#lib/db/bulk-copy.ts";
import type { Database } from "#lib/db/client.ts";
import { RESOURCE_PATTERNS } from "#test/bench/ingest-rules.ts";

const TEXTS = [
  "BillingCurrency",
  "ProviderName",
  "BillingAccountId",
  "SubAccountId",
  "RegionId",
  "ServiceCategory",
  "ServiceName",
  "ChargeCategory",
];
const COSTS = ["BilledCost", "EffectiveCost", "ListCost", "ContractedCost"];

/** The least that anybody has to do: one GROUP BY of the columns that a roll-up keeps, and one COPY of its result. */
export async function ingestFloor(database: Database, file: string, folder: string): Promise<void> {
  const csv = join(folder, "floor.csv");
  const instance = await DuckDBInstance.create(":memory:", {
    threads: String(availableParallelism()),
    temp_directory: folder,
    preserve_insertion_order: "false",
  });
  const connection = await instance.connect();
  const patterns = RESOURCE_PATTERNS.map(
    (pattern, index) => `ResourceId ILIKE '${pattern.replaceAll("*", "%")}' AS pattern_${index}`,
  );
  const grouped = [...TEXTS, "Tags", ...patterns, "ChargePeriodStart::DATE AS day"].map((_, index) =>
    String(index + 1),
  );
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(
    `COPY (
       SELECT * REPLACE (to_json(Tags)::VARCHAR AS Tags) FROM (
         SELECT ${[...TEXTS, "Tags", ...patterns].join(", ")}, ChargePeriodStart::DATE AS day,
           ${COSTS.map((cost) => `sum(${cost})::DECIMAL(38,12) AS ${cost}`).join(", ")}, count(*)::INTEGER AS line_items
         FROM read_parquet('${file.replaceAll("'", "''")}') GROUP BY ${grouped.join(", ")}
       )
     ) TO '${csv.replaceAll("'", "''")}' (FORMAT csv, HEADER false)`,
  );
  connection.closeSync();
  instance.closeSync();
  await database.transact(({ sql }) => load(sql, csv));
}

async function load(sql: PoolClient, csv: string): Promise<void> {
  const keys = [...TEXTS, "Tags", ...RESOURCE_PATTERNS.map((_, index) => `pattern_${index}`), "day"];
  const typeOf = (name: string) =>
    name === "day" ? "date" : name.startsWith("pattern_") ? "boolean" : name === "Tags" ? "jsonb" : "text";
  await sql.query(
    `CREATE TABLE floor (${keys.map((name) => `${name} ${typeOf(name)}`).join(", ")}, ${COSTS.map((cost) => `${cost} numeric(38,12)`).join(", ")},
       line_items int, PRIMARY KEY (${keys.join(", ")}))`,
  );
  await copyCsv(sql, "floor", [...keys, ...COSTS, "line_items"].join(", "), csv);
}
