import type { SqlExecutor } from "#lib/db/activity.ts";
import { openRows, type OpenRows } from "#lib/db/open-rows.ts";
import type { PersonalUse } from "#lib/db/trail/makings.ts";
import type { ChangeTicket } from "#lib/domain/trail/change-ticket.ts";
import type { Making } from "#lib/domain/trail/making.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";

/** A row with the entry of the log that it was made of; null = there is none. */
export type Placed<Row> = Row & { seq: number | null };

const TICKET_COLUMNS = `source_key AS "sourceKey", number, updated_at AS "updatedAt", seq::float8 AS seq, person, planned_from AS "from", planned_to AS "to",
  is_approved AS "isApproved"`;

/** All versions of change requests, by entry. */
export function openTickets(sql: SqlExecutor): Promise<OpenRows<Placed<ChangeTicket>>> {
  return openRows(sql, "stored_tickets", `SELECT ${TICKET_COLUMNS} FROM change_ticket ORDER BY seq`);
}

/** All that says who made something, by entry; what no entry tells of comes last. */
export function openMakings(sql: SqlExecutor): Promise<OpenRows<Placed<Making>>> {
  return openRows(
    sql,
    "stored_makings",
    `SELECT m.source_key AS "sourceKey", m.event_key AS "eventKey", m.kind, m.cluster_key AS "clusterKey", m.name, m.uid, m.at, m.actor, m.person, m.through,
       e.seq::float8 AS seq
     FROM making m LEFT JOIN event e ON e.source_key = m.source_key AND e.event_key = m.event_key AND e.occurred_at = m.at ORDER BY e.seq NULLS LAST`,
  );
}

/** The entry that a version of a change request is said to be of; null where there is no such version. */
export async function readTicketEntry(
  sql: SqlExecutor,
  { sourceKey, number, updatedAt }: ChangeTicket,
): Promise<number | null> {
  const { rows } = await sql.query(
    "SELECT seq::float8 AS seq FROM change_ticket WHERE source_key = $1 AND number = $2 AND updated_at = $3",
    [sourceKey, number, updatedAt],
  );
  return rows[0] === undefined ? null : Number(rows[0]["seq"]);
}

type UsePlace = Pick<PersonalUse, "clusterKey" | "namespace" | "at">;

/** Which of the namespaces, by their place in the list, have no newest change by a person, or an older one. */
export async function lackingUses(sql: SqlExecutor, uses: readonly UsePlace[]): Promise<number[]> {
  if (uses.length === 0) return [];
  const { rows } = await sql.query(
    `SELECT i.n::int - 1 AS n FROM unnest($1::text[], $2::text[], $3::timestamptz[]) WITH ORDINALITY AS i (cluster_key, namespace, at, n)
     WHERE NOT EXISTS (SELECT FROM namespace_person_use u WHERE u.cluster_key = i.cluster_key AND u.namespace = i.namespace AND u.at >= i.at)`,
    [
      uses.map(({ clusterKey }) => clusterKey),
      uses.map(({ namespace }) => namespace),
      uses.map(({ at }) => at.toISOString()),
    ],
  );
  return rows.map(({ n }) => Number(n));
}

/**
 * No entry tells of the newest change by a person `u`. Whose it was, and what it was called, is not told any more by an entry without its record, nor by one of somebody who
 * got one of the pseudonyms $1.
 */
const IS_UNTOLD_USE = `NOT EXISTS (SELECT FROM event e WHERE e.occurred_at = u.at AND e.cluster_key = u.cluster_key AND e.namespace = u.namespace
  AND (e.action = u.action OR e.body IS NULL) AND e.verb_class <> 'read' AND e.outcome = 'success' AND e.resource !~ '^namespaces(/|$)'
  AND (e.person = u.person OR e.body IS NULL OR e.person IS NOT NULL AND u.person = ANY($1)))`;

/** Newest changes by persons that no entry tells of, at most `limit`. */
export async function readUntoldUses(
  sql: SqlExecutor,
  { pseudonyms, limit }: { pseudonyms: readonly string[]; limit: number },
): Promise<PersonalUse[]> {
  const { rows } = await sql.query(
    `SELECT u.cluster_key AS "clusterKey", u.namespace, u.at, u.person, u.action FROM namespace_person_use u WHERE ${IS_UNTOLD_USE} LIMIT $2`,
    [pseudonyms, limit],
  );
  return rows as PersonalUse[];
}

/** Takes away what no entry is there for. */
export async function removeStrays(sql: SqlExecutor, pseudonyms: readonly string[]): Promise<void> {
  await sql.query(
    "DELETE FROM change_ticket c WHERE NOT EXISTS (SELECT FROM event e WHERE e.seq = c.seq AND e.occurred_at = c.updated_at)",
  );
  await sql.query(
    "DELETE FROM making m WHERE NOT EXISTS (SELECT FROM event e WHERE e.source_key = m.source_key AND e.event_key = m.event_key AND e.occurred_at = m.at)",
  );
  await sql.query(`DELETE FROM namespace_person_use u WHERE ${IS_UNTOLD_USE}`, [pseudonyms]);
}

/** Takes away the change requests and makings of these entries. */
export async function removeToldBy(
  sql: SqlExecutor,
  events: readonly (Pick<TrailEvent, "sourceKey" | "eventKey" | "occurredAt"> & { seq: number })[],
): Promise<void> {
  const keys = [
    events.map(({ sourceKey }) => sourceKey),
    events.map(({ eventKey }) => eventKey),
    events.map(({ occurredAt }) => occurredAt.toISOString()),
  ];
  await sql.query("DELETE FROM change_ticket c USING unnest($1::bigint[]) AS i (seq) WHERE c.seq = i.seq", [
    events.map(({ seq }) => seq),
  ]);
  await sql.query(
    `DELETE FROM making m USING unnest($1::text[], $2::text[], $3::timestamptz[]) AS i (source_key, event_key, at)
     WHERE m.source_key = i.source_key AND m.event_key = i.event_key AND m.at = i.at`,
    keys,
  );
}
