import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openDatabase, type Database } from "#lib/db/client.ts";
import { decimal } from "#lib/domain/money.ts";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";
import type { GateOrder } from "#test/integration/services/api-gate-entry.ts";
import { CALL, billedGate, readRunRequests, RUN, startProcess } from "#test/integration/services/api-workshop.ts";

let scratch: TestDatabase;
let database: Database;

beforeAll(async () => {
  scratch = await createTestDatabase({ max: 12 });
  database = scratch.database;
});
afterAll(() => scratch?.drop());
beforeEach(() => database.pool.query("TRUNCATE api_limiter, api_request, api_month"));

const gate = (changes: Parameters<typeof billedGate>[1] = {}, on = database) => billedGate(on, changes);

async function readRows(sql: string): Promise<Record<string, unknown>[]> {
  return (await database.pool.query<Record<string, unknown>>(sql)).rows;
}

describe("the bill is exact", () => {
  test("the price of throttled and failed requests is given back, that of answered ones stays", async () => {
    const own = gate();
    const priced = { ...CALL, priceUsd: "0.010000000001" };
    for (const outcome of ["answered", "throttled", "failed", "answered"] as const) {
      await own.enter(priced);
      await own.leave(priced, outcome);
    }
    expect(await readRunRequests(database)).toEqual({
      requests: 4,
      throttled: 1,
      failed: 1,
      priceUsd: "0.020000000002",
    });
    expect(await readRows("SELECT month, trim_scale(price_usd)::text AS price FROM api_month")).toEqual([
      { month: "2026-11", price: "0.020000000002" },
    ]);
  });

  test("a request that ends after midnight is given back to the day and month on which it was made", async () => {
    let now = new Date("2026-11-30T23:59:59Z");
    const own = gate({ now: () => now });
    await own.enter(CALL);
    now = new Date("2026-12-01T00:00:01Z");
    await own.enter(CALL);
    await own.leave(CALL, "throttled");
    expect(
      await readRows(
        "SELECT day::text, requests, throttled, trim_scale(price_usd)::text AS price FROM api_request ORDER BY day",
      ),
    ).toEqual([
      { day: "2026-11-30", requests: 1, throttled: 1, price: "0" },
      { day: "2026-12-01", requests: 1, throttled: 0, price: "0.01" },
    ]);
    expect(await readRows("SELECT month, trim_scale(price_usd)::text AS price FROM api_month ORDER BY month")).toEqual([
      { month: "2026-11", price: "0" },
      { month: "2026-12", price: "0.01" },
    ]);
  });

  test("the months add up to the days, whatever happens at once", async () => {
    const outcomes = ["answered", "throttled", "failed"] as const;
    const gates = Array.from({ length: 8 }, (_, index) =>
      gate({ runId: index % 2 === 0 ? RUN : null, monthlyCapUsd: "1.5" }),
    );
    await Promise.all(
      gates.map(async (own, index) => {
        for (let round = 0; round < 30; round += 1) {
          const call = { ...CALL, operation: `Operation${round % 3}`, priceUsd: `0.0${(index % 4) + 1}` };
          await own.enter(call).then(
            () => own.leave(call, outcomes[(round + index) % 3] ?? "answered"),
            (thrown: unknown) => expect(thrown).toMatchObject({ code: "limit_reached" }),
          );
        }
      }),
    );
    const [sums] = await readRows(
      `SELECT (SELECT sum(price_usd) FROM api_month)::text AS months, (SELECT sum(price_usd) FROM api_request)::text AS days,
              (SELECT count(*) FROM api_request WHERE requests < throttled + failed OR price_usd < 0)::int AS impossible`,
    );
    expect(sums?.["months"]).toBe(sums?.["days"]);
    expect(sums?.["impossible"]).toBe(0);
    expect(decimal(String(sums?.["months"])).lessThanOrEqualTo("1.5")).toBe(true);
  });

  test("leaving without having entered is a defect, and nothing is given back", async () => {
    const own = gate();
    await own.enter(CALL);
    await expect(own.leave({ ...CALL, operation: "GetTags" }, "failed")).rejects.toMatchObject({ code: "internal" });
    await own.leave(CALL, "answered");
    await expect(own.leave(CALL, "failed")).rejects.toMatchObject({ code: "internal" });
    expect(await readRunRequests(database)).toMatchObject({ requests: 1, failed: 0, priceUsd: "0.01" });
  });
});

