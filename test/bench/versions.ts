import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { RELATION_COLUMNS } from "#lib/db/cost-relations.ts";
import { openDatabase, type Database } from "#lib/db/client.ts";
import { readCostScope } from "#lib/db/spend/cost-scope.ts";
import { readSpendBuckets, readSpendTotals } from "#lib/db/spend/read-spend.ts";
import type { SpendQuestion } from "#lib/db/spend/spend-sql.ts";
import { swapSlice } from "#lib/db/swap-slice.ts";
import { billingPeriod, rangeOf } from "#lib/domain/period.ts";
import { exportRelations } from "#lib/rollups/export-relations.ts";
import { openScratch } from "#lib/rollups/load-charges.ts";
import {
  compare,
  median,
  millisecondsOf,
  type Measure,
  type MeasureOptions,
  type Measurement,
} from "#test/bench/measure.ts";
import { later, openWorkshop, type Workshop } from "#test/bench/workshop.ts";

const FULL_ROWS = 20_000;
const DAYS = 30;
/** As in a file of ten million line items: coarse roll-ups are small beside the daily one. */
const KEYS_PER_ACCOUNT = 40;
const KEYS_PER_SERVICE = 200;
/** Thirteen months, day by day. */
const REDELIVERIES = 395;
const STORAGE_LIMIT = 2;
const TIME_LIMIT = 1.2;
const QUERY_ROUNDS = 40;
const PERIOD = billingPeriod("2026-03");

export const versions: Measure = {
  name: "versions",
  about: "a slice delivered 395 times again, each time with 1 % of its rows changed, against its latest version alone",
  run: measureVersions,
};

async function measureVersions({ scale, note }: MeasureOptions): Promise<Measurement[]> {
  const workshop = await openWorkshop();
  try {
    const kept = await openBenchDatabase(workshop, "kept");
    const scratch = await openScratch(await mkdtemp(join(workshop.folder, "versions-")));
    const keys = Math.max(1, Math.round((FULL_ROWS * scale) / DAYS));
    await makeFirstVersion(scratch.connection, keys);
    await deliver(kept.database, scratch.connection, workshop.folder, 1);
    await kept.database.pool.query("VACUUM ANALYZE");
    await kept.close();
    await workshop.createDatabase("alone", { copyOf: "kept" });

    const { database, close } = await openBenchDatabase(workshop, null, "kept");
    const alone = await openBenchDatabase(workshop, null, "alone");
    const before = await storedBytes(database);
    for (let version = 2; version <= REDELIVERIES + 1; version += 1) {
      await changeRows(scratch.connection, version);
      await deliver(database, scratch.connection, workshop.folder, version);
      await vacuumLikeTheServer(database);
      if (version % 100 === 0)
        note(`versions: ${version} of ${REDELIVERIES + 1}, ${describe(await storedBytes(database))}`);
    }
    await database.pool.query("VACUUM ANALYZE");
    const after = await storedBytes(database);
    note(
      `versions: ${keys * DAYS} rows of cost_day (20,000 × scale); sizes are heap, indexes and TOAST after a plain VACUUM`,
    );
    note(`versions: the latest alone ${describe(before)}`);
    note(`versions: with its history ${describe(after)}`);
    const times = await measureQueries(database, alone.database);
    await scratch.close();
    await close();
    await alone.close();
    return [
      compare("versions storage", "MiB", totalMib(after), totalMib(before), STORAGE_LIMIT),
      compare("versions latest read", "ms", times.ours, times.floor, TIME_LIMIT),
    ];
  } finally {
    await workshop.close();
  }
}

async function openBenchDatabase(
  workshop: Workshop,
  create: string | null,
  existing = create ?? "",
): Promise<{ database: Database; close: () => Promise<void> }> {
  const url = create === null ? workshop.urlOf(existing) : await workshop.createDatabase(create);
  const database = openDatabase(url);
  return { database, close: later(() => database.close()) };
}

/** Keys with a cost on every day. A third of the charges has an effective cost of its own, as under a savings plan. */
async function makeFirstVersion(connection: DuckDBConnection, keys: number): Promise<void> {
  await connection.run(`
    CREATE TABLE allocated AS
    SELECT key_id::INTEGER AS key_id, DATE '${PERIOD}-01' + day::INTEGER AS day, (1 + hash(key_id, 'account') % ${Math.ceil(keys / KEYS_PER_ACCOUNT)} % 200)::INTEGER AS owner_id, 0 AS pool_id,
      0::DECIMAL(38,12) AS billed, 0::DECIMAL(38,12) AS effective, 0::DECIMAL(38,12) AS list, 0::DECIMAL(38,12) AS contracted, 24 AS line_items
    FROM range(1, ${keys + 1}) AS k (key_id), range(${DAYS}) AS d (day)`);
  await connection.run(`
    CREATE TABLE coarse_id AS SELECT DISTINCT key_id, (${keys} + 1 + hash(key_id, 'account') % ${Math.ceil(keys / KEYS_PER_ACCOUNT)})::INTEGER AS account_key_id,
      (${2 * keys} + 1 + hash(key_id, 'service') % ${Math.ceil(keys / KEYS_PER_SERVICE)})::INTEGER AS service_key_id FROM allocated`);
  await setAmounts(connection, 1, "true");
}

async function changeRows(connection: DuckDBConnection, version: number): Promise<void> {
  await setAmounts(connection, version, `hash(key_id, day, ${version}) % 100 = 0`);
}

