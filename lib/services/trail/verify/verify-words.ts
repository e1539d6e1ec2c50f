import type { SqlExecutor } from "#lib/db/activity.ts";
import { lackingWords, openWords, termsWithoutPlaces } from "#lib/db/trail/stored-places.ts";
import { EVERY_EVENT, TERM_FIELDS, termHash, termsOfValue, type TermSource } from "#lib/domain/trail/event-terms.ts";
import { keepClassOf, keepTerm } from "#lib/domain/trail/retention.ts";
import { sha256Hex } from "#lib/services/trail/append/seal-events.ts";
import type { Findings } from "#lib/services/trail/verify/trail-damage.ts";

type TermEvent = TermSource & { seq: number };

/** Words of entries that are remembered, for those that come first come most often. The others are looked for in each block. */
const MOST_REMEMBERED = 200_000;
/** Words whose terms are looked for at once. */
const WORDS_AT_ONCE = 10_000;

/** Holds the words in which parts of words are looked for to those of the entries. */
export function watchWords(sql: SqlExecutor, findings: Findings) {
  const seen = new Set<string>();
  return {
    /** `words`: all of the entries'. */
    async pass(words: readonly string[], entries: readonly TermEvent[]): Promise<void> {
      const unseen = words.filter((word) => !seen.has(word));
      for (const word of unseen) if (seen.size < MOST_REMEMBERED) seen.add(word);
      const lacking = await lackingWords(sql, unseen);
      const seqs = lacking.length === 0 || findings.isFull() ? new Map<string, number>() : firstWith(entries);
      for (const word of lacking) {
        const seq = seqs.get(word) ?? null;
        const message = `Entry ${seq ?? ""} has the word "${word}", which the words of the log lack: no part of it is found.`;
        findings.add({ kind: "index", seq, message });
      }
    },
    /** Every word has to be one of some entry: what the index has of it was held to the entries before. */
    async end(): Promise<void> {
      const rows = await openWords(sql);
      for (let isLast = false; !isLast;) {
        const words: string[] = [];
        await rows.each(
          () => words.length < WORDS_AT_ONCE,
          ({ word }) => {
            if (!seen.has(word)) words.push(word);
          },
        );
        isLast = words.length < WORDS_AT_ONCE;
        const terms = words.map((word) => termHash(sha256Hex, word));
        const without = await termsWithoutPlaces(sql, terms);
        for (const [n, word] of words.entries())
          if (without.has(terms[n] ?? 0))
            findings.add({
              kind: "index",
              seq: null,
              message: `"${word}" is among the words of the log, and no entry is found by it.`,
            });
      }
      await rows.close();
    },
  };
}

/** The first of the entries that has a term. */
function firstWith(entries: readonly TermEvent[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const event of entries) for (const term of termsOf(event)) if (!found.has(term)) found.set(term, event.seq);
  return found;
}

/** All terms that an event is found by. */
export function termsOf(event: TermSource): string[] {
  const fields = Object.keys(TERM_FIELDS) as (keyof typeof TERM_FIELDS)[];
  const ofFields = fields.flatMap((name) => {
    const value = event[name];
    if (value === null) return [];
    const { field, words } = termsOfValue(name, value);
    return [field, ...words];
  });
  return [EVERY_EVENT, keepTerm(keepClassOf(event)), ...ofFields];
}
