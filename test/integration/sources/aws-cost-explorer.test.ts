import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { costEntriesOf } from "#demo/aws/cost-explorer/record-types.ts";
import { makeDelivery } from "#demo/estate/estate.ts";
import { amountText } from "#demo/estate/line.ts";
import { ACCOUNT_NAMES } from "#demo/estate/accounts.ts";
import { decimal, toAmount } from "#lib/domain/money.ts";
import { billingPeriod, daysIn, periodOf, rangeOf } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { openGate, type RequestGate } from "#lib/sources/aws/request-gate.ts";
import { chargeCategoryOf } from "#lib/sources/aws-cost-explorer/charge-category.ts";
import {
  checkCostExplorer,
  costExplorerSpec,
  planCostExplorer,
  readCostExplorerSlice,
  type CostExplorerReading,
} from "#lib/sources/aws-cost-explorer/index.ts";
import { openAwsWorkshop, TODAY, type AwsWorkshop } from "./aws-estate.ts";

const MONTH = billingPeriod("2026-10");
/** Small enough that every question has many pages. */
const PAGE_SIZE = 400;
const signal = new AbortController().signal;
let aws: AwsWorkshop;
const open: CostExplorerReading[] = [];

beforeAll(async () => {
  aws = await openAwsWorkshop({ costPageSize: PAGE_SIZE });
});
afterEach(async () => {
  for (const reading of open.splice(0)) await reading.close();
  aws.server.reset();
});
afterAll(() => aws.close());

type ReadSettings = {
  period?: string;
  gate?: RequestGate;
  settings?: object;
  tagKeys?: string[];
  environmentTags?: string[];
  at?: AwsWorkshop;
};

async function read(asked: ReadSettings = {}) {
  const { period = MONTH, gate = openGate, settings = {}, tagKeys = [], environmentTags = [], at = aws } = asked;
  const spec = costExplorerSpec.parse({ kind: "aws-cost-explorer", ...at.connection, ...settings });
  const logicalTime = new Date(`${TODAY}T05:00:00Z`);
  const slices = await planCostExplorer(spec, { signal, logicalTime, published: new Map() });
  const slice = slices.find((offered) => offered.period === period);
  if (!slice) throw new Error(`${period} is not offered`);
  const reading = await readCostExplorerSlice(spec, slice, {
    signal,
    gate,
    onProgress: () => {},
    projection: { tagKeys, environmentTags, resourcePatterns: [] },
    scratchDir: at.scratchDir,
    threads: 1,
  });
  open.push(reading);
  return reading;
}

/** Sums of the reading's charges by an expression over `charge` c and `charge_key` k. */
async function sumsBy(reading: CostExplorerReading, expression: string): Promise<Record<string, [string, string]>> {
  const result = await reading.connection.runAndReadAll(
    `SELECT ${expression} AS name, CAST(sum(c.billed) AS VARCHAR), CAST(sum(c.effective) AS VARCHAR)
     FROM charge c JOIN charge_key k ON k.key_no = c.key_no GROUP BY 1 HAVING sum(c.billed) <> 0 OR sum(c.effective) <> 0 ORDER BY 1`,
  );
  return Object.fromEntries(
    result
      .getRowsJson()
      .map(([name, billed, effective]) => [String(name), [amountOf(String(billed)), amountOf(String(effective))]]),
  );
}

function amountOf(text: string): string {
  return toAmount(decimal(text));
}

type Truth = ReturnType<typeof makeDelivery>["charges"][number];

/** The same sums out of the charges that the FOCUS files are written from. */
function trueSumsBy(nameOf: (charge: Truth) => string, period = MONTH): Record<string, [string, string]> {
  const sums = new Map<string, [bigint, bigint]>();
  for (const charge of makeDelivery(aws.estate, "aws-billing", period, 1).charges) {
    const [billed, effective] = sums.get(nameOf(charge)) ?? [0n, 0n];
    sums.set(nameOf(charge), [billed + BigInt(charge.billed), effective + BigInt(charge.effective)]);
  }
  return Object.fromEntries(
    [...sums]
      .filter(([, [billed, effective]]) => billed !== 0n || effective !== 0n)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, [billed, effective]]) => [name, [amountText(billed), amountText(effective)]]),
  );
}

