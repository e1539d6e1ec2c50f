import type { PoolClient } from "pg";
import type { ActivityRow } from "#lib/db/activity.ts";
import { readEventRange, type StoredEvent } from "#lib/db/trail/read-event-range.ts";
import { readFrontier } from "#lib/db/trail/merkle-tiles.ts";
import { readActivity } from "#lib/db/trail/sealed-activity.ts";
import { changeTerms } from "#lib/db/trail/write-terms.ts";
import { EVERY_EVENT, termHash } from "#lib/domain/trail/event-terms.ts";
import { toHex } from "#lib/domain/trail/event-leaf.ts";
import { NOBODY, rowText, type Forgetting } from "#lib/domain/trail/forgetting.ts";
import { keepClassOf, PROOF_CLASS } from "#lib/domain/trail/retention.ts";
import { appendEvents } from "#lib/services/trail/append/append-events.ts";
import { FORGETTING_ACTIONS } from "#lib/services/trail/retention/forget-batch.ts";
import { indexTerms, isIndexed, placeTerms } from "#lib/services/trail/append/index-terms.ts";
import { activityRecord, OWN_SOURCE } from "#lib/services/trail/append/seal-activity.ts";
import { sha256, sha256Hex } from "#lib/services/trail/append/seal-events.ts";
import { leafOfStored, openStored } from "#lib/services/trail/verify/stored-leaf.ts";

const DAY_MS = 86_400_000;

export type Forged = {
  kind: Forgetting["kind"];
  /** Who stands in the columns afterwards; "" = nobody, as retention leaves it. */
  actor: string;
  /** Days from the event to what is said to be the end of its time, and from there to when it is said to have been dropped. */
  days: [number, number];
};

/**
 * What an owner of the database does who knows Bursar well: takes the record of the event at `seq` away, and appends an entry in Bursar's name,
 * with its leaf, its tiles and a commitment to whatever is left, to Bursar's own log and to the trail, and keeps the index as it has to be. Answers the entry's place.
 */
export async function forgeForgetting(sql: PoolClient, seq: number, { kind, actor, days }: Forged): Promise<number> {
  const [event] = await readEventRange(sql, seq, seq + 1);
  const [opened, leaf] = [event && openStored(event), event && leafOfStored(event)];
  if (!event || !opened || !leaf) throw new Error(`The log that is attacked has no entry ${seq}.`);
  const left = { ...event, ...NOBODY, actor };
  const before = new Date(event.occurredAt.getTime() + days[0] * DAY_MS);
  const keepClass = keepClassOf(event);
  const after: Forgetting = {
    kind,
    rule: kind === "retention" ? `${keepClass}, kept ${days[1]} days` : "order 2026-10-01-00000000",
    keepClass: kind === "pseudonym" || keepClass === PROOF_CLASS ? null : keepClass,
    before: kind === "pseudonym" ? null : before.toISOString(),
    entries: 1,
    places: String(seq),
    leaves: toHex(sha256(leaf)),
    rows: { [String(seq)]: toHex(sha256(Buffer.from(rowText(left, opened.commitments)))) },
  };
  const { size } = await readFrontier(sql);
  const at = new Date(before.getTime() + days[1] * DAY_MS);
  // Numbers of Bursar's own log; this one is far from being given.
  const id = String(9_000_000_000 + size);
  await sql.query(
    "INSERT INTO activity (id, at, actor_id, role, action, subject, after) VALUES ($1, $2, 'system', 'system', $3, $4, $5)",
    [id, at, FORGETTING_ACTIONS[kind], after.rule, JSON.stringify(after)],
  );
  const row = (await readActivity(sql, [id])).get(id);
  if (row === undefined) throw new Error("Bursar's own log takes no entry.");
  await appendEvents(sql, [eventOf(row)], at);
  await writeLeft(sql, { ...left, commitments: opened.commitments });
  const whole = kind === "retention" && actor === "" ? [] : [{ ...left, body: null, mfa: null }];
  await changeTerms(sql, termsOf([event]), termsOf(whole));
  return size;
}

function termsOf(events: readonly StoredEvent[]) {
  const terms = indexTerms(sha256Hex, events.filter(isIndexed));
  const entries = placeTerms(terms, (index) => events[index]?.seq ?? 0);
  // What was dropped is still found by its time.
  return { entries: entries.filter(({ term }) => term !== termHash(sha256Hex, EVERY_EVENT)), words: terms.words };
}

function eventOf(row: ActivityRow) {
  return {
    ...NOBODY,
    occurredAt: row.at,
    sourceKey: OWN_SOURCE,
    eventKey: row.id,
    actor: row.actor_id,
    actorKind: "system" as const,
    action: row.action,
    verbClass: "admin" as const,
    resource: row.subject,
    accountId: null,
    clusterKey: null,
    namespace: null,
    region: null,
    outcome: "success" as const,
    mfa: null,
    body: new TextEncoder().encode(activityRecord(row)),
  };
}

async function writeLeft(sql: PoolClient, { seq, actor, commitments }: StoredEvent): Promise<void> {
  await sql.query(
    `UPDATE event SET body = NULL, salt = NULL, commitments = $2, actor = $3, actor_kind = 'unknown', person = NULL, team_key = NULL,
       source_address = NULL, mfa = NULL, forgotten_by = 1 WHERE seq = $1`,
    [seq, JSON.stringify(commitments), actor],
  );
}
