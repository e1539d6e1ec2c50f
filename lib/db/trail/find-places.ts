import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Condition, Frequencies } from "#lib/db/trail/search-terms.ts";
import { BLOCK_ENTRIES, meetingPlaces, type Places } from "#lib/domain/trail/places.ts";

/** `[from, to)`, in days since 1970. */
export type Days = { from: number; to: number };

/** The entries of the log that fulfil what was read of the conditions, on a day. */
export type DayEntries = { day: number; entries: number[] };

/** Reading an event to see whether it fits costs as much as reading so many bytes of places. */
const BYTES_PER_EVENT = 1_000;

/**
 * Entries that fulfil the conditions, by day, the newest first. With `isThrifty` a condition is left to whoever reads the events, where looking at them is
 * cheaper than reading what fulfils it; otherwise every condition counts.
 */
export async function findPlaces(
  sql: SqlExecutor,
  conditions: readonly Condition[],
  { from, to }: Days,
  { frequencies, isThrifty }: { frequencies: Frequencies; isThrifty: boolean },
): Promise<DayEntries[]> {
  const rarestFirst = [...conditions.keys()].toSorted((a, b) => countOf(frequencies, a) - countOf(frequencies, b));
  const used = isThrifty ? worthReading(frequencies, rarestFirst) : rarestFirst;
  const usesOf = new Map<string, number[]>();
  for (const [use, n] of used.entries())
    for (const term of conditions[n] ?? []) usesOf.set(String(term), [...(usesOf.get(String(term)) ?? []), use]);
  // One row a term: thousands of rows would cost more than what is in them.
  const { rows } = await sql.query(
    `SELECT term, array_to_json(array_agg(day)) AS days, array_to_json(array_agg(block)) AS blocks, array_to_json(array_agg(count)) AS counts,
       array_to_json(array_agg(octet_length(places))) AS lengths, string_agg(places, '') AS bytes
     FROM (SELECT * FROM event_term_day WHERE term = ANY($1::bigint[]) AND day >= $2 AND day < $3 ORDER BY term, day, block) d GROUP BY term`,
    [`{${[...usesOf.keys()].join(",")}}`, from, to],
  );
  const byDay = new Map<number, Map<number, Places[][]>>();
  for (const row of rows as TermRow[])
    for (const use of usesOf.get(row.term) ?? []) addTerm(byDay, row, (own) => own[use] ?? [], used.length);
  return Array.from(byDay, ([day, blocks]) => ({ day, entries: entriesOf(blocks) }))
    .filter(({ entries }) => entries.length > 0)
    .toSorted((one, other) => other.day - one.day);
}

/** What a term has, in lists of which each has one element for each of its blocks, and their places in one piece. */
type TermRow = { term: string; days: number[]; blocks: number[]; counts: number[]; lengths: number[]; bytes: Buffer };

function addTerm(
  byDay: Map<number, Map<number, Places[][]>>,
  { days, blocks, counts, lengths, bytes }: TermRow,
  ownOf: (conditions: Places[][]) => Places[],
  conditions: number,
): void {
  let at = 0;
  for (const [index, day] of days.entries()) {
    const [block = 0, count = 0, length = 0] = [blocks[index], counts[index], lengths[index]];
    const ofDay = byDay.get(day) ?? new Map<number, Places[][]>();
    byDay.set(day, ofDay);
    const own = ofDay.get(block) ?? Array.from({ length: conditions }, () => []);
    ofDay.set(block, own);
    ownOf(own).push({ count, bytes: bytes.subarray(at, at + length) });
    at += length;
  }
}

function entriesOf(blocks: ReadonlyMap<number, Places[][]>): number[] {
  const entries: number[] = [];
  for (const [block, conditions] of blocks) {
    if (conditions.some((places) => places.length === 0)) continue;
    for (const place of meetingPlaces(conditions)) entries.push(block * BLOCK_ENTRIES + place);
  }
  return entries;
}

/** The rarest, and each that is worth more than looking at what the rarer ones leave. */
function worthReading(frequencies: Frequencies, rarestFirst: readonly number[]): number[] {
  const { total } = frequencies;
  let left = total;
  return rarestFirst.filter((n, at) => {
    const spared = left * (1 - Math.min(1, countOf(frequencies, n) / Math.max(1, total)));
    if (at > 0 && bytesOf(countOf(frequencies, n), total) > spared * BYTES_PER_EVENT) return false;
    left -= spared;
    return true;
  });
}

/** About how many bytes of places all conditions have on a day. */
export function bytesADay({ total, counts }: Frequencies): number {
  return counts.reduce((sum, count) => sum + bytesOf(count, total), 0);
}

/** Two for each of `count` events among `total`, or a bit for each of all. */
function bytesOf(count: number, total: number): number {
  return Math.min(count * 2, total / 8);
}

function countOf({ counts }: Frequencies, n: number): number {
  return counts[n] ?? 0;
}
