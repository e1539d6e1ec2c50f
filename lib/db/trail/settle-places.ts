import type { SqlExecutor } from "#lib/db/activity.ts";

/** Blocks of the log, `[from, to)`, to which nothing will be added, and whose places lie in the order in which they came. */
export async function readUnsettled(sql: SqlExecutor): Promise<{ from: number; to: number }> {
  const { rows } = await sql.query('SELECT settled_block AS "from", open_block AS "to" FROM event_term_state');
  return (rows[0] ?? { from: 0, to: 0 }) as { from: number; to: number };
}

/**
 * Moves the places that terms `[from, to)` have in blocks below `below` to where they lie beside each other, and answers how many rows that were. What searches find stays the same. Under the
 * log's lock.
 */
export async function settlePlaces(
  sql: SqlExecutor,
  { from, to }: { from: number; to: number },
  below: number,
): Promise<number> {
  const { rowCount } = await sql.query(
    `WITH moved AS (DELETE FROM event_term_day_recent WHERE term >= $1 AND term < $2 AND block < $3 RETURNING *)
     INSERT INTO event_term_day_settled (term, day, block, piece, count, places, settled)
     SELECT term, day, block, piece, count, places, true FROM moved ORDER BY term, day, block, piece`,
    [from, to, below],
  );
  return rowCount ?? 0;
}

/** All blocks below `to` are settled, unless all were made anew since those from `from` on were begun with. Under the log's lock. */
export async function endSettling(sql: SqlExecutor, { from, to }: { from: number; to: number }): Promise<void> {
  await sql.query("UPDATE event_term_state SET settled_block = $2 WHERE settled_block = $1", [from, to]);
}
