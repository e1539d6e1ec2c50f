import pg from "pg";
import type { Actor } from "#lib/access/actor.ts";
import { connectionSettings, openDatabase, type Database } from "#lib/db/client.ts";
import { comparisonRange } from "#lib/domain/comparison-range.ts";
import { ZERO } from "#lib/domain/money.ts";
import { addMonths } from "#lib/domain/period.ts";
import { readSpend } from "#lib/services/spend/read-spend.ts";
import {
  compare,
  millisecondsOf,
  quantile,
  type Measure,
  type MeasureOptions,
  type Measurement,
} from "#test/bench/measure.ts";
import { SPEND_CASES, type SpendCase } from "#test/bench/spend-cases.ts";
import { accountsAt, DAILY_MONTHS, loadMonths, NEWEST_PERIOD, saveDictionaries } from "#test/bench/spend-data.ts";
import { later, openWorkshop } from "#test/bench/workshop.ts";

const CLIENTS = 16;
const POOL_SIZE = 10;
const MONTHS = 36;
const FEW_MONTHS = 12;
const P95_LIMIT = 2;
const HISTORY_LIMIT = 1.3;
/** Each round asks both sides once with every client, again and again. */
const ROUNDS = 5;
const ASKS_PER_CLIENT = 4;

const FINANCE: Actor = { id: "finance@example.com", name: "Finance", role: "finance", teamKey: null };
const NOW = new Date("2026-11-05T00:00:00Z");

export const spend: Measure = {
  name: "spend",
  about: "the questions of /spend over 36 months with 16 clients at once, p95 against SQL written by hand",
  run: async (options) => {
    const { many } = await openMonths(options);
    const found: Measurement[] = [];
    for (const spendCase of SPEND_CASES) found.push(await measureCase(many, spendCase, options));
    return found;
  },
};

export const history: Measure = {
  name: "history",
  about: "the questions of /spend that show one month, over 36 months against over 12",
  run: async (options) => {
    const { few, many } = await openMonths(options);
    const found: Measurement[] = [];
    for (const { name, query } of SPEND_CASES.filter((one) => one.query.granularity === "day")) {
      const ask = (database: Database) => () => readSpend({ actor: FINANCE, database, now: NOW }, query);
      const { ours, floor } = await inTurn(ask(many), ask(few));
      found.push(compare(`history: ${name}`, "ms", quantile(ours, 0.95), quantile(floor, 0.95), HISTORY_LIMIT));
    }
    return found;
  },
};

type Months = { few: Database; many: Database };
let opened: Promise<Months> | null = null;

/** The databases of both measures, made once: they are closed and removed when the bench ends. */
function openMonths(options: MeasureOptions): Promise<Months> {
  opened ??= makeMonths(options);
  return opened;
}

async function makeMonths({ scale, note }: MeasureOptions): Promise<Months> {
  const workshop = await openWorkshop();
  const accounts = accountsAt(scale);
  note(
    `spend: ${MONTHS} months, 200 teams, ${accounts} accounts (300 × scale), 120 services; rows by day and full key for the newest ${DAILY_MONTHS} months`,
  );
  const start = await openClosing(await workshop.createDatabase("few"));
  await saveDictionaries(start.database, accounts);
  await loadMonths(start.database, workshop.folder, accounts, addMonths(NEWEST_PERIOD, 1 - FEW_MONTHS), NEWEST_PERIOD);
  await start.close();
  const { database: many } = await openClosing(await workshop.createDatabase("many", { copyOf: "few" }));
  await loadMonths(
    many,
    workshop.folder,
    accounts,
    addMonths(NEWEST_PERIOD, 1 - MONTHS),
    addMonths(NEWEST_PERIOD, -FEW_MONTHS),
  );
  const { database: few } = await openClosing(workshop.urlOf("few"));
  return { few, many };
}

async function openClosing(url: string): Promise<{ database: Database; close: () => Promise<void> }> {
  const database = openDatabase(url, { max: POOL_SIZE });
  return { database, close: later(() => database.close()) };
}

async function measureCase(
  database: Database,
  { name, query, sql, parameters }: SpendCase,
  { note }: MeasureOptions,
): Promise<Measurement> {
  const before = comparisonRange(query, query.compare);
  const pool = new pg.Pool({ ...connectionSettings(database.url), max: POOL_SIZE });
  const close = later(() => pool.end());
  const byHand = () => pool.query({ name, text: sql, values: [query.from, before?.from, query.to, ...parameters] });
  const byService = () => readSpend({ actor: FINANCE, database, now: NOW }, query);
  assertSameTotal(name, (await byService()).sections[0]?.bar.total, (await byHand()).rows);
  const { ours, floor } = await inTurn(byService, byHand);
  await close();
  const both = (part: number) => `${quantile(ours, part).toFixed(1)} against ${quantile(floor, part).toFixed(1)} ms`;
  note(`spend: ${name}: median ${both(0.5)}, p95 ${both(0.95)}, ${ours.length} questions each`);
  return compare(`spend: ${name}`, "ms", quantile(ours, 0.95), quantile(floor, 0.95), P95_LIMIT);
}

/** A thousandth: SQL cannot cut parts of a pool so that they add up to the last decimal. */
const TOLERANCE = 0.001;

/** SQL that answers something else would be no floor. */
function assertSameTotal(name: string, total: string | undefined, rows: Record<string, unknown>[]): void {
  const kinds = rows.filter((row) => row["is_before"] === false && row["kind"] !== null && row["bucket"] === null);
  const byHand = kinds.reduce((sum, row) => sum.plus(String(row["amount"])), ZERO);
  if (total === undefined || byHand.minus(total).abs().greaterThan(TOLERANCE))
    throw new Error(`${name}: the page says ${total}, the SQL by hand ${byHand.toFixed()}.`);
}

/** Durations of single questions, asked by all clients at once, a round of one side after a round of the other. */
async function inTurn(
  ours: () => Promise<unknown>,
  floor: () => Promise<unknown>,
): Promise<{ ours: number[]; floor: number[] }> {
  const durations = { ours: [] as number[], floor: [] as number[] };
  await askAtOnce(ours);
  await askAtOnce(floor);
  for (let round = 0; round < ROUNDS; round += 1) {
    durations.floor.push(...(await askAtOnce(floor)));
    durations.ours.push(...(await askAtOnce(ours)));
  }
  return durations;
}

async function askAtOnce(ask: () => Promise<unknown>): Promise<number[]> {
  const client = async () => {
    const durations: number[] = [];
    for (let count = 0; count < ASKS_PER_CLIENT; count += 1) durations.push(await millisecondsOf(ask));
    return durations;
  };
  return (await Promise.all(Array.from({ length: CLIENTS }, client))).flat();
}
