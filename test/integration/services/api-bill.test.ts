import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMAND_LINE_ACTOR, type Actor } from "#lib/access/actor.ts";
import { addAmounts } from "#lib/domain/money.ts";
import { day } from "#lib/domain/period.ts";
import { recentBillRange } from "#lib/services/api/bill-range.ts";
import { listApiBill } from "#lib/services/api/list-api-bill.ts";
import { createRequestGate } from "#lib/services/api/request-gate.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";

const NOW = new Date("2026-11-20T12:00:00Z");
const RANGE = { from: day("2026-10-30"), to: day("2026-11-22") };

let scratch: TestDatabase;
const context = (actor: Actor = COMMAND_LINE_ACTOR): ServiceContext => ({
  actor,
  database: scratch.database,
  now: NOW,
});

type Asked = { source: string; at: string; api?: string; operation: string; price: string; outcomes: string };

/** "a" is an answered request, "t" a throttled and "f" a failed one. */
async function ask({ source, at, api = "ce", operation, price, outcomes }: Asked): Promise<void> {
  const gate = createRequestGate(scratch.database, {
    sourceKey: source,
    runId: null,
    monthlyCapUsd: null,
    now: () => new Date(at),
    rateOf: () => ({ operation: "", perSecond: 1_000_000, burst: 1_000_000 }),
  });
  const call = { api, operation, account: "111122223333", region: "us-east-1", priceUsd: price };
  for (const letter of outcomes) {
    await gate.enter(call);
    await gate.leave(call, letter === "a" ? "answered" : letter === "t" ? "throttled" : "failed");
  }
}

beforeAll(async () => {
  scratch = await createTestDatabase();
  await scratch.database.pool.query(
    `INSERT INTO source (key, kind, title, dataset, settings, removed_at) VALUES
     ('organisation', 'aws-organizations', 'Organisation', 'directory', '{}', NULL),
     ('payer', 'aws-cost-explorer', 'Payer', 'cost', '{"monthlyCapUsd": "0.08"}', NULL),
     ('unasked', 'aws-cost-explorer', 'Unasked', 'cost', '{"monthlyCapUsd": 5}', NULL),
     ('former', 'aws-cost-explorer', 'Former', 'cost', '{}', '2026-11-01'),
     ('files', 'focus', 'Files', 'cost', '{}', NULL)`,
  );
  await ask({
    source: "payer",
    at: "2026-10-03T10:00:00Z",
    operation: "GetCostAndUsage",
    price: "0.01",
    outcomes: "aaaa",
  });
  await ask({
    source: "payer",
    at: "2026-10-31T10:00:00Z",
    operation: "GetCostAndUsage",
    price: "0.01",
    outcomes: "at",
  });
  await ask({
    source: "payer",
    at: "2026-11-02T10:00:00Z",
    operation: "GetCostAndUsage",
    price: "0.01",
    outcomes: "aatf",
  });
  await ask({ source: "payer", at: "2026-11-02T11:00:00Z", operation: "GetTags", price: "0.01", outcomes: "a" });
  await ask({
    source: "payer",
    at: "2026-11-20T10:00:00Z",
    operation: "GetCostAndUsage",
    price: "0.01",
    outcomes: "aaa",
  });
  await ask({
    source: "payer",
    at: "2026-11-20T10:00:00Z",
    api: "sts",
    operation: "AssumeRole",
    price: "0",
    outcomes: "a",
  });
  await ask({
    source: "organisation",
    at: "2026-11-20T10:00:00Z",
    api: "organizations",
    operation: "ListAccounts",
    price: "0",
    outcomes: "aa",
  });
  await ask({
    source: "former",
    at: "2026-10-30T10:00:00Z",
    operation: "GetCostAndUsage",
    price: "0.01",
    outcomes: "a",
  });
});
afterAll(() => scratch?.drop());

async function payer() {
  const found = (await listApiBill(context(), RANGE)).sources.find(({ sourceKey }) => sourceKey === "payer");
  if (found === undefined) throw new Error("The payer has no bill.");
  return found;
}

