import type { SqlExecutor } from "#lib/db/activity.ts";
import { spendSql, type SpendQuestion } from "#lib/db/spend/spend-sql.ts";
import type { Amount } from "#lib/domain/money.ts";
import { periodsOf, rangeOf, type DayRange } from "#lib/domain/period.ts";
import type { CostKind, SpendDimension } from "#lib/services/spend/spend-view.ts";

export type SpendTotal = { currency: string; key: string; kind: CostKind; amount: Amount };
/** key null = all keys together. */
export type SpendBucket = { currency: string; key: string | null; bucket: string; amount: Amount };

/** Totals by currency, value of the dimension and kind. */
export async function readSpendTotals(sql: SqlExecutor, question: SpendQuestion, dimension: SpendDimension): Promise<SpendTotal[]> {
  const { select, from, where, amount, parameters } = spendSql(question, { dimension, kind: true });
  const { rows } = await sql.query(
    `SELECT ${select.join(", ")}, ${amount(question.basis)} AS amount FROM ${from} WHERE ${where} GROUP BY 1, 2, 3`,
    parameters.values,
  );
  return rows.map((row) => ({
    currency: String(row.shown_in),
    key: String(row.grp),
    kind: row.kind as CostKind,
    amount: String(row.amount),
  }));
}

/** Totals by currency and bucket, for each value of the dimension and for all together. */
export async function readSpendBuckets(
  sql: SqlExecutor,
  question: SpendQuestion,
  dimension: SpendDimension,
  bucket: "day" | "month",
): Promise<SpendBucket[]> {
  const { select, from, where, amount, parameters } = spendSql(question, { dimension, bucket });
  const { rows } = await sql.query(
    `WITH cell AS (SELECT ${select.join(", ")}, ${amount(question.basis)}::numeric AS amount FROM ${from} WHERE ${where} GROUP BY 1, 2, 3)
     SELECT shown_in, grp, bucket, amount::text AS amount FROM cell
     UNION ALL SELECT shown_in, NULL, bucket, trim_scale(sum(amount))::text FROM cell GROUP BY 1, 3`,
    parameters.values,
  );
  return rows.map((row) => ({
    currency: String(row.shown_in),
    key: row.grp === null ? null : String(row.grp),
    bucket: String(row.bucket),
    amount: String(row.amount),
  }));
}

/** Totals by currency and bucket alone, for a comparison line. */
export async function readSpendByBucket(
  sql: SqlExecutor,
  question: SpendQuestion,
  bucket: "day" | "month",
): Promise<{ currency: string; bucket: string; amount: Amount }[]> {
  const { select, from, where, amount, parameters } = spendSql(question, { bucket });
  const { rows } = await sql.query(
    `SELECT ${select.join(", ")}, ${amount(question.basis)} AS amount FROM ${from} WHERE ${where} GROUP BY 1, 2`,
    parameters.values,
  );
  return rows.map((row) => ({ currency: String(row.shown_in), bucket: String(row.bucket), amount: String(row.amount) }));
}

/** Totals by currency and kind. */
export async function readSpendByKind(sql: SqlExecutor, question: SpendQuestion): Promise<{ currency: string; kind: CostKind; amount: Amount }[]> {
  const { select, from, where, amount, parameters } = spendSql(question, { kind: true });
  const { rows } = await sql.query(
    `SELECT ${select.join(", ")}, ${amount(question.basis)} AS amount FROM ${from} WHERE ${where} GROUP BY 1, 2`,
    parameters.values,
  );
  return rows.map((row) => ({ currency: String(row.shown_in), kind: row.kind as CostKind, amount: String(row.amount) }));
}

/** The values that a dimension takes, at most `limit`. */
export async function readSpendKeys(sql: SqlExecutor, question: SpendQuestion, dimension: SpendDimension, limit: number): Promise<string[]> {
  const { select, from, where, parameters } = spendSql(question, { dimension });
  const { rows } = await sql.query(
    `SELECT DISTINCT ${select[1]} FROM ${from} WHERE ${where} ORDER BY 1 LIMIT ${parameters.add(limit)}`,
    parameters.values,
  );
  return rows.map((row) => String(row.grp));
}

export type UnallocatedRow = { currency: string; kind: "account" | "service" | "tag"; parts: string[]; amount: Amount; lineItems: number };

/** The largest unowned accounts, services and tag values, at most `limit` of each per currency. */
export async function readUnallocatedRows(sql: SqlExecutor, question: SpendQuestion, limit: number): Promise<UnallocatedRow[]> {
  // Grouping by an account's dimension makes the statement join the keys that the three groupings need.
  const { from, where, amount, parameters } = spendSql({ ...question, kinds: ["unallocated"] }, { dimension: "subAccount", kind: true });
  const { rows } = await sql.query(
    `WITH cell AS MATERIALIZED (
       SELECT s.shown_in, k.id, k.provider, k.sub_account_id, k.service_name, k.tags, ${amount(question.basis)}::numeric AS amount,
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
  const { from, where, parameters } = spendSql({ ...question, range: wholeMonthsAround(question.range) }, { dimension: "region", kind: true });
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
