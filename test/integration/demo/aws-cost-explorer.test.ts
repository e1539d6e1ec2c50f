import {
  type CostExplorerClient,
  type Expression,
  GetCostAndUsageCommand,
  type GetCostAndUsageCommandInput,
  type GetCostAndUsageCommandOutput,
  type MetricValue,
} from "@aws-sdk/client-cost-explorer";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { addMonths, billingPeriod, rangeOf } from "#lib/domain/period.ts";
import { costEntriesOf } from "#demo/aws/cost-explorer/record-types.ts";
import { createEstate, makeDelivery } from "#demo/estate/estate.ts";
import { amountText } from "#demo/estate/line.ts";
import { type AwsFixture, BY_SERVICE, failureOf, openAws, TODAY } from "#test/integration/demo/aws-fixture.ts";

const MAXIMUM_PAGES = 500;

let aws: AwsFixture;
let client: CostExplorerClient;
let version: 1 | 2 = 1;

beforeAll(async () => {
  aws = await openAws({ costPageSize: 37, version: () => version });
  client = aws.costExplorer();
});

afterEach(() => {
  aws.server.reset();
  version = 1;
});

afterAll(() => aws.close());

const ask = (change: Partial<GetCostAndUsageCommandInput> = {}) =>
  client.send(new GetCostAndUsageCommand({ ...BY_SERVICE, ...change }));

async function askAll(change: Partial<GetCostAndUsageCommandInput> = {}): Promise<GetCostAndUsageCommandOutput[]> {
  const pages = [await ask(change)];
  while (pages.at(-1)?.NextPageToken !== undefined && pages.length < MAXIMUM_PAGES)
    pages.push(await ask({ ...change, NextPageToken: pages.at(-1)!.NextPageToken }));
  return pages;
}

/** Amounts of an answer by day and keys, in 10^-10. */
function amountsOf(pages: readonly GetCostAndUsageCommandOutput[], metric: string): Map<string, bigint> {
  const amounts = new Map<string, bigint>();
  for (const { TimePeriod, Groups = [] } of pages.flatMap(({ ResultsByTime = [] }) => ResultsByTime))
    for (const { Keys = [], Metrics = {} } of Groups) {
      const key = [TimePeriod!.Start, ...Keys].join("|");
      if (amounts.has(key)) throw new Error(`${key} came twice.`);
      amounts.set(key, tenBillionths(Metrics[metric]));
    }
  return amounts;
}

function tenBillionths(value: MetricValue | undefined): bigint {
  const [whole = "", fraction = ""] = value!.Amount!.replace("-", "").split(".");
  const amount = BigInt(whole + fraction.padEnd(10, "0"));
  return value!.Amount!.startsWith("-") ? -amount : amount;
}

function sumOf(amounts: Iterable<bigint>): bigint {
  let sum = 0n;
  for (const amount of amounts) sum += amount;
  return sum;
}

/** What the FOCUS files have for a month, by day, account and service, in 10^-10. */
function focusAmounts(month: string, basis: "billed" | "effective", delivery: 1 | 2 = 1): Map<string, bigint> {
  const period = billingPeriod(month);
  const amounts = new Map<string, bigint>();
  const first = rangeOf(period).from;
  for (const { line, start, ...charge } of makeDelivery(aws.estate, "aws-billing", period, delivery).charges) {
    const key = [start < first ? first : start, line.account.id, line.serviceName].join("|");
    amounts.set(key, (amounts.get(key) ?? 0n) + BigInt(charge[basis]));
  }
  return amounts;
}

const GROUP_BY_ACCOUNT_AND_SERVICE = {
  GroupBy: [
    { Type: "DIMENSION", Key: "LINKED_ACCOUNT" },
    { Type: "DIMENSION", Key: "SERVICE" },
  ],
} satisfies Partial<GetCostAndUsageCommandInput>;

