import { setImmediate } from "node:timers/promises";
import type { SqlExecutor } from "#lib/db/activity.ts";
import { loadBlocks, micros, type NumberBlock } from "#lib/db/posture/load-blocks.ts";
import type { Grain } from "#lib/db/posture/numbers-question.ts";
import type { PostureCell } from "#lib/db/posture/posture-cells.ts";
import { mergeBlocks, type NumberSheet } from "#lib/db/posture/number-sheet.ts";
import { queryPrepared } from "#lib/db/prepared.ts";

/** Rows that a process remembers: about 40 bytes each. */
const MOST_KEPT_ROWS = 3_000_000;
/** Rows of the sheets that it remembers, which have those of the blocks once more: as many bytes each. */
const MOST_SHEET_ROWS = 1_500_000;
/** Adding up the numbers of so many cells takes less than a millisecond, and reading them in a second grain thirty. */
const FEW_CELLS = 100_000;
type Months = { first: number | null; last: number | null };
type Loading = Promise<ReadonlyMap<number, NumberBlock>>;
type Kept = {
  loading: Map<string, Loading>;
  /** By grain and month, and then by rule: a question asks for all rules of a month at once. */
  blocks: Map<string, Map<number, NumberBlock>>;
  cells: Map<number, PostureCell>;
  /** By grain, month and rules, the one that was asked for last at the end: true as long as its blocks are those that are kept. */
  sheets: Map<string, { blocks: NumberBlock[]; sheet: NumberSheet }>;
  sheetRows: number;
  rows: number;
  /** Whether the finest grain has FEW_CELLS. */
  hasFewCells: Promise<boolean>;
  /** What other months have been read of before somebody asks, and whether they are being read now. */
  readAhead: Set<string>;
  isReadingAhead: boolean;
  oldest: number;
  newest: number;
};

// Changes of numbers are only ever added, by one publication at a time, so that a higher number means later committed. What a process has read
// of a rule and a month therefore stays true until a change with a higher number touches that rule in that month or before it.
const kept = new WeakMap<SqlExecutor, Kept>();

/** The numbers as they are known now: what one question reads of them is of one instant, or newer. */
export type NumberStore = { sql: SqlExecutor; own: Kept; months: Months; newest: number };

/** `sql` is the pool of the database. What has been read before and has not changed since comes from memory. */
export async function openNumbers(sql: SqlExecutor): Promise<NumberStore> {
  const { rows } = await queryPrepared(sql, `SELECT ${STATE_COLUMNS}`, []);
  return openNumbersAt(sql, rows[0] ?? {});
}

/** Columns that say up to where numbers are known, for whoever asks for more in the same statement. */
export const STATE_COLUMNS = `(SELECT min(id) FROM posture_change) AS oldest, (SELECT max(id) FROM posture_change) AS newest,
  ${micros("(SELECT min(starts_at) FROM posture_month)")} AS first, ${micros("(SELECT max(starts_at) FROM posture_month)")} AS last`;

/** As `openNumbers`, where a row with `STATE_COLUMNS` has just been read. */
export async function openNumbersAt(sql: SqlExecutor, row: Record<string, unknown>): Promise<NumberStore> {
  const { own, months } = await refresh(sql, row);
  return { sql, own, months, newest: own.newest };
}

/**
 * The numbers of rules in the months that hold the instants `[from, to]`, the oldest month first: in the grain that is asked for, or in the finest where that has few cells, as
 * most questions need it for something.
 */
export async function* readSheets(
  store: NumberStore,
  { ruleIds, ...asked }: { grain: Grain; ruleIds: readonly number[] },
  { from, to }: { from: Date; to: Date },
): AsyncGenerator<NumberSheet> {
  const grain = (await store.own.hasFewCells) ? "full" : asked.grain;
  for (const [start, end] of spansOf(store.months, microsOf(from), microsOf(to)))
    yield sheetOf(store.own, `${grain} ${start ?? ""} `, await blocksOf(store, { grain, ruleIds, start, end }));
  void readAhead(store, { grain, ruleIds });
}

