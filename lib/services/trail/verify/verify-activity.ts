import type { ActivityRow, SqlExecutor } from "#lib/db/activity.ts";
import type { StoredEvent } from "#lib/db/trail/read-event-range.ts";
import { readActivity, readUnsealed } from "#lib/db/trail/sealed-activity.ts";
import { isIndexed } from "#lib/services/trail/append/index-terms.ts";
import { activityRecord, OWN_SOURCE } from "#lib/services/trail/append/seal-activity.ts";
import { unpackBody } from "#lib/services/trail/append/stored-body.ts";
import type { DerivedCheck, Findings, TrailDamage } from "#lib/services/trail/verify/trail-damage.ts";

/** Entries of Bursar's own log that are asked for by name where the trail does not have them. */
const MOST_UNSEALED = 1_000;
const NUMBER = /^[1-9]\d{0,17}$/;

/**
 * Holds Bursar's own log to what the trail has of it. Of an entry with a pseudonym what was before and after is not told by the trail any more, and of one whose
 * time is over nothing may be left.
 */
export function watchActivity(sql: SqlExecutor, findings: Findings): DerivedCheck {
  return {
    async pass({ sound }) {
      const own = sound.filter(({ sourceKey }) => sourceKey === OWN_SOURCE);
      if (own.length === 0) return;
      const ids = own.map(({ eventKey }) => eventKey).filter((key) => NUMBER.test(key));
      const rows = await readActivity(sql, ids);
      for (const event of own) {
        const wrong = wrongWith(event, rows.get(event.eventKey));
        if (wrong !== null)
          findings.add(activityDamage(event.seq, `Entry ${event.eventKey} of Bursar's own log ${wrong}.`));
      }
    },
    async end() {
      const { passedOver, gone } = await readUnsealed(sql, { sourceKey: OWN_SOURCE, limit: MOST_UNSEALED });
      for (const id of passedOver)
        findings.add(
          activityDamage(
            null,
            `Entry ${id} of Bursar's own log is not in the trail, and does not wait to come into it.`,
          ),
        );
      for (const id of gone)
        findings.add(activityDamage(null, `Entry ${id} of Bursar's own log is gone, and was not in the trail yet.`));
    },
  };
}

/** What is wrong with the entry that an event was made of, as the end of a sentence; null = nothing. */
function wrongWith(event: StoredEvent, row: ActivityRow | undefined): string | null {
  if (!isIndexed(event)) return row ? `is there, although the trail dropped it as entry ${event.seq}` : null;
  if (row === undefined) return `is gone; the trail has it as entry ${event.seq}`;
  return isAsSealed(event, row) ? null : `is not what entry ${event.seq} of the trail has of it`;
}

function isAsSealed(event: StoredEvent, row: ActivityRow): boolean {
  if (event.body !== null) return activityRecord(row) === unpackBody(event.body).toString("utf8");
  const { actor, action, resource, occurredAt } = event;
  const isSameTime = row.at.getTime() === occurredAt.getTime();
  return isSameTime && row.actor_id === actor && row.action === action && row.subject === resource;
}

function activityDamage(seq: number | null, message: string): TrailDamage {
  return { kind: "activity", seq, message };
}
