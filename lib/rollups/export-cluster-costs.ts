import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";

/** Writes the reading's table `cluster_cost` (see ClusterCostReading) as a CSV file without header, in the database's column order. */
export async function exportClusterCosts(
  connection: DuckDBConnection,
  sliceId: number,
  folder: string,
): Promise<string> {
  const file = join(folder, "cluster_cost.csv");
  // An empty text has quotes, for an empty field would be null.
  const texts = "cluster_key, kind, resource_id, namespace, account, currency";
  await connection.run(
    `COPY (SELECT ${sliceId}, cluster_key, strftime(starts_at, '%Y-%m-%dT%H:%M:%SZ'), hours, kind, resource_id, namespace, account, currency, billed, effective, line_items
       FROM cluster_cost ORDER BY cluster_key, starts_at) TO '${file.replaceAll("'", "''")}' (FORMAT csv, HEADER false, FORCE_QUOTE (${texts}))`,
  );
  return file;
}
