import type { SqlExecutor } from "#lib/db/activity.ts";

/** A budget as it stood; amounts are texts. */
export type StoredBudget = {
  teamKey: string;
  currency: string;
  amount: string;
  /** "2026-11": the first month that it is for. */
  validFrom: string;
  createdAt: Date;
  createdBy: string;
};

/** The budgets that count in a month, as they stood at an instant, by team and currency. One that was ended is none. */
export async function readBudgets(
  sql: SqlExecutor,
  asked: { period: string; asOf: Date | null; teamKey: string | null },
): Promise<StoredBudget[]> {
  const { rows } = await sql.query(
    `SELECT * FROM (
       SELECT DISTINCT ON (team_key, currency) team_key, currency, trim_scale(amount)::text AS amount, to_char(valid_from, 'YYYY-MM') AS first,
         created_at, created_by
       FROM budget
       WHERE valid_from <= ($1 || '-01')::date AND ($3::text IS NULL OR team_key = $3)
         AND CASE WHEN $2::timestamptz IS NULL THEN retired_at IS NULL ELSE created_at <= $2 AND (retired_at IS NULL OR retired_at > $2) END
       ORDER BY team_key, currency, valid_from DESC, id DESC
     ) newest WHERE amount IS NOT NULL ORDER BY team_key, currency`,
    [asked.period, asked.asOf, asked.teamKey],
  );
  return rows.map((row) => ({
    teamKey: String(row.team_key),
    currency: String(row.currency),
    amount: String(row.amount),
    validFrom: String(row.first),
    createdAt: row.created_at as Date,
    createdBy: String(row.created_by),
  }));
}
