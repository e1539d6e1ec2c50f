import type { PoolClient } from "pg";
import type { TrailEvent, VerbClass } from "#lib/domain/trail/trail-event.ts";
import { appendEvents, MOST_EVENTS } from "#lib/services/trail/append-events.ts";

/** The source of what was done in Bursar itself. */
export const OWN_SOURCE = "bursar";

/**
 * Numbers are given before their transactions commit, so that an entry may become visible after ones with higher numbers. So many below
 * the newest sealed one are looked at again.
 */
const LATE_ENTRIES = 10_000;

type ActivityRow = {
  id: string;
  at: Date;
  actor_id: string;
  role: string;
  action: string;
  subject: string;
  before: unknown;
  after: unknown;
};

/** Appends what Bursar's own log has and the trail has not yet, at most MOST_EVENTS entries. Answers how many came, and whether more wait. */
export async function sealActivity(sql: PoolClient, now: Date): Promise<{ appended: number; more: boolean }> {
  const { rows } = await sql.query<ActivityRow>(
    `WITH newest AS (SELECT coalesce(max(event_key::bigint), 0) AS id FROM (
       SELECT event_key FROM event WHERE source_key = $1 ORDER BY occurred_at DESC LIMIT ${LATE_ENTRIES}) e)
     SELECT a.* FROM activity a, newest WHERE a.id > newest.id - ${LATE_ENTRIES} AND NOT EXISTS (
       SELECT 1 FROM event e WHERE e.source_key = $1 AND e.event_key = a.id::text AND e.occurred_at = date_trunc('milliseconds', a.at))
     ORDER BY a.id LIMIT ${MOST_EVENTS + 1}`,
    [OWN_SOURCE],
  );
  const taken = rows.slice(0, MOST_EVENTS);
  const { appended } = await appendEvents(sql, taken.map(toEvent), now);
  return { appended, more: rows.length > MOST_EVENTS };
}

function toEvent(row: ActivityRow): TrailEvent {
  return {
    occurredAt: row.at,
    sourceKey: OWN_SOURCE,
    eventKey: row.id,
    actor: row.actor_id,
    actorKind: row.role === "system" ? "system" : "user",
    person: row.actor_id.includes("@") ? row.actor_id.toLowerCase() : null,
    teamKey: null,
    action: row.action,
    verbClass: verbClassOf(row.action),
    resource: row.subject,
    accountId: null,
    clusterKey: null,
    namespace: null,
    region: null,
    outcome: row.action === "permission.refused" ? "denied" : "success",
    sourceAddress: null,
    mfa: null,
    body: new TextEncoder().encode(JSON.stringify(row)),
  };
}

/** Entries are named by noun and past verb: "report.downloaded", "rule.saved". */
function verbClassOf(action: string): VerbClass {
  if (/\.(downloaded|exported|read|viewed|refused)$/.test(action)) return "read";
  return /^(permission|session|signing-key|retention|hold|pseudonym)\./.test(action) ? "admin" : "write";
}
