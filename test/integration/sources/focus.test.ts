import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CostReading, Projection } from "#lib/sources/cost-reading.ts";
import {
  planFocus,
  readFocusLineItems,
  readFocusResources,
  readFocusSlice,
  type FocusSpec,
} from "#lib/sources/focus/index.ts";

const SAMPLE = resolve("../shared/data/focus/focus_sample_1.0.csv");
const HEADER =
  "ProviderName,BillingAccountId,BillingAccountName,SubAccountId,SubAccountName,ServiceName,ServiceCategory,ChargeCategory,BillingCurrency,BillingPeriodStart,ChargePeriodStart,ChargePeriodEnd,ResourceId,Tags,BilledCost,EffectiveCost,ListCost,ContractedCost";
const PROJECTION: Projection = { tagKeys: ["team"], environmentTags: ["env"], resourcePatterns: ["*/vm-1"] };
const signal = new AbortController().signal;
let folder: string;
const readings: CostReading[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bursar-focus-"));
});
afterEach(async () => {
  for (const reading of readings.splice(0)) await reading.close();
  await rm(folder, { recursive: true, force: true });
});

type Item = Partial<
  Record<
    | "provider"
    | "currency"
    | "period"
    | "start"
    | "end"
    | "resource"
    | "tags"
    | "billed"
    | "effective"
    | "list"
    | "contracted"
    | "category",
    string
  >
>;

function line(item: Item = {}): string {
  const cells = [
    item.provider ?? "AWS",
    "100",
    "Payer",
    "200",
    "Sub",
    "Compute",
    "Compute",
    item.category ?? "Usage",
    item.currency ?? "EUR",
    item.period ?? "2026-03-01T00:00:00Z",
    item.start ?? "2026-03-05 10:00:00",
    item.end ?? "2026-03-05T11:00:00Z",
    item.resource ?? "x/vm-1",
    item.tags ?? "NULL",
    item.billed ?? "1",
    item.effective ?? "1",
    item.list ?? "1",
    item.contracted ?? "1",
  ];
  return cells.map((cell) => (cell === "NULL" ? cell : `"${cell.replaceAll('"', '""')}"`)).join(",");
}

async function csv(lines: string[], name = "march.csv"): Promise<FocusSpec> {
  await writeFile(join(folder, name), `${[HEADER, ...lines].join("\n")}\n`);
  return { kind: "focus", layout: "files", path: folder };
}

async function read(spec: FocusSpec, period = "2026-03"): Promise<CostReading> {
  const slice = (await planFocus(spec, { signal })).find((one) => one.period === period);
  if (!slice) throw new Error(`no slice ${period}`);
  const reading = await readFocusSlice(spec, slice, options());
  readings.push(reading);
  return reading;
}

function options() {
  return {
    signal,
    onProgress: () => {},
    projection: PROJECTION,
    scratchDir: join(folder, ".scratch"),
    cacheDir: join(folder, ".cache"),
    threads: 2,
  };
}

async function rows(reading: CostReading, sql: string) {
  return (await reading.connection.runAndReadAll(sql)).getRowObjectsJson();
}

function codes(reading: CostReading) {
  return reading.findings
    .filter(({ code }) => code !== "missing_column")
    .map(({ code, column, count, firstRow }) => ({ code, column, count, firstRow }));
}

