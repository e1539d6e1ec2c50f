import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DEMO_CREDENTIALS, type S3Server, startS3 } from "#demo/aws/s3.ts";
import { checkFocus, planFocus, readFocusSlice, type FocusSpec } from "#lib/sources/focus/index.ts";

const DATA = "p/export/data/BILLING_PERIOD=2026-03/a.csv";
const HEADER = "ProviderName,BillingCurrency,BillingPeriodStart,ChargePeriodStart,BilledCost,EffectiveCost";
const ROW = "AWS,EUR,2026-03-01,2026-03-05,1.5,1";
const signal = new AbortController().signal;
let root: string;
let server: S3Server;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "bursar-focus-s3-"));
  await put(DATA, `${HEADER}\n${ROW}\n`);
  await put(
    "p/export/metadata/BILLING_PERIOD=2026-03/export-Manifest.json",
    JSON.stringify({ dataFiles: [`s3://bills/${DATA}`] }),
  );
  server = await startS3({ root });
});
afterEach(async () => {
  await server.close();
  await rm(root, { recursive: true, force: true });
});

async function put(key: string, text: string): Promise<void> {
  const path = join(root, "bills", key);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

function spec(overrides: Partial<Extract<FocusSpec, { layout: "aws-data-exports" }>> = {}): FocusSpec {
  return {
    kind: "focus",
    layout: "aws-data-exports",
    bucket: "bills",
    prefix: "p/export",
    region: "eu-central-1",
    endpoint: server.url,
    accessKeyId: DEMO_CREDENTIALS.accessKeyId,
    secretAccessKey: DEMO_CREDENTIALS.secretAccessKey,
    ...overrides,
  };
}

async function readMarch() {
  const [slice] = await planFocus(spec(), { signal });
  if (!slice) throw new Error("nothing offered");
  const projection = { tagKeys: [], environmentTags: [], resourcePatterns: [] };
  return readFocusSlice(spec(), slice, {
    signal,
    onProgress: () => {},
    projection,
    scratchDir: join(root, ".scratch"),
    cacheDir: join(root, ".cache"),
    threads: 2,
  });
}

test("a month is read through its manifest, and an object replaced afterwards is noticed", async () => {
  const reading = await readMarch();
  expect(reading.controlTotals["EUR"]).toMatchObject({ billed: "1.5", lineItems: 1 });
  await reading.verifyUnchanged();
  await put(DATA, `${HEADER}\n${ROW}\n${ROW}\n`);
  await expect(reading.verifyUnchanged()).rejects.toMatchObject({ code: "bad_data" });
  await reading.close();
});

test("a manifest that names a missing object stops its slice", async () => {
  await rm(join(root, "bills", DATA));
  await expect(readMarch()).rejects.toMatchObject({
    code: "bad_data",
    place: { file: "data/BILLING_PERIOD=2026-03/a.csv" },
  });
});

test("a check says what is wrong with bucket and keys", async () => {
  expect((await checkFocus(spec())).map(({ ok }) => ok)).toEqual([true, true]);
  expect((await checkFocus(spec({ bucket: "other" })))[0]?.error?.code).toBe("invalid_config");
  expect((await checkFocus(spec({ secretAccessKey: "wrong" })))[0]?.error?.code).toBe("invalid_config");
});

test("a denied object names the permission and the resource", async () => {
  server.faults.deny(/a\.csv/);
  const [, manifests] = await checkFocus(spec());
  expect(manifests?.error).toMatchObject({ code: "denied" });
  expect(manifests?.error?.message).toContain(`s3:GetObject on arn:aws:s3:::bills/${DATA}`);
});

test("a throttled request is tried again, a download that breaks off is not taken for the file", async () => {
  server.faults.throttle(1);
  const [slice] = await planFocus(spec(), { signal });
  expect(slice?.files).toHaveLength(1);
  server.faults.cutAfter(10, 1, { operation: "GetObject", keyPattern: /a\.csv/ });
  await expect(readMarch()).rejects.toMatchObject({ code: "unavailable" });
  const reading = await readMarch();
  expect(reading.counts.lineItems).toBe(1);
  await reading.close();
});