describe("the monthly cap is never passed", () => {
  test("with eight callers at once exactly as many requests are made as the cap pays for", async () => {
    const pools = Array.from({ length: 8 }, () => openDatabase(scratch.url, { max: 1 }));
    const refused: unknown[] = [];
    let made = 0;
    try {
      await Promise.all(
        pools.map(async (worker) => {
          const own = gate({ monthlyCapUsd: "0.255" }, worker);
          for (let round = 0; round < 6; round += 1) {
            await own.enter(CALL).then(
              () => (made += 1),
              (thrown: unknown) => refused.push(thrown),
            );
          }
        }),
      );
    } finally {
      await Promise.all(pools.map((one) => one.close()));
    }
    expect(made).toBe(25);
    expect(refused).toHaveLength(23);
    for (const thrown of refused) expect(thrown).toMatchObject({ code: "limit_reached" });
    expect(await readRunRequests(database)).toMatchObject({ requests: 25, priceUsd: "0.25" });
  });

  test("the refusal says month, cap and spent, and what to do", async () => {
    const own = gate({ monthlyCapUsd: "0.02", now: () => new Date("2026-12-31T23:00:00Z") });
    await own.enter(CALL);
    await own.enter(CALL);
    await expect(own.enter(CALL)).rejects.toMatchObject({
      code: "limit_reached",
      message:
        'The API requests of "billing" have cost 0.02 USD in Dec 2026; the next one, at 0.01 USD, would pass the monthly cap of 0.02 USD and was not made.',
      remedy: 'Raise monthlyCapUsd of the source "billing", or wait until 1 Jan 2027.',
    });
  });

  test("what is given back can be spent again, free requests are never refused, and a new month starts at nothing", async () => {
    let now = new Date("2026-11-30T10:00:00Z");
    const own = gate({ monthlyCapUsd: "0.01", now: () => now });
    await own.enter(CALL);
    await own.leave(CALL, "throttled");
    await own.enter(CALL);
    await expect(own.enter(CALL)).rejects.toMatchObject({ code: "limit_reached" });
    await own.enter({ ...CALL, api: "sts", operation: "AssumeRole", priceUsd: "0" });
    now = new Date("2026-12-01T00:00:00Z");
    await own.enter(CALL);
    await expect(gate({ monthlyCapUsd: "0" }).enter(CALL)).rejects.toMatchObject({ code: "limit_reached" });
  });

  test("each source has its own", async () => {
    await gate({ monthlyCapUsd: "0.01" }).enter(CALL);
    await gate({ monthlyCapUsd: "0.01", sourceKey: "other" }).enter(CALL);
    await expect(gate({ monthlyCapUsd: "0.01", sourceKey: "other" }).enter(CALL)).rejects.toMatchObject({
      message: expect.stringContaining('"other"'),
    });
  });

  test("the request of a worker that was killed stays on the bill, counts towards the cap and holds nobody up", async () => {
    const order: GateOrder = {
      url: scratch.url,
      call: CALL,
      requests: 1,
      atOnce: 1,
      perSecond: 1000,
      burst: 10,
      hangs: true,
    };
    const worker = await startProcess(order);
    expect(await worker.go()).toHaveLength(1);
    await worker.kill();
    const own = gate({ monthlyCapUsd: "0.02" });
    await own.enter(CALL);
    await own.leave(CALL, "answered");
    await expect(own.enter(CALL)).rejects.toMatchObject({ code: "limit_reached" });
    expect(
      await readRows(
        "SELECT sum(requests)::int AS requests, trim_scale(sum(price_usd))::text AS price FROM api_request",
      ),
    ).toEqual([{ requests: 2, price: "0.02" }]);
  });
});
