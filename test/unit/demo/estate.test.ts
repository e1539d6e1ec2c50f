import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AllocationRule } from "#lib/domain/allocation/rule.ts";
import { COST_BASES, decimal, sum, toAmount } from "#lib/domain/money.ts";
import { day, periodOf } from "#lib/domain/period.ts";
import { createEstate, deliveryKeysOf, type Estate, makeDelivery } from "#demo/estate/estate.ts";
import { amountText, type Line } from "#demo/estate/line.ts";
import { ratesOf } from "#demo/estate/rates.ts";
import { DEMO_POOLS, demoRules } from "#demo/estate/rules.ts";
import type { PlantedOwner } from "#demo/estate/tagging.ts";
import { sliceTruth, type Truth } from "#demo/estate/truth.ts";
import { AWS_EXPORT } from "#demo/exports/aws-export.ts";
import { AZURE_EXPORT } from "#demo/exports/azure-export.ts";
import { deliverRestatement, readTruth, writeEstate } from "#demo/write-estate.ts";

const SMALL = { seed: "test", today: day("2026-11-20"), months: 4, scale: 0.12 };
const PORT = 9000;

let home = "";
let estate: Estate;
let truth: Truth;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "bursar-estate-"));
  ({ estate } = await writeEstate({ ...SMALL, home, port: PORT }));
  truth = await readTruth(home);
}, 60_000);

afterAll(async () => {
  await rm(home, { recursive: true, force: true });
});

test("the organisation has the size that the demo promises", () => {
  expect(estate.teams).toHaveLength(40);
  expect(new Set(estate.teams.flatMap(({ stretches }) => stretches.map(({ businessUnit }) => businessUnit))).size).toBe(
    5,
  );
  expect(estate.accounts.filter(({ provider }) => provider === "AWS")).toHaveLength(120);
  expect(estate.accounts.filter(({ provider }) => provider === "Microsoft")).toHaveLength(8);
  expect(estate.accounts.filter(({ provider }) => provider === "Google Cloud")).toHaveLength(6);
  expect(new Set(estate.accounts.map(({ id }) => id)).size).toBe(134);
  expect(estate.people.length).toBeGreaterThanOrEqual(125);
  expect(new Set(estate.people.map(({ mail }) => mail)).size).toBe(estate.people.length);
  expect(new Set(estate.people.map(({ role }) => role))).toEqual(
    new Set(["admin", "finance", "auditor", "platform", "member"]),
  );
});

test("the same seed and day make the same bytes, another seed others", async () => {
  const again = await mkdtemp(join(tmpdir(), "bursar-estate-"));
  try {
    await writeEstate({ ...SMALL, home: again, port: PORT });
    expect(await digests(again)).toEqual(await digests(home));
    await writeEstate({ ...SMALL, seed: "other", home: again, port: PORT });
    expect(await digests(again)).not.toEqual(await digests(home));
  } finally {
    await rm(again, { recursive: true, force: true });
  }
}, 60_000);

test("an estate that is there already is not written again", async () => {
  const summary = await writeEstate({ ...SMALL, home, port: PORT + 1 });
  expect(summary.written).toBe(false);
  expect(await readFile(summary.configPath, "utf8")).toContain(`http://127.0.0.1:${PORT + 1}`);
});

test("what the files sum to is the truth, for every source, period and basis", async () => {
  for (const [source, files] of Object.entries(await deliveredFiles(home))) {
    for (const [period, paths] of Object.entries(files)) {
      const slice = truth.slices.find(
        (candidate) => candidate.source === source && candidate.period === period && candidate.version === 1,
      );
      expect(await totalsOfFiles(paths), `${source} ${period}`).toEqual({
        lineItems: slice?.lineItems,
        currency: slice?.currency,
        ...slice?.totals,
      });
    }
  }
});

