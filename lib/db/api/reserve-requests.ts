import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Amount } from "#lib/domain/money.ts";
import { periodOf, type Day } from "#lib/domain/period.ts";

/** Stands for "outside of any run", so that the bill's primary key needs no NULL. */
const NO_RUN = "00000000-0000-0000-0000-000000000000";

/** One line of the API's bill that requests are added to. */
export type BillLine = {
  sourceKey: string;
  runId: string | null;
  day: Day;
  api: string;
  operation: string;
  region: string;
  account: string;
};

/**
 * Writes so many requests and the price of each to the bill, before they are made. False, and nothing is written, where they would take the
 * source's calendar month over `capUsd`. The comparison and the addition are one statement on one row, so that however many workers
 * ask at once they never pass the cap together. Requests that cost nothing are never refused.
 */
export async function reserveRequests(
  sql: SqlExecutor,
  line: BillLine,
  { count, priceUsd, capUsd }: { count: number; priceUsd: Amount; capUsd: Amount | null },
): Promise<boolean> {
  const { rowCount } = await sql.query(
    `WITH spent AS (
       INSERT INTO api_month AS held (source_key, month, price_usd)
       SELECT $1, $8, $9::numeric * $11::int WHERE $10::numeric IS NULL OR $9::numeric = 0 OR $9::numeric * $11::int <= $10::numeric
       ON CONFLICT (source_key, month) DO UPDATE SET price_usd = held.price_usd + excluded.price_usd
         WHERE $10::numeric IS NULL OR $9::numeric = 0 OR held.price_usd + excluded.price_usd <= $10::numeric
       RETURNING held.month
     )
     INSERT INTO api_request AS counted (source_key, run_id, day, api, operation, region, account, requests, throttled, failed, price_usd)
     SELECT $1, $2::uuid, $3::date, $4, $5, $6, $7, $11::int, 0, 0, $9::numeric * $11::int FROM spent
     ON CONFLICT (source_key, day, run_id, api, operation, region, account)
       DO UPDATE SET requests = counted.requests + excluded.requests, price_usd = counted.price_usd + excluded.price_usd`,
    [...valuesOf(line), periodOf(line.day), priceUsd, capUsd, count],
  );
  return rowCount === 1;
}

/** Says that a reserved request was throttled or failed, and takes its price off the bill and off the month again. */
export async function giveBackRequest(
  sql: SqlExecutor,
  line: BillLine,
  priceUsd: Amount,
  outcome: "throttled" | "failed",
): Promise<void> {
  // The month's row comes first, as it does when reserving, so that two workers never wait for each other.
  await sql.query(
    `WITH spent AS (
       UPDATE api_month SET price_usd = price_usd - $9::numeric WHERE source_key = $1 AND month = $8 RETURNING month
     )
     UPDATE api_request SET throttled = throttled + $10::int, failed = failed + $11::int, price_usd = price_usd - $9::numeric
     FROM spent
     WHERE source_key = $1 AND run_id = $2::uuid AND day = $3::date AND api = $4 AND operation = $5 AND region = $6 AND account = $7`,
    [...valuesOf(line), periodOf(line.day), priceUsd, outcome === "throttled" ? 1 : 0, outcome === "failed" ? 1 : 0],
  );
}

/** What the source's requests have cost in the day's calendar month, reservations included. */
export async function readMonthPrice(sql: SqlExecutor, sourceKey: string, day: Day): Promise<Amount> {
  const { rows } = await sql.query(
    "SELECT trim_scale(price_usd)::text AS price FROM api_month WHERE source_key = $1 AND month = $2",
    [sourceKey, periodOf(day)],
  );
  return rows[0] === undefined ? "0" : String(rows[0].price);
}

function valuesOf(line: BillLine): string[] {
  return [line.sourceKey, line.runId ?? NO_RUN, line.day, line.api, line.operation, line.region, line.account];
}
