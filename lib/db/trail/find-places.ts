import type { SqlExecutor } from "#lib/db/activity.ts";
import { numberArray } from "#lib/db/array-literal.ts";
import type { Condition, SearchDay } from "#lib/db/trail/search-terms.ts";
import { BLOCK_ENTRIES, meetingPlaces, type Places } from "#lib/domain/trail/places.ts";

/** The entries of the log that fulfil what was read of the conditions, on a day. */
export type DayPlaces = { day: number; entries: number[] };

/** Reading an event to see whether it fits costs as much as reading so many bytes of places. */
const BYTES_PER_EVENT = 1_000;

/**
 * Entries that fulfil the conditions, by day as `days` has them. With `isThrifty` a condition is left to whoever reads the events, where looking at them is
 * cheaper than reading what fulfils it; otherwise every condition counts.
 */
export async function findPlaces(
  sql: SqlExecutor,
  conditions: readonly Condition[],
  days: readonly SearchDay[],
  isThrifty: boolean,
): Promise<DayPlaces[]> {
  const wanted = rarestFirst(days, conditions.length);
  const used = isThrifty ? worthReading(days, wanted) : wanted;
  const usesOf = new Map<string, number[]>();
  for (const [at, { n }] of used.entries())
    for (const term of conditions[n] ?? []) usesOf.set(String(term), [...(usesOf.get(String(term)) ?? []), at]);
  // One row a term: thousands of rows would cost more than what is in them.
  const { rows } = await sql.query(
    `SELECT term, json_agg(json_build_array(day, block, count, octet_length(places)) ORDER BY day, block) AS parts, string_agg(places, '' ORDER BY day, block) AS bytes
     FROM event_term_day WHERE term = ANY($1::bigint[]) AND day = ANY($2::int[]) GROUP BY term`,
    [`{${[...usesOf.keys()].join(",")}}`, numberArray(days.map(({ day }) => day))],
  );
  const byDay = new Map(days.map(({ day }) => [day, new Map<number, Places[][]>()]));
  for (const { term, parts, bytes } of rows as TermRow[]) {
    let at = 0;
    for (const [day, block, count, length] of parts) {
      const blocks = byDay.get(day);
      const own = blocks?.get(block) ?? used.map(() => []);
      blocks?.set(block, own);
      for (const use of usesOf.get(term) ?? []) own[use]?.push({ count, bytes: bytes.subarray(at, at + length) });
      at += length;
    }
  }
  return days.map(({ day }) => ({ day, entries: entriesOf(byDay.get(day)) }));
}

/** `parts`: day, block, count and length in bytes, in the order in which they stand in `bytes`. */
type TermRow = { term: string; parts: [number, number, number, number][]; bytes: Buffer };

function entriesOf(blocks: ReadonlyMap<number, Places[][]> = new Map()): number[] {
  const entries: number[] = [];
  for (const [block, conditions] of blocks) {
    if (conditions.some((places) => places.length === 0)) continue;
    for (const place of meetingPlaces(conditions)) entries.push(block * BLOCK_ENTRIES + place);
  }
  return entries;
}

type Counted = { n: number; count: number };

function rarestFirst(days: readonly SearchDay[], conditions: number): Counted[] {
  return Array.from({ length: conditions }, (_, n) => ({
    n,
    count: sumOf(days, ({ counts }) => counts[n] ?? 0),
  })).toSorted((one, other) => one.count - other.count);
}

/** The rarest, and each that is worth more than looking at what the rarer ones leave. */
function worthReading(days: readonly SearchDay[], counted: readonly Counted[]): Counted[] {
  const total = sumOf(days, (day) => day.total);
  let left = total;
  return counted.filter(({ count }, at) => {
    const spared = left * (1 - Math.min(1, count / total));
    if (at > 0 && bytesOf(count, total) > spared * BYTES_PER_EVENT) return false;
    left -= spared;
    return true;
  });
}

/** About how many bytes places are of `count` events among `total`: two each, or a bit for each of all. */
function bytesOf(count: number, total: number): number {
  return Math.min(count * 2, total / 8);
}

/** About how many bytes `findPlaces` reads of these days where every condition counts. */
export function readingOf(days: readonly SearchDay[]): number {
  return sumOf(days, ({ counts, total }) => counts.reduce((sum, count) => sum + bytesOf(count, total), 0));
}

function sumOf(days: readonly SearchDay[], of: (day: SearchDay) => number): number {
  return days.reduce((sum, day) => sum + of(day), 0);
}
