import type { TermDay } from "#lib/db/trail/write-terms.ts";
import { dayOf, EVERY_EVENT, termHash, termKey, termsOf, type TermSource } from "#lib/domain/trail/event-terms.ts";
import type { Sha256 } from "#lib/domain/merkle/tree-hash.ts";
import { keepClassOf, keepTerm } from "#lib/domain/trail/retention.ts";

/** What a batch adds to the search: each event's keys in the same order, the terms' counts by day, and the words. */
export type BatchTerms = { keys: number[][]; counts: TermDay[]; words: string[] };

type Counted = { key: number; entry: TermDay };

/** Terms of the events. The hash of a term and its key on a day are computed once a batch, for most events share most of theirs. */
export function indexTerms(sha256: Sha256, events: readonly (TermSource & { occurredAt: Date })[]): BatchTerms {
  const days = new Map<number, Map<string, Counted>>();
  const hashes = new Map<string, number>();
  const known = new Set<string>();
  const hashOf = (term: string) => {
    const found = hashes.get(term) ?? termHash(sha256, term);
    hashes.set(term, found);
    return found;
  };
  const keys = events.map((event) => {
    const day = dayOf(event.occurredAt);
    const counted = days.get(day) ?? new Map<string, Counted>();
    days.set(day, counted);
    const count = (term: string): number => {
      const found = counted.get(term);
      if (found) {
        found.entry.count++;
        return found.key;
      }
      const hash = hashOf(term);
      const made = { key: termKey(hash, day), entry: { term: hash, day, count: 1 } };
      counted.set(term, made);
      return made.key;
    };
    count(EVERY_EVENT);
    count(keepTerm(keepClassOf(event)));
    const { fields, words } = termsOf(event);
    for (const word of words) known.add(word);
    return [...fields, ...words].map(count);
  });
  const counts = [...days.values()].flatMap((counted) => Array.from(counted.values(), ({ entry }) => entry));
  return { keys, counts, words: [...known] };
}
