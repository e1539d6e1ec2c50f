import type { SqlExecutor } from "#lib/db/activity.ts";
import { numberArray, textArray } from "#lib/db/array-literal.ts";

type Key = { sourceKey: string; eventKey: string; occurredAt: Date };

/** Which of the events, by their place in the list, the log has already. At least one is asked for. */
export async function findKnown(sql: SqlExecutor, events: readonly Key[]): Promise<number[]> {
  const instants = events.map(({ occurredAt }) => occurredAt.getTime());
  const { rows } = await sql.query(
    `SELECT w.n::int - 1 AS n FROM unnest($1::text[], $2::text[], $3::float8[]) WITH ORDINALITY AS w (source_key, event_key, at, n)
     JOIN event e ON e.source_key = w.source_key AND e.event_key = w.event_key AND e.occurred_at = to_timestamp(w.at / 1000)
     WHERE e.occurred_at BETWEEN $4 AND $5`,
    [
      textArray(events.map(({ sourceKey }) => sourceKey)),
      textArray(events.map(({ eventKey }) => eventKey)),
      numberArray(instants),
      // Months that none of them fall in need not be looked through.
      new Date(Math.min(...instants)),
      new Date(Math.max(...instants)),
    ],
  );
  return rows.map(({ n }) => Number(n));
}
