import { pipeline } from "node:stream/promises";
import type { PoolClient } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import type { SqlExecutor } from "#lib/db/activity.ts";
import { numberArray, textArray } from "#lib/db/array-literal.ts";
import {
  binaryRows,
  writeBigInt,
  writeBytes,
  writeInteger,
  writeLength,
  writeSmallInt,
  type RowWriter,
} from "#lib/db/binary-copy.ts";
import {
  BLOCK_ENTRIES,
  isMap,
  MOST_LISTED,
  packPlaces,
  PLACE_BYTES,
  unitePlaces,
  unpackPlaces,
  writePlaces,
  type Places,
} from "#lib/domain/trail/places.ts";
import { createRecall, type Recall } from "#lib/domain/trail/recall.ts";

/** Where a term is on a day in one block of the log: ascending places. */
export type TermPlaces = { term: number; day: number; block: number; places: number[] };

/** So many are written as rows of their own; fewer are added to the rows that are there, which would otherwise become as many as there are batches. */
const WORTH_ROWS = 4_000;

/**
 * Words that somebody who appends batch after batch has written, and need not write again while nothing is forgotten. Whoever's batch fails begins a new one: what it has
 * written is gone.
 */
export type WrittenWords = { version: string | null; words: Recall<true> };

export function noWrittenWords(): WrittenWords {
  return { version: null, words: createRecall({ recent: 50_000, most: 500_000 }) };
}

/**
 * Adds the places of new entries, which come after all that are there, and the words that were not known. `from` and `to`: the blocks of the first new entry and
 * of the one that will come next. The log's one writer calls it, so that no two wait for each other.
 */
export async function writeTerms(
  sql: PoolClient,
  entries: readonly TermPlaces[],
  words: readonly string[],
  { from, to }: { from: number; to: number },
  written: WrittenWords = noWrittenWords(),
): Promise<void> {
  const isFinished = ({ block }: TermPlaces) => block > from && block < to;
  if (entries.length < WORTH_ROWS) await addPlaces(sql, entries, isFinished);
  else await copyPlaces(sql, entries, isFinished);
  if (to > from) {
    await finishBlock(
      sql,
      entries.filter(({ block }) => block === from),
    );
    await openBlock(sql, to);
  }
  await writeNewWords(sql, words, written);
}

type IsFinished = (entry: TermPlaces) => boolean;

/** To the row of a term, day and block that all small batches share. */
async function addPlaces(sql: SqlExecutor, entries: readonly TermPlaces[], isFinished: IsFinished): Promise<void> {
  await addRows(
    sql,
    entries.map((entry) => {
      const { term, day, block, places } = entry;
      return { term, day, block, count: places.length, bytes: packPlaces(places, isFinished(entry)) };
    }),
  );
}

async function addRows(sql: SqlExecutor, rows: readonly StoredRow[]): Promise<void> {
  await sql.query(
    `INSERT INTO event_term_day_recent AS d (term, day, block, count, places)
     SELECT * FROM unnest($1::bigint[], $2::int[], $3::int[], $4::int[], $5::bytea[])
     ON CONFLICT (term, day, block, piece) DO UPDATE SET count = d.count + excluded.count, places = d.places || excluded.places`,
    arraysOf(rows),
  );
}

/** Rows of their own, told apart by their first places. */
export async function copyPlaces(
  sql: PoolClient,
  entries: readonly TermPlaces[],
  isFinished: IsFinished,
): Promise<void> {
  const writer: RowWriter<TermPlaces> = {
    fields: 6,
    mostBytesOf: ({ places }) => FIXED_BYTES + places.length * 2,
    writeFields(piece, start, entry) {
      const { term, day, block, places } = entry;
      let at = writeBigInt(piece, start, term);
      for (const value of [day, block]) at = writeInteger(piece, at, value);
      at = writeSmallInt(piece, at, 1 + (places[0] ?? 0));
      at = writeInteger(piece, at, places.length);
      if (places.length > MOST_LISTED) return writeBytes(piece, at, packPlaces(places, isFinished(entry)));
      // Most are of one event; a buffer for each would take longer than they do.
      return writePlaces(piece, writeLength(piece, at, places.length * PLACE_BYTES), places);
    },
  };
  const copy = sql.query(
    copyFrom("COPY event_term_day_recent (term, day, block, piece, count, places) FROM STDIN (FORMAT binary)"),
  );
  await pipeline(binaryRows(entries, writer), copy);
}

const FIXED_BYTES = 64;

/** Nothing will be added to the blocks before this one: whoever has read them need not read them again. */
export async function openBlock(sql: SqlExecutor, block: number): Promise<void> {
  await sql.query("UPDATE event_term_state SET open_block = $1", [block]);
}