describe("sums", () => {
  test("every month has the billed and the effective cost of the FOCUS files, for every day, account and service", async () => {
    for (const period of aws.estate.calendar.periods) {
      const { from: Start, to: End } = rangeOf(period);
      const pages = await askAll({ ...GROUP_BY_ACCOUNT_AND_SERVICE, TimePeriod: { Start, End } });
      expect(amountsOf(pages, "UnblendedCost")).toEqual(focusAmounts(period, "billed"));
      expect(amountsOf(pages, "AmortizedCost")).toEqual(focusAmounts(period, "effective"));
    }
  });

  test("pages of groups add up to the ungrouped total of each day", async () => {
    const pages = await askAll();
    expect(pages.length).toBeGreaterThan(7);
    expect(aws.server.calls).toHaveLength(pages.length);
    expect(aws.server.priceUsd()).toBe((pages.length / 100).toFixed(2));
    const groups = amountsOf(pages, "UnblendedCost");
    const totals = await askAll({ GroupBy: undefined });
    for (const { TimePeriod, Total } of totals.flatMap(({ ResultsByTime = [] }) => ResultsByTime)) {
      const ofDay = [...groups].filter(([key]) => key.startsWith(TimePeriod!.Start!)).map(([, amount]) => amount);
      expect(sumOf(ofDay)).toBe(tenBillionths(Total!["UnblendedCost"]));
    }
  });

  test("months are the sum of their days, cut where the asked time cuts them", async () => {
    const TimePeriod = { Start: "2026-09-10", End: "2026-11-01" };
    const [monthly] = await askAll({ GroupBy: undefined, Granularity: "MONTHLY", TimePeriod });
    const days = (await askAll({ GroupBy: undefined, TimePeriod })).flatMap(({ ResultsByTime = [] }) => ResultsByTime);
    expect(monthly!.ResultsByTime?.map((result) => result.TimePeriod)).toEqual([
      { Start: "2026-09-10", End: "2026-10-01" },
      { Start: "2026-10-01", End: "2026-11-01" },
    ]);
    expect(sumOf(monthly!.ResultsByTime!.map(({ Total }) => tenBillionths(Total!["AmortizedCost"])))).toBe(
      sumOf(days.map(({ Total }) => tenBillionths(Total!["AmortizedCost"]))),
    );
  });

  test("each charge is counted under the record types of its kind, and nothing is lost between them", () => {
    const estate = createEstate({ seed: "aws", today: TODAY, months: 4, scale: 0.6 });
    const categories = new Map<string, Set<string>>();
    const lost: string[] = [];
    for (const period of estate.calendar.periods)
      for (const charge of makeDelivery(estate, "aws-billing", period, 1).charges) {
        const entries = costEntriesOf(charge);
        const sums = [
          entries.reduce((sum, { unblended }) => sum + unblended, 0) - charge.billed,
          entries.reduce((sum, { amortized }) => sum + amortized, 0) - charge.effective,
        ];
        if (sums.some((rest) => rest !== 0)) lost.push(charge.line.description);
        for (const { recordType } of entries) {
          const { chargeCategory, chargeClass, commitment } = charge.line;
          const kind = [chargeCategory, chargeClass, commitment?.status].filter(Boolean).join(" ");
          categories.set(recordType, (categories.get(recordType) ?? new Set()).add(kind));
        }
      }
    expect(lost).toEqual([]);
    expect(Object.fromEntries([...categories].map(([type, kinds]) => [type, [...kinds].toSorted()]))).toEqual({
      Credit: ["Credit"],
      DiscountedUsage: ["Usage Used"],
      Fee: ["Purchase"],
      RIFee: ["Usage Unused"],
      Refund: ["Usage Correction"],
      SavingsPlanCoveredUsage: ["Usage Used"],
      SavingsPlanNegation: ["Usage Used"],
      SavingsPlanRecurringFee: ["Purchase", "Usage Unused"],
      Tax: ["Tax"],
      Usage: ["Usage"],
    });
  });

  test("record types can be asked for", async () => {
    const pages = await askAll({ GroupBy: [{ Type: "DIMENSION", Key: "RECORD_TYPE" }], Granularity: "MONTHLY" });
    const amounts = amountsOf(pages, "UnblendedCost");
    expect(amounts.get("2026-10-01|Credit")! < 0n).toBe(true);
    expect(amounts.get("2026-10-01|Tax")! > 0n).toBe(true);
    const taxOnly = await ask({
      GroupBy: undefined,
      Granularity: "MONTHLY",
      Filter: { Dimensions: { Key: "RECORD_TYPE", Values: ["Tax"] } },
    });
    expect(tenBillionths(taxOnly.ResultsByTime![0]!.Total!["UnblendedCost"])).toBe(amounts.get("2026-10-01|Tax"));
  });

  test("the restated delivery counts once it is current, and an answer that was begun before stays with the first", async () => {
    const period = aws.estate.calendar.restatedPeriod;
    const { from: Start, to: End } = rangeOf(period);
    const change = { ...GROUP_BY_ACCOUNT_AND_SERVICE, TimePeriod: { Start, End } };
    const begun = await ask(change);
    version = 2;
    const rest = [begun];
    while (rest.at(-1)?.NextPageToken !== undefined && rest.length < MAXIMUM_PAGES)
      rest.push(await ask({ ...change, NextPageToken: rest.at(-1)!.NextPageToken }));
    expect(amountsOf(rest, "UnblendedCost")).toEqual(focusAmounts(period, "billed", 1));
    const restated = amountsOf(await askAll(change), "UnblendedCost");
    expect(restated).toEqual(focusAmounts(period, "billed", 2));
    expect(restated).not.toEqual(focusAmounts(period, "billed", 1));
  });

  test("days of the open month are estimated, days to come are zero, and closed months are final", async () => {
    const results = (
      await askAll({ GroupBy: undefined, TimePeriod: { Start: "2026-10-30", End: "2026-12-01" } })
    ).flatMap(({ ResultsByTime = [] }) => ResultsByTime);
    expect(results.filter(({ Estimated }) => !Estimated).map(({ TimePeriod }) => TimePeriod!.Start)).toEqual([
      "2026-10-30",
      "2026-10-31",
    ]);
    expect(results.at(-1)).toMatchObject({ Estimated: true, Total: { UnblendedCost: { Amount: "0", Unit: "USD" } } });
  });
});

