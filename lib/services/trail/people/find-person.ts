import { z } from "zod";
import type { SqlExecutor } from "#lib/db/activity.ts";
import { readDirectoryNames, readHoldableEvents, type HoldableEvent } from "#lib/db/trail/person-texts.ts";
import { personNames, type PersonNames } from "#lib/domain/trail/person-names.ts";
import { keepClassOf, PROOF_CLASS } from "#lib/domain/trail/retention.ts";
import type { ActorKind } from "#lib/domain/trail/trail-event.ts";
import { NOBODY } from "#lib/domain/trail/storable-event.ts";
import { unpackBody } from "#lib/services/trail/append/stored-body.ts";
import type { Left } from "#lib/services/trail/retention/forget-batch.ts";

/** Whom an order is about: the mail, and how else they are called, each long enough to be nobody else's. */
export const PERSON_DRAFT = {
  person: z.email("needs a mail address").max(300).toLowerCase(),
  names: z.array(z.string().trim().min(4, "is too short to be one person's alone").max(200)).max(40).default([]),
  /** Where the last call ended; 0 = the beginning of the log. */
  fromEntry: z.int().nonnegative().default(0),
};

/** Entries that one transaction goes through, and how many of those one call. */
export const WINDOW_ENTRIES = 2_000;
export const MOST_WINDOWS = 100;

export type Person = { mail: string; names: string[]; called: PersonNames };

/** The person with all names, those of the directory included. */
export async function readPerson(sql: SqlExecutor, mail: string, others: readonly string[]): Promise<Person> {
  const names = [...new Set([mail, ...(await readDirectoryNames(sql, mail)), ...others])];
  return { mail, names, called: personNames(names) };
}

/** An event in which the person is: it is theirs, or names them. `isProof`: of those that say what was dropped or held, which stay. */
export type FoundEvent = { event: HoldableEvent; isOwn: boolean; isProof: boolean };

/**
 * Events whose namespace, or whose key in their source, has a name. Both stay as they are: holds go by the namespace, and by the key an event that is
 * delivered again is known.
 */
export type StayingNames = { namespace: number; eventKey: number };

/** The events of a window in which the person is, in columns or in the record itself, and where the name will stay. */
export async function findPerson(
  sql: SqlExecutor,
  person: Person,
  window: { from: number; to: number; now: Date },
): Promise<{ found: FoundEvent[]; staying: StayingNames }> {
  const events = await readHoldableEvents(sql, window);
  const { isIn } = person.called;
  const staying = { namespace: 0, eventKey: 0 };
  const found = events.flatMap((event) => {
    if (event.namespace !== null && isIn(event.namespace)) staying.namespace++;
    if (isIn(event.eventKey)) staying.eventKey++;
    const isOwn = event.person?.toLowerCase() === person.mail;
    const isFound = isOwn || isIn(`${event.actor} ${event.action} ${event.resource}`) || isInRecord(event, person);
    return isFound ? [{ event, isOwn, isProof: keepClassOf(event) === PROOF_CLASS }] : [];
  });
  return { found, staying };
}

function isInRecord({ body }: HoldableEvent, { called }: Person): boolean {
  if (body === null) return false;
  try {
    return called.isIn(unpackBody(body).toString("utf8"));
  } catch {
    // What cannot be read was changed by somebody, which is for verifyTrail to say.
    return false;
  }
}

/** An actor of these kinds is one person; a role is many. */
const PERSONAL: readonly ActorKind[] = ["user", "federated", "unknown"];

/** What is left of an event once the person has a pseudonym. The address that they came from goes too. */
export function leftOfPerson({ event, isOwn }: FoundEvent, { called }: Person, pseudonym: string): Left {
  const named = called.replace(event.actor, pseudonym);
  const isStillNamed = isOwn && named === event.actor && PERSONAL.includes(event.actorKind);
  // Of a request to a path the path is in the action. What it is kept for has to stay what it is.
  const action = called.replace(event.action, pseudonym);
  const isSameClass = keepClassOf({ ...event, action }) === keepClassOf(event);
  return {
    actor: (isStillNamed ? pseudonym : named) || NOBODY,
    actorKind: event.actorKind,
    person: isOwn ? pseudonym : event.person,
    teamKey: event.teamKey,
    sourceAddress: isOwn ? null : event.sourceAddress,
    action: isSameClass ? action : event.action,
    resource: called.replace(event.resource, pseudonym),
  };
}