function accountNamed(name: string): string {
  const account = aws.estate.accounts.find((candidate) => candidate.name === name);
  if (!account) throw new Error(`no account ${name}`);
  return account.id;
}

const accountOf = ({ line }: Truth) => (line.hasSubAccount ? line.account.id : accountNamed(ACCOUNT_NAMES.payer));

/** Runs `before` ahead of the nth request to Cost Explorer. */
function gateThat(nth: number, before: () => void): RequestGate {
  let count = 0;
  return {
    ...openGate,
    enter: async ({ api }) => {
      if (api !== "ce") return;
      count += 1;
      if (count === nth) before();
    },
  };
}

test("a month costs the same by service, account and day as in the FOCUS files, in both bases", async () => {
  const reading = await read();
  expect(await sumsBy(reading, "k.service_name")).toEqual(trueSumsBy(({ line }) => line.serviceName));
  expect(await sumsBy(reading, "k.sub_account_id")).toEqual(trueSumsBy(accountOf));
  expect(await sumsBy(reading, "c.day")).toEqual(
    trueSumsBy(({ start }) => (start < `${MONTH}-01` ? `${MONTH}-01` : start)),
  );
  const total = Object.values(trueSumsBy(() => "all"))[0];
  expect(reading.controlTotals).toEqual({
    USD: { billed: total?.[0], effective: total?.[1], list: "0", contracted: "0", lineItems: reading.counts.lineItems },
  });
  expect(reading.dataUntil).toEqual(new Date("2026-11-01T00:00:00Z"));
  expect(reading.findings.map(({ code }) => code)).toEqual(["cost_not_offered", "cost_not_offered"]);
});

test("keys carry the payer, the provider and the service category, and accounts their names", async () => {
  const reading = await read();
  const payer = accountNamed(ACCOUNT_NAMES.payer);
  const keys = await reading.connection.runAndReadAll(
    "SELECT DISTINCT provider, billing_account_id, region_id, environment, tags, resource_patterns FROM charge_key",
  );
  expect(keys.getRowsJson()).toEqual([["AWS", payer, "", "", "{}", "[]"]]);
  const hashes = await reading.connection.runAndReadAll(
    "SELECT bool_and(hash = md5(CAST(to_json([currency, provider, billing_account_id, sub_account_id, region_id, service_category, service_name, charge_category, environment, tags, resource_patterns]) AS VARCHAR))), count(*) = count(DISTINCT hash) FROM charge_key",
  );
  expect(hashes.getRowsJson()).toEqual([[true, true]]);
  const categories = await reading.connection.runAndReadAll(
    "SELECT DISTINCT service_category FROM charge_key WHERE service_name = 'Amazon Relational Database Service'",
  );
  expect(categories.getRowsJson()).toEqual([["Databases"]]);
  const accounts = await reading.connection.runAndReadAll(
    `SELECT name, billing_account_id FROM account WHERE account_id IN ('${payer}', '${accountNamed("data-platform-prod")}') ORDER BY name`,
  );
  expect(accounts.getRowsJson()).toEqual([
    ["data-platform-prod", payer],
    [ACCOUNT_NAMES.payer, ""],
  ]);
});

