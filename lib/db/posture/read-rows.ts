import type { Readable } from "node:stream";
import type { Pool, PoolClient } from "pg";
import { to as copyTo } from "pg-copy-streams";
import type { Sql } from "#lib/db/posture/population-sql.ts";

/** Rows that are fetched at once: some megabytes. */
const BATCH_ROWS = 5_000;

/** Sorting a million rows by name spills to disk otherwise; each process that sorts takes its own. */
const SORT_MEMORY = "SET LOCAL work_mem = '192MB'";

/** The rows of a statement in batches, all of one instant of the database. Ends its transaction when the caller stops. */
export async function* readBatches(pool: Pool, { text, values }: Sql): AsyncGenerator<Record<string, unknown>[]> {
  const client = await pool.connect();
  try {
    await begin(client);
    await client.query({ text: `DECLARE streamed NO SCROLL CURSOR FOR ${text}`, values });
    for (;;) {
      const { rows } = await client.query<Record<string, unknown>>(`FETCH ${BATCH_ROWS} FROM streamed`);
      if (rows.length === 0) return;
      yield rows;
    }
  } finally {
    await end(client);
  }
}

/** Hands what a statement answers over as CSV without a header, as the database writes it. Answers the rows and what `consume` answered. */
export async function copyRows<T>(
  pool: Pool,
  { text, values }: Sql,
  consume: (bytes: Readable) => Promise<T>,
): Promise<{ rows: number; consumed: T }> {
  const client = await pool.connect();
  try {
    await begin(client);
    const stream = client.query(copyTo(`COPY (${inlined(client, text, values)}) TO STDOUT (FORMAT csv)`));
    const consumed = await consume(stream);
    await end(client);
    return { rows: stream.rowCount, consumed };
  } catch (thrown) {
    // The database may still be writing to somebody who no longer listens: only ending the connection stops it.
    client.release(true);
    throw thrown;
  }
}

async function begin(client: PoolClient): Promise<void> {
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  await client.query(SORT_MEMORY);
}

/** A connection that cannot even roll back is of no more use. */
async function end(client: PoolClient): Promise<void> {
  const broken = await client.query("ROLLBACK").then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  client.release(broken);
}

/** COPY takes no parameters, so that they are written into its text, quoted by the driver. */
function inlined(client: PoolClient, text: string, values: readonly unknown[]): string {
  return text.replaceAll(/\$(\d+)/g, (_, number: string) => literal(client, values[Number(number) - 1]));
}

function literal(client: PoolClient, value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (Array.isArray(value))
    return value.length === 0 ? "'{}'" : `ARRAY[${value.map((one) => literal(client, one)).join(",")}]`;
  if (typeof value === "number") return String(value);
  return client.escapeLiteral(value instanceof Date ? value.toISOString() : String(value));
}