describe("what real exports contain loads", () => {
  test("dates with and without zone, several currencies, refunds and zero rows", async () => {
    const reading = await read(
      await csv([
        line(),
        line({ start: "2026-03-06T00:30:00+02:00", billed: "-0.5" }),
        line({ start: "2026-03-07T00:00Z", end: "2026-03-07T01:00Z", currency: "USD", billed: "0" }),
      ]),
    );
    expect(reading.controlTotals).toEqual({
      EUR: { billed: "0.5", effective: "2", list: "2", contracted: "2", lineItems: 2 },
      USD: { billed: "0", effective: "1", list: "1", contracted: "1", lineItems: 1 },
    });
    expect(await rows(reading, "SELECT day FROM charge ORDER BY day")).toEqual([
      { day: "2026-03-05" },
      { day: "2026-03-07" },
    ]);
  });

  test("tags are normalised and the same cost keeps one key however they are written", async () => {
    const reading = await read(
      await csv([
        line({ tags: '{" Team ":" A ","Env":"prod"}' }),
        line({ tags: '{"team":"A","env":"prod","other":"1"}' }),
        line({ tags: '[{"key":"team","value":"A"},{"key":"env","value":"prod"}]' }),
        line({ tags: "no json" }),
      ]),
    );
    const keys = await rows(
      reading,
      "SELECT tags, environment, resource_patterns, length(hash) AS n FROM charge_key ORDER BY tags",
    );
    expect(keys).toEqual([
      { tags: '{"team":"A"}', environment: "prod", resource_patterns: '["*/vm-1"]', n: "32" },
      { tags: "{}", environment: "", resource_patterns: '["*/vm-1"]', n: "32" },
    ]);
    expect(codes(reading)).toEqual([{ code: "tags_not_json", column: "Tags", count: 1, firstRow: 4 }]);
  });

  test("a charge before its billing period counts on its first day, one over several days on the day it starts", async () => {
    const reading = await read(
      await csv([line({ start: "2026-02-28T23:00:00Z" }), line({ end: "2026-03-09T00:00:00Z" })]),
    );
    expect(await rows(reading, "SELECT day FROM charge ORDER BY day")).toEqual([
      { day: "2026-03-01" },
      { day: "2026-03-05" },
    ]);
    expect(codes(reading).map(({ code }) => code)).toEqual([
      "charge_period_spans_days",
      "charge_outside_billing_period",
    ]);
  });

  test("more than twelve decimals are rounded half-even once and the difference is told", async () => {
    const reading = await read(
      await csv([
        line({ billed: "0.0000000000005" }),
        line({ billed: "0.0000000000015" }),
        line({ billed: "1.5e-5", list: "NULL" }),
      ]),
    );
    expect(reading.controlTotals["EUR"]?.billed).toBe("0.000015000002");
    expect(codes(reading)).toEqual([
      { code: "null_cost", column: "ListCost", count: 1, firstRow: 3 },
      { code: "cost_rounded", column: "BilledCost", count: 2, firstRow: 1 },
    ]);
    expect(reading.findings.at(-1)?.message).toContain("by 0");
  });

  test("a file of two months fills two slices", async () => {
    const spec = await csv([
      line(),
      line({ period: "2026-04-01", start: "2026-04-02", end: "2026-04-03", billed: "7" }),
    ]);
    expect((await read(spec)).controlTotals["EUR"]?.billed).toBe("1");
    expect((await read(spec, "2026-04")).controlTotals["EUR"]?.billed).toBe("7");
  });

  test.each(["DECIMAL(20,6)", "DOUBLE", "VARCHAR"])("Parquet with costs as %s and tags as a map", async (type) => {
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    await connection.run(`COPY (SELECT 'AWS' AS ServiceProviderName, 'EUR' AS BillingCurrency, TIMESTAMPTZ '2026-03-01 00:00:00+00' AS BillingPeriodStart,
      TIMESTAMP '2026-03-05' AS ChargePeriodStart, CAST(0.1 AS ${type}) AS BilledCost, CAST(0.1 AS ${type}) AS EffectiveCost, MAP {'Team': 'A'} AS Tags
      FROM range(3)) TO '${join(folder, "march.parquet")}' (FORMAT parquet)`);
    connection.closeSync();
    instance.closeSync();
    const reading = await read({ kind: "focus", layout: "files", path: folder });
    expect(reading.controlTotals).toEqual({
      EUR: { billed: "0.3", effective: "0.3", list: "0", contracted: "0", lineItems: 3 },
    });
    expect(await rows(reading, "SELECT provider, tags FROM charge_key")).toEqual([
      { provider: "AWS", tags: '{"team":"A"}' },
    ]);
  });
});

describe("what is wrong stops the slice with its place", () => {
  test.each([
    ["a cost that is not a number", { billed: "12,5" }, { row: 2, column: "BilledCost", value: "12,5" }],
    ["a cost that is not there", { effective: "NULL" }, { row: 2, column: "EffectiveCost", value: "" }],
    ["a start that is not a date", { start: "soon" }, { row: 2, column: "ChargePeriodStart", value: "soon" }],
    [
      "a billing period that is not a date",
      { period: "March" },
      { row: 2, column: "BillingPeriodStart", value: "March" },
    ],
    ["no currency", { currency: "NULL" }, { row: 2, column: "BillingCurrency", value: "" }],
  ])("%s", async (_, item, place) => {
    const spec = await csv([line(), line(item)]);
    await expect(read(spec)).rejects.toMatchObject({ code: "bad_data", place: { file: "march.csv", ...place } });
  });

  test("a missing column, a half row and a cut-off gzip file", async () => {
    await writeFile(join(folder, "2026-03.csv"), "BilledCost\n1\n");
    await expect(read({ kind: "focus", layout: "files", path: folder })).rejects.toMatchObject({
      code: "bad_data",
      place: { file: "2026-03.csv", column: "EffectiveCost" },
    });
    await csv([line(), '"AWS","100"'], "2026-03.csv");
    await expect(read({ kind: "focus", layout: "files", path: folder })).rejects.toMatchObject({
      code: "bad_data",
      place: { file: "2026-03.csv", line: 3 },
    });
    await rm(join(folder, "2026-03.csv"));
    const packed = gzipSync(`${[HEADER, ...Array.from({ length: 50 }, () => line())].join("\n")}\n`);
    await writeFile(join(folder, "2026-03.csv.gz"), packed.subarray(0, -9));
    await expect(read({ kind: "focus", layout: "files", path: folder })).rejects.toMatchObject({
      code: "bad_data",
      place: { file: "2026-03.csv.gz" },
    });
    await writeFile(join(folder, "2026-03.csv.gz"), packed);
    expect((await read({ kind: "focus", layout: "files", path: folder })).counts.lineItems).toBe(50);
  });

  test("a file that was replaced after it was read", async () => {
    const spec = await csv([line()]);
    const reading = await read(spec);
    await csv([line(), line()]);
    await expect(reading.verifyUnchanged()).rejects.toMatchObject({ code: "bad_data" });
  });
});

