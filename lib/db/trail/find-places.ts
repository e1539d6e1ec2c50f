import type { SqlExecutor } from "#lib/db/activity.ts";
import { numberArray } from "#lib/db/array-literal.ts";
import type { Condition, SearchDay } from "#lib/db/trail/search-terms.ts";
import { BLOCK_ENTRIES, meetingPlaces, type ConditionPlaces } from "#lib/domain/trail/places.ts";

/** The entries of the log that fit on a day. Where `isWhole` is false some conditions were left to the events themselves. */
export type DayPlaces = { day: number; entries: number[] };

/** Reading an event to see whether it fits costs as much as reading so many places. */
const PLACES_PER_EVENT = 200;

/**
 * Entries that fulfil the conditions, by day as `days` has them. With `isThrifty` a condition that is fulfilled by so much that looking at the events
 * themselves is cheaper is left to whoever reads them; otherwise every condition counts.
 */
export async function findPlaces(
  sql: SqlExecutor,
  conditions: readonly Condition[],
  days: readonly SearchDay[],
  isThrifty: boolean,
): Promise<DayPlaces[]> {
  const wanted = rarestFirst(days, conditions.length);
  const used = isThrifty ? worthReading(days, wanted) : wanted;
  const numberOf = new Map<string, number[]>();
  for (const [at, { n }] of used.entries())
    for (const term of conditions[n] ?? []) {
      const own = numberOf.get(String(term)) ?? [];
      own.push(at);
      numberOf.set(String(term), own);
    }
  const { rows } = await sql.query(
    "SELECT day, block, term, places FROM event_term_day WHERE term = ANY($1::bigint[]) AND day = ANY($2::int[])",
    [`{${[...numberOf.keys()].join(",")}}`, numberArray(days.map(({ day }) => day))],
  );
  const byDay = new Map<number, Map<number, Uint8Array[][]>>(days.map(({ day }) => [day, new Map()]));
  for (const { day, block, term, places } of rows as { day: number; block: number; term: string; places: Buffer }[]) {
    const blocks = byDay.get(day);
    const own = blocks?.get(block) ?? used.map(() => []);
    blocks?.set(block, own);
    for (const at of numberOf.get(term) ?? []) own[at]?.push(places);
  }
  return days.map(({ day }) => ({ day, entries: entriesOf(byDay.get(day)) }));
}

function entriesOf(blocks: ReadonlyMap<number, ConditionPlaces[]> = new Map()): number[] {
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

/** The rarest, and each that is not worth more than looking at what the rarer ones leave. */
function worthReading(days: readonly SearchDay[], counted: readonly Counted[]): Counted[] {
  const total = sumOf(days, (day) => day.total);
  let left = total;
  return counted.filter(({ count }, at) => {
    if (at > 0 && count > left * PLACES_PER_EVENT) return false;
    left *= Math.min(1, count / total);
    return true;
  });
}

/** How many places `findPlaces` reads of these days where every condition counts. */
export function placesOf(days: readonly SearchDay[]): number {
  return sumOf(days, ({ counts }) => counts.reduce((sum, count) => sum + count, 0));
}

function sumOf(days: readonly SearchDay[], of: (day: SearchDay) => number): number {
  return days.reduce((sum, day) => sum + of(day), 0);
}
