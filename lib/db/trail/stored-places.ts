import type { SqlExecutor } from "#lib/db/activity.ts";
import { numberArray, textArray } from "#lib/db/array-literal.ts";
import { openRows, type OpenRows } from "#lib/db/open-rows.ts";
import { BLOCK_ENTRIES } from "#lib/domain/trail/places.ts";

/** A row of the index as it stands. `bytes` are empty where they are more than any row can have. */
export type StoredPlaces = { term: number; day: number; block: number; count: number; bytes: Uint8Array };

/** A list of all places of a block, which is longer than a map of them. */
const MOST_BYTES = BLOCK_ENTRIES * 2;

/** The whole index by block, term and day. The order is the database's work: blocks have no index of their own, which every new entry would have to pay for. */
export function openPlaces(sql: SqlExecutor): Promise<OpenRows<StoredPlaces>> {
  return openRows(
    sql,
    "stored_places",
    `SELECT term::float8 AS term, day, block, count, CASE WHEN octet_length(places) <= ${MOST_BYTES} THEN places ELSE '' END AS bytes
     FROM event_term_day d ORDER BY block, d.term, day`,
  );
}

/** All words that parts of words are looked for in. */
export function openWords(sql: SqlExecutor): Promise<OpenRows<{ word: string }>> {
  return openRows(sql, "stored_words", "SELECT word FROM event_word");
}

/** Which of the words are not among those that parts of words are looked for in. */
export async function lackingWords(sql: SqlExecutor, words: readonly string[]): Promise<string[]> {
  const { rows } = await sql.query(
    "SELECT w.word FROM unnest($1::text[]) AS w (word) WHERE NOT EXISTS (SELECT FROM event_word e WHERE e.word = w.word)",
    [textArray(words)],
  );
  return rows.map(({ word }) => String(word));
}

/** Which of the terms have no places at all. */
export async function termsWithoutPlaces(sql: SqlExecutor, terms: readonly number[]): Promise<Set<number>> {
  const { rows } = await sql.query(
    "SELECT t.term::float8 AS term FROM unnest($1::bigint[]) AS t (term) WHERE NOT EXISTS (SELECT FROM event_term_day d WHERE d.term = t.term)",
    [numberArray(terms)],
  );
  return new Set(rows.map(({ term }) => Number(term)));
}

/** The block that searches take to be the last; null where the index does not say. */
export async function readOpenBlock(sql: SqlExecutor): Promise<number | null> {
  const { rows } = await sql.query("SELECT open_block FROM event_term_state");
  return rows.length === 1 ? Number(rows[0]?.["open_block"]) : null;
}
