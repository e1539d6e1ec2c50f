import { randomBytes } from "node:crypto";
import type { PoolClient } from "pg";
import { z } from "zod";
import { recordActivity } from "#lib/db/activity.ts";
import { readFrontier } from "#lib/db/trail/merkle-tiles.ts";
import { changeActivity, changePersonTexts, hasHold } from "#lib/db/trail/person-texts.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { checkedInput, reasonText } from "#lib/services/namespaces/named-namespaces.ts";
import { lockTrail } from "#lib/services/trail/append/lock-trail.ts";
import { OWN_SOURCE, sealAll } from "#lib/services/trail/append/seal-activity.ts";
import { sealTrail } from "#lib/services/trail/heads/seal-trail.ts";
import {
  findPerson,
  leftOfPerson,
  MOST_WINDOWS,
  PERSON_DRAFT,
  readPerson,
  WINDOW_ENTRIES,
  type Person,
} from "#lib/services/trail/people/find-person.ts";
import { pseudonymOf } from "#lib/services/trail/people/pseudonym-of.ts";
import type { PseudonymOrder, TextsOfTable } from "#lib/services/trail/people/pseudonym-view.ts";
import {
  forgetBatch,
  ORDER_FINISHED,
  ORDER_PAUSED,
  PSEUDONYM_ORDERED,
} from "#lib/services/trail/retention/forget-batch.ts";
import { refuseOwn } from "#lib/services/trail/retention/refuse-own.ts";

const draftSchema = z.strictObject({
  ...PERSON_DRAFT,
  reason: reasonText,
  /** The order that goes on; null = a new one. */
  order: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}-[0-9a-f]{8}$/)
    .nullable()
    .default(null),
});

/**
 * Gives a person a pseudonym in all that the log has now: in what they did and in what names them. The records go, the hashes of their leaves
 * stay, and each batch appends the entry that says so. Goes through 200,000 entries a call; call again with `order` and `next`. Cut off in
 * between, every batch is whole, and a new order does the rest.
 *
 * @throws AppError "forbidden" without the role and about oneself; "conflict" where the person is held; "not_found" for an order that is not one
 * of this person.
 */
export async function pseudonymisePerson(context: ServiceContext, draft: unknown): Promise<PseudonymOrder> {
  await authorise(context, "people:pseudonymise", "personal data of the trail");
  const { person: mail, names, fromEntry, reason, order: given } = checkedInput(draftSchema, draft);
  await refuseOwn(context, mail, "What names yourself is pseudonymised by somebody else.");
  const { database } = context;
  const person = await readPerson(database.pool, mail, names);
  const pseudonym = pseudonymOf(mail);
  const order = await database.transact(({ sql }) => openOrder(sql, context, { given, person, pseudonym, reason }));
  const { size } = await readFrontier(database.pool);
  const end = Math.min(size, fromEntry + MOST_WINDOWS * WINDOW_ENTRIES);
  const total = { changed: 0, held: 0, kept: 0, damaged: 0 };
  const staying = { namespace: 0, eventKey: 0 };
  for (let from = fromEntry; from < end; from += WINDOW_ENTRIES) {
    const window = { from, to: Math.min(end, from + WINDOW_ENTRIES) };
    const done = await database.transact(({ sql }) => changeWindow(sql, context, { window, person, pseudonym, order }));
    // Until a head has the entry that says so, what was changed cannot be told from what somebody took away.
    if (done.changed > 0) await sealTrail(context);
    for (const name of ["changed", "held", "kept", "damaged"] as const) total[name] += done[name];
    for (const name of ["namespace", "eventKey"] as const) staying[name] += done.staying[name];
  }
  const isDone = end >= size;
  const ended = { person, pseudonym, order, held: total.held };
  const tables = await database.transact(({ sql }) => (isDone ? finishOrder : pauseOrder)(sql, context, ended));
  if (isDone) await sealTrail(context);
  return { order, pseudonym, ...total, staying, tables, next: isDone ? null : end, of: size };
}