/** The request plan of the README: the total, the record types, and the pages of each category's accounts and services. */
function plannedRequests(): number {
  const days = new Map<string, Map<string, Set<string>>>();
  for (const charge of makeDelivery(aws.estate, "aws-billing", MONTH, 1).charges)
    for (const { recordType } of costEntriesOf(charge)) {
      const day = charge.start < `${MONTH}-01` ? `${MONTH}-01` : charge.start;
      const category = chargeCategoryOf(recordType) ?? "Adjustment";
      const groupsOfDay = days.get(category) ?? new Map<string, Set<string>>();
      days.set(category, groupsOfDay);
      groupsOfDay.set(day, (groupsOfDay.get(day) ?? new Set()).add(`${accountOf(charge)} ${charge.line.serviceName}`));
    }
  const pages = [...days.values()].map((groupsOfDay) => {
    const groups = [...groupsOfDay.values()].reduce((count, { size }) => count + size, 0);
    // The demo gives a day without any group a place on the page too.
    const emptyDays = daysIn(rangeOf(MONTH)) - groupsOfDay.size;
    return Math.ceil((groups + emptyDays) / PAGE_SIZE);
  });
  return 2 + pages.reduce((total, count) => total + count, 0);
}

test("the number of requests is that of the request plan, and each costs a cent", async () => {
  const reading = await read({ settings: { billingAccountId: accountNamed(ACCOUNT_NAMES.payer) } });
  const asked = aws.server.calls.filter(({ service }) => service === "ce");
  expect(asked.length).toBe(plannedRequests());
  expect(asked.length).toBeGreaterThan(8);
  expect(reading.counts.priceUsd).toBe(toAmount(decimal("0.01").times(asked.length)));
  expect(reading.counts.priceUsd).toBe(toAmount(decimal(aws.server.priceUsd())));
  expect(aws.server.calls.map(({ operation }) => operation)).toEqual([
    "GetCallerIdentity",
    ...asked.map(() => "GetCostAndUsage"),
  ]);
  expect(reading.counts.requests).toBe(aws.server.calls.length);
});

test("with three of ten requests throttled the month is the same, and a throttled request costs nothing", async () => {
  aws.server.faults.throttleShare(0.3, { service: "ce" });
  const reading = await read();
  expect(await sumsBy(reading, "k.service_name")).toEqual(trueSumsBy(({ line }) => line.serviceName));
  expect(aws.server.calls.some(({ errorCode }) => errorCode === "LimitExceededException")).toBe(true);
  expect(reading.counts.requests).toBe(aws.server.calls.length);
  expect(reading.counts.priceUsd).toBe(toAmount(decimal(aws.server.priceUsd())));
});

test("an answer whose token expires on page 7 is read again from its first page", async () => {
  await read();
  const undisturbed = aws.server.calls.length;
  aws.server.reset();
  aws.server.faults.expireToken(7, { service: "ce" });
  const reading = await read();
  expect(await sumsBy(reading, "k.service_name")).toEqual(trueSumsBy(({ line }) => line.serviceName));
  // Six pages in vain, and the seventh that was refused.
  expect(aws.server.calls.length).toBe(undisturbed + 7);
  expect(aws.server.calls.filter(({ errorCode }) => errorCode === "InvalidNextTokenException")).toHaveLength(1);
});

test("an answer whose tokens never hold is given up after four readings", async () => {
  for (let time = 0; time < 4; time += 1) aws.server.faults.expireToken(2, { service: "ce" });
  await expect(read()).rejects.toMatchObject({ code: "unavailable" });
  expect(aws.server.calls.filter(({ errorCode }) => errorCode === "InvalidNextTokenException")).toHaveLength(4);
});

test("a request that AWS calls changed between two pages is read again from its first page", async () => {
  const gate = gateThat(6, () => aws.server.faults.fail("RequestChangedException", 1, { service: "ce" }));
  const reading = await read({ gate });
  expect(aws.server.calls.filter(({ errorCode }) => errorCode === "RequestChangedException")).toHaveLength(1);
  expect(await sumsBy(reading, "k.service_name")).toEqual(trueSumsBy(({ line }) => line.serviceName));
});

test("an empty page with a token is not the end", async () => {
  aws.server.faults.emptyPage(3, { service: "ce" });
  const reading = await read();
  expect(await sumsBy(reading, "k.service_name")).toEqual(trueSumsBy(({ line }) => line.serviceName));
});

