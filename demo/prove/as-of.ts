import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { stringify } from "yaml";
import { randomFor } from "#demo/estate/random.ts";
import { compareWithOracle } from "#demo/prove/as-of/compare.ts";
import { RULES, writeHistory, type History } from "#demo/prove/as-of/history.ts";
import type { Measure } from "#demo/prove/measure.ts";
import type { ProvedEstate } from "#demo/prove/proved-estate.ts";
import { openDatabase, type Database } from "#lib/db/client.ts";
import { migrate } from "#lib/db/migrate.ts";

const DATABASE = "prove_as_of";

/**
 * A random history of evaluations, restatements, gaps and changes of owners goes through the product's own services on a database of its
 * own, while an oracle keeps everything. Then both are asked the same about random instants and periods of the past, and each answer has to
 * be the same to the last row.
 */
export async function proveAsOf(
  { database }: Pick<ProvedEstate, "database">,
  size: { events: number; resources: number; questions: number } = { events: 160, resources: 9, questions: 150 },
): Promise<Measure[]> {
  return withOwnDatabase(database, async (own) => {
    const history = await writeHistory(own, randomFor("as-of"), size);
    return askInEachGrain(own, history, size.questions);
  });
}

/** More than a process reads in the finest grain whatever is asked. */
const MANY_CELLS = 150_000;

/**
 * Asks half of the questions as they are, and half among so many cells that each is answered in the coarsest grain that can. Processes of their own ask: what one has
 * remembered would hide what is in the database.
 */
export async function askInEachGrain({ url, pool }: Database, history: History, questions: number): Promise<Measure[]> {
  const ask = async (grain: string) => {
    const other = openDatabase(url);
    try {
      const measures = await compareWithOracle(other, history, randomFor("questions", grain), Math.ceil(questions / 2));
      return measures.map((own) => ({ ...own, measure: `${own.measure}, ${grain}` }));
    } finally {
      await other.close();
    }
  };
  const finest = await ask("finest grain");
  await pool.query(
    `INSERT INTO posture_cell (grain, rule_id, source_key, part, team_key, account_id, cluster_key, environment)
     SELECT 'full', (SELECT min(id) FROM posture_rule), 'many', n, '', '', '', '' FROM generate_series(1, $1::int) n`,
    [MANY_CELLS],
  );
  const coarsest = await ask("coarsest grain");
  await pool.query("DELETE FROM posture_cell WHERE source_key = 'many'");
  return [...finest, ...coarsest];
}

/** Writes a history into a database that is empty, under a framework of its own, for tests that look at it afterwards. */
export async function withHistory<T>(
  database: Database,
  size: { events: number; resources: number },
  work: (history: History) => Promise<T>,
): Promise<T> {
  return withOwnFramework(async () => work(await writeHistory(database, randomFor("as-of"), size)));
}

async function withOwnDatabase<T>(near: Database, work: (own: Database) => Promise<T>): Promise<T> {
  const url = Object.assign(new URL(near.url), { pathname: `/${DATABASE}` }).href;
  await onServer(near.url, `DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
  await onServer(near.url, `CREATE DATABASE ${DATABASE}`);
  await migrate(url);
  const own = openDatabase(url);
  try {
    return await withOwnFramework(() => work(own));
  } finally {
    await own.close();
    await onServer(near.url, `DROP DATABASE ${DATABASE} WITH (FORCE)`);
  }
}

async function withOwnFramework<T>(work: () => Promise<T>): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), "bursar-as-of-"));
  const before = process.env["BURSAR_CONFIG"];
  const controls = RULES.map((rule, index) => ({
    id: String(index + 1),
    title: rule,
    description: rule,
    // Two controls share a rule: the total counts it once.
    rules: index === 0 ? [rule] : [rule, RULES[0]],
  }));
  const framework = {
    id: "prove",
    name: "Prove",
    version: "1",
    publisher: "Bursar",
    groups: [{ name: "All", controls }],
  };
  await writeFile(join(home, "prove.yaml"), stringify(framework));
  await writeFile(join(home, "bursar.yaml"), stringify({ frameworks: ["prove.yaml"] }));
  process.env["BURSAR_CONFIG"] = join(home, "bursar.yaml");
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env["BURSAR_CONFIG"];
    else process.env["BURSAR_CONFIG"] = before;
    await rm(home, { recursive: true, force: true });
  }
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client(Object.assign(new URL(url), { pathname: "/postgres" }).href);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