type Order = { person: Person; pseudonym: string; order: string };

async function openOrder(
  sql: PoolClient,
  { actor, now }: ServiceContext,
  { given, person, pseudonym, reason }: Omit<Order, "order"> & { given: string | null; reason: string },
): Promise<string> {
  await lockTrail(sql);
  await refuseHeld(sql, person, now);
  if (given !== null) {
    const { rows } = await sql.query(
      "SELECT 1 FROM activity WHERE action = $1 AND subject = $2 AND after->>'order' = $3",
      [PSEUDONYM_ORDERED, pseudonym, given],
    );
    if (rows.length === 0) throw new AppError("not_found", `There is no order ${given} about this person.`);
    return given;
  }
  const order = `${now.toISOString().slice(0, 10)}-${randomBytes(4).toString("hex")}`;
  const after = { order, reason: person.called.replace(reason, pseudonym), names: person.names.length };
  await recordActivity(sql, { at: now, actor, action: PSEUDONYM_ORDERED, subject: pseudonym, after });
  // What waits to come into the log has the person's name too.
  await sealAll(sql, now);
  return order;
}

async function changeWindow(
  sql: PoolClient,
  { actor, now }: ServiceContext,
  { window, person, pseudonym, order }: Order & { window: { from: number; to: number } },
) {
  await lockTrail(sql);
  await refuseHeld(sql, person, now);
  const { found, staying } = await findPerson(sql, person, { ...window, now });
  const kept = found.filter(({ isProof }) => isProof).length;
  const held = found.filter(({ isProof, event }) => !isProof && event.held).length;
  const wanted = new Map(
    found.filter(({ isProof, event }) => !isProof && !event.held).map((one) => [one.event.seq, one]),
  );
  if (wanted.size === 0) return { changed: 0, held, kept, damaged: 0, staying };
  const about = { rule: `order ${order}`, subject: pseudonym, keepClass: null, before: null, month: null };
  const events = [...wanted.values()].map(({ event }) => event);
  const { forgotten, damaged } = await forgetBatch(
    sql,
    { kind: "pseudonym", actor, at: now, ...about },
    events,
    (event) => {
      const one = wanted.get(event.seq);
      return one ? leftOfPerson(one, person, pseudonym) : null;
    },
  );
  const own = events.filter(({ sourceKey }) => sourceKey === OWN_SOURCE).map(({ eventKey }) => eventKey);
  await changeActivity(sql, own, (text) => person.called.replace(text, pseudonym));
  return { changed: forgotten, held, kept, damaged, staying };
}

type Ended = Order & { held: number };

/** Says that the call ended before the log did, and whether events of it were held. */
async function pauseOrder(sql: PoolClient, { actor, now }: ServiceContext, { pseudonym, order, held }: Ended) {
  await recordActivity(sql, { at: now, actor, action: ORDER_PAUSED, subject: pseudonym, after: { order, held } });
  return null;
}

/** What was made of events changes last, but for what a hold may be about; who waits for which is kept with the order. */
async function finishOrder(
  sql: PoolClient,
  { actor, now }: ServiceContext,
  { person, pseudonym, order, held }: Ended,
): Promise<TextsOfTable[]> {
  await lockTrail(sql);
  await refuseHeld(sql, person, now);
  const { isIn, replace } = person.called;
  const tables = await changePersonTexts(sql, {
    parts: person.names,
    isIn,
    replace: (text) => replace(text, pseudonym),
    now,
    pseudonym,
  });
  await recordActivity(sql, {
    at: now,
    actor,
    action: ORDER_FINISHED,
    subject: pseudonym,
    after: { order, tables, held },
  });
  return tables;
}

async function refuseHeld(sql: PoolClient, { mail }: Person, now: Date): Promise<void> {
  if (await hasHold(sql, now, mail))
    throw new AppError("conflict", "There is a legal hold on this person: nothing of theirs may change.", {
      remedy: "Lift the hold first, where its reason is over.",
    });
}
