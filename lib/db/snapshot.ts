import type { Pool, PoolClient } from "pg";

/** Sorting what a log has is done on disk otherwise; one process at a time sorts so much. */
const SORT_MEMORY = "SET LOCAL work_mem = '192MB'";

/** Runs `work` on one state of the database, however long it takes and whatever is written meanwhile. Nothing can be written in it. */
export async function inSnapshot<T>(pool: Pool, work: (sql: PoolClient) => Promise<T>): Promise<T> {
  const sql = await pool.connect();
  let isDone = false;
  try {
    await sql.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    await sql.query(SORT_MEMORY);
    const result = await work(sql);
    await sql.query("COMMIT");
    isDone = true;
    return result;
  } finally {
    // Whoever fails in the middle leaves a transaction open, which ends with its connection.
    sql.release(!isDone);
  }
}
