import { readCandidates, type Candidate } from "#lib/db/trail/read-candidates.ts";
import { dayOf, fieldTerm, termHash, wordsOf } from "#lib/domain/trail/event-terms.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { sha256Hex } from "#lib/services/trail/append/seal-events.ts";

/** What the last word of a search may mean, and how many events of the last SUGGESTED_DAYS days have it. */
export type TermSuggestion = Candidate & { events: number };

export const SUGGESTED_DAYS = 90;
const MOST_SUGGESTIONS = 8;
const LEAST_CHARACTERS = 2;

/**
 * What the last word of a text may mean: words that events have, and people, accounts, clusters, namespaces and sources by what they are called.
 * Only what the log has events of, the most frequent first. It costs the index of terms, whatever the log's size.
 */
export async function suggestTerms(context: ServiceContext, { text }: { text: string }): Promise<TermSuggestion[]> {
  await authorise(context, "activity:read", "suggestions");
  const part = wordsOf(text).at(-1) ?? "";
  if (part.length < LEAST_CHARACTERS) return [];
  const { pool } = context.database;
  const candidates = await readCandidates(pool, part);
  const { rows } = await pool.query<{ n: number; count: number }>(
    `SELECT w.n::int AS n, sum(d.count)::float8 AS count FROM unnest($1::bigint[]) WITH ORDINALITY AS w (term, n)
     JOIN event_term_day d ON d.term = w.term AND d.day > $2 GROUP BY w.n`,
    [
      candidates.map(({ field, value }) => termHash(sha256Hex, field === "word" ? value : fieldTerm(field, value))),
      dayOf(context.now) - SUGGESTED_DAYS,
    ],
  );
  return rows
    .flatMap(({ n, count }) => {
      const candidate = candidates[n - 1];
      return candidate ? [{ ...candidate, events: count }] : [];
    })
    .toSorted((one, other) => other.events - one.events || (one.label < other.label ? -1 : 1))
    .slice(0, MOST_SUGGESTIONS);
}