async function setAmounts(connection: DuckDBConnection, version: number, where: string): Promise<void> {
  const list = `((1 + hash(key_id) % 100000) * (1000 + hash(key_id, day, ${version}, 'amount') % 9000))::DECIMAL(38,12) / 10000000`;
  const effective = `CASE WHEN hash(key_id) % 3 = 0 THEN 0.72 ELSE 0.9 END`;
  await connection.run(
    `UPDATE allocated SET list = ${list}, billed = ${list} * 0.9, contracted = ${list} * 0.9, effective = ${list} * ${effective} WHERE ${where}`,
  );
}

/** One delivery as publishing does it: the roll-ups written out of DuckDB and swapped in by one transaction. */
async function deliver(
  database: Database,
  connection: DuckDBConnection,
  folder: string,
  version: number,
): Promise<void> {
  await database.transact(async ({ sql }) => {
    if (version === 1) await makeSlice(sql);
    const files = await exportRelations(connection, 1, version, folder);
    await swapSlice(sql, { sliceId: 1, publicationId: version, isFirst: version === 1 }, files);
    await sql.query(
      `INSERT INTO publication (id, slice_id, run_id, published_at, reason, data_until, projection, totals)
       SELECT $1::int, 1, id, TIMESTAMPTZ '2026-04-01' + $1::int * interval '1 day', 'redelivery', TIMESTAMPTZ '2026-04-01', '{"tagKeys":[]}', '{"USD":{}}' FROM run`,
      [version],
    );
    await sql.query("UPDATE slice SET publication_id = $1", [version]);
  });
}

async function makeSlice(sql: { query(text: string): Promise<unknown> }): Promise<void> {
  await sql.query("INSERT INTO source (key, kind, title, dataset) VALUES ('bench', 'focus', 'Bench', 'cost')");
  await sql.query(`INSERT INTO slice (id, source_key, dataset, period) VALUES (1, 'bench', 'cost', '${PERIOD}')`);
  await sql.query(
    `INSERT INTO run (id, kind, source_key, slice_id, state, trigger, requested_by, logical_time)
     VALUES (gen_random_uuid(), 'pull', 'bench', 1, 'succeeded', 'schedule', 'bench', now())`,
  );
  await sql.query(
    `INSERT INTO owner (id, team_key, team_name, business_unit_key, business_unit_name, cost_centre)
     SELECT n, 'team-' || n, 'Team ' || n, 'unit', 'Unit', '' FROM generate_series(1, 200) AS n`,
  );
  await sql.query(
    `INSERT INTO charge_key (id, hash, currency, provider, billing_account_id, sub_account_id, region_id, service_category, service_name,
       charge_category, environment, resource_patterns, grain)
     SELECT n, md5(n::text)::uuid, 'USD', 'AWS', 'payer', 'account-' || n % 300, 'eu-central-1', 'Compute', 'service-' || n % 120, 'Usage', '', '{}', 'full'
     FROM generate_series(1, 100000) AS n`,
  );
}

const RELATIONS = [...Object.keys(RELATION_COLUMNS), "cost_day_history"];

type Sizes = Record<string, number>;

async function storedBytes(database: Database): Promise<Sizes> {
  const { rows } = await database.pool.query<{ relation: string; bytes: string }>(
    "SELECT relation, pg_total_relation_size(relation::regclass) AS bytes FROM unnest($1::text[]) AS r (relation)",
    [RELATIONS],
  );
  return Object.fromEntries(rows.map(({ relation, bytes }) => [relation, Number(bytes)]));
}

function totalMib(sizes: Sizes): number {
  return Object.values(sizes).reduce((sum, bytes) => sum + bytes, 0) / 2 ** 20;
}

function describe(sizes: Sizes): string {
  const parts = Object.entries(sizes).map(([relation, bytes]) => `${relation} ${(bytes / 2 ** 20).toFixed(2)}`);
  return `${totalMib(sizes).toFixed(2)} MiB: ${parts.join(", ")}`;
}

/** A day lies between two deliveries, in which the server vacuums what its own rule says: here a delivery takes a blink. */
async function vacuumLikeTheServer({ pool }: Database): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("SELECT pg_stat_force_next_flush()");
    const { rows } = await client.query<{ relname: string }>(
      `SELECT s.relname FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
       WHERE s.relname = ANY($1) AND s.n_dead_tup > 50 + 0.2 * greatest(c.reltuples, 0)`,
      [RELATIONS],
    );
    for (const { relname } of rows) await client.query(`VACUUM ${relname}`);
  } finally {
    client.release();
  }
}

/** The newest version by team for the month, by team and day, and by region and day: one read of each kind of relation. */
async function measureQueries(withHistory: Database, alone: Database): Promise<{ ours: number; floor: number }> {
  const ask = async (database: Database): Promise<number> => {
    const scope = await readCostScope(database.pool, [PERIOD], null);
    const question: SpendQuestion = {
      scope: scope.map((slice) => ({ slice, currency: "USD", shownIn: "USD", factor: null })),
      range: rangeOf(PERIOD),
      basis: "effective",
      filters: [],
      kinds: [],
    };
    return millisecondsOf(async () => {
      await readSpendTotals(database.pool, question, "team");
      await readSpendBuckets(database.pool, question, "team", "day");
      await readSpendBuckets(database.pool, question, "region", "day");
    });
  };
  const [ours, floor]: [number[], number[]] = [[], []];
  for (let round = 0; round < QUERY_ROUNDS; round += 1) {
    ours.push(await ask(withHistory));
    floor.push(await ask(alone));
  }
  return { ours: median(ours), floor: median(floor) };
}
