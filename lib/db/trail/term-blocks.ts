import { createHash } from "node:crypto";
import type { SqlExecutor } from "#lib/db/activity.ts";
import { numberArray } from "#lib/db/array-literal.ts";
import { queryPrepared } from "#lib/db/prepared.ts";
import type { Condition } from "#lib/db/trail/search-terms.ts";
import { joinBlocks, unionBlocks, type BlockPlaces } from "#lib/domain/trail/places.ts";

/** `[from, to)`, in days since 1970. */
export type Days = { from: number; to: number };

/** Days whose places are remembered together: so many where they have a block of the log each, fewer where they have more. */
const MOST_STRETCH_DAYS = 32;
/** Bytes that a process remembers. */
const MOST_KEPT_BYTES = 96 * 2 ** 20;
/** A row's numbers, beside its places. */
const ROW_BYTES = 40;
/** A log of 2⁴⁵ entries has no more blocks. */
const MOST_BLOCKS = 2 ** 31;

/** The places of a condition on the days of a stretch, in blocks of the log below `upTo`, each of which has one list. */
type Stretch = { upTo: number; blocks: BlockPlaces };
/** By condition and stretch, the one that was asked for last at the end. */
type Kept = { version: string | null; stretches: Map<string, Stretch>; bytes: number };

// Nothing is added to a block that is not the last, so that what was read of those before stays true until something is taken away or put in its place, which makes a new version.
const kept = new WeakMap<SqlExecutor, Kept>();

/** The number of a block on a day, as its places are told apart in `BlockPlaces`. */
export function keyOf(day: number, block: number): number {
  return day * MOST_BLOCKS + block;
}

export function dayOfKey(key: number): number {
  return Math.floor(key / MOST_BLOCKS);
}

export function blockOfKey(key: number): number {
  return key - dayOfKey(key) * MOST_BLOCKS;
}

/**
 * What fulfils each condition in the stretches of days that `days` are in: what any of its terms has. `sql` is the pool of the database. What has been read before and cannot
 * have changed comes from memory. `blocksADay`: about how many the log has.
 */
export async function readConditionBlocks(
  sql: SqlExecutor,
  conditions: readonly Condition[],
  days: Days,
  blocksADay: number,
): Promise<BlockPlaces[][]> {
  const own = kept.get(sql) ?? startKeeping(sql);
  const stretchDays = Math.max(1, MOST_STRETCH_DAYS / 2 ** Math.max(0, Math.ceil(Math.log2(blocksADay))));
  const stretches = stretchesOf(days, stretchDays);
  if (conditions.length === 0 || stretches.length === 0) return conditions.map(() => []);
  const names = conditions.map((terms) => {
    const name = nameOf(terms);
    return stretches.map((stretch) => `${name} ${stretch} ${stretchDays}`);
  });
  const before = names.map((ofCondition) => ofCondition.map((name) => own.stretches.get(name)));
  const whole = daysOf(stretches, stretchDays);
  const asks = conditions.flatMap((terms, n): Ask[] => {
    const known = before[n]?.filter((stretch) => stretch !== undefined) ?? [];
    const unknown = stretches.filter((_, at) => before[n]?.[at] === undefined);
    // Of what is known only what has come since.
    const since =
      known.length === 0 ? [] : [{ n, terms, days: whole, least: Math.min(...known.map(({ upTo }) => upTo)) }];
    return unknown.length === 0 ? since : [...since, { n, terms, days: daysOf(unknown, stretchDays), least: 0 }];
  });
  const { version, openBlock, found } = await readRows(sql, asks, stretchDays);
  own.version ??= version;
  if (own.version !== version) {
    startKeeping(sql);
    return readConditionBlocks(sql, conditions, days, blocksADay);
  }
  return conditions.map((_, n) =>
    stretches.flatMap((number, at) => {
      const old = before[n]?.[at];
      const rows = found.get(`${n} ${number}`);
      const isNew = (key: number) => blockOfKey(key) >= (old?.upTo ?? 0) && blockOfKey(key) < openBlock;
      const grown = rows === undefined ? null : unionBlocks(rows, isNew);
      const blocks = joinBlocks(old?.blocks ?? NO_BLOCKS, grown ?? NO_BLOCKS);
      keep(own, names[n]?.[at] ?? "", { upTo: openBlock, blocks });
      // What is still being added to is not remembered.
      return rows === undefined ? [blocks] : [blocks, unionBlocks(rows, (key) => blockOfKey(key) >= openBlock)];
    }),
  );
}

const NO_BLOCKS: BlockPlaces = { blocks: [], counts: [], lengths: [], bytes: new Uint8Array() };