describe("the API's bill", () => {
  test("names the sources that cost something or have a cap first, then those that ask for free, and no others", async () => {
    const { sources } = await listApiBill(context(), RANGE);
    expect(sources.map(({ sourceKey, isPriced, removed, capUsd }) => [sourceKey, isPriced, removed, capUsd])).toEqual([
      ["former", true, true, null],
      ["payer", true, false, "0.08"],
      ["unasked", true, false, "5"],
      ["organisation", false, false, null],
    ]);
  });

  test("tells each month in whole against the cap, also where the range begins within it", async () => {
    const { months, thisMonth } = await payer();
    expect(months).toEqual([
      {
        period: "2026-11",
        requests: 9,
        throttled: 1,
        failed: 1,
        priceUsd: "0.06",
        usedPercent: "75.0",
        isCapReached: false,
      },
      {
        period: "2026-10",
        requests: 6,
        throttled: 1,
        failed: 0,
        priceUsd: "0.05",
        usedPercent: "62.5",
        isCapReached: false,
      },
    ]);
    expect(thisMonth).toEqual(months[0]);
  });

  test("tells this month also where the range is an older one", async () => {
    const { sources } = await listApiBill(context(), { from: day("2026-01-01"), to: day("2026-02-01") });
    const found = sources.find(({ sourceKey }) => sourceKey === "payer");
    expect(found).toMatchObject({ thisMonth: { period: "2026-11", priceUsd: "0.06" }, operations: [], days: [] });
    expect(found?.months.map(({ period, requests }) => [period, requests])).toEqual([["2026-01", 0]]);
  });

  test("splits the range by operation and month, newest first and the dearest on top", async () => {
    const { operations } = await payer();
    expect(
      operations.map((row) => [row.period, row.operation, row.requests, row.throttled, row.failed, row.priceUsd]),
    ).toEqual([
      ["2026-11", "GetCostAndUsage", 7, 1, 1, "0.05"],
      ["2026-11", "GetTags", 1, 0, 0, "0.01"],
      ["2026-11", "AssumeRole", 1, 0, 0, "0"],
      ["2026-10", "GetCostAndUsage", 2, 1, 0, "0.01"],
    ]);
  });

  test("its days, its operations and its chart are the same sum", async () => {
    const { days, operations, trend } = await payer();
    const sums = [days, operations].map((rows) => addAmounts(rows.map(({ priceUsd }) => priceUsd)));
    const drawn = addAmounts(trend.series.flatMap(({ values }) => values.filter((value) => value !== null)));
    expect([...sums, drawn]).toEqual(["0.07", "0.07", "0.07"]);
    expect(trend.buckets).toHaveLength(23);
    // A day without a request cost nothing; tomorrow is not known.
    expect(trend.series.map(({ key }) => key)).toEqual(["GetCostAndUsage", "GetTags"]);
    expect(trend.series[0]?.values.slice(0, 4)).toEqual(["0", "0.01", "0", "0.02"]);
    expect(trend.series[0]?.values.slice(-2)).toEqual(["0.03", null]);
  });

  test("says that a cap is reached when there is nothing left of it", async () => {
    await scratch.database.pool.query(`UPDATE source SET settings = '{"monthlyCapUsd": 0.06}' WHERE key = 'payer'`);
    expect((await payer()).thisMonth).toMatchObject({ usedPercent: "100.0", isCapReached: true });
    await scratch.database.pool.query(`UPDATE source SET settings = '{"monthlyCapUsd": "0.08"}' WHERE key = 'payer'`);
  });

  test("is told for the last three months where nobody asks for others", () => {
    expect(recentBillRange(NOW)).toEqual({ from: "2026-09-01", to: "2026-11-21" });
    expect(recentBillRange(new Date("2027-01-31T23:59:59Z"))).toEqual({ from: "2026-11-01", to: "2027-02-01" });
  });

  test.each([
    ["that is empty", "2026-11-02", "2026-11-02"],
    ["that is too long", "2020-01-01", "2026-11-02"],
  ])("a range %s is refused", async (_what, from, to) => {
    await expect(listApiBill(context(), { from: day(from), to: day(to) })).rejects.toMatchObject({
      code: "invalid_input",
    });
  });

  test("is refused to a member, and the refusal is logged", async () => {
    const member: Actor = { id: "alice@example.com", name: "Alice", role: "member", teamKey: "claims" };
    await expect(listApiBill(context(member), RANGE)).rejects.toMatchObject({ code: "forbidden" });
    const { rows } = await scratch.database.pool.query("SELECT action, actor_id FROM activity");
    expect(rows).toEqual([{ action: "permission.refused", actor_id: "alice@example.com" }]);
  });
});
