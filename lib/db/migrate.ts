import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { connectOrExplain } from "#lib/db/connect.ts";
import { NO_FILTERS, withSchemaEngine, type MigrationList, type SchemasContainer } from "#lib/db/schema-engine.ts";
import { AppError } from "#lib/errors.ts";

const PRISMA_FOLDER = join(import.meta.dirname, "..", "..", "prisma");
/** Any number that no other program uses for an advisory lock in this database. */
const MIGRATION_LOCK = 7_204_211_926;

/**
 * Brings the database of `url` to the schema of this version and answers the names of the migrations that were applied.
 * The history table is Prisma's. Several starters at once take turns.
 * Throws AppError("conflict") where a newer version of Bursar, or another program, made the database, and what
 * `connectOrExplain` throws.
 */
export async function migrate(url: string): Promise<string[]> {
  const client = await connectOrExplain(url);
  try {
    await client.query("SELECT pg_advisory_lock($1)", [MIGRATION_LOCK]);
    const known = await readMigrations();
    const history = await readHistory(client);
    refuseForeign(known, history);
    const isCurrent = known.migrationDirectories.every((migration) => history.applied.includes(migration.path));
    return isCurrent ? [] : await apply(url, known, history);
  } finally {
    await client.end();
  }
}

/** The migrations of this version, in order, in the form that the schema engine takes. */
export async function readMigrations(): Promise<MigrationList> {
  const baseDir = join(PRISMA_FOLDER, "migrations");
  const entries = await readdir(baseDir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const migrationDirectories: MigrationList["migrationDirectories"] = [];
  for (const path of names.toSorted()) {
    const value = await readFile(join(baseDir, path, "migration.sql"), "utf8");
    migrationDirectories.push({ path, migrationFile: { path: "migration.sql", content: { tag: "ok", value } } });
  }
  const content = await readFile(join(baseDir, "migration_lock.toml"), "utf8");
  return { baseDir, lockfile: { path: "migration_lock.toml", content }, shadowDbInitScript: "", migrationDirectories };
}

export async function readSchema(): Promise<SchemasContainer> {
  const path = join(PRISMA_FOLDER, "schema.prisma");
  return { files: [{ path, content: await readFile(path, "utf8") }] };
}

type History = { applied: string[]; failed: string[]; hasOtherTables: boolean };

async function readHistory(client: pg.Client): Promise<History> {
  const { rows } = await client.query<{ has_history: boolean; tables: string }>(
    `SELECT to_regclass('public._prisma_migrations') IS NOT NULL AS has_history, count(*) AS tables
     FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')`,
  );
  const found = rows[0];
  if (!found?.has_history) return { applied: [], failed: [], hasOtherTables: found?.tables !== "0" };
  const history = await client.query<{ migration_name: string; is_finished: boolean }>(
    `SELECT migration_name, finished_at IS NOT NULL AS is_finished FROM public._prisma_migrations
     WHERE rolled_back_at IS NULL ORDER BY migration_name`,
  );
  const names = (isFinished: boolean) =>
    history.rows.filter((row) => row.is_finished === isFinished).map((row) => row.migration_name);
  return { applied: names(true), failed: names(false), hasOtherTables: false };
}

function refuseForeign(known: MigrationList, history: History): void {
  if (history.hasOtherTables) {
    throw new AppError("conflict", "The database of DATABASE_URL already holds tables of another program.", {
      remedy: "Create an empty database for Bursar and point DATABASE_URL to it.",
    });
  }
  const names = known.migrationDirectories.map((migration) => migration.path);
  const unknown = history.applied.find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new AppError("conflict", `The database was made by a newer version of Bursar (it has the change ${unknown}).`, {
    remedy: "Start that version or a later one; this one would damage the data.",
  });
}

async function apply(url: string, known: MigrationList, history: History): Promise<string[]> {
  try {
    return await withSchemaEngine(url, await readSchema(), async (engine) => {
      // A migration is one transaction, so one that was cut off or failed left nothing behind and can be tried again.
      for (const migrationName of history.failed) await engine.markMigrationRolledBack({ migrationName });
      const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList: known, filters: NO_FILTERS });
      return appliedMigrationNames;
    });
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message.split("\n").slice(0, 4).join(" ") : String(thrown);
    throw new AppError("internal", `The database could not be brought to this version's schema: ${reason}`, {
      cause: thrown,
    });
  }
}
