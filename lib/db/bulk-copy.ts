import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { PoolClient } from "pg";
import { from as copyFrom } from "pg-copy-streams";

/** Loads a CSV file without header into a table and answers how many rows; the columns stand in the file's order. Names are ours, never input. */
export async function copyCsv(sql: PoolClient, table: string, columns: string, file: string): Promise<number> {
  const target = sql.query(copyFrom(`COPY ${table} (${columns}) FROM STDIN (FORMAT csv)`));
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), target);
  return target.rowCount;
}
