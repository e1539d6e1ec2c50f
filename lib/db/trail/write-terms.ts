import type { SqlExecutor } from "#lib/db/activity.ts";
import { numberArray, textArray } from "#lib/db/array-literal.ts";
import { packPlaces, unpackPlaces } from "#lib/domain/trail/places.ts";

/** Where a term is on a day in one block of the log: ascending places, as lib/domain/trail/places.ts has them. */
export type TermPlaces = { term: number; day: number; block: number; places: number[] };

/**
 * Adds the places of new entries, which come after all that are there, and the words that were not known. The log's one writer calls it, so that no two
 * wait for each other.
 */
export async function writeTerms(
  sql: SqlExecutor,
  entries: readonly TermPlaces[],
  words: readonly string[],
): Promise<void> {
  await sql.query(
    `INSERT INTO event_term_day AS d (term, day, block, count, places)
     SELECT * FROM unnest($1::bigint[], $2::int[], $3::int[], $4::int[], $5::bytea[])
     ON CONFLICT (term, day, block) DO UPDATE SET count = d.count + excluded.count, places = d.places || excluded.places`,
    arraysOf(entries),
  );
  await writeWords(sql, words);
}

/** Takes places away and puts others in, wherever they are, and forgets the words that no event has any more. Under the log's lock. */
export async function changeTerms(
  sql: SqlExecutor,
  took: { entries: readonly TermPlaces[]; words: readonly string[] },
  gave: { entries: readonly TermPlaces[]; words: readonly string[] },
): Promise<void> {
  const keys = new Map([...took.entries, ...gave.entries].map((entry) => [keyOf(entry), entry]));
  const [terms, days, blocks] = arraysOf([...keys.values()]);
  const { rows } = await sql.query(
    `SELECT d.term::float8 AS term, d.day, d.block, d.places FROM unnest($1::bigint[], $2::int[], $3::int[]) AS k (term, day, block)
     JOIN event_term_day d USING (term, day, block)`,
    [terms, days, blocks],
  );
  const there = new Map(
    rows.map((row) => [keyOf(row as unknown as TermPlaces), unpackPlaces(row["places"] as Uint8Array)]),
  );
  const lost = new Map(took.entries.map((entry) => [keyOf(entry), new Set(entry.places)]));
  const won = new Map(gave.entries.map((entry) => [keyOf(entry), entry.places]));
  const changed = Array.from(keys, ([key, entry]) => {
    const left = (there.get(key) ?? []).filter((place) => lost.get(key)?.has(place) !== true);
    return { ...entry, places: [...new Set([...left, ...(won.get(key) ?? [])])].toSorted((a, b) => a - b) };
  });
  await sql.query(
    `INSERT INTO event_term_day AS d (term, day, block, count, places)
     SELECT * FROM unnest($1::bigint[], $2::int[], $3::int[], $4::int[], $5::bytea[])
     ON CONFLICT (term, day, block) DO UPDATE SET count = excluded.count, places = excluded.places`,
    arraysOf(changed.filter(({ places }) => places.length > 0)),
  );
  await sql.query(
    `DELETE FROM event_term_day d USING unnest($1::bigint[], $2::int[], $3::int[]) AS k (term, day, block)
     WHERE d.term = k.term AND d.day = k.day AND d.block = k.block`,
    arraysOf(changed.filter(({ places }) => places.length === 0)).slice(0, 3),
  );
  await writeWords(sql, gave.words);
  await sql.query(
    `DELETE FROM event_word w WHERE w.word = ANY($1::text[])
       AND NOT EXISTS (SELECT FROM event_term_day d WHERE d.term = event_term_hash(w.word))`,
    [took.words],
  );
}

async function writeWords(sql: SqlExecutor, words: readonly string[]): Promise<void> {
  await sql.query("INSERT INTO event_word (word) SELECT * FROM unnest($1::text[]) ON CONFLICT DO NOTHING", [
    textArray(words),
  ]);
}

function keyOf({ term, day, block }: Pick<TermPlaces, "term" | "day" | "block">): string {
  return `${term} ${day} ${block}`;
}

/** Terms, days, blocks, counts and places, each as an array that PostgreSQL reads. */
export function arraysOf(entries: readonly TermPlaces[]): string[] {
  return [
    numberArray(entries.map(({ term }) => term)),
    numberArray(entries.map(({ day }) => day)),
    numberArray(entries.map(({ block }) => block)),
    numberArray(entries.map(({ places }) => places.length)),
    // A backslash is a sign of its own in an array.
    `{${entries.map(({ places }) => String.raw`"\\x${packPlaces(places).toString("hex")}"`).join(",")}}`,
  ];
}