test("direct, pools and unallocated sum to the total of each slice", () => {
  for (const slice of truth.slices) {
    for (const basis of COST_BASES) {
      const parts = [...Object.values(slice.direct), ...Object.values(slice.pools), slice.unallocated].map(
        (amounts) => amounts[basis],
      );
      expect(toAmount(sum(parts))).toBe(slice.totals[basis]);
      expect(toAmount(sum(Object.values(slice.directByBusinessUnit).map((amounts) => amounts[basis])))).toBe(
        toAmount(sum(Object.values(slice.direct).map((amounts) => amounts[basis]))),
      );
    }
  }
});

test("the demo's rules find the planted owner of every line", () => {
  const rules = demoRules(estate);
  const wrong = estate.lines.filter((line) => JSON.stringify(ownerByRules(line, rules)) !== JSON.stringify(line.owner));
  expect(
    wrong.map(({ tags, owner, account, description }) => ({ tags, owner, account: account.name, description })),
  ).toEqual([]);
  expect(
    rules
      .flatMap(({ target }) => (target.kind === "pool" ? [target.pool] : []))
      .every((pool) => DEMO_POOLS.some(({ key }) => key === pool)),
  ).toBe(true);
});

test("at full scale a month costs about 1.1 million euros, of which four to six percent are unallocated", () => {
  const full = createEstate({ ...SMALL, scale: 1 });
  const period = full.calendar.periods[1] ?? periodOf(SMALL.today);
  let [total, nobody] = [decimal(0), decimal(0)];
  for (const { source, version } of deliveryKeysOf(full).filter((key) => key.period === period && key.version === 1)) {
    const rate = source === "aws-billing" ? "1.16" : "1";
    for (const { line, effective } of makeDelivery(full, source, period, version).charges) {
      const amount = decimal(amountText(BigInt(effective))).dividedBy(rate);
      total = total.plus(amount);
      if (line.owner.kind === "nobody") nobody = nobody.plus(amount);
    }
  }
  expect(total.toNumber()).toBeGreaterThan(950_000);
  expect(total.toNumber()).toBeLessThan(1_250_000);
  expect(nobody.dividedBy(total).toNumber()).toBeGreaterThan(0.04);
  expect(nobody.dividedBy(total).toNumber()).toBeLessThan(0.06);
}, 30_000);

test("the anomaly costs six times what the same days would have cost", () => {
  const { anomaly } = truth;
  expect(toAmount(decimal(anomaly.expected).times(anomaly.factor))).toBe(anomaly.effective);
  const inWindow = anomaly.days.filter((entry) => anomaly.from <= entry.day);
  expect(inWindow).toHaveLength(9);
  expect(toAmount(sum(inWindow.map(({ effective }) => effective)))).toBe(anomaly.effective);
});

test("one month of one source is missing, and no other", async () => {
  const files = await deliveredFiles(home);
  const missing = Object.entries(files).flatMap(([source, periods]) =>
    estate.calendar.periods.filter((period) => !(period in periods)).map((period) => ({ source, period })),
  );
  expect(missing).toEqual(truth.holes);
});

test("the restated month changes by the planted difference, and its first delivery stays addressable", async () => {
  const { restatement } = truth;
  const source = "aws-billing";
  const [before, after] = [
    sliceTruth(truth, source, restatement.period, 1),
    sliceTruth(truth, source, restatement.period, 2),
  ];
  for (const basis of COST_BASES) {
    expect(toAmount(decimal(after.totals[basis]).minus(before.totals[basis]))).toBe(restatement.totals[basis]);
    expect(toAmount(sum(restatement.rows.map(({ amounts }) => amounts[basis])))).toBe(restatement.totals[basis]);
  }
  const firstFiles = (await deliveredFiles(home))[source]?.[restatement.period] ?? [];
  await deliverRestatement(home, estate);
  const secondFiles = (await deliveredFiles(home))[source]?.[restatement.period] ?? [];
  expect(secondFiles).not.toEqual(firstFiles);
  expect(await totalsOfFiles(secondFiles)).toMatchObject({ lineItems: after.lineItems, ...after.totals });
  expect(await totalsOfFiles(firstFiles)).toMatchObject(before.totals);
  expect((await writeEstate({ ...SMALL, home, port: PORT })).restated).toBe(true);
  expect((await writeEstate({ ...SMALL, home, port: PORT, restated: false })).restated).toBe(false);
  expect((await deliveredFiles(home))[source]?.[restatement.period]).toEqual(firstFiles);
});