test("groups that do not add up to the ungrouped total are not answered", async () => {
  aws.server.faults.wrongTotal();
  await expect(read()).rejects.toMatchObject({ code: "not_balanced" });
  aws.server.faults.clear();
  await expect(read()).resolves.toBeDefined();
});

test.each([
  ["DataUnavailableException", "unavailable"],
  ["BillExpirationException", "bad_data"],
  ["ValidationException", "invalid_config"],
  ["InvalidNextTokenException", "unavailable"],
])("a %s of a first page ends the reading as %s", async (name, code) => {
  aws.server.faults.fail(name, 1, { service: "ce" });
  await expect(read()).rejects.toMatchObject({ code });
});

test("a LimitExceededException is waited out", async () => {
  aws.server.faults.throttle(2, { service: "ce" });
  const reading = await read();
  expect(aws.server.calls.filter(({ errorCode }) => errorCode === "LimitExceededException")).toHaveLength(2);
  expect(reading.counts.lineItems).toBeGreaterThan(0);
});

test("a connection that breaks off in the middle of an answer is tried again", async () => {
  aws.server.faults.cutAfter(200, 2, { service: "ce" });
  const reading = await read();
  expect(await sumsBy(reading, "k.service_name")).toEqual(trueSumsBy(({ line }) => line.serviceName));
});

test("an account that joins in mid-month costs something from that day on", async () => {
  const opened = aws.estate.accounts.find(({ name }) => name === ACCOUNT_NAMES.opened)?.opened;
  if (!opened) throw new Error("no account opens");
  expect(opened).not.toMatch(/-01$/);
  const period = periodOf(opened);
  const reading = await read({ period });
  const days = await reading.connection.runAndReadAll(
    `SELECT CAST(min(c.day) AS VARCHAR) FROM charge c JOIN charge_key k ON k.key_no = c.key_no WHERE k.sub_account_id = '${accountNamed(ACCOUNT_NAMES.opened)}'`,
  );
  expect(days.getRowsJson()).toEqual([[opened]]);
  expect(await sumsBy(reading, "k.sub_account_id")).toEqual(trueSumsBy(accountOf, period));
});

test("the current month ends with the day of the reading, and says since when it is estimated", async () => {
  const reading = await read({ period: "2026-11" });
  expect(reading.estimatedFrom).toBe("2026-11-01");
  expect(reading.dataUntil).toEqual(new Date("2026-11-22T00:00:00Z"));
  expect(reading.findings.find(({ code }) => code === "estimated_from")?.message).toContain("2026-11-01");
});

test("a gate that refuses a request ends the reading before the request is made", async () => {
  const gate: RequestGate = gateThat(5, () => {
    throw new AppError("limit_reached", "The month's cap would be passed.");
  });
  await expect(read({ gate })).rejects.toMatchObject({ code: "limit_reached" });
  expect(aws.server.calls.filter(({ service }) => service === "ce")).toHaveLength(4);
});

const byRegion = (charge: Truth) =>
  [accountOf(charge), charge.line.serviceName, charge.line.regionId ?? ""].join(" | ");
const byTag = (key: string) => (charge: Truth) =>
  [accountOf(charge), charge.line.serviceName, charge.line.tags?.[key]?.trim() ?? ""].join(" | ");
const bySql = (expression: string) => `concat_ws(' | ', k.sub_account_id, k.service_name, ${expression})`;

test("refined by region, rows add up to what the FOCUS files have, with fewer requests than accounts", async () => {
  const reading = await read({ settings: { refineBy: "region" } });
  const expected = trueSumsBy(byRegion);
  expect(await sumsBy(reading, bySql("k.region_id"))).toEqual(expected);
  expect(new Set(Object.keys(expected).map((name) => name.split(" | ")[2]))).toContain("eu-west-1");
  expect(reading.counts.requests).toBeLessThan(aws.estate.awsOrganization.accounts.length);
});

