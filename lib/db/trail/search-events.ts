import { createHash } from "node:crypto";
import type { SqlExecutor } from "#lib/db/activity.ts";
import { numberArray } from "#lib/db/array-literal.ts";
import { queryPrepared } from "#lib/db/prepared.ts";
import { exactClauses } from "#lib/db/trail/exact-clauses.ts";
import { bytesADay, findPlaces, type DayEntries } from "#lib/db/trail/find-places.ts";
import { STORED_COLUMNS, type StoredEvent } from "#lib/db/trail/read-event-range.ts";
import { conditionsOf, readCounts, readRange, type Condition, type Frequencies } from "#lib/db/trail/search-terms.ts";
import type { Days } from "#lib/db/trail/term-blocks.ts";
import { dayOf, startOfDay } from "#lib/domain/trail/event-terms.ts";
import type { Sha256Hex } from "#lib/domain/trail/event-leaf.ts";
import type { TrailEventView, TrailPlace, TrailQuery } from "#lib/services/trail/search/trail-view.ts";

const COLUMNS = `seq::float8 AS seq, occurred_at, received_at, source_key AS "sourceKey", actor, actor_kind AS "actorKind", person, action,
  verb_class AS "verbClass", resource, account_id AS "accountId", cluster_key AS "clusterKey", namespace, region, outcome,
  source_address AS "sourceAddress", CASE WHEN body IS NOT NULL THEN NULL WHEN actor = '' THEN 'dropped' ELSE 'pseudonymised' END AS forgotten`;

/** Where more bytes of places would have to be read a histogram is counted from the newest events instead. */
const MOST_COUNTED_BYTES = 4_000_000;
/** How much of what is expected is counted on at first: of no condition, of one, which no day has as often as another, and of several, which may have to do with each other. */
const FIRST_SHARES = [1, 0.8, 0.5];
/** Of what was counted on, this is counted on after a look that found nothing: what never meets is known after three looks, and to read more places than needed costs less than another look. */
const EMPTY_SHARE = 1 / 64;
/** How many of the newest days tell how often things are. */
const LOOKED_AT_DAYS = 31;
/** Days that one look goes back at the most. */
const MOST_DAYS = 400;
/** Bytes of places that the first look reads at the most, unless a single day has more. Each look after it may read twice as much as the one before, up to the most. */
const FIRST_BYTES = 2_000_000;
const MOST_BYTES = 16_000_000;
/** Entries of one statement. A look that went further back than was needed has found more than are read: at first so many for each that is wanted, then more and more. */
const FIRST_ENTRIES_PER_WANTED = 4;
const MOST_ENTRIES_AT_ONCE = 20_000;
/** Of more hits of a day than so many times what is wanted, the last that arrived are most likely the newest. */
const MANY_PAGES = 3;
/** Reading an event costs as much as going by so many in the index over time. */
const PASSED_PER_EVENT = 20;

const sha256Hex: Sha256Hex = (data) => createHash("sha256").update(data).digest("hex");

/** From so many events on an address is a gate's, behind which many are. */
const MANY_OF_AN_ADDRESS = 5_000;

type Wanted = {
  columns: string;
  /** Rows come as JSON, which is parsed by the machine itself: a page of a hundred by the driver is most of what a search costs the process. Left out: no. */
  isJson?: boolean;
  query: TrailQuery;
  before: TrailPlace | null;
  limit: number;
  /** The last entry of the log that counts; null or left out = all do. */
  through?: number | null;
};

/** At most `limit` events, newest first, from `before` on, of the log up to and with the entry `through`. What has a rare word costs what it has, however long the log is. */
export async function searchEvents(
  sql: SqlExecutor,
  query: TrailQuery,
  page: { before: TrailPlace | null; limit: number; through?: number | null },
): Promise<TrailEventView[]> {
  return (await findRows(sql, { columns: COLUMNS, isJson: true, query, ...page })).map(toView);
}

