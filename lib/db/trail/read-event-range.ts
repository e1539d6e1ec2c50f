import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Commitments } from "#lib/domain/trail/event-leaf.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";

/** An event as its row has it. `body` is deflated; it is null once its retention ended. */
export type StoredEvent = Omit<TrailEvent, "body"> & {
  seq: number;
  receivedAt: Date;
  body: Uint8Array | null;
  salt: Uint8Array | null;
  commitments: Commitments | null;
  /** What took its record away, by the database's word; see EventForgetting. */
  forgottenBy: number | null;
};

/** Beyond the end of the log a few are enough to say that they are there. */
const MOST_BEYOND = 100;

/** An event's row as StoredEvent has it. */
export const STORED_COLUMNS = `seq::float8 AS seq, occurred_at AS "occurredAt", received_at AS "receivedAt", source_key AS "sourceKey",
  event_key AS "eventKey", actor, actor_kind AS "actorKind", person, team_key AS "teamKey", action, verb_class AS "verbClass", resource,
  account_id AS "accountId", cluster_key AS "clusterKey", namespace, region, outcome, source_address AS "sourceAddress", mfa, body, salt, commitments,
  forgotten_by AS "forgottenBy"`;

/** The events of `[from, to)` in order; `to` null: some of all that come after, and of those that come before the first. */
export async function readEventRange(sql: SqlExecutor, from: number, to: number | null): Promise<StoredEvent[]> {
  const { rows } =
    to === null
      ? await sql.query(
          `SELECT ${STORED_COLUMNS} FROM event WHERE seq >= $1 OR seq < 0 ORDER BY seq LIMIT ${MOST_BEYOND}`,
          [from],
        )
      : await sql.query(`SELECT ${STORED_COLUMNS} FROM event WHERE seq >= $1 AND seq < $2 ORDER BY seq, occurred_at`, [
          from,
          to,
        ]);
  return rows as StoredEvent[];
}
