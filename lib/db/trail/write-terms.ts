import type { SqlExecutor } from "#lib/db/activity.ts";
import { numberArray, textArray } from "#lib/db/array-literal.ts";

export type TermDay = { term: number; day: number; count: number };

/** Adds to the counts of terms by day, and to the words that are known. The log's one writer calls it, so that no two wait for each other. */
export async function writeTerms(
  sql: SqlExecutor,
  counts: readonly TermDay[],
  words: readonly string[],
): Promise<void> {
  await sql.query(
    `INSERT INTO event_term_day AS d (term, day, count) SELECT * FROM unnest($1::bigint[], $2::int[], $3::int[])
     ON CONFLICT (term, day) DO UPDATE SET count = d.count + excluded.count`,
    [
      numberArray(counts.map(({ term }) => term)),
      numberArray(counts.map(({ day }) => day)),
      numberArray(counts.map(({ count }) => count)),
    ],
  );
  await sql.query("INSERT INTO event_word (word) SELECT * FROM unnest($1::text[]) ON CONFLICT DO NOTHING", [
    textArray(words),
  ]);
}
