import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { copyCsv } from "#lib/db/bulk-copy.ts";
import { RELATION_COLUMNS, type Relation } from "#lib/db/cost-relations.ts";
import type { Database } from "#lib/db/client.ts";
import { addMonths, billingPeriod, daysIn, eachPeriod, rangeOf, type BillingPeriod } from "#lib/domain/period.ts";
import { exportRelations } from "#lib/rollups/export-relations.ts";
import { openScratch } from "#lib/rollups/load-charges.ts";

export const NEWEST_PERIOD = billingPeriod("2026-10");
export const TEAMS = 200;
export const UNITS = 10;
const SERVICES = 120;
const FULL_ACCOUNTS = 300;
/** Ids of coarse keys begin where those of full keys have ended. */
const FIRST_ACCOUNT_KEY = 1_000_000;
const FIRST_SERVICE_KEY = 2_000_000;
/** Keys of the first account that are in a pool which all teams carry alike. */
const POOLED_KEYS = 10;
/** Months, counted from the newest, whose daily rows by full key are loaded: the others would be 40 million rows that no measure reads. */
export const DAILY_MONTHS = 3;

export function accountsAt(scale: number): number {
  return Math.max(10, Math.round(FULL_ACCOUNTS * scale));
}

/** Teams, keys and accounts. An account belongs to one team or two; a twentieth of the keys has no owner. */
export async function saveDictionaries({ pool }: Database, accounts: number): Promise<void> {
  await pool.query("INSERT INTO source (key, kind, title, dataset) VALUES ('bench', 'focus', 'Bench', 'cost')");
  await pool.query(
    `INSERT INTO owner (id, team_key, team_name, business_unit_key, business_unit_name, cost_centre)
     SELECT n, 'team-' || n, 'Team ' || n, 'unit-' || n % ${UNITS}, 'Unit ' || n % ${UNITS}, 'cc-' || n FROM generate_series(1, ${TEAMS}) AS n`,
  );
  await pool.query(
    "INSERT INTO pool (id, key, name, method, created_by) VALUES (1, 'platform', 'Platform', 'even', 'bench')",
  );
  await pool.query(
    "INSERT INTO account (provider, account_id, name, billing_account_id) SELECT 'AWS', 'account-' || n, 'Account ' || n, 'payer' FROM generate_series(0, $1 - 1) AS n",
    [accounts],
  );
  const key = (id: string, grain: string, account: string, service: string, tags: string) =>
    `SELECT ${id}, md5('${grain}' || n)::uuid, 'USD', 'AWS', 'payer', ${account}, ${grain === "full" ? "'eu-central-1'" : "''"}, ${service === "''" ? "''" : "'Compute'"},
       ${service}, 'Usage', ${grain === "full" ? "'production'" : "''"}, ${tags}, '{}'::text[], '${grain}'`;
  const columns =
    "id, hash, currency, provider, billing_account_id, sub_account_id, region_id, service_category, service_name, charge_category, environment, tags, resource_patterns, grain";
  const account = `'account-' || (n - 1) / ${SERVICES}`;
  const service = `'Service ' || (n - 1) % ${SERVICES}`;
  await pool.query(
    `INSERT INTO charge_key (${columns})
     ${key("n", "full", account, service, `jsonb_build_object('team', 'team-' || n % ${TEAMS}, 'application', 'application-' || n % 500)`)}
     FROM generate_series(1, ${accounts * SERVICES}) AS n
     UNION ALL ${key(`${FIRST_ACCOUNT_KEY} + n`, "account", "'account-' || n", "''", "'{}'::jsonb")} FROM generate_series(0, ${accounts - 1}) AS n
     UNION ALL ${key(`${FIRST_SERVICE_KEY} + n`, "service", "''", "'Service ' || n", "'{}'::jsonb")} FROM generate_series(0, ${SERVICES - 1}) AS n`,
  );
}

/** Publishes the months from `first` to `last`, the older first, through the export that publishing uses. */
export async function loadMonths(
  database: Database,
  folder: string,
  accounts: number,
  first: BillingPeriod,
  last: BillingPeriod,
): Promise<void> {
  const scratch = await openScratch(await mkdtemp(join(folder, "spend-")));
  try {
    await scratch.connection.run(`
      CREATE TABLE coarse_id AS SELECT key_id::INTEGER AS key_id, (${FIRST_ACCOUNT_KEY} + (key_id - 1) // ${SERVICES})::INTEGER AS account_key_id,
        (${FIRST_SERVICE_KEY} + (key_id - 1) % ${SERVICES})::INTEGER AS service_key_id FROM range(1, ${accounts * SERVICES + 1}) AS k (key_id)`);
    for (const period of eachPeriod(first, last))
      await loadMonth(database, scratch.connection, folder, accounts, period);
  } finally {
    await scratch.close();
  }
  await database.pool.query("VACUUM (ANALYZE, FREEZE)");
}

