import type { SqlExecutor } from "#lib/db/activity.ts";
import { spendSql, type SpendQuestion } from "#lib/db/spend/spend-sql.ts";
import type { Amount } from "#lib/domain/money.ts";
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
