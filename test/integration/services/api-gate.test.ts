import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Pool } from "pg";
import { takeSlots, type Pace, type Slot } from "#lib/db/api/take-slots.ts";
import { openDatabase, type Database } from "#lib/db/client.ts";
import { API_RATES, rateOf } from "#lib/services/api/rates.ts";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";
import type { GateOrder } from "#test/integration/services/api-gate-entry.ts";
import { CALL, LIMITER, billedGate, readRunRequests, startProcess } from "#test/integration/services/api-workshop.ts";

let scratch: TestDatabase;
let database: Database;

beforeAll(async () => {
  scratch = await createTestDatabase({ max: 12 });
  database = scratch.database;
});
afterAll(() => scratch?.drop());
beforeEach(() => database.pool.query("TRUNCATE api_limiter, api_request, api_month"));

async function takeSlot(sql: Pool, pace: Pace): Promise<Slot | null> {
  return (await takeSlots(sql, LIMITER, pace, { count: 1, maxWaitMs: 60_000 }))?.[0] ?? null;
}

const gate = (changes: Parameters<typeof billedGate>[1] = {}, on = database) => billedGate(on, changes);

async function readRows(sql: string): Promise<Record<string, unknown>[]> {
  return (await database.pool.query<Record<string, unknown>>(sql)).rows;
}

async function pace(): Promise<number> {
  return Number((await readRows("SELECT pace FROM api_limiter"))[0]?.["pace"]);
}

/** The most instants within any window of that length. */
function mostWithin(instants: readonly number[], windowMs: number): number {
  const sorted = instants.toSorted((a, b) => a - b);
  return Math.max(...sorted.map((from) => sorted.filter((at) => at >= from && at < from + windowMs).length));
}

/**
 * What burst and rate allow within a window, and one more for each that asks at the same time: a timer never fires early, but
 * on a busy machine it fires late, and then the request that it held falls into a later window than its slot.
 */
function mostAllowed(rate: { perSecond: number; burst: number }, windowMs: number, askers: number): number {
  return rate.burst + Math.ceil((rate.perSecond * windowMs) / 1000) + askers;
}