/**
 * Reads the other months, the newest first, up to half of what is remembered: whoever goes back in time next finds them. One question's at a time, once for what is
 * known now.
 */
async function readAhead(
  store: NumberStore,
  { grain, ruleIds }: { grain: Grain; ruleIds: readonly number[] },
): Promise<void> {
  const { own, months, newest } = store;
  const name = `${grain} ${ruleIds.join(" ")}`;
  if (own.isReadingAhead || own.newest !== newest || own.readAhead.has(name) || months.first === null) return;
  own.readAhead.add(name);
  own.isReadingAhead = true;
  try {
    for (const [start, end] of spansOf(months, months.first, Infinity).toReversed()) {
      await setImmediate();
      if (own.newest !== newest || own.rows > MOST_KEPT_ROWS / 2 || own.sheetRows > MOST_SHEET_ROWS / 2) return;
      sheetOf(own, `${grain} ${start ?? ""} `, await blocksOf(store, { grain, ruleIds, start, end }));
    }
  } catch {
    // Whoever asks for the month is told why it cannot be read.
  } finally {
    own.isReadingAhead = false;
  }
}

function sheetOf(own: Kept, month: string, blocks: NumberBlock[]): NumberSheet {
  const name = `${month}${blocks.map(({ ruleId }) => ruleId).join(" ")}`;
  const before = own.sheets.get(name);
  if (before) {
    own.sheets.delete(name);
    if (before.blocks.every((block, index) => block === blocks[index])) {
      own.sheets.set(name, before);
      return before.sheet;
    }
    own.sheetRows -= before.sheet.at.length;
  }
  const sheet = mergeBlocks(blocks);
  for (const [oldest, other] of own.sheets) {
    if (own.sheetRows + sheet.at.length <= MOST_SHEET_ROWS) break;
    own.sheets.delete(oldest);
    own.sheetRows -= other.sheet.at.length;
  }
  own.sheets.set(name, { blocks, sheet });
  own.sheetRows += sheet.at.length;
  return sheet;
}

type Span = { grain: Grain; ruleIds: readonly number[]; start: number | null; end: number | null };

async function blocksOf({ sql, own, newest }: NumberStore, span: Span): Promise<NumberBlock[]> {
  const { grain, ruleIds, start } = span;
  const month = `${grain} ${start ?? ""}`;
  const known: NumberBlock[] = [];
  const before = own.blocks.get(month);
  for (const ruleId of ruleIds) {
    const block = before?.get(ruleId);
    if (block) known.push(block);
  }
  if (known.length === ruleIds.length) return known;
  // What somebody who knew as much is reading already is waited for.
  const loadingName = (ruleId: number) => `${newest} ${month} ${ruleId}`;
  const missing = ruleIds.filter((ruleId) => !before?.has(ruleId) && !own.loading.has(loadingName(ruleId)));
  if (missing.length > 0) {
    const loading = loadBlocks(sql, own.cells, { ...span, ruleIds: missing }).then((blocks) => {
      // What another question has found to be changed meanwhile may have been read before the change.
      if (own.newest === newest) for (const block of blocks) keep(own, month, block);
      return new Map(blocks.map((block) => [block.ruleId, block]));
    });
    for (const ruleId of missing) own.loading.set(loadingName(ruleId), loading);
    const forgetLoading = () => {
      for (const ruleId of missing) own.loading.delete(loadingName(ruleId));
    };
    loading.then(forgetLoading, forgetLoading);
  }
  const found = ruleIds.map((ruleId) => before?.get(ruleId) ?? own.loading.get(loadingName(ruleId)));
  const blocks = await Promise.all(
    found.map(async (block, index) => (block instanceof Promise ? (await block).get(ruleIds[index] ?? 0) : block)),
  );
  return blocks.filter((block) => block !== undefined);
}

