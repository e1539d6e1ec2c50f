import type { SqlExecutor } from "#lib/db/activity.ts";
import { numberArray, textArray } from "#lib/db/array-literal.ts";
import { isMap, MOST_LISTED, packPlaces, unpackPlaces } from "#lib/domain/trail/places.ts";

/** Where a term is on a day in one block of the log: ascending places. */
export type TermPlaces = { term: number; day: number; block: number; places: number[] };

/**
 * Adds the places of new entries, which come after all that are there, and the words that were not known. `from` and `to`: the blocks of the first new entry and
 * of the one that will come next. The log's one writer calls it, so that no two wait for each other.
 */
export async function writeTerms(
  sql: SqlExecutor,
  entries: readonly TermPlaces[],
  words: readonly string[],
  { from, to }: { from: number; to: number },
): Promise<void> {
  await sql.query(
    `INSERT INTO event_term_day AS d (term, day, block, count, places)
     SELECT * FROM unnest($1::bigint[], $2::int[], $3::int[], $4::int[], $5::bytea[])
     ON CONFLICT (term, day, block) DO UPDATE SET count = d.count + excluded.count, places = d.places || excluded.places`,
    arraysOf(entries, ({ block }) => block > from && block < to),
  );
  if (to > from)
    await finishBlock(
      sql,
      entries.filter(({ block }) => block === from),
    );
  await writeWords(sql, words);
}

/** Long lists of a block that nothing will be added to become maps. */
async function finishBlock(sql: SqlExecutor, entries: readonly TermPlaces[]): Promise<void> {
  const there = await readPlaces(sql, entries, `WHERE d.count > ${MOST_LISTED}`);
  if (there.length > 0) await replacePlaces(sql, there, () => true);
}

/** Takes places away and puts others in, wherever they are, and forgets the words that no event has any more. Under the log's lock. */
export async function changeTerms(
  sql: SqlExecutor,
  took: { entries: readonly TermPlaces[]; words: readonly string[] },
  gave: { entries: readonly TermPlaces[]; words: readonly string[] },
): Promise<void> {
  const keys = new Map([...took.entries, ...gave.entries].map((entry) => [keyOf(entry), entry]));
  const rows = await readPlaces(sql, [...keys.values()]);
  const there = new Map(rows.map((row) => [keyOf(row), row]));
  const lost = new Map(took.entries.map((entry) => [keyOf(entry), new Set(entry.places)]));
  const won = new Map(gave.entries.map((entry) => [keyOf(entry), entry.places]));
  const changed = Array.from(keys, ([key, entry]) => {
    const left = (there.get(key)?.places ?? []).filter((place) => lost.get(key)?.has(place) !== true);
    return { ...entry, places: [...new Set([...left, ...(won.get(key) ?? [])])].toSorted((a, b) => a - b) };
  });
  // A list stays one: more may be added to it.
  await replacePlaces(
    sql,
    changed.filter(({ places }) => places.length > 0),
    (entry) => there.get(keyOf(entry))?.isFinished === true,
  );
  await sql.query(
    `DELETE FROM event_term_day d USING unnest($1::bigint[], $2::int[], $3::int[]) AS k (term, day, block)
     WHERE d.term = k.term AND d.day = k.day AND d.block = k.block`,
    keysOf(changed.filter(({ places }) => places.length === 0)),
  );
  await writeWords(sql, gave.words);
  await sql.query(
    `DELETE FROM event_word w WHERE w.word = ANY($1::text[])
       AND NOT EXISTS (SELECT FROM event_term_day d WHERE d.term = event_term_hash(w.word))`,
    [took.words],
  );
}

async function readPlaces(
  sql: SqlExecutor,
  entries: readonly TermPlaces[],
  where = "",
): Promise<(TermPlaces & { isFinished: boolean })[]> {
  const { rows } = await sql.query(
    `SELECT term::float8 AS term, day, block, d.count, d.places AS bytes FROM unnest($1::bigint[], $2::int[], $3::int[]) AS k (term, day, block)
     JOIN event_term_day d USING (term, day, block) ${where}`,
    keysOf(entries),
  );
  return (rows as { term: number; day: number; block: number; count: number; bytes: Uint8Array }[]).map((row) => {
    const { term, day, block } = row;
    return { term, day, block, places: unpackPlaces(row), isFinished: isMap(row) };
  });
}

async function replacePlaces(
  sql: SqlExecutor,
  entries: readonly TermPlaces[],
  isFinished: (entry: TermPlaces) => boolean,
): Promise<void> {
  await sql.query(
    `INSERT INTO event_term_day (term, day, block, count, places) SELECT * FROM unnest($1::bigint[], $2::int[], $3::int[], $4::int[], $5::bytea[])
     ON CONFLICT (term, day, block) DO UPDATE SET count = excluded.count, places = excluded.places`,
    arraysOf(entries, isFinished),
  );
}

async function writeWords(sql: SqlExecutor, words: readonly string[]): Promise<void> {
  await sql.query("INSERT INTO event_word (word) SELECT * FROM unnest($1::text[]) ON CONFLICT DO NOTHING", [
    textArray(words),
  ]);
}

type Key = Pick<TermPlaces, "term" | "day" | "block">;

function keyOf({ term, day, block }: Key): string {
  return `${term} ${day} ${block}`;
}

function keysOf(entries: readonly Key[]): string[] {
  return [
    numberArray(entries.map(({ term }) => term)),
    numberArray(entries.map(({ day }) => day)),
    numberArray(entries.map(({ block }) => block)),
  ];
}

/** Terms, days, blocks, counts and places, each as an array that PostgreSQL reads. */
export function arraysOf(entries: readonly TermPlaces[], isFinished: (entry: TermPlaces) => boolean): string[] {
  return [
    ...keysOf(entries),
    numberArray(entries.map(({ places }) => places.length)),
    // A backslash is a sign of its own in an array.
    `{${entries.map((entry) => String.raw`"\\x${packPlaces(entry.places, isFinished(entry)).toString("hex")}"`).join(",")}}`,
  ];
}