describe("groups and filters", () => {
  test("tags are grouped by key and value, and what is untagged by the key alone", async () => {
    const pages = await askAll({ GroupBy: [{ Type: "TAG", Key: "team" }], Granularity: "MONTHLY" });
    const keys = [...amountsOf(pages, "UnblendedCost").keys()].map((key) => key.split("|")[1]);
    expect(keys).toContain("team$");
    expect(keys).toContain("team$fraud-detection");
    expect(pages[0]?.GroupDefinitions).toEqual([{ Type: "TAG", Key: "team" }]);
    const whole = await ask({ GroupBy: undefined, Granularity: "MONTHLY" });
    expect(sumOf(amountsOf(pages, "UnblendedCost").values())).toBe(
      tenBillionths(whole.ResultsByTime![0]!.Total!["UnblendedCost"]),
    );
  });

  test("accounts come with their names", async () => {
    const { ResultsByTime, DimensionValueAttributes } = await ask({
      GroupBy: [{ Type: "DIMENSION", Key: "LINKED_ACCOUNT" }],
      Granularity: "MONTHLY",
    });
    const shown = ResultsByTime![0]!.Groups!.map(({ Keys }) => Keys![0]);
    expect(DimensionValueAttributes!.map(({ Value }) => Value)).toEqual(shown);
    const first = aws.estate.accounts.find(({ id }) => id === shown[0]);
    expect(DimensionValueAttributes![0]!.Attributes).toEqual({ description: first?.name });
  });

  test("a filter and its negation add up to the whole", async () => {
    const service: Expression = { Dimensions: { Key: "SERVICE", Values: ["Amazon DynamoDB", "AWS Lambda"] } };
    const team: Expression = { Tags: { Key: "team", MatchOptions: ["ABSENT"] } };
    const total = async (Filter?: Expression) =>
      tenBillionths(
        (await ask({ GroupBy: undefined, Granularity: "MONTHLY", Filter })).ResultsByTime![0]!.Total!["UnblendedCost"],
      );
    const whole = await total();
    const both = await total({ And: [service, team] });
    const either = await total({ Or: [service, team] });
    expect(both > 0n && both < either && either < whole).toBe(true);
    expect((await total(service)) + (await total({ Not: service }))).toBe(whole);
    expect((await total(service)) + (await total(team))).toBe(both + either);
  });

  test("net costs are there only in an organisation that has them", async () => {
    const Metrics = ["UnblendedCost", "NetUnblendedCost"];
    const without = await ask({ GroupBy: undefined, Granularity: "MONTHLY", Metrics });
    expect(Object.keys(without.ResultsByTime![0]!.Total!)).toEqual(["UnblendedCost"]);
    const other = await openAws({ net: true });
    try {
      const { ResultsByTime } = await other
        .costExplorer()
        .send(new GetCostAndUsageCommand({ ...BY_SERVICE, GroupBy: undefined, Granularity: "MONTHLY", Metrics }));
      const { UnblendedCost, NetUnblendedCost } = ResultsByTime![0]!.Total!;
      expect(tenBillionths(NetUnblendedCost) < tenBillionths(UnblendedCost)).toBe(true);
    } finally {
      await other.close();
    }
  });
});