describe("exports with a manifest, from a folder", () => {
  test("AWS: only what the manifest names is read, and what it names must be there", async () => {
    const root = join(folder, "export");
    await mkdir(join(root, "metadata/BILLING_PERIOD=2026-03"), { recursive: true });
    await mkdir(join(root, "data/BILLING_PERIOD=2026-03"), { recursive: true });
    await writeFile(join(root, "data/BILLING_PERIOD=2026-03/a.csv"), `${HEADER}\n${line()}\n`);
    await writeFile(join(root, "data/BILLING_PERIOD=2026-03/old.csv"), `${HEADER}\n${line()}\n`);
    const manifest = join(root, "metadata/BILLING_PERIOD=2026-03/export-Manifest.json");
    const spec: FocusSpec = { kind: "focus", layout: "aws-data-exports", path: root, prefix: "" };
    await writeFile(manifest, JSON.stringify({ dataFiles: ["s3://b/p/export/data/BILLING_PERIOD=2026-03/a.csv"] }));
    expect((await read(spec)).counts.lineItems).toBe(1);
    await writeFile(manifest, JSON.stringify({ dataFiles: ["s3://b/p/export/data/BILLING_PERIOD=2026-03/b.csv"] }));
    await expect(read(spec)).rejects.toMatchObject({
      code: "bad_data",
      place: { file: "data/BILLING_PERIOD=2026-03/b.csv" },
    });
  });

  test("Azure: the run that was submitted last counts", async () => {
    for (const [run, submittedTime, billed] of [
      ["b", "2026-03-02T00:00:00Z", "1"],
      ["a", "2026-03-03T00:00:00Z", "2"],
    ] as const) {
      const place = join(folder, "20260301-20260331", run);
      await mkdir(place, { recursive: true });
      await writeFile(join(place, "part_0.csv"), `${HEADER}\n${line({ billed })}\n`);
      await writeFile(
        join(place, "manifest.json"),
        JSON.stringify({ runInfo: { submittedTime }, blobs: [{ blobName: `c/x/${run}/part_0.csv` }] }),
      );
    }
    const reading = await read({ kind: "focus", layout: "azure-exports", path: folder, prefix: "" });
    expect(reading.controlTotals["EUR"]?.billed).toBe("2");
  });
});

test("line items and resources behind a key are exactly those of its roll-up", async () => {
  const spec = await csv([
    line({ tags: '{"Team":"A"}', billed: "3" }),
    line({ tags: '{"team":"A "}', billed: "5", resource: "y/vm-1" }),
    line({ tags: '{"team":"B"}', billed: "9" }),
  ]);
  const reading = await read(spec);
  const [record] = await rows(reading, `SELECT hash FROM charge_key WHERE tags LIKE '%"A"%'`);
  const [slice] = await planFocus(spec, { signal });
  const question = {
    ...options(),
    periods: ["2026-03"],
    orderBy: "billed" as const,
    filter: {
      keys: [{ period: "2026-03", hash: String(record?.["hash"]) }],
      resourceId: null,
      dayFrom: "2026-03-01",
      dayTo: "2026-04-01",
    },
  };
  const page = await readFocusLineItems(spec, slice?.files ?? [], { ...question, page: 1, pageSize: 10 });
  expect(page.rows.map((row) => row["BilledCost"])).toEqual(["5", "3"]);
  expect([page.count, page.totals["EUR"]?.billed, page.columns.length]).toEqual([2, "8", 18]);
  const resources = await readFocusResources(spec, slice?.files ?? [], { ...question, limit: 10 });
  expect(resources.rows.map(({ resourceId, amounts }) => [resourceId, amounts.billed])).toEqual([
    ["y/vm-1", "5"],
    ["x/vm-1", "3"],
  ]);
});

test.skipIf(!existsSync(SAMPLE))("the FOCUS 1.0 sample beside the checkout loads to the last decimal", async () => {
  const spec: FocusSpec = { kind: "focus", layout: "files", path: SAMPLE };
  const months = [await read(spec, "2024-09"), await read(spec, "2024-10")];
  const [billed] = await rows(months[0] as CostReading, "SELECT CAST(sum(billed) AS VARCHAR) AS billed FROM charge");
  expect(billed).toEqual({ billed: "20.280226728990" });
  expect(months.map(({ counts }) => counts.lineItems)).toEqual([999, 1]);
  expect(months.map(({ controlTotals }) => controlTotals["USD"]?.billed)).toEqual(["20.28022672899", "0.24"]);
  expect(months.map(({ controlTotals }) => controlTotals["USD"]?.contracted)).toEqual(["14.97626039326", "0"]);
  expect(
    months
      .flatMap(codes)
      .filter(({ code }) => code === "null_cost")
      .map(({ count }) => count),
  ).toEqual([6, 1]);
});
