import { afterAll, beforeAll, expect, test } from "vitest";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import type { Database } from "#lib/db/client.ts";
import { readEntriesWith } from "#lib/db/trail/fill-mfa.ts";
import { fieldTerm, termHash } from "#lib/domain/trail/event-terms.ts";
import { appendEvents } from "#lib/services/trail/append/append-events.ts";
import { fillMfa } from "#lib/services/trail/append/fill-mfa.ts";
import { searchTrail } from "#lib/services/trail/search/search-trail.ts";
import { sha256Hex } from "#lib/services/trail/append/seal-events.ts";
import { verifyTrail } from "#lib/services/trail/verify/verify-trail.ts";
import { makeFolder, runBursar } from "#test/integration/cli/run-bursar.ts";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";
import { eventOf, signInAt, TRAIL_QUERY, WINDOW_EVENTS } from "./trail-workshop.ts";

const NOW = new Date("2026-11-04T00:00:00Z");
const MFA_TERMS = (["yes", "no"] as const).map((mfa) => termHash(sha256Hex, fieldTerm("mfa", mfa)));

const MOST_ENTRIES = 20_000;

let scratch: TestDatabase;
let database: Database;
let folder: ReturnType<typeof makeFolder>;
const context = () => ({ actor: SYSTEM_ACTOR, database, now: NOW });
const bursar = (command: string) =>
  runBursar([command], { cwd: folder.path, env: { DATABASE_URL: scratch.url, BURSAR_HOME: folder.path } });

beforeAll(async () => {
  folder = makeFolder();
  scratch = await createTestDatabase();
  database = scratch.database;
});
afterAll(async () => {
  await scratch?.drop();
  folder?.remove();
});

async function append(events: Parameters<typeof appendEvents>[1]): Promise<number[]> {
  const { size, appended } = await database.transact(({ sql }) => appendEvents(sql, events, NOW));
  return Array.from({ length: appended }, (_, n) => size - appended + n);
}

/** Which entries the index has with and without a second factor. */
const placesOf = () => Promise.all(MFA_TERMS.map((term) => readEntriesWith(database.pool, [term], MOST_ENTRIES)));

/** What the database's owner can do. */
const change = (...statements: [string, unknown[]?][]) =>
  database.transact(async ({ sql }) => {
    await sql.query("SET LOCAL session_replication_role = replica");
    for (const [text, values] of statements) await sql.query(text, values);
  });

/** The database as a version left it that knew nothing of second factors. */
const becomeOlder = () =>
  change(
    ["UPDATE event SET mfa = NULL"],
    ["DELETE FROM event_term_day WHERE term = ANY($1::bigint[])", [MFA_TERMS]],
    ["DROP TABLE event_fill"],
    ["DELETE FROM _prisma_migrations WHERE migration_name LIKE '%fill_mfa'"],
  );

test("a log from before rows told of a second factor is whole after the upgrade, and found like a new one", async () => {
  await append(WINDOW_EVENTS);
  // More than one block of the index, and more than one batch of what is read at once.
  const many = await append(Array.from({ length: 17_000 }, (_, n) => signInAt(100 + n, n % 3 === 0 ? "no" : "yes")));
  const altered = many.at(-1) ?? -1;
  const setAddress = "UPDATE event SET source_address = $2 WHERE seq = $1";
  await change([setAddress, [altered, "198.51.100.7"]]);
  const before = await placesOf();
  await becomeOlder();
  expect(await verifyTrail(database.pool, [])).toMatchObject({ damages: { length: 1_000 }, notListed: 16_002 });

  expect(await bursar("migrate")).toMatchObject({ code: 0, stdout: expect.stringContaining("fill_mfa") });
  expect((await verifyTrail(database.pool, [])).damages).toMatchObject([
    { seq: altered, message: `Entry ${altered} is not what was logged.` },
  ]);
  const { rows } = await database.pool.query("SELECT after FROM activity WHERE action = 'mfa.filled'");
  expect(rows).toEqual([{ after: { filled: 17_001, damaged: 1 } }]);
  expect(await placesOf()).toEqual(before.map((entries) => entries.filter((entry) => entry !== altered)));
  const query = { ...TRAIL_QUERY, mfa: "no" as const };
  const oldest = await searchTrail(context(), query, { at: "2026-10-23T06:00:00.000Z", seq: 14 });
  expect(oldest.rows.map(({ seq }) => seq)).toEqual([13, 10, 7]);

  await change(
    [setAddress, [altered, eventOf(0).sourceAddress]],
    ["INSERT INTO event_fill VALUES ('mfa', $1)", [altered + 1]],
  );
  // What is what was logged again is filled like the others.
  expect(await fillMfa(context())).toEqual({ filled: 1, damaged: 0 });
  expect(await bursar("verify-trail")).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("The trail is what was logged."),
  });
});

test("a newer sign-in whose second factor somebody takes away is damage, whatever is asked to be filled", async () => {
  const [newest = -1] = await append([signInAt(20_000, "no")]);
  await change(["UPDATE event SET mfa = NULL WHERE seq = $1", [newest]]);
  const damages = async () => (await verifyTrail(database.pool, [])).damages;
  const own = [{ seq: newest, message: `Entry ${newest} says of a second factor what its record does not.` }];
  expect(await fillMfa(context())).toBeNull();
  expect(await damages()).toMatchObject(own);
  // Asked for once more, older rows get what their leaves commit to, whatever stood there.
  await change(["UPDATE event SET mfa = NULL WHERE seq = 7"], ["INSERT INTO event_fill VALUES ('mfa', $1)", [newest]]);
  expect(await fillMfa(context())).toEqual({ filled: 1, damaged: 0 });
  expect(await damages()).toMatchObject(own);
  expect((await damages()).length).toBe(1);
});
