import { afterAll, beforeAll, expect, test } from "vitest";
import { appendEvents } from "#lib/services/trail/append/append-events.ts";
import { verifyTrail } from "#lib/services/trail/verify/verify-trail.ts";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";
import { eventOf } from "#test/integration/services/trail-workshop.ts";

const ARRIVED = new Date("2026-11-03T08:00:00.000Z");
let scratch: TestDatabase;

beforeAll(async () => {
  scratch = await createTestDatabase();
});
afterAll(() => scratch?.drop());

test("of two that are told to be one the first is kept, and each that has its key from another source or time", async () => {
  const one = eventOf(1);
  const told = [
    one,
    { ...one, resource: "the second" },
    { ...one, occurredAt: new Date(one.occurredAt.getTime() + 1), resource: "later" },
    { ...one, sourceKey: "other", resource: "elsewhere" },
    { ...one, sourceKey: "other", resource: "elsewhere again" },
  ];
  const { transact, pool } = scratch.database;
  expect(await transact(({ sql }) => appendEvents(sql, told, ARRIVED))).toMatchObject({ appended: 3, known: 2 });
  expect(await transact(({ sql }) => appendEvents(sql, told, ARRIVED))).toMatchObject({ appended: 0, known: 5 });
  const { rows } = await pool.query("SELECT resource FROM event ORDER BY seq");
  expect(rows.map(({ resource }) => String(resource))).toEqual([one.resource, "later", "elsewhere"]);
  expect(await verifyTrail(pool, [])).toMatchObject({ entries: 3, damages: [] });
});
