import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";

/**
 * The event with texts that a database can keep and a leaf can be computed from again; what cannot be is U+FFFD. One name that somebody chose
 * with care would otherwise hold up every event that arrives together with it. The body stays as it is.
 */
export function storableEvent(event: TrailEvent): TrailEvent {
  if (areStorable(event)) return event;
  const texts = Object.entries(event).flatMap(([name, value]): [string, string][] =>
    typeof value === "string" ? [[name, value.toWellFormed().replaceAll("\0", "\uFFFD")]] : [],
  );
  return { ...event, ...Object.fromEntries<string>(texts) };
}

/** All of its texts, by their names: every event that comes passes here, and most have nothing to be changed. */
function areStorable(event: TrailEvent): boolean {
  return (
    isStorable(event.sourceKey) &&
    isStorable(event.eventKey) &&
    isStorable(event.actor) &&
    isStorable(event.actorKind) &&
    isStorable(event.person) &&
    isStorable(event.teamKey) &&
    isStorable(event.action) &&
    isStorable(event.verbClass) &&
    isStorable(event.resource) &&
    isStorable(event.accountId) &&
    isStorable(event.clusterKey) &&
    isStorable(event.namespace) &&
    isStorable(event.region) &&
    isStorable(event.outcome) &&
    isStorable(event.sourceAddress) &&
    isStorable(event.mfa)
  );
}

/** PostgreSQL keeps no NUL in a text, and no half of a surrogate pair. */
function isStorable(text: string | null): boolean {
  return text === null || (text.isWellFormed() && !text.includes("\0"));
}
