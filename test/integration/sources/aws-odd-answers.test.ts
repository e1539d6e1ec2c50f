import type {
  GetCostAndUsageRequest,
  GetCostAndUsageResponse,
  Group,
  MetricValue,
} from "@aws-sdk/client-cost-explorer";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openGate } from "#lib/sources/aws/request-gate.ts";
import { costExplorerSpec, readCostExplorerSlice } from "#lib/sources/aws-cost-explorer/index.ts";

// What Cost Explorer may answer and the demo's estate never has: figures that AWS has rounded, values that are none.

const ACCOUNT = "111122223333";
const CALLER_IDENTITY = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Account>${ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;
let root: string;
let server: Server;
let answer: (request: GetCostAndUsageRequest) => GetCostAndUsageResponse["ResultsByTime"];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "bursar-odd-"));
  server = createServer((request, response) => {
    void text(request).then((body) => {
      if (request.headers["x-amz-target"] === undefined) return response.end(CALLER_IDENTITY);
      const asked = JSON.parse(body) as GetCostAndUsageRequest;
      response.writeHead(200, { "content-type": "application/x-amz-json-1.1" });
      return response.end(JSON.stringify({ ResultsByTime: answer(asked) }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(root, { recursive: true, force: true });
});

async function read() {
  const address = server.address();
  const spec = costExplorerSpec.parse({
    kind: "aws-cost-explorer",
    endpoint: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    accessKeyId: "AKIAEXAMPLE",
    secretAccessKey: "example",
    billingAccountId: ACCOUNT,
    net: false,
  });
  const signal = new AbortController().signal;
  const projection = { tagKeys: [], environmentTags: [], resourcePatterns: [] };
  const slice = { period: "2026-03", fingerprint: "read 2026-03-01", files: [] };
  const options = { signal, gate: openGate, onProgress: () => {}, projection, scratchDir: root, threads: 1 };
  return readCostExplorerSlice(spec, slice, options);
}

function metrics(amount: string, unit = "USD"): Record<string, MetricValue> {
  return { UnblendedCost: { Amount: amount, Unit: unit }, AmortizedCost: { Amount: amount, Unit: unit } };
}

function result(total: Record<string, MetricValue>, groups: Group[] = []) {
  return [{ TimePeriod: { Start: "2026-03-01", End: "2026-03-02" }, Total: total, Groups: groups, Estimated: true }];
}

/** Answers the three questions about one day. */
function answers(
  total: string,
  byRecordType: Record<string, string>,
  byService: Record<string, string>,
): typeof answer {
  return ({ GroupBy = [] }) => {
    if (GroupBy.length === 0) return result(metrics(total));
    const isTypes = GroupBy[0]?.Key === "RECORD_TYPE";
    const groups = Object.entries(isTypes ? byRecordType : byService).map(([key, amount]) => ({
      Keys: isTypes ? [key] : [ACCOUNT, key],
      Metrics: metrics(amount),
    }));
    return result({}, groups);
  };
}

type Rows = (string | number)[][];

/** Service, category and billed cost of each charge, and the sums. */
async function charges(reading: Awaited<ReturnType<typeof read>>): Promise<{ rows: Rows; sum: string }> {
  const rows = await reading.connection.runAndReadAll(
    "SELECT k.service_name, k.charge_category, CAST(c.billed AS VARCHAR) FROM charge c JOIN charge_key k ON k.key_no = c.key_no ORDER BY 1",
  );
  const sum = await reading.connection.runAndReadAll("SELECT CAST(sum(billed) AS VARCHAR) FROM charge");
  await reading.close();
  return { rows: rows.getRowsJson() as Rows, sum: String(sum.getRowsJson()[0]?.[0]) };
}

test("what rounding takes from the total is a row of its own, so that the sum is that of the total", async () => {
  const third = "0.3333333333";
  answer = answers("1", { Usage: "1" }, { "AWS Lambda": third, "AWS Glue": third, "Amazon DynamoDB": third });
  const reading = await read();
  expect(reading.controlTotals["USD"]).toMatchObject({ billed: "1", lineItems: 4 });
  expect(reading.findings.map(({ code }) => code)).toContain("rounding_residue");
  const { rows, sum } = await charges(reading);
  expect(rows).toContainEqual(["Rounding of Cost Explorer", "Adjustment", "0.000000000100"]);
  expect(sum).toBe("1.000000000000");
});

test("one unit more than rounding explains is not let pass", async () => {
  answer = answers("1", { Usage: "1" }, { "AWS Lambda": "0.5", "AWS Glue": "0.4999999997" });
  await expect(read()).rejects.toMatchObject({ code: "not_balanced" });
});

test("amounts in exponents are read, and more than 12 decimals are rounded and told", async () => {
  answer = answers("0.0000012000001", { Usage: "1.2000001E-6" }, { "AWS Lambda": "1.2000001E-6" });
  const reading = await read();
  expect(reading.findings.find(({ code }) => code === "answer_rounded")?.count).toBe(6);
  expect((await charges(reading)).rows).toEqual([["AWS Lambda", "Usage", "0.000001200000"]]);
});

test("a record type that nobody knows counts as an adjustment and is named", async () => {
  answer = answers("2", { "Brand new type": "2" }, { "AWS Lambda": "2" });
  const reading = await read();
  expect(reading.findings.find(({ code }) => code === "unknown_record_type")?.message).toContain("Brand new type");
  expect((await charges(reading)).rows).toEqual([["AWS Lambda", "Adjustment", "2.000000000000"]]);
});

test("two names of Cost Explorer for one service of FOCUS are one charge", async () => {
  answer = answers(
    "3",
    { Usage: "3" },
    { "Amazon Elastic Compute Cloud - Compute": "2", "EC2 - Other": "1", "AWS Glue": "0" },
  );
  expect((await charges(await read())).rows).toEqual([["Amazon Elastic Compute Cloud", "Usage", "3.000000000000"]]);
});

test("a day without cost, whose unit is none, is a month without rows", async () => {
  answer = ({ GroupBy = [] }) => (GroupBy.length === 0 ? result(metrics("0", "N/A")) : result({}));
  const reading = await read();
  expect(reading).toMatchObject({ controlTotals: {}, dataUntil: null, estimatedFrom: "2026-03-01" });
  expect((await charges(reading)).rows).toEqual([]);
});

test.each([
  ["an amount that is no number", metrics("twelve")],
  ["one cost in two currencies", { ...metrics("1"), AmortizedCost: { Amount: "1", Unit: "CNY" } }],
  ["a cost without one of its bases", { UnblendedCost: { Amount: "1", Unit: "USD" } }],
])("%s ends the reading", async (_, total) => {
  answer = () => result(total);
  await expect(read()).rejects.toMatchObject({ code: "bad_data" });
});

test("a cost of no day ends the reading", async () => {
  answer = () => [{ TimePeriod: { Start: "", End: "" }, Total: metrics("1"), Groups: [] }];
  await expect(read()).rejects.toMatchObject({ code: "bad_data" });
});
