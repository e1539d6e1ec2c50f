import { afterAll, beforeAll, expect, test } from "vitest";
import { addTeams, contextOn, publishLines, type Line } from "#test/integration/slices/charges.ts";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";
import { readCostScope } from "#lib/db/spend/cost-scope.ts";
import { readSpendTotals } from "#lib/db/spend/read-spend.ts";
import { billingPeriod, rangeOf } from "#lib/domain/period.ts";
import { readDifference } from "#lib/services/slices/read-difference.ts";
import { listPublications } from "#lib/services/slices/list-publications.ts";

let test_: TestDatabase;

beforeAll(async () => {
  test_ = await createTestDatabase();
  await addTeams(test_.database, [{ key: "claims" }, { key: "policy" }]);
  const { pool } = test_.database;
  await pool.query(
    "INSERT INTO pool (key, name, method, weights, created_by) VALUES ('platform', 'Platform', 'proportional', '{}', 'test')",
  );
  await pool.query(
    `INSERT INTO allocation_rule (rule_id, position, name, match, target, created_by) VALUES
     (gen_random_uuid(), 1000, 'team tag', '{}', '{"kind":"tag-value","keys":["team"]}', 'test'),
     (gen_random_uuid(), 2000, 'hub', '{"subAccountId":["hub"]}', '{"kind":"pool","pool":"platform"}', 'test')`,
  );
});
afterAll(() => test_.drop());

const FIRST: Line[] = [
  { day: "2026-03-01", account: "a1", service: "EC2", billed: "10.000000000001", tags: { team: "claims" } },
  { day: "2026-03-02", account: "a1", service: "EC2", billed: "20", effective: "15", tags: { team: "claims" } },
  { day: "2026-03-02", account: "a2", service: "S3", billed: "-1.5", tags: { team: "policy" } },
  { day: "2026-03-02", account: "a2", service: "S3", billed: "7", tags: { team: "policy" } },
  { day: "2026-03-03", account: "hub", service: "VPN", billed: "0.000000000001" },
  { day: "2026-03-03", account: "hub", service: "VPN", billed: "3.33" },
  { day: "2026-03-04", account: "a9", service: "S3", billed: "2" },
  { day: "2026-03-04", account: "a9", service: "S3", billed: "5", currency: "USD" },
];

async function totalsByTeam(sourceKey: string, period: string, asOf: Date | null = null) {
  const scope = (await readCostScope(test_.database.pool, [billingPeriod(period)], asOf)).filter(
    (slice) => slice.sourceKey === sourceKey,
  );
  const rows = await readSpendTotals(
    test_.database.pool,
    {
      scope: scope.flatMap((slice) =>
        Object.keys(slice.totals).map((currency) => ({ slice, currency, shownIn: currency, factor: null })),
      ),
      range: rangeOf(billingPeriod(period)),
      basis: "billed",
      filters: [],
      kinds: [],
    },
    "team",
  );
  return Object.fromEntries(rows.map((row) => [`${row.currency} ${row.key || "nobody"} ${row.kind}`, row.amount]));
}

test("every cost ends with an owner, in a pool or unallocated, and the parts sum to the whole", async () => {
  await publishLines(contextOn(test_.database), { sourceKey: "first", period: "2026-03", lines: FIRST });
  // The hub's 3.330000000001 follows the direct effective cost 25.000000000001 : 5.5.
  expect(await totalsByTeam("first", "2026-03")).toEqual({
    "EUR claims direct": "30.000000000001",
    "EUR policy direct": "5.5",
    "EUR claims shared": "2.729508196722",
    "EUR policy shared": "0.600491803279",
    "EUR nobody unallocated": "2",
    "USD nobody unallocated": "5",
  });
});

