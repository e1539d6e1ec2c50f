import { ACTIVITY_COLUMNS, type ActivityRow, type SqlExecutor } from "#lib/db/activity.ts";

/** Entries of Bursar's own log, by their numbers as texts. */
export async function readActivity(sql: SqlExecutor, ids: readonly string[]): Promise<Map<string, ActivityRow>> {
  const { rows } = await sql.query(`SELECT ${ACTIVITY_COLUMNS} FROM activity WHERE id = ANY($1::bigint[])`, [ids]);
  return new Map((rows as ActivityRow[]).map((row) => [row.id, row]));
}

/** Numbers of entries, at most `limit` of each: those that neither are in the trail nor wait to come into it, and those that wait and are gone. */
export async function readUnsealed(
  sql: SqlExecutor,
  { sourceKey, limit }: { sourceKey: string; limit: number },
): Promise<{ passedOver: string[]; gone: string[] }> {
  const passedOver = await sql.query(
    `SELECT a.id FROM activity a WHERE NOT EXISTS (SELECT FROM activity_waiting w WHERE w.id = a.id)
       AND NOT EXISTS (SELECT FROM event e WHERE e.source_key = $1 AND e.event_key = a.id::text) ORDER BY a.id LIMIT $2`,
    [sourceKey, limit],
  );
  const gone = await sql.query(
    "SELECT w.id FROM activity_waiting w WHERE NOT EXISTS (SELECT FROM activity a WHERE a.id = w.id) ORDER BY w.id LIMIT $1",
    [limit],
  );
  return { passedOver: passedOver.rows.map(({ id }) => String(id)), gone: gone.rows.map(({ id }) => String(id)) };
}