function startKeeping(sql: SqlExecutor): Kept {
  const own: Kept = { version: null, stretches: new Map(), bytes: 0 };
  kept.set(sql, own);
  return own;
}

function stretchesOf({ from, to }: Days, stretchDays: number): number[] {
  const first = Math.floor(from / stretchDays);
  return Array.from({ length: Math.max(0, Math.ceil(to / stretchDays) - first) }, (_, n) => first + n);
}

/** The days from the first to the last of the stretches. */
function daysOf(stretches: readonly number[], stretchDays: number): Days {
  return { from: (stretches[0] ?? 0) * stretchDays, to: ((stretches.at(-1) ?? 0) + 1) * stretchDays };
}

/** The same for the same terms, and short, however many there are. */
function nameOf(terms: Condition): string {
  const sorted = terms.toSorted((one, other) => one - other).join(",");
  return terms.length < MOST_NAMED_TERMS ? sorted : createHash("sha256").update(sorted).digest("base64");
}

const MOST_NAMED_TERMS = 4;

type Row = { version: string; open_block: number; name: string | null; days: number[]; own_blocks: number[] } & Omit<
  BlockPlaces,
  "blocks"
>;

/** What a condition's terms have on some days in blocks from `least` on. `n`: the number of the condition. */
type Ask = { n: number; terms: Condition; days: Days; least: number };

/**
 * The rows that are asked for, by the condition's number and the stretch; some perhaps twice. Blocks that came since begin on the first day that the log's newest entries have.
 * One statement, so that all of it is of one instant; one row a condition and stretch, for thousands of rows would cost more than what is in them.
 */
async function readRows(
  sql: SqlExecutor,
  asks: readonly Ask[],
  stretchDays: number,
): Promise<{ version: string; openBlock: number; found: Map<string, BlockPlaces> }> {
  const listOf = (value: (ask: Ask, term: number) => number) =>
    numberArray(asks.flatMap((ask) => ask.terms.map((term) => value(ask, term))));
  const { rows } = await queryPrepared(
    sql,
    `WITH asked AS MATERIALIZED (
       SELECT n, term, least, greatest(first, newest) AS first, last FROM unnest($1::int[], $2::bigint[], $3::int[], $4::int[], $5::int[]) AS c (n, term, least, first, last)
       LEFT JOIN (SELECT least, (SELECT coalesce(min(day), 2147483647) FROM event_term_day WHERE term = event_term_hash('*') AND block >= least) AS newest
         FROM (SELECT DISTINCT least FROM unnest($3::int[]) AS u (least) WHERE least > 0) l) f USING (least))
     SELECT concat_ws(' ', s.version, pg_postmaster_start_time(), 'event_term_day'::regclass::oid) AS version, s.open_block, r.*
     FROM event_term_state s LEFT JOIN (
       SELECT c.n || ' ' || floor(d.day / $6::float8) AS name, array_to_json(array_agg(d.day)) AS days, array_to_json(array_agg(d.block)) AS own_blocks,
         array_to_json(array_agg(d.count)) AS counts, array_to_json(array_agg(octet_length(d.places))) AS lengths, string_agg(d.places, '') AS bytes
       FROM asked c JOIN event_term_day d ON d.term = c.term AND d.day >= c.first AND d.day < c.last AND d.block >= c.least
       GROUP BY c.n, floor(d.day / $6::float8)
     ) r ON true`,
    [
      listOf(({ n }) => n),
      listOf((_, term) => term),
      listOf(({ least }) => least),
      listOf(({ days }) => days.from),
      listOf(({ days }) => days.to),
      stretchDays,
    ],
  );
  const found = new Map<string, BlockPlaces>();
  for (const { name, days: on, own_blocks: blocks, counts, lengths, bytes } of rows as Row[])
    if (name !== null)
      found.set(name, { blocks: on.map((day, n) => keyOf(day, blocks[n] ?? 0)), counts, lengths, bytes });
  const { version = "", open_block: openBlock = 0 } = (rows[0] ?? {}) as Partial<Row>;
  return { version, openBlock, found };
}

/** What was asked for longest ago goes first. */
function keep(own: Kept, name: string, stretch: Stretch): void {
  drop(own, name);
  own.stretches.set(name, stretch);
  own.bytes += bytesOf(stretch);
  for (const oldest of own.stretches.keys()) {
    if (own.bytes <= MOST_KEPT_BYTES) break;
    drop(own, oldest);
  }
}

function drop(own: Kept, name: string): void {
  const stretch = own.stretches.get(name);
  if (stretch === undefined) return;
  own.stretches.delete(name);
  own.bytes -= bytesOf(stretch);
}

function bytesOf({ blocks: { blocks, bytes } }: Stretch): number {
  return ROW_BYTES * (1 + blocks.length) + bytes.length;
}
