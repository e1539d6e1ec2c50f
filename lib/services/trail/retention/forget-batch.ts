import type { PoolClient } from "pg";
import type { Actor } from "#lib/access/actor.ts";
import { recordActivity } from "#lib/db/activity.ts";
import { addForgetting, removeActivity, writeStubs, type Stub } from "#lib/db/trail/forget-events.ts";
import type { StoredEvent } from "#lib/db/trail/read-event-range.ts";
import { changeTerms } from "#lib/db/trail/write-terms.ts";
import { toHex } from "#lib/domain/trail/event-leaf.ts";
import { EVERY_EVENT, termHash } from "#lib/domain/trail/event-terms.ts";
import { rangesText, rowText, type Forgetting } from "#lib/domain/trail/forgetting.ts";
import type { KeepClass } from "#lib/domain/trail/retention.ts";
import { sha256, sha256Hex } from "#lib/services/trail/append/seal-events.ts";
import { indexTerms, isIndexed, placeTerms } from "#lib/services/trail/append/index-terms.ts";
import { isAsLogged, readLoggedLeaves } from "#lib/services/trail/verify/logged-leaf.ts";
import { OWN_SOURCE, sealAll } from "#lib/services/trail/append/seal-activity.ts";
import { openStored } from "#lib/services/trail/verify/stored-leaf.ts";

export const FORGETTING_ACTIONS = { retention: "retention.dropped", pseudonym: "pseudonym.applied" } as const;
export const PSEUDONYM_ORDERED = "pseudonym.ordered";
/** A call of an order ended before the log did; the last one ended. */
export const ORDER_PAUSED = "pseudonym.paused";
export const ORDER_FINISHED = "pseudonym.finished";

export type ForgetOrder = {
  kind: "retention" | "pseudonym";
  actor: Actor;
  at: Date;
  rule: string;
  subject: string;
  keepClass: KeepClass | null;
  before: Date | null;
  month: string | null;
};

/** The columns that stay of an event. */
export type Left = Omit<Stub, "seq" | "occurredAt" | "commitments">;

/**
 * Takes the records of events away and leaves `leftOf` each. The entry of the log that says so is appended in the same transaction, so that a
 * record without a commitment to its end is damage at every instant. Events that are not what was logged are left as they are: whoever looks
 * at the damage later needs them. The caller has the log's lock.
 *
 * @returns how many were forgotten, and how many were found changed.
 */
export async function forgetBatch(
  sql: PoolClient,
  order: ForgetOrder,
  events: readonly StoredEvent[],
  leftOf: (event: StoredEvent) => Left | null,
): Promise<{ forgotten: number; damaged: number }> {
  const leaves = await readLoggedLeaves(
    sql,
    events.map(({ seq }) => seq),
  );
  const sound = events.filter((event, index) => isAsLogged(event, leaves[index])).toSorted((a, b) => a.seq - b.seq);
  const damaged = events.length - sound.length;
  if (sound.length === 0) return { forgotten: 0, damaged };
  const id = await addForgetting(sql, { ...order, entries: sound.length });
  const left = sound.map((event) => leftAs(event, order.kind, leftOf(event)));
  await changeIndex(sql, sound, left, order.kind);
  await writeStubs(
    sql,
    left.map(({ stub }) => stub),
    id,
  );
  if (order.kind === "retention")
    await removeActivity(
      sql,
      sound.filter(({ sourceKey }) => sourceKey === OWN_SOURCE).map(({ eventKey }) => eventKey),
    );
  const own = new Map(events.map(({ seq }, index) => [seq, leaves[index] ?? new Uint8Array()]));
  await recordActivity(sql, {
    at: order.at,
    actor: order.actor,
    action: FORGETTING_ACTIONS[order.kind],
    subject: order.subject,
    after: commitment(
      order,
      left.map(({ stub, text, isLeaf }) => ({ seq: stub.seq, text, isLeaf })),
      own,
    ),
  });
  await sealAll(sql, order.at);
  return { forgotten: sound.length, damaged };
}

type LeftEvent = { stub: Stub; text: string; isLeaf: boolean; event: StoredEvent };

function leftAs(event: StoredEvent, kind: ForgetOrder["kind"], change: Left | null): LeftEvent {
  const { seq, occurredAt } = event;
  // Without its record nothing proves what it says of a second factor.
  const columns = { ...event, ...change, mfa: null };
  const { actor, actorKind, person, teamKey, sourceAddress, action, resource } = columns;
  const commitments = openStored(event)?.commitments ?? { personal: "", body: "" };
  const stub = { seq, occurredAt, actor, actorKind, person, teamKey, sourceAddress, action, resource, commitments };
  // Its columns make the leaf as long as none of the leaf's own was changed, now or before.
  const isSame = resource === event.resource && action === event.action;
  const isLeaf = kind === "retention" && event.forgottenBy === null && isSame;
  return { stub, text: rowText(columns, commitments), isLeaf, event: columns };
}

/** A dropped event is found by time alone; it stays counted among all of its day. */
async function changeIndex(
  sql: PoolClient,
  before: readonly StoredEvent[],
  left: readonly LeftEvent[],
  kind: ForgetOrder["kind"],
): Promise<void> {
  const termsOf = (events: readonly StoredEvent[]) => {
    const indexed = events.filter(isIndexed);
    const terms = indexTerms(sha256Hex, indexed);
    return { entries: placeTerms(terms, (index) => indexed[index]?.seq ?? 0), words: terms.words };
  };
  const took = termsOf(before);
  if (kind === "pseudonym") return changeTerms(sql, took, termsOf(left.map(({ event }) => event)));
  const every = termHash(sha256Hex, EVERY_EVENT);
  const entries = took.entries.filter(({ term }) => term !== every);
  await changeTerms(sql, { ...took, entries }, { entries: [], words: [] });
}

function commitment(
  { kind, rule, keepClass, before }: ForgetOrder,
  left: readonly { seq: number; text: string; isLeaf: boolean }[],
  leaves: ReadonlyMap<number, Uint8Array>,
): Forgetting {
  const places = left.map(({ seq }) => seq);
  const rows = left
    .filter(({ isLeaf }) => !isLeaf)
    .map(({ seq, text }) => [String(seq), toHex(sha256(Buffer.from(text)))]);
  return {
    kind,
    rule,
    keepClass,
    before: before?.toISOString() ?? null,
    entries: left.length,
    places: rangesText(places),
    leaves: toHex(sha256(Buffer.concat(places.map((seq) => leaves.get(seq) ?? new Uint8Array())))),
    rows: Object.fromEntries(rows) as Record<string, string>,
  };
}