/** The same events as their rows have them, of the log up to and with the entry `through`: entries are only added, so that pages of one search fit together. */
export async function searchStoredEvents(
  sql: SqlExecutor,
  query: TrailQuery,
  page: { before: TrailPlace | null; limit: number; through: number },
): Promise<StoredEvent[]> {
  const rows = await findRows(sql, { columns: `occurred_at, ${STORED_COLUMNS}`, query, ...page });
  return rows.map(({ occurred_at: _sorted, ...row }) => row as StoredEvent);
}

/** When the newest events that fit happened, at most `limit`. */
export async function searchInstants(
  sql: SqlExecutor,
  query: TrailQuery,
  page: { limit: number; through?: number | null },
): Promise<Date[]> {
  const rows = await findRows(sql, { columns: "seq, occurred_at", query, before: null, ...page });
  return rows.map((row) => row.occurred_at as Date);
}

/** Who did the newest events that fit, at most `limit`. */
export async function searchActors(
  sql: SqlExecutor,
  query: TrailQuery,
  limit: number,
): Promise<{ actor: string; person: string | null }[]> {
  const rows = await findRows(sql, { columns: "seq, occurred_at, actor, person", query, before: null, limit });
  return rows.map(({ actor, person }) => ({ actor: String(actor), person: person as string | null }));
}

/**
 * How many events fit of those that arrived after the entry `after`, up to and with `through`; counting ends at `most`. It costs what arrived, whatever
 * is looked for.
 */
export async function countArrivals(
  sql: SqlExecutor,
  query: TrailQuery,
  { after, through, most }: { after: number; through: number; most: number },
): Promise<number> {
  const { clauses, values, place } = exactClauses({ query, before: null, through }, "occurred_at");
  const { rows } = await sql.query(
    `SELECT count(*)::int AS count FROM (SELECT 1 FROM event WHERE seq > ${place(after)} AND ${clauses.join(" AND ")} LIMIT ${most}) e`,
    values,
  );
  return Number(rows[0]?.["count"] ?? 0);
}

/**
 * How many events of each day fit, where the index alone can say so; null where it cannot: a text with signs that no word has, an address, change windows, or more
 * places than are read for a histogram.
 */
export async function countByDay(
  sql: SqlExecutor,
  query: TrailQuery & { from: Date; to: Date },
): Promise<{ at: Date; count: number }[] | null> {
  const text = (query.text ?? "").split(/\s+/).filter(Boolean);
  if (query.outside !== null || query.sourceAddress !== null || !text.every((part) => WHOLE_WORD.test(part)))
    return null;
  const { conditions, isComplete } = await conditionsOf(sql, sha256Hex, query);
  if (!isComplete) return null;
  if (conditions.some((terms) => terms.length === 0)) return [];
  // An event has one value of a field, but may have several words that fit.
  if (conditions.length === 0 || (conditions.length === 1 && text.length === 0)) {
    const whole = { from: dayOf(query.from), to: dayOf(new Date(query.to.getTime() - 1)) + 1 };
    const days = await readCounts(sql, sha256Hex, conditions[0] ?? null, whole);
    return days.map(({ day, count }) => ({ at: startOfDay(day), count }));
  }
  const range = await readRange(sql, sha256Hex, conditions, { query, before: null, lookedAt: MOST_DAYS });
  if (range === null) return [];
  if (bytesADay(range.frequencies) * (range.to - range.from) > MOST_COUNTED_BYTES) return null;
  const found = await findPlaces(sql, conditions, range, { frequencies: range.frequencies, share: null });
  return found.map(({ day, entries }) => ({ at: startOfDay(day), count: entries.length }));
}

/** What is found by words and names exactly as the events' own texts have it. */
const WHOLE_WORD = /^(?=.{1,500}$)[a-z0-9_]+(?:[.-]+[a-z0-9_]+)*$/i;

