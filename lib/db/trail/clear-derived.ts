import type { SqlExecutor } from "#lib/db/activity.ts";

/** The event that a row was made of has been dropped. */
const isDropped = (place: string) => `EXISTS (SELECT FROM event e WHERE ${place} AND e.body IS NULL AND e.actor = '')`;

/** The organisation had the account `name`, and has it no longer. */
const isGone = (name: string) =>
  `EXISTS (SELECT FROM cloud_account a WHERE a.account_id = ${name}) AND NOT EXISTS (SELECT FROM cloud_account a WHERE a.account_id = ${name} AND a.seen_to IS NULL)`;

const NAMESPACE_IS_THERE = `EXISTS (SELECT FROM namespace n WHERE n.cluster_key = m.cluster_key AND n.name = m.name AND n.seen_to IS NULL
  AND (m.uid = n.uid OR m.uid IS NULL AND n.created_at BETWEEN m.at - interval '1 second' AND m.at + interval '1 minute'))`;

/** Is there still something that is owned by what this making says? */
const IS_EVIDENCE = `CASE m.kind WHEN 'namespace' THEN ${NAMESPACE_IS_THERE}
  WHEN 'account-request' THEN EXISTS (SELECT FROM making r WHERE r.source_key = m.source_key AND r.kind = 'account-result' AND r.uid = m.uid
    AND NOT (${isGone("r.name")}))
  ELSE NOT (${isGone("m.name")}) END`;

/** Events of the ticket's person on the days for which it was planned: with the person's name in them, and what it covers. */
const COVERS_SOMETHING = `EXISTS (SELECT FROM event_term_day d WHERE d.term = event_term_hash('person=' || c.person)
    AND d.day BETWEEN event_day(c.planned_from) AND event_day(c.planned_to))
  AND NOT EXISTS (SELECT FROM change_ticket n WHERE n.source_key = c.source_key AND n.number = c.number AND n.updated_at > c.updated_at)`;

export type ClearedRows = Record<"making" | "namespace_person_use" | "change_ticket" | "finding", number>;

/**
 * Takes the person out of what was made of events that have been dropped. Who made something stays for as long as it is there, for that is why it has its
 * owner; a change request keeps whose it is while the log has what it covers.
 *
 * @param before the latest instant before which events of any class are dropped.
 * @param samplesBefore the earliest one of all classes; null = of some class everything is kept.
 */
export async function clearDerived(
  sql: SqlExecutor,
  { before, samplesBefore }: { before: Date; samplesBefore: Date | null },
): Promise<ClearedRows> {
  const makings = await sql.query(
    `DELETE FROM making m WHERE m.at < $1 AND NOT (${IS_EVIDENCE})
       AND ${isDropped("e.source_key = m.source_key AND e.event_key = m.event_key AND e.occurred_at = m.at")}`,
    [before],
  );
  const uses = await sql.query(
    `UPDATE namespace_person_use u SET person = '' WHERE u.at < $1 AND u.person <> '' AND NOT EXISTS (SELECT FROM event e
       WHERE e.occurred_at = u.at AND e.cluster_key = u.cluster_key AND e.namespace = u.namespace AND e.person = u.person)`,
    [before],
  );
  const tickets = await sql.query(
    `UPDATE change_ticket c SET person = NULL WHERE c.updated_at < $1 AND c.person IS NOT NULL AND NOT (${COVERS_SOMETHING})
       AND ${isDropped("e.seq = c.seq AND e.occurred_at = c.updated_at")}`,
    [before],
  );
  const samples = await sql.query(
    `UPDATE finding f SET sample = NULL FROM slice s WHERE s.id = f.slice_id AND s.dataset = 'events' AND f.sample IS NOT NULL
       AND coalesce(f.found_at, '-infinity') < $1`,
    [samplesBefore ?? "-infinity"],
  );
  return {
    making: makings.rowCount ?? 0,
    namespace_person_use: uses.rowCount ?? 0,
    change_ticket: tickets.rowCount ?? 0,
    finding: samples.rowCount ?? 0,
  };
}
