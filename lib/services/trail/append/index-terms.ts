import type { StoredEvent } from "#lib/db/trail/read-event-range.ts";
import type { TermPlaces } from "#lib/db/trail/write-terms.ts";
import type { Sha256Hex } from "#lib/domain/trail/event-leaf.ts";
import { dayOf, EVERY_EVENT, TERM_FIELD_NAMES, type TermSource } from "#lib/domain/trail/event-terms.ts";
import { BLOCK_ENTRIES, blockOf } from "#lib/domain/trail/places.ts";
import { keepClassOf, keepTerm } from "#lib/domain/trail/retention.ts";
import { createTermMemory, type Term, type TermMemory } from "#lib/services/trail/append/term-memory.ts";

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

type Dated = TermSource & { occurredAt: Date };
/** Terms on days, each with how many events of the batch it has, and the last of them. */
type Entries = { hashes: number[]; days: number[]; counts: number[]; lasts: number[] };
/** The entries of one day by their terms' hashes: two words of one hash, which somebody can find, are one term. Each has a number of its own, by which a term tells whether the entry that it knows is one of the day's. */
type Sheet = { number: number; entries: Map<number, number> };
/** What a batch was found to have: the entries that each event has are those up to its end, by their place in the list. */
type Found = { entries: Entries; met: Uint32Array; ends: number[]; words: ReadonlySet<string> };

/** Terms that an event has, about. */
const USUAL_TERMS = 32;
const USUAL_EVENTS = 1_000;

let memory: TermMemory | null = null;
let sheets = 0;

/** The terms of a batch, part by part: whoever makes many events of something need not have all of them at once. */
export type TermIndex = { add(events: readonly Dated[]): void; finish(): BatchTerms };

/** What was dropped before has lost its terms, and gets none with a pseudonym. */
export function isIndexed({ body, actor }: StoredEvent): boolean {
  return body !== null || actor !== "";
}

export function indexTerms(sha256Hex: Sha256Hex, events: readonly Dated[]): BatchTerms {
  const index = createTermIndex(sha256Hex);
  index.add(events);
  return index.finish();
}

/** One at a time: another one takes the place of this. */
export function createTermIndex(
  sha256Hex: Sha256Hex,
  remembered: TermMemory = (memory ??= createTermMemory(sha256Hex)),
): TermIndex {
  const { termOf, termsOf } = remembered;
  const every = termOf(EVERY_EVENT);
  const days = new Map<number, Sheet>();
  const entries: Entries = { hashes: [], days: [], counts: [], lasts: [] };
  const words = new Set<string>();
  const ends: number[] = [];
  let met = new Uint32Array(USUAL_EVENTS * USUAL_TERMS);
  let count = 0;

  function entryOf(term: Term, sheet: Sheet, day: number): number {
    if (term.sheet !== sheet.number) {
      term.sheet = sheet.number;
      term.entry = sheet.entries.get(term.hash) ?? addEntry(term.hash, sheet, day);
      if (term.word !== null) words.add(term.word);
    }
    return term.entry;
  }

  function addEntry(hash: number, sheet: Sheet, day: number): number {
    const entry = entries.hashes.push(hash) - 1;
    entries.days.push(day);
    entries.counts.push(0);
    entries.lasts.push(-1);
    sheet.entries.set(hash, entry);
    return entry;
  }

  function put(term: Term, sheet: Sheet, day: number, index: number): void {
    const entry = entryOf(term, sheet, day);
    // An event counts once, however many of its fields have a word.
    if (entries.lasts[entry] === index) return;
    entries.lasts[entry] = index;
    entries.counts[entry] = (entries.counts[entry] ?? 0) + 1;
    if (count === met.length) met = grown(met);
    met[count++] = entry;
  }

  return {
    add(events) {
      for (const event of events) {
        const day = dayOf(event.occurredAt);
        const sheet = days.get(day) ?? { number: ++sheets, entries: new Map() };
        days.set(day, sheet);
        const index = ends.length;
        put(every, sheet, day, index);
        put(termOf(keepTerm(keepClassOf(event))), sheet, day, index);
        for (const field of TERM_FIELD_NAMES) {
          const value = event[field];
          if (value === null) continue;
          const own = termsOf(field, value);
          for (let at = 0; at < own.length; at++) put(own[at] as Term, sheet, day, index);
        }
        ends.push(count);
      }
    },
    finish: () => listed({ entries, met, ends, words }),
  };
}

function grown(list: Uint32Array): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(list.length * 2 + USUAL_TERMS);
  longer.set(list);
  return longer;
}

function listed({ entries, met, ends: endsOfEvents, words }: Found): BatchTerms {
  const ranks = ranksOf(entries);
  const count = entries.hashes.length;
  const [terms, days, ends] = [new Float64Array(count), new Int32Array(count), new Uint32Array(count)];
  for (let n = 0; n < count; n++) {
    const rank = ranks[n] as number;
    terms[rank] = entries.hashes[n] as number;
    days[rank] = entries.days[n] as number;
    ends[rank] = entries.counts[n] as number;
  }
  const free = new Uint32Array(count);
  for (let rank = 1; rank < count; rank++) {
    free[rank] = ends[rank - 1] as number;
    ends[rank] = (ends[rank] as number) + (ends[rank - 1] as number);
  }
  const indexes = new Uint32Array(ends.at(-1) ?? 0);
  for (let n = 0, at = 0; n < endsOfEvents.length; n++)
    for (; at < (endsOfEvents[n] as number); at++) {
      const rank = ranks[met[at] as number] as number;
      indexes[free[rank] as number] = n;
      free[rank] = (free[rank] as number) + 1;
    }
  return { terms, days, ends, indexes, words: [...words] };
}

const HASH_BITS = 48;
const EXACT_BITS = 53;

/** Which place each entry has in the order of the table's key, term and day: each page of it is then visited once. */
function ranksOf({ hashes, days }: Entries): Uint32Array {
  // Numbers are sorted many times faster than anything that has to be compared by us: as much of a hash as there is room for, and the entry's number.
  const numbers = 2 ** Math.ceil(Math.log2(hashes.length + 1));
  const dropped = Math.max(1, (2 ** HASH_BITS * numbers) / 2 ** EXACT_BITS);
  const keys = Float64Array.from(hashes, (hash, n) => Math.floor(hash / dropped) * numbers + n).sort();
  const order = Uint32Array.from(keys, (key) => key % numbers);
  // What is left to be put in order are the days of a term, and terms that begin alike.
  const isBefore = (one = 0, other = 0) => {
    const difference = (hashes[one] ?? 0) - (hashes[other] ?? 0) || (days[one] ?? 0) - (days[other] ?? 0);
    return difference < 0;
  };
  for (let at = 1; at < order.length; at++)
    for (let to = at; to > 0 && isBefore(order[to], order[to - 1]); to--)
      [order[to - 1], order[to]] = [order[to] as number, order[to - 1] as number];
  const ranks = new Uint32Array(order.length);
  for (let rank = 0; rank < order.length; rank++) ranks[order[rank] as number] = rank;
  return ranks;
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