test("every kind of charge that finance meets is there", () => {
  const charges = deliveryKeysOf(estate).flatMap(
    ({ source, period, version }) => makeDelivery(estate, source, period, version).charges,
  );
  const some = (found: (line: Line, charge: (typeof charges)[number]) => boolean) =>
    charges.some((charge) => found(charge.line, charge));
  expect(new Set(charges.map(({ line }) => line.chargeCategory))).toEqual(
    new Set(["Usage", "Purchase", "Tax", "Credit"]),
  );
  expect(
    some((line, { billed, effective }) => line.commitment?.status === "Used" && billed === 0 && effective > 0),
  ).toBe(true);
  expect(
    some((line, { billed, effective }) => line.commitment?.status === "Unused" && billed === 0 && effective > 0),
  ).toBe(true);
  expect(
    some((line, { billed, effective }) => line.chargeCategory === "Purchase" && billed > 0 && effective === 0),
  ).toBe(true);
  expect(
    some(
      (line, { billed, start }) =>
        line.chargeClass === "Correction" && billed < 0 && start < `${estate.calendar.refundPeriod}-01`,
    ),
  ).toBe(true);
  expect(some((line, { days }) => line.serviceName.startsWith("AWS Support") && days >= 28)).toBe(true);
  expect(some((line, { billed }) => billed === 0 && line.commitment === null)).toBe(true);
  expect(some((line) => !line.hasSubAccount)).toBe(true);
});

test("accounts open and close, people leave, a team moves and tags are renamed", () => {
  expect(estate.accounts.filter(({ opened }) => opened !== null)).toHaveLength(1);
  expect(estate.accounts.filter(({ closed }) => closed !== null)).toHaveLength(1);
  expect(estate.people.filter(({ activeTo }) => activeTo !== null)).toHaveLength(1);
  expect(estate.teams.filter(({ stretches }) => stretches.length > 1).map(({ key }) => key)).toEqual([
    "customer-portal",
  ]);
  expect(estate.calendar.teamMoves).toBe("2026-03-01");
  expect(estate.lines.some(({ tags }) => tags !== null && "Team" in tags)).toBe(true);
  expect(estate.lines.some(({ tags }) => tags?.["team"]?.trim() !== tags?.["team"])).toBe(true);
});

test("rates are published on working days and before the first cost", () => {
  const rates = ratesOf(estate);
  expect(
    rates.every(
      ({ USD, GBP, CHF }) => USD > 10_000 && USD < 13_500 && GBP > 7_500 && GBP < 9_800 && CHF > 8_500 && CHF < 10_500,
    ),
  ).toBe(true);
  expect(rates[0] && rates[0].day < estate.calendar.start).toBe(true);
});

