import type { SqlExecutor } from "#lib/db/activity.ts";
import {
  isOnePass,
  isSmallPass,
  needsSplit,
  spendSql,
  type SpendGrouping,
  type SpendQuestion,
} from "#lib/db/spend/spend-sql.ts";
import { readCells, type CellPass, type SpendCell } from "#lib/db/spend/read-cells.ts";
import { addAmounts, type Amount } from "#lib/domain/money.ts";
import { periodsOf, rangeOf, type DayRange } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import type { CostKind, SpendDimension } from "#lib/services/spend/spend-view.ts";

export type SpendTotal = { currency: string; key: string; kind: CostKind; amount: Amount };
/** key null = all keys together. */
export type SpendBucket = { currency: string; key: string | null; bucket: string; amount: Amount };

/** What a table and its trend are made of, and what they are compared with. */
export type SpendFigures = {
  totals: SpendTotal[];
  cells: SpendBucket[];
  previous: SpendComparison | null;
};

/** What a table and its trend are compared with: totals by currency and value of the dimension, and by bucket for all together. */
export type SpendComparison = {
  totals: { currency: string; key: string; amount: Amount }[];
  cells: { currency: string; bucket: string; amount: Amount }[];
};

/**
 * Totals by currency, value of the dimension and kind; and by bucket, for each value and for all together; and what they are compared with,
 * all in one statement. One pass where the relation that has the buckets has the kinds as well, otherwise each from the smallest that knows it.
 *
 * @returns null where a slice was published anew since the question was opened.
 */
export async function readSpendFigures(
  sql: SqlExecutor,
  asked: { question: SpendQuestion; comparison: SpendQuestion | null },
  dimension: SpendDimension,
  bucket: "day" | "month",
): Promise<SpendFigures | null> {
  const { question, comparison } = asked;
  const [byKind, byBucket, all] = [{ dimension, kind: true }, { dimension, bucket }, { bucket }];
  const whole = { ...byKind, ...byBucket };
  // Parts of pools are cut per value of the dimension: where owners are asked for, all together is the sum of what was cut.
  const trend = needsSplit(question, all) ? [byBucket] : [byBucket, all];
  const passes: CellPass[] = isOnePass(question, whole, byBucket)
    ? [{ question, whole, sets: [byKind, ...trend] }]
    : [
        { question, whole: byKind, sets: [byKind] },
        { question, whole: byBucket, sets: trend },
      ];
  const own = passes.length;
  if (comparison && isSmallPass(comparison, byBucket))
    passes.push({ question: comparison, whole: byBucket, sets: [{ dimension }, all] });
  else if (comparison)
    passes.push(
      { question: comparison, whole: { dimension }, sets: [{ dimension }] },
      { question: comparison, whole: all, sets: [all] },
    );
  const read = await readCells(sql, passes);
  if (!read) return null;
  const [totals = [], cells = [], sums = cells] = read.slice(0, own).flat();
  const [before = [], sumsBefore = []] = read.slice(own).flat();
  return {
    totals: toTotals(totals),
    cells: toBuckets(cells, sums),
    previous: comparison && { totals: toKeys(before), cells: toSums(sumsBefore) },
  };
}

/** Totals by currency, value of the dimension and kind. @throws AppError "conflict" as all of these readers do, see `onePass`. */
export async function readSpendTotals(
  sql: SqlExecutor,
  question: SpendQuestion,
  dimension: SpendDimension,
): Promise<SpendTotal[]> {
  const [cells = []] = await onePass(sql, question, { dimension, kind: true });
  return toTotals(cells);
}

/** Totals by currency and bucket, for each value of the dimension and for all together. */
export async function readSpendBuckets(
  sql: SqlExecutor,
  question: SpendQuestion,
  dimension: SpendDimension,
  bucket: "day" | "month",
): Promise<SpendBucket[]> {
  const whole = { dimension, bucket };
  const [cells = [], sums = cells] = await onePass(
    sql,
    question,
    whole,
    ...(needsSplit(question, { bucket }) ? [] : [{ bucket }]),
  );
  return toBuckets(cells, sums);
}

/** Totals by currency and kind. */
export async function readSpendByKind(
  sql: SqlExecutor,
  question: SpendQuestion,
): Promise<{ currency: string; kind: CostKind; amount: Amount }[]> {
  const [cells = []] = await onePass(sql, question, { kind: true });
  return addUp(cells, "kind").map(({ first, amount }) => ({
    currency: first.currency,
    kind: first.kind ?? "unallocated",
    amount,
  }));
}

/** @throws AppError "conflict" where a slice was published anew since the question was opened: figures of two versions do not belong together. */
async function onePass(
  sql: SqlExecutor,
  question: SpendQuestion,
  whole: SpendGrouping,
  ...parts: SpendGrouping[]
): Promise<SpendCell[][]> {
  const read = await readCells(sql, [{ question, whole, sets: [whole, ...parts] }]);
  if (read) return read.flat();
  throw new AppError("conflict", "The figures were published anew while they were read.", {
    remedy: "Try again in a moment.",
  });
}

function toKeys(cells: readonly SpendCell[]): SpendComparison["totals"] {
  return addUp(cells, "key").map(({ first: { currency, key }, amount }) => ({
    currency,
    key,
    amount,
  }));
}

function toTotals(cells: readonly SpendCell[]): SpendTotal[] {
  return addUp(cells, "key", "kind").map(({ first, amount }) => ({
    currency: first.currency,
    key: first.key,
    kind: first.kind ?? "unallocated",
    amount,
  }));
}

