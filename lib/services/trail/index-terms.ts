import type { TermPlaces } from "#lib/db/trail/write-terms.ts";
import type { Sha256 } from "#lib/domain/merkle/tree-hash.ts";
import {
  dayOf,
  EVERY_EVENT,
  TERM_FIELDS,
  termHash,
  termsOfValue,
  type TermSource,
} from "#lib/domain/trail/event-terms.ts";
import { BLOCK_ENTRIES, blockOf } from "#lib/domain/trail/places.ts";
import { keepClassOf, keepTerm } from "#lib/domain/trail/retention.ts";

/**
 * Which events of a batch have which terms, by their index in the batch: a term on a day has the indexes up to its end, from where the one before it ends.
 * Lists that go from thread to thread without being copied. `words`: those of the terms that texts are made of.
 */
export type BatchTerms = {
  terms: Float64Array;
  days: Int32Array;
  ends: Uint32Array;
  indexes: Uint32Array;
  words: string[];
};

type Entry = { term: number; day: number; indexes: number[] };
/** The terms of one day, and for each field those that each of its values makes. */
type Sheet = { day: number; terms: Map<string, Entry>; values: Map<string, Entry[]>[] };

const FIELDS = Object.keys(TERM_FIELDS) as (keyof typeof TERM_FIELDS)[];

/** Terms of the events. What a value makes is computed once a day, for most events share most of theirs. */
export function indexTerms(sha256: Sha256, events: readonly (TermSource & { occurredAt: Date })[]): BatchTerms {
  const sheets = new Map<number, Sheet>();
  const hashes = new Map<string, number>();
  const known = new Set<string>();
  const entryOf = (term: string, { terms, day }: Sheet): Entry => {
    const found = terms.get(term);
    if (found) return found;
    const hash = hashes.get(term) ?? termHash(sha256, term);
    hashes.set(term, hash);
    const made = { term: hash, day, indexes: [] };
    terms.set(term, made);
    return made;
  };
  const entriesOf = (n: number, value: string, sheet: Sheet): Entry[] => {
    const values = sheet.values[n];
    const found = values?.get(value);
    if (found) return found;
    const { field, words } = termsOfValue(FIELDS[n] as (typeof FIELDS)[number], value);
    for (const word of words) known.add(word);
    const entries = [field, ...words].map((term) => entryOf(term, sheet));
    values?.set(value, entries);
    return entries;
  };
  for (const [index, event] of events.entries()) {
    const day = dayOf(event.occurredAt);
    const sheet = sheets.get(day) ?? emptySheet(day);
    sheets.set(day, sheet);
    entryOf(EVERY_EVENT, sheet).indexes.push(index);
    entryOf(keepTerm(keepClassOf(event)), sheet).indexes.push(index);
    for (let n = 0; n < FIELDS.length; n++) {
      const value = event[FIELDS[n] as (typeof FIELDS)[number]];
      if (value === null) continue;
      for (const { indexes } of entriesOf(n, value, sheet))
        // An event counts once, however many of its fields have a word.
        if (indexes.at(-1) !== index) indexes.push(index);
    }
  }
  // In the order of the table's key, as each page of it is then visited once.
  const entries = [...sheets.values()].flatMap(({ terms }) => [...terms.values()]);
  return listed(
    entries.sort((one, other) => one.term - other.term || one.day - other.day),
    [...known],
  );
}

function emptySheet(day: number): Sheet {
  return { day, terms: new Map<string, Entry>(), values: FIELDS.map(() => new Map<string, Entry[]>()) };
}

function listed(entries: readonly Entry[], words: string[]): BatchTerms {
  const indexes = new Uint32Array(entries.reduce((sum, entry) => sum + entry.indexes.length, 0));
  const ends = new Uint32Array(entries.length);
  let at = 0;
  for (const [n, entry] of entries.entries()) {
    indexes.set(entry.indexes, at);
    at += entry.indexes.length;
    ends[n] = at;
  }
  const terms = Float64Array.from(entries, ({ term }) => term);
  return { terms, days: Int32Array.from(entries, ({ day }) => day), ends, indexes, words };
}

/** Where the terms are in the log: the n-th event of the batch is its entry `seqOf(n)`, which ascends. */
export function placeTerms({ terms, days, ends, indexes }: BatchTerms, seqOf: (index: number) => number): TermPlaces[] {
  const placed: TermPlaces[] = [];
  let at = 0;
  for (let n = 0; n < terms.length; n++) {
    let places: number[] = [];
    for (let last = -1; at < (ends[n] ?? 0); at++) {
      const seq = seqOf(indexes[at] ?? 0);
      const block = blockOf(seq);
      if (block !== last) {
        places = [];
        placed.push({ term: terms[n] ?? 0, day: days[n] ?? 0, block, places });
        last = block;
      }
      places.push(seq - block * BLOCK_ENTRIES);
    }
  }
  return placed;
}
