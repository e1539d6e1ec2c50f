import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import pg from "pg";
import { migrate, readMigrations } from "#lib/db/migrate.ts";
import { findSchemaDrift } from "#lib/db/schema-drift.ts";
import { createEmptyDatabase, withDatabase } from "#test/integration/db/database.ts";

let empty: { url: string; drop(): Promise<void> };
beforeEach(async () => {
  empty = await createEmptyDatabase();
});
afterEach(() => empty.drop());

async function run(sql: string): Promise<unknown[]> {
  const client = new pg.Client(empty.url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe("the migrations", () => {
  test("lead from an empty database to exactly prisma/schema.prisma", async () => {
    const known = await readMigrations();
    expect(await migrate(empty.url)).toEqual(known.migrationDirectories.map((migration) => migration.path));
    expect(await findSchemaDrift(empty.url)).toBeNull();
  });

  test("a column that schema.prisma does not have is a drift", async () => {
    await migrate(empty.url);
    await run("ALTER TABLE owner ADD COLUMN planted text");
    expect(await findSchemaDrift(empty.url)).toContain("planted");
  });

  test("applied a second time change nothing", async () => {
    await migrate(empty.url);
    expect(await migrate(empty.url)).toEqual([]);
  });

  test("started twice at once are applied once", async () => {
    const both = await Promise.all([migrate(empty.url), migrate(empty.url)]);
    expect(both.map((applied) => applied.length).toSorted((a, b) => a - b)).toEqual([
      0,
      (await readMigrations()).migrationDirectories.length,
    ]);
  });

  test("one that was cut off is applied by the next start", async () => {
    await migrate(empty.url);
    await run(
      "DROP TRIGGER activity_is_append_only ON activity; DROP FUNCTION refuse_change_of_activity(); DELETE FROM owner; DELETE FROM pool",
    );
    await run("UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name LIKE '%ground_rules'");
    expect(await migrate(empty.url)).toEqual([expect.stringMatching(/ground_rules$/)]);
  });

  test("the activity log refuses every change", async () => {
    await migrate(empty.url);
    for (const sql of ["UPDATE activity SET role = ''", "DELETE FROM activity", "TRUNCATE activity"])
      await expect(run(sql)).rejects.toMatchObject({ code: "42501" });
  });
});

describe("a wrong database gets one clear sentence", () => {
  test("of a newer version", async () => {
    await migrate(empty.url);
    await run(
      "INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'x', '2099_later', now())",
    );
    await expect(migrate(empty.url)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("newer version"),
    });
  });

  test("of another program", async () => {
    await run("CREATE TABLE invoices (id int)");
    await expect(migrate(empty.url)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("another program"),
    });
  });

  const template = inject("templateUrl");
  const wrongPassword = template.replace(/:[^:@/]+@/, ":wrong@");
  const unreachable = template.replace(/:\d+\//, ":1/");
  test.each([
    ["that does not exist", withDatabase(template, "nowhere"), "invalid_config", 'There is no database "nowhere"'],
    ["with a wrong password", wrongPassword, "denied", "refused the password"],
    ["that cannot be reached", unreachable, "unavailable", "No PostgreSQL could be reached at 127.0.0.1:1"],
    ["that is not PostgreSQL's", "mysql://somewhere/else", "invalid_config", "not the address of a PostgreSQL"],
  ])("%s", async (_what, url, code, message) => {
    await expect(migrate(url)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });
});