/** Which months hold `[from, to]`: `[start, end)` each, null where it is open. */
function spansOf({ first, last }: Months, from: number, to: number): [number | null, number | null][] {
  if (first === null || last === null) return [[null, null]];
  const spans: [number | null, number | null][] = from < first ? [[null, first]] : [];
  for (let start = first; start <= last && start <= to; start = nextMonth(start)) {
    const end = start === last ? null : nextMonth(start);
    if (end === null || end > from) spans.push([start, end]);
  }
  return spans;
}

function nextMonth(micros: number): number {
  const date = new Date(micros / 1000);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) * 1000;
}

function microsOf(date: Date): number {
  return date.getTime() * 1000;
}

/** Forgets what changed since this process looked last. */
async function refresh(sql: SqlExecutor, row: Record<string, unknown>): Promise<{ own: Kept; months: Months }> {
  const numberOf = (column: string): number | null => {
    const value = row[column] ?? null;
    return value === null ? null : Number(value);
  };
  const months = { first: numberOf("first"), last: numberOf("last") };
  const [oldest, newest] = [numberOf("oldest") ?? 0, numberOf("newest") ?? 0];
  const before = kept.get(sql);
  // Changes that have gone are those of another database that was put into this one's place.
  if (!before || before.oldest !== oldest || before.newest > newest) {
    const own: Kept = {
      loading: new Map(),
      blocks: new Map(),
      cells: new Map(),
      sheets: new Map(),
      sheetRows: 0,
      rows: 0,
      hasFewCells: countCells(sql),
      readAhead: new Set(),
      isReadingAhead: false,
      oldest,
      newest,
    };
    kept.set(sql, own);
    return { own, months };
  }
  if (before.newest < newest) await forget(sql, before, newest);
  return { own: before, months };
}

async function countCells(sql: SqlExecutor): Promise<boolean> {
  const { rows } = await sql.query(
    `SELECT count(*) <= ${FEW_CELLS} AS few FROM (SELECT FROM posture_cell WHERE grain = 'full' LIMIT ${FEW_CELLS + 1}) c`,
  );
  return rows[0]?.["few"] === true;
}

async function forget(sql: SqlExecutor, own: Kept, newest: number): Promise<void> {
  const { rows } = await queryPrepared(
    sql,
    `SELECT grain, rule_id, ${micros("min(at)")} AS at FROM posture_change WHERE id > $1 AND id <= $2 GROUP BY 1, 2`,
    [own.newest, newest],
  );
  const changed = new Map(rows.map((row) => [`${String(row["grain"])} ${Number(row["rule_id"])}`, Number(row["at"])]));
  for (const [month, blocks] of own.blocks)
    for (const block of blocks.values()) {
      const at = changed.get(`${month.slice(0, month.indexOf(" "))} ${block.ruleId}`);
      if (at !== undefined && (block.to === null || block.to > at)) drop(own, month, block);
    }
  own.newest = Math.max(own.newest, newest);
  own.hasFewCells = countCells(sql);
  own.readAhead.clear();
}

function keep(own: Kept, month: string, block: NumberBlock): void {
  // What was kept first goes first.
  for (const [oldest, others] of own.blocks)
    for (const other of others.values()) {
      if (own.rows + block.at.length <= MOST_KEPT_ROWS) break;
      drop(own, oldest, other);
    }
  const before = own.blocks.get(month)?.get(block.ruleId);
  if (before) drop(own, month, before);
  const blocks = own.blocks.get(month) ?? new Map<number, NumberBlock>();
  own.blocks.set(month, blocks.set(block.ruleId, block));
  own.rows += block.at.length;
}

function drop(own: Kept, month: string, block: NumberBlock): void {
  const blocks = own.blocks.get(month);
  if (!blocks?.delete(block.ruleId)) return;
  if (blocks.size === 0) own.blocks.delete(month);
  own.rows -= block.at.length;
}