function toBuckets(cells: readonly SpendCell[], sums: readonly SpendCell[]): SpendBucket[] {
  const byKey = addUp(cells, "key", "bucket");
  const all = toSums(sums);
  return [
    ...byKey.map(({ first: { currency, key, bucket }, amount }) => ({ currency, key, bucket, amount })),
    ...all.map(({ currency, bucket, amount }) => ({ currency, key: null, bucket, amount })),
  ];
}

function toSums(cells: readonly SpendCell[]): { currency: string; bucket: string; amount: Amount }[] {
  const byBucket = addUp(cells, "bucket");
  return byBucket.map(({ first: { currency, bucket }, amount }) => ({ currency, bucket, amount }));
}

/** Adds the cells up that agree in each of the fields, besides the currency; a cell alone keeps its text. */
function addUp(
  cells: readonly SpendCell[],
  ...fields: ("key" | "kind" | "bucket")[]
): { first: SpendCell; amount: Amount }[] {
  type Group = { first: SpendCell; amounts: Amount[] };
  type Level = Map<string | null, Level | Group>;
  const groups: Group[] = [];
  const root: Level = new Map();
  const path = ["currency" as const, ...fields];
  for (const cell of cells) {
    let level = root;
    for (const field of path.slice(0, -1)) {
      let next = level.get(cell[field]);
      if (!(next instanceof Map)) level.set(cell[field], (next = new Map()));
      level = next;
    }
    const last = cell[path.at(-1) ?? "currency"];
    const group = level.get(last);
    if (group && !(group instanceof Map)) group.amounts.push(cell.amount);
    else {
      const added = { first: cell, amounts: [cell.amount] };
      level.set(last, added);
      groups.push(added);
    }
  }
  return groups.map(({ first, amounts }) => ({
    first,
    amount: amounts.length === 1 ? first.amount : addAmounts(amounts),
  }));
}

/** The values that a dimension takes, at most `limit`. */
export async function readSpendKeys(
  sql: SqlExecutor,
  question: SpendQuestion,
  dimension: SpendDimension,
  limit: number,
): Promise<string[]> {
  const { select, from, where, parameters } = spendSql(question, { dimension });
  const { rows } = await sql.query(
    `SELECT DISTINCT ${select[1]} FROM ${from} WHERE ${where} ORDER BY 1 LIMIT ${parameters.add(limit)}`,
    parameters.values,
  );
  return rows.map((row) => String(row.grp));
}

export type UnallocatedRow = {
  currency: string;
  kind: "account" | "service" | "tag";
  parts: string[];
  amount: Amount;
  lineItems: number;
};

/** The largest unowned accounts, services and tag values, at most `limit` of each per currency. */
export async function readUnallocatedRows(
  sql: SqlExecutor,
  question: SpendQuestion,
  limit: number,
): Promise<UnallocatedRow[]> {
  // Grouping by an account's dimension makes the statement join the keys that the three groupings need.
  const {
    from,
    where,
    amount: summed,
    parameters,
  } = spendSql({ ...question, kinds: ["unallocated"] }, { dimension: "subAccount", kind: true });
  const { rows } = await sql.query(
    `WITH cell AS MATERIALIZED (
       SELECT s.shown_in, k.id, k.provider, k.sub_account_id, k.service_name, k.tags, sum(${summed}) AS amount,
              sum(c.line_items)::int AS line_items
       FROM ${from} WHERE ${where} GROUP BY 1, k.id
     ), grouped AS (
       SELECT shown_in, 'account' AS kind, ARRAY[provider, sub_account_id] AS parts, sum(amount) AS amount, sum(line_items)::int AS line_items
       FROM cell GROUP BY shown_in, provider, sub_account_id
       UNION ALL
       SELECT shown_in, 'service', ARRAY[provider, service_name], sum(amount), sum(line_items)::int FROM cell GROUP BY shown_in, provider, service_name
       UNION ALL
       SELECT shown_in, 'tag', ARRAY[t.key, t.value], sum(amount), sum(line_items)::int FROM cell, jsonb_each_text(tags) t GROUP BY shown_in, t.key, t.value
     ), ranked AS (
       SELECT *, row_number() OVER (PARTITION BY shown_in, kind ORDER BY abs(amount) DESC, parts) AS place FROM grouped
     )
     SELECT shown_in, kind, parts, trim_scale(amount)::text AS amount, line_items FROM ranked
     WHERE place <= ${parameters.add(limit)} ORDER BY shown_in, kind, place`,
    parameters.values,
  );
  return rows.map((row) => ({
    currency: String(row.shown_in),
    kind: row.kind as UnallocatedRow["kind"],
    parts: row.parts as string[],
    amount: String(row.amount),
    lineItems: Number(row.line_items),
  }));
}

/** The keys of the roll-up behind a question, by slice, as the hashes that line items are found by; at most `limit`. */
export async function readKeyHashes(
  sql: SqlExecutor,
  question: SpendQuestion,
  limit: number,
): Promise<{ sliceId: number; currency: string; hash: string }[]> {
  // Grouping by a dimension of the key makes the statement join the keys.
  const { from, where, parameters } = spendSql(
    { ...question, range: wholeMonthsAround(question.range) },
    { dimension: "region", kind: true },
  );
  const { rows } = await sql.query(
    `SELECT DISTINCT s.slice_id, k.currency, replace(k.hash::text, '-', '') AS hash FROM ${from} WHERE ${where} LIMIT ${parameters.add(limit)}`,
    parameters.values,
  );
  return rows.map((row) => ({ sliceId: Number(row.slice_id), currency: String(row.currency), hash: String(row.hash) }));
}

/** Keys do not depend on days: the monthly roll-up, much the smallest, knows them all. */
function wholeMonthsAround(range: DayRange): DayRange {
  const periods = periodsOf(range);
  const [first, last] = [periods[0], periods.at(-1)];
  return first && last ? { from: rangeOf(first).from, to: rangeOf(last).to } : range;
}