describe("refusals", () => {
  const dimension = (Key: string) => ({ Type: "DIMENSION" as const, Key });
  const past = rangeOf(addMonths(billingPeriod("2026-11"), -14)).from;
  const REFUSED: [string, object, string][] = [
    ["three group keys", { GroupBy: ["SERVICE", "REGION", "AZ"].map(dimension) }, "You can group by up to 2"],
    [
      "an end on the start",
      { TimePeriod: { Start: "2026-10-01", End: "2026-10-01" } },
      "Start date (and hour) should be before end date (and hour)",
    ],
    [
      "a start before its history",
      { TimePeriod: { Start: past, End: "2026-10-01" } },
      "You haven't enabled historical data beyond 14 months",
    ],
    ["a start in the future", { TimePeriod: { Start: "2026-11-21", End: "2026-11-22" } }, "after the current date"],
    [
      "an end beyond the next month's start",
      { TimePeriod: { Start: "2026-11-01", End: "2026-12-02" } },
      "end date past the beginning of next month",
    ],
    ["a date that is none", { TimePeriod: { Start: "2026-02-30", End: "2026-03-01" } }, "not a day of the calendar"],
    ["a metric that is none", { Metrics: ["Cost"] }, "Invalid metric name: Cost"],
    ["no metric", { Metrics: [] }, "Metrics cannot be empty"],
    [
      "missing metrics",
      { Metrics: undefined },
      "Value null at 'metrics' failed to satisfy constraint: Member must not be null",
    ],
    ["a missing end", { TimePeriod: { Start: "2026-10-01" } }, "Value null at 'timePeriod.end'"],
    ["a granularity that is none", { Granularity: "WEEKLY" }, "Value 'WEEKLY' at 'granularity'"],
    ["hours", { Granularity: "HOURLY" }, "Hourly granularity is not enabled"],
    [
      "a group type that is none",
      { GroupBy: [{ Type: "LABEL", Key: "team" }] },
      "enum value set: [DIMENSION, TAG, COST_CATEGORY]",
    ],
    [
      "a dimension that does not group",
      { GroupBy: [dimension("RESOURCE_ID")] },
      "Dimension RESOURCE_ID is not allowed.",
    ],
    [
      "two roots of a filter",
      { Filter: { Dimensions: { Key: "SERVICE", Values: ["x"] }, Tags: { Key: "team", Values: ["x"] } } },
      "exactly one of",
    ],
    ["And with one operand", { Filter: { And: [{ Tags: { Key: "team", Values: ["x"] } }] } }, "at least 2 operands"],
    [
      "a match option of another API",
      { Filter: { Dimensions: { Key: "SERVICE", Values: ["x"], MatchOptions: ["STARTS_WITH"] } } },
      "STARTS_WITH is not supported",
    ],
  ];
  test.each(REFUSED)("%s", async (_, change, message) => {
    const failure = await failureOf(ask(change as Partial<GetCostAndUsageCommandInput>));
    expect(failure).toMatchObject({ name: "ValidationException", status: 400 });
    expect(failure.message).toContain(message);
    expect(aws.server.priceUsd()).toBe("0.00");
  });

  test("exactly thirteen months back are there", async () => {
    const Start = rangeOf(addMonths(billingPeriod("2026-11"), -13)).from;
    const { ResultsByTime } = await ask({
      GroupBy: undefined,
      Granularity: "MONTHLY",
      TimePeriod: { Start, End: "2026-12-01" },
    });
    expect(ResultsByTime).toHaveLength(14);
    expect(ResultsByTime?.[0]).toMatchObject({ Estimated: false, Total: { UnblendedCost: { Amount: "0" } } });
  });

  // The SDK leaves out what its model does not have, so the request is spoiled on its way, before it is signed.
  test("a field that the model does not have and a wrong type", async () => {
    const spoiled = async (spoil: (body: Record<string, unknown>) => void) => {
      const other = aws.costExplorer();
      other.middlewareStack.add(
        (next) => (args) => {
          const request = args.request as { body: Uint8Array; headers: Record<string, string> };
          const body = JSON.parse(new TextDecoder().decode(request.body)) as Record<string, unknown>;
          spoil(body);
          request.body = Buffer.from(JSON.stringify(body));
          request.headers["content-length"] = String(request.body.length);
          return next(args);
        },
        { step: "build", priority: "low" },
      );
      return failureOf(other.send(new GetCostAndUsageCommand(BY_SERVICE)));
    };
    expect(await spoiled((body) => (body["Extra"] = 1))).toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining("'extra' failed to satisfy constraint: Unknown member"),
    });
    expect(await spoiled((body) => (body["Metrics"] = "UnblendedCost"))).toMatchObject({
      name: "SerializationException",
      message: "STRING_VALUE can not be converted to List",
    });
  });
});

