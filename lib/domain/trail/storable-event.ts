import type { Sha256Hex } from "#lib/domain/trail/event-leaf.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";

/** PostgreSQL has no room for more than 2,704 bytes in an entry of an index, and those of keys and addresses have the time and more as well. */
const MOST_INDEXED_CHARACTERS = 500;
const INDEXED = new Set(["eventKey", "sourceAddress"]);
/** No name of AWS, Azure or Kubernetes is longer; what is asked for may have a megabyte of a path, each word of which would be in the index. */
export const MOST_TEXT_CHARACTERS = 2_048;
/** Who did something of which the trail names nobody: what has no actor at all was dropped. */
export const NOBODY = "unknown";
/** What stays of a text that is too long, before its hash. */
const KEPT_CHARACTERS = 200;

/**
 * The event with texts that a database can keep and a leaf can be computed from again; what cannot be is U+FFFD, and what is too long is cut off and ends with its
 * hash. One name that somebody chose with care would otherwise hold up every event that arrives together with it. The body stays as it is.
 */
export function storableEvent(sha256Hex: Sha256Hex, event: TrailEvent): TrailEvent {
  if (areStorable(event)) return event;
  const texts = Object.entries(event).flatMap(([name, value]): [string, string][] =>
    typeof value === "string" ? [[name, storableText(shortText(sha256Hex, name, value))]] : [],
  );
  const storable = { ...event, ...Object.fromEntries<string>(texts) };
  return { ...storable, actor: storable.actor || NOBODY };
}

/** Cut off alone, two long texts could be one. */
function shortText(sha256Hex: Sha256Hex, name: string, text: string): string {
  const most = INDEXED.has(name) ? MOST_INDEXED_CHARACTERS : MOST_TEXT_CHARACTERS;
  return text.length > most ? `${text.slice(0, KEPT_CHARACTERS)}…${sha256Hex(text)}` : text;
}

/** The text as a database can keep it. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

/** All of its texts, by their names: every event that comes passes here, and most have nothing to be changed. */
function areStorable(event: TrailEvent): boolean {
  return (
    isStorable(event.sourceKey) &&
    isStorable(event.eventKey) &&
    event.eventKey.length <= MOST_INDEXED_CHARACTERS &&
    event.actor !== "" &&
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
    (event.sourceAddress === null || event.sourceAddress.length <= MOST_INDEXED_CHARACTERS) &&
    isStorable(event.mfa)
  );
}

/** PostgreSQL keeps no NUL in a text, and no half of a surrogate pair; we keep nothing that is too long. */
function isStorable(text: string | null): boolean {
  return text === null || (text.length <= MOST_TEXT_CHARACTERS && text.isWellFormed() && !text.includes("\0"));
}