/** A reading of the rules that is as plain as their documentation, so that it can be checked by eye. */
function ownerByRules(line: Line, rules: readonly AllocationRule[]): PlantedOwner {
  const same = (pattern: string, value: string) =>
    pattern.endsWith("*") ? value.startsWith(pattern.slice(0, -1)) : pattern === value;
  const tags = Object.fromEntries(
    Object.entries(line.tags ?? {}).map(([key, value]) => [key.trim().toLowerCase(), value.trim().toLowerCase()]),
  );
  for (const { match, target } of rules) {
    if (match.subAccountId && !(line.hasSubAccount && match.subAccountId.includes(line.account.id))) continue;
    if (match.serviceName && !match.serviceName.some((pattern) => same(pattern, line.serviceName))) continue;
    if (match.chargeCategory && !match.chargeCategory.includes(line.chargeCategory)) continue;
    if (target.kind === "pool") return { kind: "pool", pool: target.pool };
    if (target.kind === "team") return { kind: "team", team: target.team };
    const value = target.keys.map((key) => tags[key]).find((found) => found !== undefined && found !== "");
    const team = estate.teams.find(({ key, name, aliases }) =>
      [key, name.toLowerCase(), ...aliases].includes(value ?? ""),
    );
    if (team) return { kind: "team", team: team.key };
  }
  return { kind: "nobody" };
}

async function digests(folder: string): Promise<Record<string, string>> {
  const entries = (await readdir(join(folder, "estate"), { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  const paths = entries
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.endsWith("/estate.json"));
  const found = await Promise.all(
    paths.map(
      async (path) =>
        [
          path.slice(folder.length),
          createHash("sha256")
            .update(await readFile(path))
            .digest("hex"),
        ] as const,
    ),
  );
  return Object.fromEntries(found.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

/** Source → period → the files that count, found as a reader finds them: by manifest, or in the folder. */
async function deliveredFiles(folder: string): Promise<Record<string, Record<string, string[]>>> {
  const buckets = join(folder, "estate", "s3");
  const aws: Record<string, string[]> = {};
  const metadata = join(buckets, AWS_EXPORT.bucket, AWS_EXPORT.prefix, AWS_EXPORT.name, "metadata");
  for (const partition of await readdir(metadata)) {
    const manifest = JSON.parse(
      await readFile(join(metadata, partition, `${AWS_EXPORT.name}-Manifest.json`), "utf8"),
    ) as { dataFiles: string[] };
    aws[partition.slice("BILLING_PERIOD=".length)] = manifest.dataFiles.map((uri) =>
      join(buckets, uri.slice("s3://".length)),
    );
  }
  const azure: Record<string, string[]> = {};
  const root = join(buckets, AZURE_EXPORT.bucket, AZURE_EXPORT.prefix, AZURE_EXPORT.name);
  for (const span of await readdir(root)) {
    const [run = ""] = await readdir(join(root, span));
    const manifest = JSON.parse(await readFile(join(root, span, run, "manifest.json"), "utf8")) as {
      blobs: { blobName: string }[];
    };
    azure[`${span.slice(0, 4)}-${span.slice(4, 6)}`] = manifest.blobs.map(({ blobName }) =>
      join(buckets, AZURE_EXPORT.bucket, blobName),
    );
  }
  const gcp: Record<string, string[]> = {};
  for (const name of await readdir(join(folder, "estate", "gcp")))
    gcp[/\d{4}-\d{2}/.exec(name)?.[0] ?? ""] = [join(folder, "estate", "gcp", name)];
  return { "aws-billing": aws, azure, gcp };
}

async function totalsOfFiles(paths: string[]): Promise<Record<string, unknown>> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const list = paths.map((path) => `'${path}'`).join(", ");
  const from = paths[0]?.endsWith(".parquet") ? `read_parquet([${list}])` : `read_csv([${list}], all_varchar = true)`;
  const sums = COST_BASES.map(
    (basis) => `sum(CAST(${basis[0]?.toUpperCase()}${basis.slice(1)}Cost AS DECIMAL(38,10)))::VARCHAR AS ${basis}`,
  );
  const result = await connection.runAndReadAll(
    `SELECT count(*)::INTEGER AS "lineItems", any_value(BillingCurrency) AS currency, ${sums.join(", ")} FROM ${from}`,
  );
  const row = result.getRowObjects()[0] ?? {};
  connection.closeSync();
  instance.closeSync();
  return { ...row, ...Object.fromEntries(COST_BASES.map((basis) => [basis, toAmount(decimal(String(row[basis])))])) };
}
