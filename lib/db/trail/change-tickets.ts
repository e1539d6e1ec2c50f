import type { SqlExecutor } from "#lib/db/activity.ts";
import type { ChangeTicket } from "#lib/domain/trail/change-ticket.ts";

/** Keeps versions of change requests. `seq`: the entry of the log that tells of it. */
export async function writeChangeTickets(
  sql: SqlExecutor,
  tickets: readonly (ChangeTicket & { seq: number })[],
): Promise<void> {
  if (tickets.length === 0) return;
  await sql.query(
    `INSERT INTO change_ticket (source_key, number, updated_at, seq, person, planned_from, planned_to, is_approved)
     SELECT "sourceKey", number, "updatedAt", seq, person, "from", "to", "isApproved"
     FROM jsonb_to_recordset($1::jsonb) AS i ("sourceKey" text, number text, "updatedAt" timestamptz, seq bigint, person text, "from" timestamptz,
       "to" timestamptz, "isApproved" boolean)
     ON CONFLICT DO NOTHING`,
    [JSON.stringify(tickets)],
  );
}

/**
 * True of an event that an approved change covers: one that is assigned to its person, at a time that was planned, by the newest version that the log
 * has up to and with the entry `through`.
 *
 * @param through SQL of a number; null = all of the log.
 */
export function coveredByTicket(through: string | null): string {
  const known = (alias: string) => (through === null ? "" : ` AND ${alias}.seq <= ${through}`);
  return `EXISTS (SELECT FROM change_ticket c WHERE c.person = event.person AND c.is_approved
    AND event.occurred_at >= c.planned_from AND event.occurred_at < c.planned_to${known("c")}
    AND NOT EXISTS (SELECT FROM change_ticket n WHERE n.source_key = c.source_key AND n.number = c.number AND n.updated_at > c.updated_at${known("n")}))`;
}