/** Long lists of a block that nothing will be added to become maps: those of terms that are not much rarer among its last entries. */
async function finishBlock(sql: SqlExecutor, entries: readonly TermPlaces[]): Promise<void> {
  const most = entries.reduce((length, { places }) => Math.max(length, places.length), 0);
  const common = entries.filter(({ places }) => places.length >= (most * MOST_LISTED) / BLOCK_ENTRIES / 2);
  const pieces = await readPieces(sql, common, `WHERE whole > ${MOST_LISTED}`);
  if (pieces.length === 0) return;
  const rows = Array.from(Map.groupBy(pieces, keyOf).values(), (own) => {
    const { term, day, block } = own[0] as StoredRow;
    return { term, day, block, ...unitePlaces(own) };
  });
  await removeRows(sql, rows);
  await addRows(sql, rows);
}

/** Takes all of it away, for whoever makes it anew up to the block that will be the last. What remembers it is told, also where the row that says so was lost. Under the log's lock. */
export async function clearTerms(sql: SqlExecutor, lastBlock: number): Promise<void> {
  await sql.query("DELETE FROM event_term_day");
  await sql.query("DELETE FROM event_word");
  await sql.query(
    `INSERT INTO event_term_state AS s (id, version, open_block) VALUES (1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint, $1)
     ON CONFLICT (id) DO UPDATE SET version = greatest(s.version + 1, excluded.version), open_block = excluded.open_block, settled_block = 0`,
    [lastBlock],
  );
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
  await replacePlaces(sql, changed, (entry) => there.get(keyOf(entry))?.isFinished === true);
  await sql.query("UPDATE event_term_state SET version = version + 1");
  await writeWords(sql, gave.words);
  await sql.query(
    `DELETE FROM event_word w WHERE w.word = ANY($1::text[])
       AND NOT EXISTS (SELECT FROM event_term_day d WHERE d.term = event_term_hash(w.word))`,
    [took.words],
  );
}

/** All places of each key, and whether any of them are a map already. */
async function readPlaces(
  sql: SqlExecutor,
  entries: readonly TermPlaces[],
): Promise<(TermPlaces & { isFinished: boolean })[]> {
  return Array.from(Map.groupBy(await readPieces(sql, entries), keyOf).values(), (own) => {
    const { term, day, block } = own[0] as StoredRow;
    const places = own.flatMap(unpackPlaces).toSorted((a, b) => a - b);
    return { term, day, block, places, isFinished: own.some(isMap) };
  });
}

async function readPieces(sql: SqlExecutor, keys: readonly Key[], where = ""): Promise<StoredRow[]> {
  const { rows } = await sql.query(
    `SELECT term::float8 AS term, day, block, count, places AS bytes FROM (
       SELECT d.*, sum(d.count) OVER (PARTITION BY term, day, block) AS whole
       FROM unnest($1::bigint[], $2::int[], $3::int[]) AS k (term, day, block) JOIN event_term_day d USING (term, day, block)) d ${where}`,
    keysOf(keys),
  );
  return rows as StoredRow[];
}

/** One row instead of all pieces of a key; none where it has no places. */
async function replacePlaces(sql: SqlExecutor, entries: readonly TermPlaces[], isFinished: IsFinished): Promise<void> {
  await removeRows(sql, entries);
  await addPlaces(
    sql,
    entries.filter(({ places }) => places.length > 0),
    isFinished,
  );
}

async function removeRows(sql: SqlExecutor, keys: readonly Key[]): Promise<void> {
  await sql.query(
    `DELETE FROM event_term_day d USING unnest($1::bigint[], $2::int[], $3::int[]) AS k (term, day, block)
     WHERE d.term = k.term AND d.day = k.day AND d.block = k.block`,
    keysOf(keys),
  );
}

async function writeNewWords(sql: SqlExecutor, words: readonly string[], written: WrittenWords): Promise<void> {
  const { rows } = await sql.query("SELECT version::text AS version FROM event_term_state");
  const version = String(rows[0]?.["version"]);
  if (version !== written.version) written.words.clear();
  written.version = version;
  const fresh = words.filter((word) => written.words.get(word) === undefined);
  if (fresh.length > 0) await writeWords(sql, fresh);
  for (const word of fresh) written.words.set(word, true);
}

export async function writeWords(sql: SqlExecutor, words: readonly string[]): Promise<void> {
  await sql.query("INSERT INTO event_word (word) SELECT * FROM unnest($1::text[]) ON CONFLICT DO NOTHING", [
    textArray(words),
  ]);
}

type Key = Pick<TermPlaces, "term" | "day" | "block">;
type StoredRow = Key & Places;

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
function arraysOf(rows: readonly StoredRow[]): string[] {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
  return [
    ...keysOf(rows),
    numberArray(rows.map(({ count }) => count)),
    // A backslash is a sign of its own in an array.
    `{${rows.map(({ bytes }) => String.raw`"\\x${hex(bytes)}"`).join(",")}}`,
  ];
}
