import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Condition, Frequencies } from "#lib/db/trail/search-terms.ts";
import { blockOfKey, dayOfKey, keyOf, readConditionBlocks, type Days } from "#lib/db/trail/term-blocks.ts";
import { BLOCK_ENTRIES, meetingPlaces } from "#lib/domain/trail/places.ts";

/** The entries of the log that fulfil what was read of the conditions, on a day. */
export type DayEntries = { day: number; entries: number[] };

/** Reading an event to see whether it fits costs as much as reading so many bytes of places. */
const BYTES_PER_EVENT = 600;

/**
 * Entries that fulfil the conditions, by day, the newest first. With `share`, which is how many of those that are expected to fulfil all of them turn out to, a condition is
 * left to whoever reads the events, where looking at them is cheaper than reading what fulfils it; with null every condition counts.
 */
export async function findPlaces(
  sql: SqlExecutor,
  conditions: readonly Condition[],
  days: Days,
  { frequencies, share }: { frequencies: Frequencies; share: number | null },
): Promise<DayEntries[]> {
  const rarestFirst = [...conditions.keys()].toSorted((a, b) => countOf(frequencies, a) - countOf(frequencies, b));
  const worth = share === null ? rarestFirst : worthReading(frequencies, rarestFirst, share);
  const used = quickestNext(conditions, frequencies, worth);
  const found = await readConditionBlocks(
    sql,
    used.map((n) => conditions[n] ?? []),
    days,
    frequencies.blocksADay,
  );
  const byDay = new Map<number, number[]>();
  for (const [key, places] of meetingPlaces(found, { from: keyOf(days.from, 0), to: keyOf(days.to, 0) })) {
    const [day, block] = [dayOfKey(key), blockOfKey(key)];
    const entries = byDay.get(day) ?? [];
    for (const place of places) entries.push(block * BLOCK_ENTRIES + place);
    byDay.set(day, entries);
  }
  return Array.from(byDay, ([day, entries]) => ({ day, entries })).toSorted((one, other) => other.day - one.day);
}

/** The rarest, and each that is worth more than looking at what the rarer ones leave. */
function worthReading(frequencies: Frequencies, rarestFirst: readonly number[], share: number): number[] {
  const { total } = frequencies;
  let left = total;
  return rarestFirst.filter((n, at) => {
    const spared = left * (1 - share * Math.min(1, countOf(frequencies, n) / Math.max(1, total)));
    if (at > 0 && bytesOf(countOf(frequencies, n), total) > spared * BYTES_PER_EVENT) return false;
    left *= Math.min(1, countOf(frequencies, n) / Math.max(1, total));
    return true;
  });
}

/**
 * After the rarest what takes the fewest bytes: of what it leaves, to see which are reads is a bit for each, and to see which have any of a dozen names is to go through
 * all their lists.
 */
function quickestNext(
  conditions: readonly Condition[],
  { total, counts }: Frequencies,
  [rarest, ...others]: readonly number[],
): number[] {
  // Each term has a list, or a map where that is shorter.
  const bytes = (n: number) => Math.min((counts[n] ?? 0) * 2, ((conditions[n]?.length ?? 1) * total) / 8);
  return rarest === undefined ? [] : [rarest, ...others.toSorted((a, b) => bytes(a) - bytes(b))];
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