async function findRows(sql: SqlExecutor, wanted: Wanted): Promise<Record<string, unknown>[]> {
  const { query, before, limit } = wanted;
  const { conditions } = await conditionsOf(sql, sha256Hex, query);
  if (conditions.some((terms) => terms.length === 0)) return [];
  const range = await readRange(sql, sha256Hex, conditions, { query, before, lookedAt: LOOKED_AT_DAYS });
  if (range === null) return [];
  if (query.sourceAddress !== null && (await isRareAddress(sql, query.sourceAddress, range)))
    return fetchFromAddress(sql, range, wanted);
  const { frequencies } = range;
  const expected = expectedOf(frequencies);
  const found: Record<string, unknown>[] = [];
  // How many of the events that are expected are there: of one field or word it is known, of others it is learnt.
  let share = FIRST_SHARES[Math.min(conditions.length, 2)] ?? 1;
  let isSteady = true;
  let bytes = FIRST_BYTES;
  for (let to = range.to; to > range.from && found.length < limit;) {
    const rest = { ...wanted, limit: limit - found.length };
    const days = { from: Math.max(range.from, to - daysFor(rest.limit / share, frequencies, bytes)), to };
    const rows = await lookUp(sql, conditions, days, { ...rest, frequencies, share, isSteady });
    // Expected is a little less than what turned out, and much less where nothing was found.
    share =
      rows.length === 0
        ? share * EMPTY_SHARE
        : Math.min(1, (0.8 * rows.length) / Math.max(1, expected * (days.to - days.from)));
    // Going through days on which what is common is missing would read all of them.
    isSteady &&= rows.length === rest.limit;
    found.push(...rows);
    to = days.from;
    bytes = Math.min(2 * bytes, MOST_BYTES);
  }
  return found;
}

/** Whether the index of addresses narrows a search more than anything else is likely to. */
async function isRareAddress(sql: SqlExecutor, address: string, { from, to }: Days): Promise<boolean> {
  const { rows } = await sql.query(
    `SELECT count(*)::int AS count FROM (SELECT FROM event WHERE source_address = $1 AND occurred_at >= $2 AND occurred_at < $3 LIMIT ${MANY_OF_AN_ADDRESS}) e`,
    [address, startOfDay(from), startOfDay(to)],
  );
  return Number(rows[0]?.["count"]) < MANY_OF_AN_ADDRESS;
}

/** Events a day that fulfil all conditions, where those have nothing to do with each other. */
function expectedOf({ total, counts }: Frequencies): number {
  return counts.reduce((left, count) => (left * Math.min(total, count)) / Math.max(1, total), total);
}

/** So many days as have what is needed, if things meet as they are expected to, and as one look is for. */
function daysFor(needed: number, frequencies: Frequencies, bytes: number): number {
  const days = Math.min(needed / expectedOf(frequencies), bytes / bytesADay(frequencies), MOST_DAYS);
  return Math.max(1, Math.ceil(days));
}

/** The newest events of these days that fit. */
async function lookUp(
  sql: SqlExecutor,
  conditions: readonly Condition[],
  days: Days,
  wanted: Wanted & { frequencies: Frequencies; share: number; isSteady: boolean },
): Promise<Record<string, unknown>[]> {
  const { frequencies, share, isSteady, limit } = wanted;
  const isCommon = isSteady && conditions.length === 1 && isDense(frequencies, expectedOf(frequencies), limit);
  if (conditions.length === 0 || isCommon) return walk(sql, days, wanted);
  const found: Record<string, unknown>[] = [];
  const rest = () => ({ ...wanted, limit: limit - found.length });
  let waiting: DayEntries[] = [];
  let waitingEntries = 0;
  let atOnce = Math.min(MOST_ENTRIES_AT_ONCE, limit * FIRST_ENTRIES_PER_WANTED);
  const read = async () => {
    if (waitingEntries > 0 && found.length < limit) found.push(...(await fetchEntries(sql, waiting, rest())));
    [waiting, waitingEntries, atOnce] = [[], 0, Math.min(MOST_ENTRIES_AT_ONCE, atOnce * 4)];
  };
  for (const { day, entries } of await findPlaces(sql, conditions, days, { frequencies, share })) {
    const isWalk = isDense(frequencies, entries.length, limit);
    const isMany = !isWalk && areMany(frequencies, entries.length, limit);
    if (isWalk || isMany || waitingEntries + entries.length > atOnce) await read();
    if (found.length >= limit) break;
    if (isWalk) found.push(...(await walk(sql, { from: day, to: day + 1 }, rest())));
    else if (isMany) found.push(...(await fetchNewest(sql, { day, entries }, rest())));
    else [waiting, waitingEntries] = [[...waiting, { day, entries }], waitingEntries + entries.length];
  }
  await read();
  return found;
}

