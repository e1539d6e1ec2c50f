import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { openDatabase, type Database } from "#lib/db/client.ts";

export type TestDatabase = { database: Database; url: string; drop(): Promise<void> };

/** A fresh, migrated database of its own for a test file. Drop it in `afterAll`. */
export async function createTestDatabase(options: { max?: number } = {}): Promise<TestDatabase> {
  const template = inject("templateUrl");
  const name = `test_${randomBytes(6).toString("hex")}`;
  const copyOf = new URL(template).pathname.slice(1);
  await onServer(template, `CREATE DATABASE ${name} TEMPLATE ${copyOf} STRATEGY wal_log`);
  const url = withDatabase(template, name);
  const database = openDatabase(url, options);
  return {
    database,
    url,
    drop: async () => {
      await database.close();
      await onServer(template, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** An empty database without any table, for tests of the migrations themselves. */
export async function createEmptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const template = inject("templateUrl");
  const name = `empty_${randomBytes(6).toString("hex")}`;
  await onServer(template, `CREATE DATABASE ${name}`);
  return { url: withDatabase(template, name), drop: () => onServer(template, `DROP DATABASE ${name} WITH (FORCE)`) };
}

export function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

async function onServer(template: string, sql: string): Promise<void> {
  const client = new pg.Client(withDatabase(template, "postgres"));
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
