import type { Database } from "#lib/db/client.ts";

const BATCH_ROWS = 5_000;

/**
 * The rows of a query in batches, through a cursor: memory does not grow with them. All of them are of one moment, whatever is written meanwhile.
 */
export async function* streamRows<Row>(
  { pool }: Database,
  text: string,
  values: unknown[],
  toRow: (row: Record<string, unknown>) => Row,
): AsyncGenerator<Row[]> {
  const client = await pool.connect();
  let isDone = false;
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    await client.query(`DECLARE report NO SCROLL CURSOR FOR ${text}`, values);
    // A cursor ends: each fetch takes rows that there are, and the first one that is not full is the last.
    for (let isLast = false; !isLast;) {
      const { rows } = await client.query<Record<string, unknown>>(`FETCH ${BATCH_ROWS} FROM report`);
      isLast = rows.length < BATCH_ROWS;
      if (rows.length > 0) yield rows.map(toRow);
    }
    await client.query("COMMIT");
    isDone = true;
  } finally {
    // Whoever stops in the middle leaves a transaction open, which ends with its connection.
    client.release(!isDone);
  }
}
