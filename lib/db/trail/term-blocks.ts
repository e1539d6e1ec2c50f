import type { SqlExecutor } from "#lib/db/activity.ts";
import { numberArray } from "#lib/db/array-literal.ts";
import { queryPrepared } from "#lib/db/prepared.ts";
import type { TermBlocks } from "#lib/domain/trail/places.ts";

/** `[from, to)`, in days since 1970. */
export type Days = { from: number; to: number };

/** Days whose places are remembered together. */
const STRETCH_DAYS = 32;
/** Bytes that a process remembers. */
const MOST_KEPT_BYTES = 96 * 2 ** 20;
/** A row's numbers, beside its places. */
const ROW_BYTES = 40;
/** A log of 2⁴⁵ entries has no more blocks. */
const MOST_BLOCKS = 2 ** 31;

/** The places of a term on the days of a stretch, in blocks of the log below `upTo`. */
type Stretch = { upTo: number; blocks: TermBlocks };
/** By term and stretch, the one that was asked for last at the end. */
type Kept = { version: string | null; stretches: Map<string, Stretch>; bytes: number };

// Nothing is added to a block that is not the last, so that what was read of those before stays true until something is taken away or put in its place, which makes a new version.
const kept = new WeakMap<SqlExecutor, Kept>();

/** The number of a block on a day, as its places are told apart in `TermBlocks`. */
function keyOf(day: number, block: number): number {
  return day * MOST_BLOCKS + block;
}

export function dayOfKey(key: number): number {
  return Math.floor(key / MOST_BLOCKS);
}

export function blockOfKey(key: number): number {
  return key % MOST_BLOCKS;
}

/** The places of terms on some days, each in one or more lists that have no block twice. `sql` is the pool of the database. What has been read before and cannot have changed comes from memory. */
export async function readTermBlocks(
  sql: SqlExecutor,
  sought: readonly number[],
  days: Days,
): Promise<Map<number, TermBlocks[]>> {
  const terms = [...new Set(sought)];
  const own = kept.get(sql) ?? startKeeping(sql);
  const stretches = stretchesOf(days);
  if (terms.length === 0 || stretches.length === 0) return new Map();
  const before = new Map(
    terms.map((term) => [term, stretches.map((stretch) => own.stretches.get(nameOf(term, stretch)))]),
  );
  const isKnown = (term: number) => before.get(term)?.every((stretch) => stretch !== undefined) === true;
  const { version, openBlock, found } = await readRows(sql, {
    unknown: terms.filter((term) => !isKnown(term)),
    known: terms.filter(isKnown),
    least: Math.min(
      ...terms.filter(isKnown).flatMap((term) => before.get(term)?.map((stretch) => stretch?.upTo ?? 0) ?? []),
    ),
    days: { from: (stretches[0] ?? 0) * STRETCH_DAYS, to: ((stretches.at(-1) ?? 0) + 1) * STRETCH_DAYS },
  });
  own.version ??= version;
  if (own.version !== version) {
    startKeeping(sql);
    return readTermBlocks(sql, sought, days);
  }
  return new Map(
    terms.map((term) => [
      term,
      stretches.flatMap((number, n) => {
        const name = nameOf(term, number);
        const old = isKnown(term) ? before.get(term)?.[n] : undefined;
        const rows = found.get(name) ?? NO_BLOCKS;
        const stretch = {
          upTo: openBlock,
          blocks: joined(
            old?.blocks ?? NO_BLOCKS,
            pick(rows, (key) => blockOfKey(key) >= (old?.upTo ?? 0) && blockOfKey(key) < openBlock),
          ),
        };
        keep(own, name, stretch);
        const open = pick(rows, (key) => blockOfKey(key) >= openBlock);
        return [stretch.blocks, open].map((blocks) => within(blocks, number, days));
      }),
    ]),
  );
}

const NO_BLOCKS: TermBlocks = { blocks: [], counts: [], lengths: [], bytes: new Uint8Array() };

function startKeeping(sql: SqlExecutor): Kept {
  const own: Kept = { version: null, stretches: new Map(), bytes: 0 };
  kept.set(sql, own);
  return own;
}

