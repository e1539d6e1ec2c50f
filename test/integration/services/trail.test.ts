import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { proveLog } from "#demo/prove/log.ts";
import { holds } from "#demo/prove/measure.ts";
import type { Database } from "#lib/db/client.ts";
import { readFrontier } from "#lib/db/trail/merkle-tiles.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { appendEvents } from "#lib/services/trail/append-events.ts";
import { verifyTrail } from "#lib/services/trail/verify-trail.ts";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";

let scratch: TestDatabase;
let database: Database;

beforeAll(async () => {
  scratch = await createTestDatabase();
  database = scratch.database;
});
afterAll(() => scratch?.drop());

const ARRIVED = new Date("2026-11-03T08:00:00.000Z");

function eventOf(n: number): TrailEvent {
  return {
    occurredAt: new Date(Date.UTC(2026, 9, 31, 23, 59, n % 120)),
    sourceKey: "trail",
    eventKey: `event ${n}`,
    actor: `tab\tand \\ and\nline ${n}`,
    actorKind: "user",
    person: "somebody@example.com",
    teamKey: null,
    action: "delete namespaces",
    verbClass: "write",
    resource: "namespaces/claims",
    accountId: null,
    clusterKey: "one",
    namespace: "claims",
    region: null,
    outcome: "success",
    sourceAddress: "192.0.2.1",
    body: new TextEncoder().encode(`{"n":${n}}`),
  };
}

const append = (numbers: readonly number[]) =>
  database.transact(({ sql }) => appendEvents(sql, numbers.map(eventOf), ARRIVED));

async function verdict() {
  const client = await database.pool.connect();
  try {
    return await verifyTrail(client, []);
  } finally {
    client.release();
  }
}

describe("the log of events", () => {
  test("keeps what comes late, twice or together once each, in order of arrival", async () => {
    expect(await append([1, 2, 3, 2])).toEqual({ appended: 3, known: 1, size: 3 });
    expect(await append([3, 0, 1])).toEqual({ appended: 1, known: 2, size: 4 });
    await Promise.all([append([4, 5, 6]), append([5, 6, 7]), append([7, 8])]);
    const { rows } = await database.pool.query("SELECT seq::int, event_key FROM event ORDER BY seq");
    expect(rows.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(new Set(rows.map(({ event_key: key }) => key))).toEqual(
      new Set(Array.from({ length: 9 }, (_, n) => `event ${n}`)),
    );
    expect(await verdict()).toEqual({ entries: 9, damages: [], notListed: 0 });
  });

  test("has neither rows nor leaves of a transaction that was rolled back", async () => {
    const { size } = await readFrontier(database.pool);
    await expect(
      database.transact(async ({ sql }) => {
        await appendEvents(sql, [eventOf(100)], ARRIVED);
        throw new Error("cut off");
      }),
    ).rejects.toThrow("cut off");
    expect((await readFrontier(database.pool)).size).toBe(size);
    expect(await verdict()).toMatchObject({ damages: [] });
  });

  test("lets nobody change or remove an entry", async () => {
    for (const statement of ["UPDATE event SET actor = 'nobody'", "DELETE FROM event", "TRUNCATE event"])
      await expect(database.pool.query(statement)).rejects.toMatchObject({ code: "42501" });
  });

  test("that its database's owner changed all the same is found out", { timeout: 240_000 }, async () => {
    const measures = await proveLog({ database }, 44);
    expect(measures).toHaveLength(14);
    expect(measures.filter((measure) => !holds(measure))).toEqual([]);
  });
});