describe("the rate holds over everybody who asks", () => {
  test("slots taken through four pools at once are never more than burst and rate allow, in any window", async () => {
    const rate = { perSecond: 100, burst: 5 };
    const pools = Array.from({ length: 4 }, () => openDatabase(scratch.url, { max: 4 }));
    try {
      const startedAt = performance.now();
      const taken = await Promise.all(
        pools.flatMap((from) => Array.from({ length: 50 }, () => takeSlot(from.pool, rate))),
      );
      expect(taken).not.toContain(null);
      const [held] = await readRows(
        "SELECT extract(epoch FROM next_at - clock_timestamp())::float8 * 1000 AS ahead FROM api_limiter",
      );
      const ahead = Number(held?.["ahead"]);
      // 200 slots of 10 ms, five of them at once: none was given twice, and none was lost.
      expect(ahead + performance.now() - startedAt).toBeGreaterThanOrEqual((200 - 4) * 10);
      expect(ahead).toBeLessThanOrEqual(200 * 10);
      expect(Math.max(...taken.map((slot) => slot?.waitMs ?? 0))).toBeGreaterThan(ahead - 20);
    } finally {
      await Promise.all(pools.map((from) => from.close()));
    }
  });

  test("four processes with two requests at once each are let through at the rate, and all of them are", async () => {
    const order: GateOrder = {
      url: scratch.url,
      call: CALL,
      requests: 15,
      atOnce: 2,
      perSecond: 20,
      burst: 3,
      hangs: false,
    };
    const processes = await Promise.all(Array.from({ length: 4 }, () => startProcess(order)));
    try {
      const startedAt = Date.now();
      const passedAt = (await Promise.all(processes.map((one) => one.go()))).flat();
      expect(passedAt).toHaveLength(60);
      for (const windowMs of [250, 500, 1000, 2000])
        expect(mostWithin(passedAt, windowMs)).toBeLessThanOrEqual(mostAllowed(order, windowMs, 8));
      expect(Math.max(...passedAt) - startedAt).toBeGreaterThanOrEqual(((60 - 3) / 20) * 1000);
    } finally {
      await Promise.all(processes.map((one) => one.kill()));
    }
    expect(await readRows("SELECT requests, price_usd::text AS price FROM api_request")).toEqual([
      { requests: 60, price: "0.600000000000" },
    ]);
  });

  test("accounts, regions and APIs do not wait for each other", async () => {
    const slow = gate({ pace: { perSecond: 0.001, burst: 1 }, maxWaitMs: 0 });
    for (const other of [{}, { account: "444455556666" }, { region: "eu-central-1" }, { api: "organizations" }])
      await slow.enter({ ...CALL, ...other });
    await slow.enter(CALL).then(
      () => expect.unreachable("the slot was taken"),
      (thrown: unknown) => expect(thrown).toMatchObject({ code: "throttled" }),
    );
  });

  test("a request that would wait too long is refused, takes no slot and is not on the bill", async () => {
    const slow = gate({ pace: { perSecond: 0.1, burst: 1 }, maxWaitMs: 5_000 });
    await slow.enter(CALL);
    const before = await readRows("SELECT * FROM api_limiter");
    await expect(slow.enter(CALL)).rejects.toMatchObject({
      code: "throttled",
      message: expect.stringContaining("more than 5 s"),
      remedy: expect.stringContaining("Pull again later"),
    });
    expect(await readRows("SELECT * FROM api_limiter")).toEqual(before);
    expect(await readRows("SELECT requests FROM api_request")).toEqual([{ requests: 1 }]);
  });

  test("a wait that is aborted ends at once with its reason and is not on the bill", async () => {
    const slow = gate({ pace: { perSecond: 0.01, burst: 1 } });
    await slow.enter(CALL);
    const controller = new AbortController();
    const waiting = slow.enter(CALL, controller.signal);
    controller.abort(new Error("another worker took the run"));
    await expect(waiting).rejects.toThrow("another worker took the run");
    await expect(slow.enter(CALL, controller.signal)).rejects.toThrow("another worker took the run");
    expect(await readRows("SELECT requests FROM api_request")).toEqual([{ requests: 1 }]);
  });

  test("requests that come together take their slots and go on the bill in two statements, each with a slot of its own", async () => {
    const together = gate({ pace: { perSecond: 10, burst: 8 } });
    const sent = vi.spyOn(database.pool, "query");
    await Promise.all(Array.from({ length: 8 }, () => together.enter(CALL)));
    expect(sent).toHaveBeenCalledTimes(2);
    sent.mockRestore();
    expect(await readRows("SELECT requests, price_usd::text AS price FROM api_request")).toEqual([
      { requests: 8, price: "0.080000000000" },
    ]);
    const next = await takeSlots(database.pool, LIMITER, { perSecond: 10, burst: 8 }, { count: 3, maxWaitMs: 60_000 });
    const [first = NaN, second = NaN, third = NaN] = (next ?? []).map(({ waitMs }) => waitMs);
    expect(first).toBeGreaterThan(0);
    expect([second - first, third - second].every((apart) => apart >= 99 && apart <= 101)).toBe(true);
  });

  test("of requests that come together those are let through that would not wait too long", async () => {
    const slow = gate({ pace: { perSecond: 0.1, burst: 4 }, maxWaitMs: 5_000 });
    await slow.enter(CALL);
    const entered = await Promise.allSettled(Array.from({ length: 6 }, () => slow.enter(CALL)));
    expect(entered.map(({ status }) => status).toSorted()).toEqual([
      ...Array.from({ length: 3 }, () => "fulfilled"),
      ...Array.from({ length: 3 }, () => "rejected"),
    ]);
    expect(await readRows("SELECT requests FROM api_request")).toEqual([{ requests: 4 }]);
  });

  test("every rate of the table is positive, says where it is from, and LookupEvents has AWS's own", () => {
    for (const rate of API_RATES) {
      expect(rate.perSecond).toBeGreaterThan(0);
      expect(rate.burst).toBeGreaterThanOrEqual(1);
      expect(rate.source).toMatch(/^https:\/\//);
    }
    expect(rateOf({ api: "cloudtrail", operation: "LookupEvents" })).toEqual({
      operation: "LookupEvents",
      perSecond: 2,
      burst: 1,
    });
    expect(rateOf({ api: "ce", operation: "GetTags" })).toEqual(rateOf({ api: "ce", operation: "GetCostAndUsage" }));
    expect(rateOf({ api: "unheard-of", operation: "X" }).perSecond).toBeGreaterThan(0);
  });
});

describe("a throttled answer slows everybody down", () => {
  const rate = { perSecond: 1_000, burst: 10 };

  test("it moves the next slot back, halves the pace for every gate, and good answers bring it back to the full rate", async () => {
    const [one, other] = [gate({ pace: rate }), gate({ pace: rate })];
    await one.enter(CALL);
    await one.leave(CALL, "throttled");
    expect(await pace()).toBe(0.5);
    const [held] = await readRows("SELECT next_at > throttled_at AS moved FROM api_limiter");
    expect(held).toEqual({ moved: true });
    const paces: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      await other.enter(CALL);
      await other.leave(CALL, "answered");
      paces.push(await pace());
    }
    expect(paces.map((value) => value.toFixed(1))).toEqual(["0.6", "0.7", "0.8", "0.9", "1.0", "1.0"]);
    expect(await pace()).toBe(1);
  });

  test("requests that are throttled together count once, and the pace never falls below a sixteenth", async () => {
    const slow = gate({ pace: rate });
    await Promise.all(Array.from({ length: 8 }, () => slow.enter(CALL)));
    await Promise.all(Array.from({ length: 8 }, () => slow.leave(CALL, "throttled")));
    expect(await pace()).toBe(0.5);
    for (let round = 0; round < 6; round += 1) {
      await database.pool.query("UPDATE api_limiter SET throttled_at = throttled_at - interval '2 seconds'");
      await slow.enter(CALL);
      await slow.leave(CALL, "throttled");
    }
    expect(await pace()).toBe(1 / 16);
  });

  test("slots of a slowed limiter lie further apart, without a burst", async () => {
    await takeSlot(database.pool, { perSecond: 1, burst: 5 });
    await database.pool.query("UPDATE api_limiter SET pace = 0.5, next_at = clock_timestamp() - interval '1 hour'");
    const waits: number[] = [];
    for (let round = 0; round < 3; round += 1)
      waits.push((await takeSlot(database.pool, { perSecond: 1, burst: 5 }))?.waitMs ?? NaN);
    expect(waits[0]).toBe(0);
    expect(waits[1]).toSatisfy((wait: number) => wait > 1_500 && wait <= 2_000);
    expect(waits[2]).toSatisfy((wait: number) => wait > 3_500 && wait <= 4_000);
  });

  test("four workers end with three in ten answers throttled, within the rate and with the exact bill", async () => {
    const shared = { perSecond: 100, burst: 4 };
    const pools = Array.from({ length: 4 }, () => openDatabase(scratch.url, { max: 2 }));
    const passedAt: number[] = [];
    let asked = 0;
    let throttled = 0;
    try {
      const work = async (worker: Database) => {
        const own = gate({ pace: shared }, worker);
        for (let done = 0; done < 25;) {
          await own.enter(CALL);
          passedAt.push(Date.now());
          asked += 1;
          const isThrottled = asked % 10 < 3;
          if (isThrottled) throttled += 1;
          else done += 1;
          await own.leave(CALL, isThrottled ? "throttled" : "answered");
        }
      };
      await Promise.all(pools.map(work));
    } finally {
      await Promise.all(pools.map((one) => one.close()));
    }
    expect(asked - throttled).toBe(100);
    expect(throttled).toBeGreaterThan(30);
    expect(mostWithin(passedAt, 500)).toBeLessThanOrEqual(mostAllowed(shared, 500, 4));
    expect(await readRunRequests(database)).toEqual({ requests: asked, throttled, failed: 0, priceUsd: "1" });
  });
});
