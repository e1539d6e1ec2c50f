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

/** What a batch adds to the search: where each term is on each day, and the words. */
export type BatchTerms = { entries: TermPlaces[]; words: string[] };

/** The terms of one day in one block of the log, and for each field those that each of its values makes. */
type Sheet = { day: number; block: number; terms: Map<string, TermPlaces>; values: Map<string, TermPlaces[]>[] };

const FIELDS = Object.keys(TERM_FIELDS) as (keyof typeof TERM_FIELDS)[];
/** Days before and after 1970 that a sheet can be told by. */
const DAYS = 2 ** 24;

/**
 * Terms of the events, the n-th of which is the log's entry `seqOf(n)`; entries ascend. What a value makes is computed once a sheet, for most events
 * share most of theirs.
 */
export function indexTerms(
  sha256: Sha256,
  events: readonly (TermSource & { occurredAt: Date })[],
  seqOf: (index: number) => number,
): BatchTerms {
  const sheets = new Map<number, Sheet>();
  const hashes = new Map<string, number>();
  const known = new Set<string>();
  const entryOf = (term: string, { terms, day, block }: Sheet): TermPlaces => {
    const found = terms.get(term);
    if (found) return found;
    const hash = hashes.get(term) ?? termHash(sha256, term);
    hashes.set(term, hash);
    const made = { term: hash, day, block, places: [] };
    terms.set(term, made);
    return made;
  };
  const entriesOf = (n: number, value: string, sheet: Sheet): TermPlaces[] => {
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
    const [seq, day] = [seqOf(index), dayOf(event.occurredAt)];
    const block = blockOf(seq);
    const key = block * DAYS * 2 + day + DAYS;
    const sheet = sheets.get(key) ?? emptySheet(day, block);
    sheets.set(key, sheet);
    const place = seq - block * BLOCK_ENTRIES;
    entryOf(EVERY_EVENT, sheet).places.push(place);
    entryOf(keepTerm(keepClassOf(event)), sheet).places.push(place);
    for (let n = 0; n < FIELDS.length; n++) {
      const value = event[FIELDS[n] as (typeof FIELDS)[number]];
      if (value === null) continue;
      for (const { places } of entriesOf(n, value, sheet))
        // An event counts once, however many of its fields have a word.
        if (places.at(-1) !== place) places.push(place);
    }
  }
  return { entries: [...sheets.values()].flatMap(({ terms }) => [...terms.values()]), words: [...known] };
}

function emptySheet(day: number, block: number): Sheet {
  return {
    day,
    block,
    terms: new Map<string, TermPlaces>(),
    values: FIELDS.map(() => new Map<string, TermPlaces[]>()),
  };
}
