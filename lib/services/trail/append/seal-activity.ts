import type { PoolClient } from "pg";
import { ACTIVITY_COLUMNS, type ActivityRow } from "#lib/db/activity.ts";
import type { TrailEvent, VerbClass } from "#lib/domain/trail/trail-event.ts";
import { AppError } from "#lib/errors.ts";
import { appendEvents, MOST_EVENTS } from "#lib/services/trail/append/append-events.ts";

/** The source of what was done in Bursar itself. */
export const OWN_SOURCE = "bursar";

/** Batches of 20,000 entries that may wait to be taken into the log. */
const MOST_WAITING = 50;

/** Appends what of Bursar's own log waits to come into the trail, at most MOST_EVENTS entries. Answers how many came, and whether more wait. */
export async function sealActivity(sql: PoolClient, now: Date): Promise<{ appended: number; more: boolean }> {
  const { rows } = await sql.query<ActivityRow>(
    `SELECT ${ACTIVITY_COLUMNS} FROM activity_waiting JOIN activity USING (id) ORDER BY id LIMIT ${MOST_EVENTS + 1}`,
  );
  const taken = rows.slice(0, MOST_EVENTS);
  if (taken.length === 0) return { appended: 0, more: false };
  const { appended } = await appendEvents(sql, taken.map(toEvent), now);
  await sql.query("DELETE FROM activity_waiting WHERE id = ANY($1::bigint[])", [taken.map(({ id }) => id)]);
  return { appended, more: rows.length > MOST_EVENTS };
}

/** Brings whatever waits in Bursar's own log into the trail, in the caller's transaction. @throws AppError "limit_reached". */
export async function sealAll(sql: PoolClient, at: Date): Promise<void> {
  for (let batch = 0; batch < MOST_WAITING; batch++) if (!(await sealActivity(sql, at)).more) return;
  throw new AppError(
    "limit_reached",
    "More of Bursar's own log waits to come into the trail than one transaction takes.",
    {
      remedy: "Try again in a few minutes.",
    },
  );
}

/** The record of an entry's event. */
export function activityRecord(row: ActivityRow): string {
  return JSON.stringify(row);
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
    body: new TextEncoder().encode(activityRecord(row)),
  };
}

/** Entries are named by noun and past verb: "report.downloaded", "rule.saved". Who signs in changes no permission, here as in AWS. */
function verbClassOf(action: string): VerbClass {
  if (/\.(downloaded|exported|read|viewed|refused)$/.test(action)) return "read";
  return /^(permission|signing-key|retention|hold|pseudonym)\./.test(action) ? "admin" : "write";
}