async function loadMonth(
  database: Database,
  connection: DuckDBConnection,
  folder: string,
  accounts: number,
  period: BillingPeriod,
): Promise<void> {
  await makeAllocated(connection, accounts, period);
  const totals = await connection.runAndReadAll(
    "SELECT sum(billed)::VARCHAR, sum(effective)::VARCHAR, sum(list)::VARCHAR, sum(contracted)::VARCHAR, sum(line_items)::INTEGER FROM allocated",
  );
  const [billed, effective, list, contracted, lineItems] = totals.getRowsJson()[0] ?? [];
  const published = await database.pool.query<{ slice_id: number; id: number }>(
    `WITH new_slice AS (INSERT INTO slice (source_key, dataset, period) VALUES ('bench', 'cost', $1) RETURNING id),
     new_run AS (
       INSERT INTO run (id, kind, source_key, slice_id, state, trigger, requested_by, logical_time)
       SELECT gen_random_uuid(), 'pull', 'bench', id, 'succeeded', 'schedule', 'bench', now() FROM new_slice RETURNING id, slice_id)
     INSERT INTO publication (slice_id, run_id, published_at, reason, data_until, projection, totals, pool_shares)
     SELECT slice_id, id, now(), 'load', $2, '{"tagKeys":["team"]}', $3, $4 FROM new_run RETURNING slice_id, id`,
    [
      period,
      rangeOf(period).to,
      JSON.stringify({ USD: { billed, effective, list, contracted, lineItems } }),
      JSON.stringify({ USD: { 1: Array.from({ length: TEAMS }, (_, index) => [index + 1, "1"]) } }),
    ],
  );
  const { slice_id: sliceId = 0, id = 0 } = published.rows[0] ?? {};
  await database.transact(async ({ sql }) => {
    const files = await exportRelations(connection, sliceId, id, folder);
    for (const [relation, file] of Object.entries(files))
      if (relation !== "cost_day" || period > addMonths(NEWEST_PERIOD, -DAILY_MONTHS))
        await copyCsv(sql, relation, RELATION_COLUMNS[relation as Relation], file);
    await sql.query("UPDATE slice SET publication_id = $2 WHERE id = $1", [sliceId, id]);
  });
}

/** One row a key and day. */
async function makeAllocated(connection: DuckDBConnection, accounts: number, period: BillingPeriod): Promise<void> {
  const owner = `CASE WHEN hash(key_id, 'owned') % 20 = 0 THEN 0
    ELSE 1 + ((key_id - 1) // ${SERVICES} * 7 + (key_id * ((key_id - 1) // ${SERVICES} % 2)) % 2) % ${TEAMS} END`;
  await connection.run(`
    CREATE OR REPLACE TABLE allocated AS
    SELECT key_id::INTEGER AS key_id, DATE '${period}-01' + day::INTEGER AS day, owner_id::INTEGER AS owner_id, pool_id::INTEGER AS pool_id,
      (list * 0.9)::DECIMAL(38,12) AS billed, (list * CASE WHEN key_id % 3 = 0 THEN 0.72 ELSE 0.9 END)::DECIMAL(38,12) AS effective,
      list::DECIMAL(38,12) AS list, (list * 0.9)::DECIMAL(38,12) AS contracted, 24 AS line_items
    FROM (
      SELECT *, ((1 + hash(key_id, owner_id) % 100000) * (1000 + hash(key_id, day, owner_id, '${period}') % 9000))::DECIMAL(38,12) / 10000000 AS list
      FROM (
        SELECT key_id, CASE WHEN key_id <= ${POOLED_KEYS} THEN 0 ELSE ${owner} END AS owner_id, CASE WHEN key_id <= ${POOLED_KEYS} THEN 1 ELSE 0 END AS pool_id
        FROM range(1, ${accounts * SERVICES + 1}) AS k (key_id)
      ), range(${daysIn(rangeOf(period))}) AS d (day)
    )`);
}
