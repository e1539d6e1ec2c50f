import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";

/** Columns of events that are texts or nothing. A function for each, which meets events of one shape alone, is several times faster than one for all. */
const TEXTS: readonly ((event: TrailEvent) => string | null)[] = [
  ({ sourceKey }) => sourceKey,
  ({ eventKey }) => eventKey,
  ({ actor }) => actor,
  ({ actorKind }) => actorKind,
  ({ person }) => person,
  ({ teamKey }) => teamKey,
  ({ action }) => action,
  ({ verbClass }) => verbClass,
  ({ resource }) => resource,
  ({ accountId }) => accountId,
  ({ clusterKey }) => clusterKey,
  ({ namespace }) => namespace,
  ({ region }) => region,
  ({ outcome }) => outcome,
  ({ sourceAddress }) => sourceAddress,
  ({ mfa }) => mfa,
];

/** Events by columns, as they go from thread to thread: rows would name their columns every time. `bodies` is all of them in one piece, each up to its end. */
export type EventColumns = {
  occurredAt: Float64Array;
  texts: (string | null)[][];
  bodies: Uint8Array<ArrayBuffer>;
  ends: Uint32Array;
};

/** The texts of one event, in the order of the columns, which is also that of its row. */
export function textsOf(event: TrailEvent): (string | null)[] {
  return TEXTS.map((textOf) => textOf(event));
}

export function toColumns(events: readonly TrailEvent[]): EventColumns {
  return {
    occurredAt: Float64Array.from(events, ({ occurredAt }) => occurredAt.getTime()),
    texts: TEXTS.map((textOf) => events.map(textOf)),
    ...joined(events.map(({ body }) => body)),
  };
}

export function toEvents({ occurredAt, texts, bodies, ends }: EventColumns): TrailEvent[] {
  const [sourceKey, eventKey, actor, actorKind, person, teamKey, action, verbClass, ...where] = texts;
  const [resource, accountId, clusterKey, namespace, region, outcome, sourceAddress, mfa] = where;
  // Named one by one, so that all of them are of one shape, which whatever reads them is faster for.
  const toEvent = (at: number, n: number) => ({
    occurredAt: new Date(at),
    sourceKey: sourceKey?.[n] ?? "",
    eventKey: eventKey?.[n] ?? "",
    actor: actor?.[n] ?? "",
    actorKind: actorKind?.[n] as TrailEvent["actorKind"],
    person: person?.[n] ?? null,
    teamKey: teamKey?.[n] ?? null,
    action: action?.[n] ?? "",
    verbClass: verbClass?.[n] as TrailEvent["verbClass"],
    resource: resource?.[n] ?? "",
    accountId: accountId?.[n] ?? null,
    clusterKey: clusterKey?.[n] ?? null,
    namespace: namespace?.[n] ?? null,
    region: region?.[n] ?? null,
    outcome: outcome?.[n] as TrailEvent["outcome"],
    sourceAddress: sourceAddress?.[n] ?? null,
    mfa: (mfa?.[n] ?? null) as TrailEvent["mfa"],
    body: bodies.subarray(ends[n - 1] ?? 0, ends[n]),
  });
  return Array.from(occurredAt, toEvent);
}

/** Pieces as one, with the end of each. */
export function joined(pieces: readonly Uint8Array[]): { bodies: Uint8Array<ArrayBuffer>; ends: Uint32Array } {
  const bodies = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  const ends = new Uint32Array(pieces.length);
  let at = 0;
  for (const [n, piece] of pieces.entries()) {
    bodies.set(piece, at);
    at += piece.length;
    ends[n] = at;
  }
  return { bodies, ends };
}
