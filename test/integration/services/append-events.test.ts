import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readEventRange } from "#lib/db/trail/read-event-range.ts";
import { appendEvents } from "#lib/services/trail/append/append-events.ts";
import { openStored } from "#lib/services/trail/verify/stored-leaf.ts";
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

test("a record of many megabytes is kept whole, and is what was logged", async () => {
  const { transact, pool } = scratch.database;
  const body = Buffer.from(JSON.stringify({ items: randomBytes(15 * 1024 * 1024).toString("base64") }));
  const { size } = await transact(({ sql }) => appendEvents(sql, [{ ...eventOf(60), body }], ARRIVED));
  expect((await verifyTrail(pool, [])).damages).toEqual([]);
  const [event] = await readEventRange(pool, size - 1, size);
  const { record = null } = (event && openStored(event)) ?? {};
  expect(record && Buffer.compare(record, body)).toBe(0);
});
