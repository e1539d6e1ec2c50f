import type { TermDay } from "#lib/db/trail/write-terms.ts";
import type { Sha256 } from "#lib/domain/merkle/tree-hash.ts";
import {
  dayOf,
  EVERY_EVENT,
  TERM_FIELDS,
  termHash,
  termKey,
  termsOfValue,
  type TermSource,
} from "#lib/domain/trail/event-terms.ts";
import { keepClassOf, keepTerm } from "#lib/domain/trail/retention.ts";

/** What a batch adds to the search: each event's keys in the same order, the terms' counts by day, and the words. */
export type BatchTerms = { keys: number[][]; counts: TermDay[]; words: string[] };

/** A term on a day. `event`: the last that has it, for an event counts once, however many of its fields have a word. */
type Counted = { key: number; event: number; entry: TermDay };
/** The terms of one day, and for each field those that each of its values makes. */
type Day = { terms: Map<string, Counted>; values: Map<string, Counted[]>[] };

const FIELDS = Object.keys(TERM_FIELDS) as (keyof typeof TERM_FIELDS)[];

/** Terms of the events. What a value makes is computed once a day, for most events share most of theirs. */
export function indexTerms(sha256: Sha256, events: readonly (TermSource & { occurredAt: Date })[]): BatchTerms {
  const days = new Map<number, Day>();
  const hashes = new Map<string, number>();
  const known = new Set<string>();
  const counted = (term: string, number: number, { terms }: Day): Counted => {
    const found = terms.get(term);
    if (found) return found;
    const hash = hashes.get(term) ?? termHash(sha256, term);
    hashes.set(term, hash);
    const made = { key: termKey(hash, number), event: -1, entry: { term: hash, day: number, count: 0 } };
    terms.set(term, made);
    return made;
  };
  const termsOf = (place: number, value: string, number: number, day: Day): Counted[] => {
    const values = day.values[place];
    const found = values?.get(value);
    if (found) return found;
    const { field, words } = termsOfValue(FIELDS[place] as (typeof FIELDS)[number], value);
    for (const word of words) known.add(word);
    const terms = [field, ...words].map((term) => counted(term, number, day));
    values?.set(value, terms);
    return terms;
  };
  const keys = events.map((event, index) => {
    const number = dayOf(event.occurredAt);
    const day = days.get(number) ?? emptyDay();
    days.set(number, day);
    counted(EVERY_EVENT, number, day).entry.count++;
    counted(keepTerm(keepClassOf(event)), number, day).entry.count++;
    const own: number[] = [];
    for (let place = 0; place < FIELDS.length; place++) {
      const value = event[FIELDS[place] as (typeof FIELDS)[number]];
      if (value === null) continue;
      for (const term of termsOf(place, value, number, day)) {
        if (term.event === index) continue;
        term.event = index;
        term.entry.count++;
        own.push(term.key);
      }
    }
    return own;
  });
  const counts = [...days.values()].flatMap(({ terms }) => Array.from(terms.values(), ({ entry }) => entry));
  return { keys, counts, words: [...known] };
}

function emptyDay(): Day {
  return { terms: new Map<string, Counted>(), values: FIELDS.map(() => new Map<string, Counted[]>()) };
}
