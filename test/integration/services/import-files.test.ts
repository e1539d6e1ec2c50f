import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { contextOn } from "#test/integration/slices/charges.ts";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";
import { COST_BASES, sum, toAmount, type CostBasis } from "#lib/domain/money.ts";
import { day } from "#lib/domain/period.ts";
import { prepareQueue } from "#lib/services/runs/queue.ts";
import { importFiles } from "#lib/services/sources/import-files.ts";
import { readSpend } from "#lib/services/spend/read-spend.ts";
import { saveRule } from "#lib/services/rules/save-rule.ts";
import { reallocateSlice } from "#lib/services/rules/reallocate-slice.ts";
import { pullSlice } from "#lib/services/sources/pull-slice.ts";
import type { SpendQuery } from "#lib/services/spend/spend-view.ts";

const SAMPLE = resolve("../shared/data/focus/focus_sample_1.0.csv");

let test_: TestDatabase;
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "bursar-home-"));
  process.env["BURSAR_HOME"] = home;
  test_ = await createTestDatabase();
  await prepareQueue(test_.database);
});
afterAll(async () => {
  await test_.drop();
  await rm(home, { recursive: true, force: true });
});

const BOTH_MONTHS: SpendQuery = {
  from: day("2024-09-01"),
  to: day("2024-11-01"),
  basis: "billed",
  groupBy: "provider",
  granularity: "month",
  compare: "none",
  currency: null,
  filters: {},
  kinds: [],
  asOf: null,
};

test.skipIf(!existsSync(SAMPLE))(
  "the real sample of 1,000 rows loads whole and adds up by provider (skipped where ../shared/data is not there)",
  async () => {
    const context = contextOn(test_.database);
    const { runs, totals: byProvider, findings } = await importFiles(context, { files: [SAMPLE] });
    expect(byProvider.map((total) => [total.provider, total.billed])).toEqual([
      ["AWS", "18.0066386184"],
      ["Microsoft", "1.97651418586"],
      ["Oracle", "0.53707392473"],
    ]);
    expect(findings.some((finding) => finding.column === "Id")).toBe(true);
    expect(runs.map((run) => [run.period, run.state, run.error])).toEqual([
      ["2024-09", "succeeded", null],
      ["2024-10", "succeeded", null],
    ]);
    const totals = runs.map((run) => run.controlTotals?.["USD"]);
    expect(totals.reduce((count, total) => count + (total?.lineItems ?? 0), 0)).toBe(1000);
    const sumOf = (basis: CostBasis) => toAmount(sum(totals.map((total) => total?.[basis] ?? "0")));
    expect(COST_BASES.map(sumOf)).toEqual(["20.52022672899", "14.97651418586", "20.39090575119", "14.97626039326"]);
    const [section] = (await readSpend(context, BOTH_MONTHS)).sections;
    expect(section?.bar).toMatchObject({
      total: "20.52022672899",
      controlTotal: "20.52022672899",
      difference: "0",
      unallocated: "20.52022672899",
    });
    expect(section?.rows.map((row) => [row.label, row.amount])).toEqual([
      ["AWS", "18.0066386184"],
      ["Microsoft", "1.97651418586"],
      ["Oracle", "0.53707392473"],
    ]);
  },
);

test.skipIf(!existsSync(SAMPLE))("a rule on a tag gives the sample's rows that carry it to their owner", async () => {
  const context = contextOn(test_.database);
  const { rows } = await test_.database.pool.query<{ unit: string }>(
    "SELECT DISTINCT tags ->> 'business_unit' AS unit FROM charge_key WHERE tags ? 'business_unit'",
  );
  expect(rows.length).toBeGreaterThan(3);
  for (const { unit } of rows)
    await test_.database.pool.query(
      `INSERT INTO team_membership (team_key, team_name, business_unit_key, business_unit_name, cost_centre, lead_mail, aliases, source_key)
       VALUES ($1, $2, '', '', '', '', '{}', 'directory')`,
      [unit.toLowerCase(), unit],
    );
  const { runIds } = await saveRule(context, {
    ruleId: null,
    position: null,
    name: "Business unit tag",
    match: { tag: { keys: ["business_unit"] } },
    target: { kind: "tag-value", keys: ["business_unit"] },
    validFrom: null,
    validTo: null,
  });
  for (const runId of runIds) {
    const run = await test_.database.pool.query<{ kind: string; slice_id: number; source_key: string; period: string }>(
      "SELECT * FROM run WHERE id = $1",
      [runId],
    );
    const { kind, slice_id: sliceId, source_key: sourceKey, period } = run.rows[0]!;
    if (kind === "reallocate") await reallocateSlice(context, { runId, sliceId });
    else await pullSlice(context, { runId, sourceKey, period });
  }
  const [section] = (await readSpend(context, { ...BOTH_MONTHS, groupBy: "team" })).sections;
  expect(section?.bar).toMatchObject({ total: "20.52022672899", difference: "0" });
  expect(section?.bar.direct).not.toBe("0");
  expect(section?.rows.length).toBe(rows.length + 1);
});