test("refined by a tag of many values, accounts that have several are asked for one by one", async () => {
  const reading = await read({ settings: { refineBy: "tag:team" }, tagKeys: ["team"] });
  expect(await sumsBy(reading, bySql("coalesce(k.tags ->> '$.team', '')"))).toEqual(trueSumsBy(byTag("team")));
});

test("refined by a tag of few values, each value is asked for, and the absent one", async () => {
  const reading = await read({ settings: { refineBy: "tag:environment" }, tagKeys: ["environment"] });
  expect(await sumsBy(reading, bySql("coalesce(k.tags ->> '$.environment', '')"))).toEqual(
    trueSumsBy(byTag("environment")),
  );
  expect(reading.counts.requests).toBeLessThan(aws.estate.awsOrganization.accounts.length);
});

test("a tag is kept where the projection keeps it, and is the environment where the projection says so", async () => {
  const settings = { refineBy: "tag:environment" };
  const unwanted = await read({ settings });
  expect(Object.keys(await sumsBy(unwanted, "k.tags || k.environment"))).toEqual(["{}"]);
  const wanted = await read({ settings, environmentTags: ["environment"] });
  expect(Object.keys(await sumsBy(wanted, "k.tags"))).toEqual(["{}"]);
  expect(Object.keys(await sumsBy(wanted, "k.environment"))).toContain("prod");
});

test("net costs replace the others where there are any", async () => {
  const discounted = await openAwsWorkshop({ costPageSize: PAGE_SIZE, net: true });
  try {
    const net = await read({ at: discounted });
    const gross = await read({ at: discounted, settings: { net: false } });
    expect(net.findings.map(({ code }) => code)).toContain("net_costs");
    expect(decimal(net.controlTotals["USD"]?.billed ?? "0").lessThan(gross.controlTotals["USD"]?.billed ?? "0")).toBe(
      true,
    );
    expect(gross.controlTotals["USD"]?.billed).toBe(trueSumsBy(() => "all")["all"]?.[0]);
  } finally {
    await discounted.close();
  }
  await expect(read({ settings: { net: true } })).rejects.toMatchObject({ code: "invalid_config" });
});

test("the role of a member account reads its own cost, of the payer's bill, and says so", async () => {
  const member = accountNamed("data-platform-prod");
  const roleArn = `arn:aws:iam::${member}:role/bursar`;
  aws.server.roles.set({ arn: roleArn, policy: ["ce:*", "organizations:*"], externalId: "secret-1" });
  const reading = await read({ settings: { roleArn, externalId: "secret-1" } });
  expect(Object.keys(await sumsBy(reading, "k.sub_account_id"))).toEqual([member]);
  expect(Object.keys(await sumsBy(reading, "k.billing_account_id"))).toEqual([accountNamed(ACCOUNT_NAMES.payer)]);
  expect(reading.findings.map(({ code }) => code)).toContain("member_account");
});

test("a check costs one request and names what is wrong with the role", async () => {
  const roleArn = `arn:aws:iam::${accountNamed(ACCOUNT_NAMES.payer)}:role/bursar`;
  aws.server.roles.set({ arn: roleArn, policy: ["ce:*", "organizations:*"], externalId: "secret-1" });
  const check = (settings: object) =>
    checkCostExplorer(costExplorerSpec.parse({ kind: "aws-cost-explorer", ...aws.connection, ...settings }), {
      gate: openGate,
      now: new Date(`${TODAY}T05:00:00Z`),
      signal,
    });
  expect((await check({ roleArn, externalId: "secret-1" })).map(({ ok }) => ok)).toEqual([true, true, true]);
  expect(aws.server.priceUsd()).toBe("0.01");
  const [refused] = await check({ roleArn, externalId: "another" });
  expect(refused?.error).toMatchObject({ code: "denied" });
  expect(refused?.error?.remedy).toContain(`{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"${roleArn}"}`);
  const [wrongKey] = await check({ secretAccessKey: "wrong" });
  expect(wrongKey?.ok).toBe(true);
  expect((await check({ secretAccessKey: "wrong" }))[2]?.error?.code).toBe("invalid_config");
});
