import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";

/**
 * The event with texts that a database can keep and a leaf can be computed from again; what cannot be is U+FFFD. One name that somebody chose
 * with care would otherwise hold up every event that arrives together with it. The body stays as it is.
 */
export function storableEvent(event: TrailEvent): TrailEvent {
  if (!Object.values(event).some((value) => typeof value === "string" && !isStorable(value))) return event;
  const texts = Object.entries(event).flatMap(([name, value]): [string, string][] =>
    typeof value === "string" ? [[name, value.toWellFormed().replaceAll("\0", "\uFFFD")]] : [],
  );
  return { ...event, ...Object.fromEntries<string>(texts) };
}

/** PostgreSQL keeps no NUL in a text, and no half of a surrogate pair. */
function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}
