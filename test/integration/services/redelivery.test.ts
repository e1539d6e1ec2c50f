import { renameSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createInstance, deliver, focusCsv, type Charge, type TestInstance } from "#test/integration/instance.ts";
import { DeliveryWriter } from "#test/integration/jobs/large-delivery.ts";
import { addTeams } from "#test/integration/slices/charges.ts";
import type { Database } from "#lib/db/client.ts";
import { sum, toAmount } from "#lib/domain/money.ts";
import { day } from "#lib/domain/period.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { requestPull } from "#lib/services/sources/request-pull.ts";
import { listSources } from "#lib/services/sources/list-sources.ts";
import { pullSlice } from "#lib/services/sources/pull-slice.ts";
import type { RunView } from "#lib/services/sources/source-view.ts";
import { listPublications } from "#lib/services/slices/list-publications.ts";
import { readDifference } from "#lib/services/slices/read-difference.ts";
import { readSpend } from "#lib/services/spend/read-spend.ts";
import type { SpendQuery, SpendView } from "#lib/services/spend/spend-view.ts";

const FOCUS_FILES = (path: string, title: string) => ({ kind: "focus", layout: "files", path, title });
const READERS = 3;

const MARCH: SpendQuery = {
  from: day("2026-03-01"),
  to: day("2026-04-01"),
  basis: "billed",
  groupBy: "team",
  granularity: "day",
  compare: "none",
  currency: null,
  filters: {},
  kinds: [],
  asOf: null,
};

/** What a past instant is looked at by: owners with their parts of pools, services by day, a tag, and days of a month. */
const LOOKS: SpendQuery[] = [
  MARCH,
  { ...MARCH, basis: "effective", granularity: "month" },
  { ...MARCH, groupBy: "service" },
  { ...MARCH, groupBy: "tag:team" },
  { ...MARCH, groupBy: "tag:team", from: day("2026-03-02"), to: day("2026-03-04") },
  { ...MARCH, groupBy: "businessUnit", from: day("2026-03-02"), to: day("2026-03-04"), granularity: "month" },
  { ...MARCH, groupBy: "subAccount", filters: { team: ["claims"] } },
  { ...MARCH, kinds: ["shared"] },
];

let instance: TestInstance;
let writer: DeliveryWriter;

beforeAll(async () => {
  const sources = {
    billing: FOCUS_FILES("./exports", "Monthly bill"),
    columnar: FOCUS_FILES("./columnar", "Columnar bill"),
    payer: { kind: "focus", layout: "aws-data-exports", path: "./payer", title: "Data export" },
  };
  instance = await createInstance({ tags: ["team"], sources });
  writer = await DeliveryWriter.open();
  await addTeams(instance.database, [
    { key: "claims", unit: "insurance" },
    { key: "policy", unit: "insurance" },
    { key: "data", unit: "group" },
  ]);
  const { pool } = instance.database;
  await pool.query("INSERT INTO pool (key, name, method, created_by) VALUES ('hub', 'Hub', 'proportional', 'test')");
  await pool.query(
    `INSERT INTO allocation_rule (rule_id, position, name, match, target, created_by) VALUES
     (gen_random_uuid(), 1, 'hub', '{"subAccountId":["hub"]}', '{"kind":"pool","pool":"hub"}', 'test'),
     (gen_random_uuid(), 2, 'tag', '{}', '{"kind":"tag-value","keys":["team"]}', 'test')`,
  );
});
afterAll(async () => {
  writer?.close();
  await instance?.remove();
});

/** A month in a version: some amounts follow it, some lines come and go, and the hub's split follows them. */
function charges(version: number): Charge[] {
  const days = Array.from({ length: 28 }, (_, index) => `2026-03-${String(index + 1).padStart(2, "0")}`);
  return days.flatMap((on, index): Charge[] => [
    {
      day: on,
      account: "a1",
      service: "EC2",
      billed: `${10 + (index % 5) * version}.000000000001`,
      tags: { Team: "Claims " },
    },
    { day: on, account: "a2", service: "S3", billed: "7.25", effective: "6", tags: { team: "policy" } },
    { day: on, account: "hub", service: "VPN", billed: "3.333333333333" },
    ...(index % 9 === version
      ? [{ day: on, account: "a3", service: `Gone ${version}`, billed: "-2", tags: { team: "data" } }]
      : []),
    { day: on, account: "a9", service: "S3", billed: index === 3 ? "4.000000000009" : "1" },
  ]);
}

const totalOf = (version: number) => toAmount(sum(charges(version).map((charge) => charge.billed)));

function deliverVersion(version: number): Promise<void> {
  return deliver(instance.path("exports/2026-03.csv"), focusCsv("2026-03", charges(version)));
}

async function expectPulled(sourceKey: string): Promise<void> {
  expect((await instance.pull(sourceKey)).map(({ state, error }) => ({ state, error }))).toEqual([
    { state: "succeeded", error: null },
  ]);
}