test("a period delivered again replaces the old one, keeps the difference, and the old figures stay readable", async () => {
  const context = contextOn(test_.database);
  const { sliceId } = await publishLines(context, { sourceKey: "again", period: "2026-03", lines: FIRST });
  const before = await totalsByTeam("again", "2026-03");
  const between = new Date();
  const changed = FIRST.map((line) =>
    line.account === "a1" && line.day === "2026-03-02" ? { ...line, billed: "21.25", effective: "16" } : line,
  ).filter((line) => line.account !== "a9" || line.currency === "USD");
  await publishLines(context, { sourceKey: "again", period: "2026-03", lines: changed });

  expect((await totalsByTeam("again", "2026-03"))["EUR claims direct"]).toBe("31.250000000001");
  expect(await totalsByTeam("again", "2026-03", between)).toEqual(before);
  expect(await totalsByTeam("again", "2026-03", new Date("2020-01-01T00:00:00Z"))).toEqual({});

  const [newest] = await listPublications(context, { sliceId });
  expect(newest).toMatchObject({
    reason: "redelivery",
    current: true,
    difference: { amounts: { EUR: { billed: "-0.75", effective: "-1" } } },
  });
  const difference = await readDifference(context, { publicationId: newest?.id ?? 0 });
  const moved = difference.map((row) => [
    row.team,
    row.serviceName,
    row.subAccountId,
    row.before.billed,
    row.after.billed,
  ]);
  // The hub's split follows direct cost, so that a change of claims moves parts of the pool between teams as well.
  expect(moved).toContainEqual(["CLAIMS", "EC2", "a1", "20", "21.25"]);
  expect(moved).toContainEqual(["No owner", "S3", "a9", "2", "0"]);
});

test("a run whose control totals differ by the last decimal publishes nothing and leaves what was there", async () => {
  const context = contextOn(test_.database);
  await publishLines(context, { sourceKey: "unbalanced", period: "2026-03", lines: FIRST });
  const before = await totalsByTeam("unbalanced", "2026-03");
  const lines = [
    ...FIRST,
    { day: "2026-03-05", account: "a1", service: "EC2", billed: "100", tags: { team: "claims" } },
  ];
  await expect(
    publishLines(context, { sourceKey: "unbalanced", period: "2026-03", lines }, (slice) => ({
      ...slice,
      controlTotals: {
        ...slice.controlTotals,
        USD: { billed: "5.000000000001", effective: "5", list: "5", contracted: "5", lineItems: 1 },
      },
    })),
  ).rejects.toMatchObject({ code: "not_balanced" });
  expect(await totalsByTeam("unbalanced", "2026-03")).toEqual(before);
  await test_.database.pool.query("UPDATE run SET state = 'failed' WHERE state = 'running'");
});

test("a worker that lost its run cannot publish", async () => {
  const context = contextOn(test_.database);
  await expect(
    publishLines(context, { sourceKey: "fenced", period: "2026-03", lines: FIRST }, (slice) => ({
      ...slice,
      verifyUnchanged: async () => {
        // Another worker takes the run at the last moment.
        await test_.database.pool.query(
          "UPDATE run SET attempt = attempt + 1 WHERE slice_id = $1 AND state = 'running'",
          [slice.sliceId],
        );
      },
    })),
  ).rejects.toMatchObject({ code: "superseded" });
  expect(await totalsByTeam("fenced", "2026-03")).toEqual({});
});

test("a rule saved while a slice is being allocated is in what gets published", async () => {
  const context = contextOn(test_.database);
  let isSaved = false;
  await publishLines(
    context,
    {
      sourceKey: "race",
      period: "2026-04",
      lines: FIRST.map((line) => ({ ...line, day: line.day.replace("-03-", "-04-") })),
    },
    (slice) => ({
      ...slice,
      verifyUnchanged: async () => {
        if (isSaved) return;
        isSaved = true;
        await test_.database.pool.query(
          `INSERT INTO allocation_rule (rule_id, position, name, match, target, valid_from, created_by)
         VALUES (gen_random_uuid(), 3000, 'a9', '{"subAccountId":["a9"]}', '{"kind":"team","team":"policy"}', '2026-04', 'test')`,
        );
      },
    }),
  );
  const totals = await totalsByTeam("race", "2026-04");
  expect(totals["EUR nobody unallocated"]).toBeUndefined();
  expect(totals["USD policy direct"]).toBe("5");
});