describe("page tokens", () => {
  test("hold for the request that they were given to, and for nothing else", async () => {
    const { NextPageToken } = await ask();
    expect(await failureOf(ask({ NextPageToken, Metrics: ["UnblendedCost"] }))).toMatchObject({
      name: "RequestChangedException",
      status: 400,
    });
    expect(await failureOf(ask({ NextPageToken: "made-up" }))).toMatchObject({ name: "InvalidNextTokenException" });
    expect((await ask({ NextPageToken })).ResultsByTime?.length).toBeGreaterThan(0);
  });

  test("expire after their lifetime, and on the page that a test names", async () => {
    aws.server.faults.expireToken(7, { service: "ce" });
    expect((await failureOf(askAll())).name).toBe("InvalidNextTokenException");
    expect(aws.server.calls.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200, 400]);
    expect(aws.server.priceUsd()).toBe("0.06");
    expect((await askAll()).length).toBeGreaterThan(7);

    const brief = await openAws({ costPageSize: 10, tokenLifetimeMs: 0 });
    try {
      const other = brief.costExplorer();
      const { NextPageToken } = await other.send(new GetCostAndUsageCommand(BY_SERVICE));
      expect(await failureOf(other.send(new GetCostAndUsageCommand({ ...BY_SERVICE, NextPageToken })))).toMatchObject({
        name: "InvalidNextTokenException",
      });
    } finally {
      await brief.close();
    }
  });

  test("an empty page with a token loses nothing", async () => {
    const before = amountsOf(await askAll(), "UnblendedCost");
    aws.server.faults.emptyPage(2);
    const pages = await askAll();
    expect(pages.slice(0, 2).map(({ ResultsByTime }) => ResultsByTime)).toEqual([[], []]);
    expect(amountsOf(pages, "UnblendedCost")).toEqual(before);
  });
});

test("a planned wrong total is one cent off, once", async () => {
  const total = async () =>
    tenBillionths(
      (await ask({ GroupBy: undefined, Granularity: "MONTHLY" })).ResultsByTime![0]!.Total!["UnblendedCost"],
    );
  const right = await total();
  aws.server.faults.wrongTotal();
  expect(amountText((await total()) - right)).toBe("0.01");
  expect(await total()).toBe(right);
});
