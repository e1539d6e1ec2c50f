import type { SqlExecutor } from "#lib/db/activity.ts";
import { numberArray } from "#lib/db/array-literal.ts";
import { queryPrepared } from "#lib/db/prepared.ts";
import {
  alternativesOf,
  dayOf,
  EVERY_EVENT,
  fieldTerm,
  patternsOf,
  TERM_FIELDS,
  termHash,
} from "#lib/domain/trail/event-terms.ts";
import type { Sha256Hex } from "#lib/domain/trail/event-leaf.ts";
import type { TrailPlace, TrailQuery } from "#lib/services/trail/search/trail-view.ts";

/** One thing that an event has to have: any of these terms, by their hashes. */
export type Condition = readonly number[];

/** How many events a day has on average: all, and of each condition. `blocksADay`: how many blocks of the log a day has in all of it. */
export type Frequencies = { total: number; counts: number[]; blocksADay: number };

/** So many blocks of the log tell how often things are, on at least so many days. */
const [LOOKED_AT_BLOCKS, LEAST_DAYS] = [64, 4];

/** A part of a word that more words have is common enough to be found by going through the newest events. */
const MOST_WORDS_OF_A_PART = 300;
/** What the index can say of a query, and whether that is all of its fields and words. An empty condition is one that nothing fulfils. */
export async function conditionsOf(
  sql: SqlExecutor,
  sha256Hex: Sha256Hex,
  query: TrailQuery,
): Promise<{ conditions: Condition[]; isComplete: boolean }> {
  const conditions: Condition[] = [];
  for (const field of Object.keys(TERM_FIELDS) as (keyof typeof TERM_FIELDS)[]) {
    const values = valuesOf(query, field);
    if (values !== null) conditions.push(values.map((value) => termHash(sha256Hex, fieldTerm(field, value))));
  }
  const wanted = patternsOf(query.text ?? "");
  const words = await findWords(
    sql,
    wanted.map(({ pattern }) => pattern),
  );
  const missed = wanted.filter(({ pattern }) => !words.has(pattern));
  const others = await findWords(
    sql,
    missed.flatMap(({ instead }) => instead),
  );
  for (const fitting of [...words.values(), ...others.values()])
    conditions.push(fitting.map((word) => termHash(sha256Hex, word)));
  return { conditions, isComplete: missed.length === 0 };
}

/** Words and names that fit each pattern; nothing of a pattern that more than MOST_WORDS_OF_A_PART fit. */
async function findWords(sql: SqlExecutor, patterns: readonly string[]): Promise<Map<string, string[]>> {
  const searched = [...new Set(patterns.filter(isSearchable))];
  if (searched.length === 0) return new Map();
  const { rows } = await queryPrepared(
    sql,
    `SELECT p AS pattern, array(SELECT word FROM event_word WHERE word LIKE p LIMIT ${MOST_WORDS_OF_A_PART + 1}) AS words FROM unnest($1::text[]) AS p`,
    [searched],
  );
  const found = rows as { pattern: string; words: string[] }[];
  return new Map(
    found.filter(({ words }) => words.length <= MOST_WORDS_OF_A_PART).map(({ pattern, words }) => [pattern, words]),
  );
}

/** Others go through all words, and fit too many of them: an index of three signs in a row, ends included, has nothing of theirs. */
function isSearchable(pattern: string): boolean {
  return !pattern.startsWith("%") || pattern.length >= (pattern.endsWith("%") ? 5 : 3);
}

/** What a field may be; null = whatever. */
export function valuesOf(query: TrailQuery, field: keyof typeof TERM_FIELDS): readonly string[] | null {
  const value = query[field];
  if (value === null) return null;
  if (field === "action" || field === "person") return alternativesOf(value);
  return value === "change" && field === "verbClass" ? CHANGES : [value];
}

const CHANGES = ["write", "admin"];

/** How many events the days of `[from, to)` have that fulfil a condition, and how many they have, by day, the newest first. A condition is null for all events. */
export async function readCounts(
  sql: SqlExecutor,
  sha256Hex: Sha256Hex,
  condition: Condition | null,
  { from, to }: { from: number; to: number },
): Promise<{ day: number; count: number }[]> {
  const { rows } = await queryPrepared(
    sql,
    `SELECT day, sum(count)::int AS count FROM event_term_day WHERE term = ANY($1::bigint[]) AND day >= $2 AND day < $3 GROUP BY day ORDER BY day DESC`,
    [numberArray(condition ?? [termHash(sha256Hex, EVERY_EVENT)]), from, to],
  );
  return rows as { day: number; count: number }[];
}

/** The days that a query and the place where its list goes on leave of the log, `[from, to)`, and what the newest of them have on average. */
export type SearchedRange = { from: number; to: number; frequencies: Frequencies };

/**
 * `lookedAt`: how many of the newest days tell how often things are, at the most; of a log whose days have many entries fewer tell as much. Null where the log has none of the
 * days.
 */
export async function readRange(
  sql: SqlExecutor,
  sha256Hex: Sha256Hex,
  conditions: readonly Condition[],
  { query, before, lookedAt }: { query: TrailQuery; before: TrailPlace | null; lookedAt: number },
): Promise<SearchedRange | null> {
  const every = termHash(sha256Hex, EVERY_EVENT);
  const all = [[every], ...conditions];
  const ends = [query.to && new Date(query.to.getTime() - 1), before && new Date(before.at)].filter(
    (end) => end !== null,
  );
  const { rows } = await queryPrepared(
    sql,
    `WITH log AS MATERIALIZED (
       SELECT greatest(t.first, $4::int) AS first, least(t.last, $5::int) AS last, t.blocks / (t.last - t.first) AS density,
         least($6::int, greatest(${LEAST_DAYS}, ceil(${LOOKED_AT_BLOCKS}::float8 * (t.last - t.first) / t.blocks))::int) AS looked
       FROM (SELECT min(day) AS first, max(day) + 1 AS last, (SELECT open_block + 1::float8 FROM event_term_state) AS blocks FROM event_term_day WHERE term = $3) t)
     SELECT l.first, l.last, l.density, l.looked, c.n, sum(d.count)::float8 AS count FROM log l CROSS JOIN unnest($1::int[], $2::bigint[]) AS c (n, term)
     LEFT JOIN event_term_day d ON d.term = c.term AND d.day >= greatest(l.first, l.last - l.looked) AND d.day < l.last GROUP BY 1, 2, 3, 4, 5`,
    [
      numberArray(all.flatMap((terms, n) => terms.map(() => n))),
      numberArray(all.flat()),
      every,
      query.from && dayOf(query.from),
      ends.length === 0 ? null : Math.min(...ends.map(dayOf)) + 1,
      lookedAt,
    ],
  );
  const [{ first, last, density, looked } = { first: null, last: null, density: 0, looked: 0 }] = rows;
  if (typeof first !== "number" || typeof last !== "number" || first >= last) return null;
  const days = Math.min(Number(looked), last - first);
  const found = new Map(rows.map(({ n, count }) => [Number(n), Number(count) / days]));
  const counts = conditions.map((_, n) => found.get(n + 1) ?? 0);
  const frequencies = { total: found.get(0) ?? 0, counts, blocksADay: Number(density) };
  return { from: first, to: last, frequencies };
}
