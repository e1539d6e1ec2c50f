import { afterAll, beforeAll, expect, test } from "vitest";
import { createInstance, deliver, focusCsv, type Charge, type TestInstance } from "#test/integration/instance.ts";
import { addTeams } from "#test/integration/slices/charges.ts";
import { COST_BASES, decimal, sum, toAmount, type Amount } from "#lib/domain/money.ts";
import { day } from "#lib/domain/period.ts";
import { readSpend } from "#lib/services/spend/read-spend.ts";
import type { SpendQuery } from "#lib/services/spend/spend-view.ts";

const QUERY: SpendQuery = {
  from: day("2026-03-01"),
  to: day("2026-04-01"),
  basis: "billed",
  groupBy: "team",
  granularity: "day",
  compare: "none",
  currency: "EUR",
  filters: {},
  kinds: [],
  asOf: null,
};

const CHARGES: Charge[] = [
  {
    day: "2026-03-02",
    account: "a1",
    service: "EC2",
    billed: "100.000000000001",
    currency: "USD",
    tags: { team: "claims" },
  },
  {
    day: "2026-03-03",
    account: "a2",
    service: "S3",
    billed: "33.33",
    effective: "30",
    currency: "USD",
    tags: { team: "policy" },
  },
  { day: "2026-03-04", account: "a2", service: "S3", billed: "-7", currency: "GBP", tags: { team: "policy" } },
  { day: "2026-03-05", account: "hub", service: "VPN", billed: "10.000000000001", currency: "USD" },
  { day: "2026-03-05", account: "hub", service: "VPN", billed: "0.07", currency: "EUR" },
  { day: "2026-03-06", account: "a9", service: "S3", billed: "5", currency: "EUR" },
];

let instance: TestInstance;

beforeAll(async () => {
  instance = await createInstance({
    tags: ["team"],
    reportingCurrency: "EUR",
    sources: {
      rates: { kind: "exchange-rates-file", path: "./rates.csv" },
      billing: { kind: "focus", layout: "files", path: "./exports" },
    },
  });
  // The month's last day of a rate counts: for pounds that is the 30th, for dollars the 31st, and April's never.
  await deliver(
    instance.path("rates.csv"),
    "Date,USD,GBP,\n2026-04-01,2.5,2.5,\n2026-03-31,1.0843,N/A,\n2026-03-30,1.5,0.8367,\n2026-03-02,3,3,\n",
  );
  await addTeams(instance.database, [{ key: "claims" }, { key: "policy" }, { key: "third" }]);
  const { pool } = instance.database;
  await pool.query("INSERT INTO pool (key, name, method, created_by) VALUES ('hub', 'Hub', 'even', 'test')");
  await pool.query(
    `INSERT INTO allocation_rule (rule_id, position, name, match, target, created_by) VALUES
     (gen_random_uuid(), 1, 'hub', '{"subAccountId":["hub"]}', '{"kind":"pool","pool":"hub"}', 'test'),
     (gen_random_uuid(), 2, 'tag', '{}', '{"kind":"tag-value","keys":["team"]}', 'test')`,
  );
  await deliver(instance.path("exports/2026-03.csv"), focusCsv("2026-03", CHARGES));
  await instance.load("rates");
  await instance.load("billing");
});
afterAll(() => instance?.remove());

/** What the charges are in euro: by the last rate of March, to more decimals than any amount has. */
function inEuro(amount: Amount, currency = "EUR"): Amount {
  const rates: Record<string, string> = { USD: "1.0843", GBP: "0.8367" };
  const rate = rates[currency];
  return rate === undefined ? amount : toAmount(decimal(amount).times(decimal(1).dividedBy(rate).toDecimalPlaces(20)));
}

test.each(COST_BASES)("%s in euro uses the last rate of the period and still adds up", async (basis) => {
  const expected = toAmount(
    sum(
      CHARGES.map((charge) =>
        inEuro(basis === "effective" ? (charge.effective ?? charge.billed) : charge.billed, charge.currency),
      ),
    ),
  );
  for (const groupBy of ["team", "businessUnit", "service", "subAccount", "tag:team"] as const)
    for (const range of [{}, { to: day("2026-03-20") }]) {
      const view = await readSpend(instance.context(), { ...QUERY, ...range, basis, groupBy });
      expect(view.notConverted).toEqual([]);
      expect(view.sections.map((section) => section.currency)).toEqual(["EUR"]);
      const [section] = view.sections;
      const found = { groupBy, total: section?.bar.total ?? "none" };
      expect(found).toEqual({ groupBy, total: expected });
      expect(toAmount(sum(section?.rows.map((row) => row.amount) ?? []))).toBe(expected);
      const cells = section?.trend.series.flatMap((series) => series.values.filter((value) => value !== null)) ?? [];
      expect(toAmount(sum(cells))).toBe(expected);
      const { direct, shared, unallocated } = section?.bar ?? { direct: "0", shared: "0", unallocated: "0" };
      expect(toAmount(sum([direct, shared, unallocated]))).toBe(expected);
    }
});

test("the rates that were used are shown", async () => {
  const [section] = (await readSpend(instance.context(), QUERY)).sections;
  expect(section?.rates.toSorted()).toEqual([
    "1 GBP = 1.1951715071 EUR (2026-03)",
    "1 USD = 0.9222539887 EUR (2026-03)",
  ]);
});

test("without a reporting currency each stands by itself and agrees with the bill", async () => {
  const view = await readSpend(instance.context(), { ...QUERY, currency: null });
  expect(view.sections.map(({ currency, bar }) => [currency, bar.total, bar.difference])).toEqual([
    ["USD", "143.330000000002", "0"],
    ["GBP", "-7", "0"],
    ["EUR", "5.07", "0"],
  ]);
});

test("a currency without a rate is shown by itself, with the reason", async () => {
  const view = await readSpend(instance.context(), { ...QUERY, currency: "CHF" });
  expect(view.sections.map((section) => section.currency).toSorted()).toEqual(["EUR", "GBP", "USD"]);
  expect(view.notConverted.map((one) => one.currency).toSorted()).toEqual(["EUR", "GBP", "USD"]);
});
