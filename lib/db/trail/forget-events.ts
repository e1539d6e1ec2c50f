import type { SqlExecutor } from "#lib/db/activity.ts";
import { heldCondition } from "#lib/db/trail/holds.ts";
import { STORED_COLUMNS, type StoredEvent } from "#lib/db/trail/read-event-range.ts";
import { keepTerm, type KeepClass } from "#lib/domain/trail/retention.ts";
import { startOfDay, termHash } from "#lib/domain/trail/event-terms.ts";
import type { Sha256Hex } from "#lib/domain/trail/event-leaf.ts";

/** Where a batch goes on. */
export type ExpiredPlace = { at: Date; seq: number };

/** Stretches of days, a month's at the most, that still have records of the class from before `before`, oldest first. */
export async function readExpiredMonths(
  sql: SqlExecutor,
  sha256Hex: Sha256Hex,
  { keepClass, before }: { keepClass: KeepClass; before: Date },
): Promise<{ month: string; from: Date; to: Date; events: number }[]> {
  const { rows } = await sql.query(
    `SELECT to_char(to_timestamp(day::float8 * 86400), 'YYYY-MM') AS month, min(day) AS first, max(day) AS last, sum(count)::float8 AS events
     FROM event_term_day WHERE term = $1 AND day < event_day($2) AND count > 0 GROUP BY 1 ORDER BY 1`,
    [termHash(sha256Hex, keepTerm(keepClass)), before],
  );
  return rows.map(({ month, first, last, events }) => ({
    month: String(month),
    from: startOfDay(Number(first)),
    to: startOfDay(Number(last) + 1),
    events: Number(events),
  }));
}

/** Events of a class that were not dropped yet and that nothing holds, in order of time after `after`. */
export async function readExpiredEvents(
  sql: SqlExecutor,
  wanted: { keepClass: KeepClass; from: Date; to: Date; now: Date; after: ExpiredPlace; limit: number },
): Promise<StoredEvent[]> {
  const { keepClass, from, to, now, after, limit } = wanted;
  const { rows } = await sql.query(
    `SELECT ${STORED_COLUMNS} FROM event e
     WHERE occurred_at >= $1 AND occurred_at < $2 AND (occurred_at, seq) > ($5, $6) AND (body IS NOT NULL OR actor <> '')
       AND event_keep_class(source_key, action, verb_class) = $3 AND NOT ${heldCondition("$4")}
     ORDER BY occurred_at, seq LIMIT ${limit}`,
    [from, to, keepClass, now, after.at, after.seq],
  );
  return rows as StoredEvent[];
}

/** What stays of an event: its columns with what they say of a person and to what, its commitments. */
export type Stub = Pick<
  StoredEvent,
  | "seq"
  | "occurredAt"
  | "actor"
  | "actorKind"
  | "person"
  | "teamKey"
  | "sourceAddress"
  | "action"
  | "resource"
  | "commitments"
>;

/** Takes the records away and leaves the stubs. The trail only grows for everybody else: this one transaction may do it. */
export async function writeStubs(sql: SqlExecutor, stubs: readonly Stub[], forgottenBy: number): Promise<void> {
  await sql.query("SELECT set_config('bursar.trail_maintenance', 'on', true)");
  const { rowCount } = await sql.query(
    `UPDATE event e SET body = NULL, salt = NULL, commitments = s.commitments, actor = s.actor, actor_kind = s."actorKind", person = s.person,
       team_key = s."teamKey", source_address = s."sourceAddress", action = s.action, resource = s.resource, mfa = NULL, forgotten_by = $2
     FROM jsonb_to_recordset($1::jsonb) AS s (seq bigint, "occurredAt" timestamptz, commitments jsonb, actor text, "actorKind" text, person text,
       "teamKey" text, "sourceAddress" text, action text, resource text)
     WHERE e.seq = s.seq AND e.occurred_at = s."occurredAt"`,
    [JSON.stringify(stubs), forgottenBy],
  );
  if (rowCount !== stubs.length)
    throw new Error(`${rowCount} of ${stubs.length} events were changed, although the log has one writer.`);
  await sql.query("SELECT set_config('bursar.trail_maintenance', '', true)");
}

/** Removes entries of Bursar's own log, whose copies in the trail are dropped in the same transaction. */
export async function removeActivity(sql: SqlExecutor, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql.query("SELECT set_config('bursar.trail_maintenance', 'on', true)");
  await sql.query("DELETE FROM activity WHERE id = ANY($1::bigint[])", [ids]);
  await sql.query("SELECT set_config('bursar.trail_maintenance', '', true)");
}

export async function addForgetting(
  sql: SqlExecutor,
  row: {
    kind: "retention" | "pseudonym";
    at: Date;
    keepClass: KeepClass | null;
    rule: string;
    month: string | null;
    entries: number;
  },
): Promise<number> {
  const { rows } = await sql.query(
    `INSERT INTO event_forgetting (kind, at, keep_class, rule, month, entries) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
    [row.kind, row.at, row.keepClass, row.rule, row.month, row.entries],
  );
  return Number(rows[0]?.["id"]);
}