/** Going through a day in order of time reads fewer events than there are hits. */
function isDense({ total }: Frequencies, hits: number, limit: number): boolean {
  return hits * hits > limit * Math.max(total, hits);
}

/** Reading the last that arrived, and what the index over time has around them, is less than reading all hits. */
function areMany({ total }: Frequencies, hits: number, limit: number): boolean {
  return hits > MANY_PAGES * limit && hits * hits * PASSED_PER_EVENT > limit * Math.max(total, hits);
}

/**
 * Of a day's entries the newest that fit. What arrived last is read first, until there are enough; what happened since the oldest of those and arrived before or after them is
 * looked for in the index over time, and read too where it is a hit.
 */
async function fetchNewest(
  sql: SqlExecutor,
  { day, entries }: DayEntries,
  wanted: Wanted,
): Promise<Record<string, unknown>[]> {
  const { limit, before } = wanted;
  const fetchOf = (own: readonly number[]) => fetchEntries(sql, [{ day, entries: [...own] }], wanted);
  // What is older than a place arrived before it, as a rule.
  const last = before !== null && dayOf(new Date(before.at)) === day ? before.seq : Number.MAX_SAFE_INTEGER;
  const likely = entries.filter((entry) => entry <= last).toSorted((one, other) => other - one);
  const found: Record<string, unknown>[] = [];
  let taken = 0;
  for (let count = limit; taken < likely.length && found.length < limit; count *= 4) {
    found.push(...(await fetchOf(likely.slice(taken, taken + count))));
    taken = Math.min(likely.length, taken + count);
  }
  const oldest = newestFirst(found)[limit - 1];
  const read = new Set(likely.slice(0, taken));
  const others = entries.filter((entry) => !read.has(entry));
  if (oldest === undefined) return newestFirst([...found, ...(await fetchOf(others))]).slice(0, limit);
  const elsewhere = await entriesSince(sql, wanted, {
    day,
    since: instantOf(oldest),
    from: likely[taken - 1] ?? 0,
    to: last,
  });
  const missed = others.filter((entry) => elsewhere.has(entry));
  if (missed.length > 0) found.push(...(await fetchOf(missed)));
  return newestFirst(found).slice(0, limit);
}

/** The entries outside of `[from, to]` that happened on the day, at `since` or later. */
async function entriesSince(
  sql: SqlExecutor,
  { query, before }: Wanted,
  { day, since, from, to }: { day: number; since: number; from: number; to: number },
): Promise<Set<number>> {
  const ends = [startOfDay(day + 1), query.to, before && new Date(new Date(before.at).getTime() + 1)];
  const end = Math.min(...ends.filter((at) => at !== null).map((at) => at.getTime()));
  const { rows } = await queryPrepared(
    sql,
    "SELECT seq::float8 AS seq FROM event WHERE occurred_at >= $1 AND occurred_at < $2 AND (seq < $3 OR seq > $4)",
    [new Date(since), new Date(end), from, to],
  );
  return new Set(rows.map(({ seq }) => Number(seq)));
}

