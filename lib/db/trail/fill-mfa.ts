import type { SqlExecutor } from "#lib/db/activity.ts";
import { STORED_COLUMNS, type StoredEvent } from "#lib/db/trail/read-event-range.ts";
import { BLOCK_ENTRIES, unpackPlaces } from "#lib/domain/trail/places.ts";

/** The entry below which sign-ins are still to be given what their records say of a second factor; null where nothing is to be done. */
export async function readMfaFill(sql: SqlExecutor): Promise<number | null> {
  const { rows } = await sql.query("SELECT below::float8 AS below FROM event_fill WHERE field = 'mfa'");
  return rows[0] === undefined ? null : Number(rows[0]["below"]);
}

export async function endMfaFill(sql: SqlExecutor): Promise<void> {
  await sql.query("DELETE FROM event_fill WHERE field = 'mfa'");
}

/** Entries below `below` that have one of the terms, each once, ascending. */
export async function readEntriesWith(sql: SqlExecutor, terms: readonly number[], below: number): Promise<number[]> {
  const { rows } = await sql.query(
    "SELECT block, count, places AS bytes FROM event_term_day WHERE term = ANY($1::bigint[]) AND block <= $2",
    [terms, Math.floor(below / BLOCK_ENTRIES)],
  );
  const entries = (rows as { block: number; count: number; bytes: Uint8Array }[]).flatMap(({ block, ...places }) =>
    unpackPlaces(places).map((place) => block * BLOCK_ENTRIES + place),
  );
  return [...new Set(entries)].filter((entry) => entry < below).toSorted((a, b) => a - b);
}

/** Those of the entries that have a record and say nothing of a second factor. */
export async function readWithoutMfa(sql: SqlExecutor, entries: readonly number[]): Promise<StoredEvent[]> {
  const { rows } = await sql.query(
    `SELECT ${STORED_COLUMNS} FROM event WHERE seq = ANY($1::bigint[]) AND mfa IS NULL AND body IS NOT NULL ORDER BY seq`,
    [entries],
  );
  return rows as StoredEvent[];
}

/** The trail only grows for everybody else: this one transaction may fill what is not there. */
export async function writeMfa(
  sql: SqlExecutor,
  events: readonly Pick<StoredEvent, "seq" | "occurredAt" | "mfa">[],
): Promise<void> {
  await sql.query("SELECT set_config('bursar.trail_maintenance', 'on', true)");
  await sql.query(
    `UPDATE event e SET mfa = f.mfa FROM unnest($1::bigint[], $2::timestamptz[], $3::text[]) AS f (seq, occurred_at, mfa)
     WHERE e.seq = f.seq AND e.occurred_at = f.occurred_at AND e.mfa IS NULL`,
    [
      events.map(({ seq }) => seq),
      events.map(({ occurredAt }) => occurredAt.toISOString()),
      events.map(({ mfa }) => mfa),
    ],
  );
  await sql.query("SELECT set_config('bursar.trail_maintenance', '', true)");
}