function stretchesOf({ from, to }: Days): number[] {
  const first = Math.floor(from / STRETCH_DAYS);
  return Array.from({ length: Math.max(0, Math.ceil(to / STRETCH_DAYS) - first) }, (_, n) => first + n);
}

function nameOf(term: number, stretch: number): string {
  return `${term} ${stretch}`;
}

type Row = { version: string; open_block: number; name: string | null; days: number[]; own_blocks: number[] } & Omit<
  TermBlocks,
  "blocks"
>;

/** One row a term and stretch: thousands of rows would cost more than what is in them. */
const COLUMNS = `term || ' ' || day / ${STRETCH_DAYS} AS name, array_to_json(array_agg(day)) AS days, array_to_json(array_agg(block)) AS own_blocks,
  array_to_json(array_agg(count)) AS counts, array_to_json(array_agg(octet_length(places))) AS lengths, string_agg(places, '') AS bytes`;

/** All of the unknown terms; of the known ones what is in blocks from `least` on, which the days tell that the log's newest entries have. One statement, so that all of it is of one instant. */
async function readRows(
  sql: SqlExecutor,
  { unknown, known, least, days }: { unknown: readonly number[]; known: readonly number[]; least: number; days: Days },
): Promise<{ version: string; openBlock: number; found: Map<string, TermBlocks> }> {
  const { rows } = await queryPrepared(
    sql,
    `SELECT concat_ws(' ', s.version, pg_postmaster_start_time(), 'event_term_day'::regclass::oid) AS version, s.open_block, r.*
     FROM event_term_state s LEFT JOIN (
       SELECT ${COLUMNS} FROM event_term_day WHERE term = ANY($1::bigint[]) AND day >= $2 AND day < $3 GROUP BY term, day / ${STRETCH_DAYS}
       UNION ALL
       SELECT ${COLUMNS} FROM event_term_day WHERE term = ANY($4::bigint[]) AND day < $3 AND block >= $5
         AND day >= greatest($2, (SELECT coalesce(min(day), $3) FROM event_term_day WHERE term = event_term_hash('*') AND day < $3 AND block >= $5)) GROUP BY term, day / ${STRETCH_DAYS}
     ) r ON true`,
    [numberArray(unknown), days.from, days.to, numberArray(known), Number.isFinite(least) ? least : 0],
  );
  const found = new Map<string, TermBlocks>();
  for (const { name, days: on, own_blocks: blocks, counts, lengths, bytes } of rows as Row[])
    if (name !== null)
      found.set(name, { blocks: on.map((day, n) => keyOf(day, blocks[n] ?? 0)), counts, lengths, bytes });
  const { version = "", open_block: openBlock = 0 } = (rows[0] ?? {}) as Partial<Row>;
  return { version, openBlock, found };
}

function joined(one: TermBlocks, other: TermBlocks): TermBlocks {
  if (other.blocks.length === 0) return one;
  if (one.blocks.length === 0) return other;
  return {
    blocks: [...one.blocks, ...other.blocks],
    counts: [...one.counts, ...other.counts],
    lengths: [...one.lengths, ...other.lengths],
    bytes: Buffer.concat([one.bytes, other.bytes]),
  };
}

/** The blocks that are wanted by their keys. */
function pick(all: TermBlocks, isWanted: (key: number) => boolean): TermBlocks {
  if (all.blocks.every(isWanted)) return all;
  const picked: TermBlocks = { blocks: [], counts: [], lengths: [], bytes: new Uint8Array() };
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const [n, key] of all.blocks.entries()) {
    const length = all.lengths[n] ?? 0;
    if (isWanted(key)) {
      picked.blocks.push(key);
      picked.counts.push(all.counts[n] ?? 0);
      picked.lengths.push(length);
      pieces.push(all.bytes.subarray(at, at + length));
    }
    at += length;
  }
  return { ...picked, bytes: Buffer.concat(pieces) };
}

function within(blocks: TermBlocks, stretch: number, { from, to }: Days): TermBlocks {
  if (from <= stretch * STRETCH_DAYS && to >= (stretch + 1) * STRETCH_DAYS) return blocks;
  return pick(blocks, (key) => dayOfKey(key) >= from && dayOfKey(key) < to);
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