function newestFirst(rows: Record<string, unknown>[]): Record<string, unknown>[] {
  return rows.toSorted((one, other) => instantOf(other) - instantOf(one) || Number(other["seq"]) - Number(one["seq"]));
}

/** In milliseconds; as events are kept, they have no smaller part. */
function instantOf({ occurred_at: at }: Record<string, unknown>): number {
  return new Date(at as Date | string).getTime();
}

/** In order of time, through the index over it. */
async function walk(sql: SqlExecutor, { from, to }: Days, wanted: Wanted): Promise<Record<string, unknown>[]> {
  const { clauses, values, place } = exactClauses(wanted, "occurred_at");
  clauses.push(`occurred_at >= ${place(startOfDay(from))}`, `occurred_at < ${place(startOfDay(to))}`);
  return readRows(
    (text) => sql.query(text, values),
    wanted,
    `SELECT ${wanted.columns} FROM event WHERE ${clauses.join(" AND ")} ORDER BY occurred_at DESC, seq DESC LIMIT ${wanted.limit}`,
  );
}

/** The newest that fit of the few that came from an address: all of those are read, since going through time until there are enough may be going through the whole log. */
async function fetchFromAddress(
  sql: SqlExecutor,
  { from, to }: Days,
  wanted: Wanted,
): Promise<Record<string, unknown>[]> {
  const { clauses, values, place } = exactClauses(wanted, "occurred_at");
  clauses.push(`occurred_at >= ${place(startOfDay(from))}`, `occurred_at < ${place(startOfDay(to))}`);
  return readRows(
    (text) => sql.query(text, values),
    wanted,
    `WITH hit AS MATERIALIZED (SELECT ${wanted.columns} FROM event WHERE ${clauses.join(" AND ")})
     SELECT * FROM hit ORDER BY occurred_at DESC, seq DESC LIMIT ${wanted.limit}`,
  );
}

async function readRows(
  ask: (text: string) => ReturnType<SqlExecutor["query"]>,
  { isJson }: Wanted,
  query: string,
): Promise<Record<string, unknown>[]> {
  if (!isJson) return (await ask(query)).rows;
  const { rows } = await ask(`SELECT coalesce(json_agg(f), '[]') AS found FROM (${query}) f`);
  return rows[0]?.["found"] as Record<string, unknown>[];
}

/** Of these entries the newest that fit. */
async function fetchEntries(
  sql: SqlExecutor,
  days: readonly DayEntries[],
  wanted: Wanted,
): Promise<Record<string, unknown>[]> {
  // The sum is no column, so that the index over time is not thought to be of use.
  const { clauses, values, place } = exactClauses(wanted, "(occurred_at + interval '0')");
  const entries = days.flatMap((one) => one.entries);
  const dayOfEach = days.flatMap((one) => one.entries.map(() => one.day));
  // Each is looked for in the month of its day. Prepared, as making the plan for a year of months takes longer than all the rest.
  return readRows(
    (text) => queryPrepared(sql, text, values),
    wanted,
    `WITH hit AS MATERIALIZED (
       SELECT ${wanted.columns} FROM unnest(${place(numberArray(entries))}::bigint[], ${place(numberArray(dayOfEach))}::int[]) AS h (entry, day)
       JOIN event ON seq = h.entry AND occurred_at >= to_timestamp(h.day * 86400::float8) AND occurred_at < to_timestamp((h.day + 1) * 86400::float8)
       WHERE ${clauses.length === 0 ? "true" : clauses.join(" AND ")})
     SELECT * FROM hit ORDER BY occurred_at DESC, seq DESC LIMIT ${place(wanted.limit)}::int`,
  );
}

function toView(row: Record<string, unknown>): TrailEventView {
  const { occurred_at: at, received_at: receivedAt, ...rest } = row;
  return {
    ...(rest as Omit<TrailEventView, "at" | "receivedAt">),
    at: new Date(at as string).toISOString(),
    receivedAt: new Date(receivedAt as string).toISOString(),
  };
}