function expectWhole(view: SpendView, totals: readonly string[]): void {
  const [section] = view.sections;
  expect(totals).toContain(section?.bar.total);
  expect(section?.bar.difference).toBe("0");
  expect(toAmount(sum(section?.rows.map((row) => row.amount) ?? []))).toBe(section?.bar.total);
  const cells = section?.trend.series.flatMap((series) => series.values.filter((value) => value !== null)) ?? [];
  expect(toAmount(sum(cells))).toBe(section?.bar.total);
}

test("readers see the old figures or the new ones while a month is replaced, never a mixture", async () => {
  await deliverVersion(1);
  await expectPulled("billing");
  const totals = [totalOf(1), totalOf(2)];
  await deliverVersion(2);
  let isDone = false;
  let reads = 0;
  const readers = Array.from({ length: READERS }, async (_, reader) => {
    while (!isDone) {
      const groupBy = (["team", "service", "subAccount"] as const)[reader % 3] ?? "team";
      expectWhole(await readSpend(instance.context(), { ...MARCH, groupBy }), totals);
      reads += 1;
    }
  });
  const pulled = expectPulled("billing").finally(() => {
    isDone = true;
  });
  await Promise.all([pulled, ...readers]);
  expect(reads).toBeGreaterThan(0);
  expectWhole(await readSpend(instance.context(), MARCH), [totalOf(2)]);
});

test("a publication that commits between two statements of one reader does not mix its figures", async () => {
  await deliverVersion(3);
  const context = interrupted(instance.context(), async () => expectPulled("billing"));
  const view = await readSpend(context, { ...MARCH, groupBy: "service" });
  expectWhole(view, [totalOf(2), totalOf(3)]);
  expect((await listPublications(instance.context(), { sliceId: await sliceOf("billing") })).length).toBe(3);
  expectWhole(await readSpend(instance.context(), MARCH), [totalOf(3)]);
});

test("the difference is listed, and as of the instant before it everything reads as it did", async () => {
  const between = new Date();
  const before = await Promise.all(LOOKS.map((query) => readSpend(instance.context(), query)));
  await deliverVersion(4);
  await expectPulled("billing");
  for (const [index, query] of LOOKS.entries()) {
    const then = await readSpend(instance.context(), { ...query, asOf: between });
    expect(then.sections, `look ${index}`).toEqual(before[index]?.sections);
    const now = await readSpend(instance.context(), query);
    expect(now.sections, `look ${index}`).not.toEqual(before[index]?.sections);
  }
  const sliceId = await sliceOf("billing");
  const [newest] = await listPublications(instance.context(), { sliceId });
  const change = toAmount(sum([totalOf(4), `-${totalOf(3)}`]));
  expect(newest).toMatchObject({
    reason: "redelivery",
    current: true,
    difference: { amounts: { EUR: { billed: change } } },
  });
  const rows = await readDifference(instance.context(), { publicationId: newest?.id ?? 0 });
  expect(toAmount(sum(rows.flatMap((row) => [row.after.billed, `-${row.before.billed}`.replace("--", "")])))).toBe(
    change,
  );
  const named = rows.map((row) => [row.team, row.serviceName, row.subAccountId].join(" "));
  expect(named.toSorted()).toEqual(["CLAIMS EC2 a1", "DATA Gone 3 a3", "DATA Gone 4 a3"]);
});

test("a delivery without a change makes no new version", async () => {
  const before = await listPublications(instance.context(), { sliceId: await sliceOf("billing") });
  expect(await instance.pull("billing")).toEqual([]);
  expect((await instance.pull("billing", "2026-03")).map((run) => run.state)).toEqual(["unchanged"]);
  expect(await listPublications(instance.context(), { sliceId: await sliceOf("billing") })).toEqual(before);
});

test("a cost that is not a number leaves the old figures, with file, row, column and value", async () => {
  const broken = charges(5);
  broken[1] = { ...broken[1]!, billed: "12,5" };
  await deliver(instance.path("exports/2026-03.csv"), focusCsv("2026-03", broken));
  const place = { file: "2026-03.csv", row: 2, column: "BilledCost", value: "12,5" };
  const age = await refusedAndRepaired(
    "billing",
    "Monthly bill",
    place,
    () => instance.pull("billing"),
    () => deliverVersion(6),
  );
  expect(age.stale).toEqual([]);
});

test("a truncated Parquet file leaves the old figures", async () => {
  const path = instance.path("columnar/2026-03.parquet");
  await writer.write(path, "2026-03", 1, 500);
  await expectPulled("columnar");
  await writer.write(path, "2026-03", 2, 500);
  const whole = await readFile(path);
  await deliver(path, whole.subarray(0, whole.length - 200));
  const repair = async () => void (await writer.write(path, "2026-03", 3, 500));
  const age = await refusedAndRepaired(
    "columnar",
    "Columnar bill",
    { file: "2026-03.parquet" },
    () => instance.pull("columnar"),
    repair,
  );
  expect(age.stale).toEqual([]);
});

test("a manifest that names a missing file leaves the old figures", async () => {
  await deliverExport(["first"], ["first"]);
  await expectPulled("payer");
  await deliverExport(["second"], ["second", "third"]);
  const place = { file: "data/BILLING_PERIOD=2026-03/third.csv" };
  const age = await refusedAndRepaired(
    "payer",
    "Data export",
    place,
    () => instance.pull("payer"),
    () => deliverExport(["third"], ["second", "third"]),
  );
  expect(age.stale).toEqual([]);
});

test("a file that is swapped while it is read leaves the old figures", async () => {
  const path = instance.path("exports/2026-03.csv");
  await deliverVersion(7);
  const pull = async (): Promise<RunView[]> => {
    const [queued] = (await requestPull(instance.context(), { sourceKey: "billing", period: "2026-03" })).runs;
    let isSwapped = false;
    const onProgress = ({ step }: { step: string }) => {
      if (isSwapped || step !== "Publishing") return;
      isSwapped = true;
      writeFileSync(`${path}.tmp`, focusCsv("2026-03", charges(8)));
      renameSync(`${path}.tmp`, path);
    };
    await expect(
      pullSlice(instance.context(), { runId: queued?.id ?? "", sourceKey: "billing", period: "2026-03", onProgress }),
    ).rejects.toMatchObject({ code: "bad_data" });
    const sources = await listSources(instance.context());
    return sources.find(({ key }) => key === "billing")?.runs.slice(0, 1) ?? [];
  };
  const age = await refusedAndRepaired("billing", "Monthly bill", { file: "2026-03.csv" }, pull, async () => undefined);
  expect(age.stale).toEqual([]);
  expect(
    (await readSpend(instance.context(), { ...MARCH, groupBy: "service" })).sections[0]?.rows.map((row) => row.key),
  ).toContain("Gone 8");
});

/** The pull fails and says where; everything reads as before but is marked; a good delivery clears the mark. */
async function refusedAndRepaired(
  sourceKey: string,
  title: string,
  place: object,
  pull: () => Promise<RunView[]>,
  repair: () => Promise<void>,
): Promise<SpendView["age"]> {
  const before = (await readSpend(instance.context(), MARCH)).sections;
  const [run] = await pull();
  expect(run).toMatchObject({ state: "failed", error: { code: "bad_data", place } });
  const after = await readSpend(instance.context(), MARCH);
  expect(after.sections).toEqual(before);
  expect(after.age.stale).toEqual([{ source: title, period: "2026-03", message: run?.error?.message }]);
  const slice = (await listSources(instance.context())).find(({ key }) => key === sourceKey)?.slices[0];
  expect(slice).toMatchObject({
    period: "2026-03",
    state: "stale",
    lastRun: { id: run?.id, state: "failed", error: { place } },
  });

  await repair();
  await expectPulled(sourceKey);
  const cleared = await readSpend(instance.context(), MARCH);
  expect(cleared.sections).not.toEqual(before);
  return cleared.age;
}

async function deliverExport(written: string[], named: string[]): Promise<void> {
  const folder = "data/BILLING_PERIOD=2026-03";
  for (const name of written)
    await deliver(
      instance.path(`payer/${folder}/${name}.csv`),
      focusCsv("2026-03", [{ day: "2026-03-05", account: name, service: "EC2", billed: "1" }]),
    );
  await deliver(
    instance.path("payer/metadata/BILLING_PERIOD=2026-03/payer-Manifest.json"),
    JSON.stringify({ dataFiles: named.map((name) => `s3://bucket/payer/${folder}/${name}.csv`) }),
  );
}

async function sliceOf(sourceKey: string): Promise<number> {
  const { rows } = await instance.database.pool.query("SELECT id FROM slice WHERE source_key = $1", [sourceKey]);
  return Number(rows[0]?.id);
}

/** The same context, in which `interrupt` is done after the statement that chooses what is read, and before all that follow. */
function interrupted(context: ServiceContext, interrupt: () => Promise<void>): ServiceContext {
  let isDone = false;
  const watched = <T extends object>(client: T): T =>
    new Proxy(client, {
      get(target, name) {
        const found: unknown = Reflect.get(target, name);
        if (typeof found !== "function") return found;
        if (name !== "query") return found.bind(target) as unknown;
        return async (...given: unknown[]) => {
          const answer: unknown = await found.apply(target, given);
          const [statement] = given;
          const text = typeof statement === "string" ? statement : String(Reflect.get(Object(statement), "text"));
          if (!isDone && /JOIN LATERAL[\s\S]*FROM publication/.test(text)) {
            isDone = true;
            await interrupt();
          }
          return answer;
        };
      },
    });
  const database: Database = {
    ...context.database,
    pool: watched(context.database.pool),
    transact: (work, options) =>
      context.database.transact((transaction) => work({ ...transaction, sql: watched(transaction.sql) }), options),
  };
  return { ...context, database };
}
