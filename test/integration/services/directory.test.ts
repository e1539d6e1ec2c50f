import { afterAll, beforeAll, expect, test } from "vitest";
import { createInstance, deliver, focusCsv, type Charge, type TestInstance } from "#test/integration/instance.ts";
import { toAmount, sum } from "#lib/domain/money.ts";
import { billingPeriod, day, rangeOf } from "#lib/domain/period.ts";
import { closePeriod } from "#lib/services/periods/close-period.ts";
import { reopenPeriod } from "#lib/services/periods/reopen-period.ts";
import { savePool } from "#lib/services/rules/save-pool.ts";
import { saveRule } from "#lib/services/rules/save-rule.ts";
import { listPublications } from "#lib/services/slices/list-publications.ts";
import { readSpend } from "#lib/services/spend/read-spend.ts";
import type { SpendDimension } from "#lib/services/spend/spend-view.ts";

const MONTHS = ["2026-02", "2026-03", "2026-04"];
const TEAM_COLUMNS = "team,name,business_unit,business_unit_name,cost_centre,valid_from,valid_to";
const POLICY = "policy,Policy,life,Life,4200,,";

let instance: TestInstance;

beforeAll(async () => {
  instance = await createInstance({
    tags: ["team"],
    sources: {
      directory: { kind: "directory-file", path: "./directory" },
      billing: { kind: "focus", layout: "files", path: "./exports" },
    },
  });
  await deliverTeams("claims,Claims,life,Life,4100,,");
  await instance.load("directory");
  const context = instance.context();
  await savePool(context, { key: "hub", name: "Hub", method: "fixed", weights: { claims: "1" } });
  await saveRule(context, rule("tag", {}, { kind: "tag-value", keys: ["team"] }));
  await saveRule(context, rule("hub", { subAccountId: ["hub"] }, { kind: "pool", pool: "hub" }));
  for (const month of MONTHS) await deliverMonth(month, "100.000000000007");
  await instance.load("billing");
});
afterAll(() => instance?.remove());

function rule(name: string, match: object, target: object) {
  return { ruleId: null, position: null, name, match, target, validFrom: null, validTo: null };
}

function deliverTeams(...claims: string[]): Promise<void> {
  return deliver(instance.path("directory/teams.csv"), `${[TEAM_COLUMNS, ...claims, POLICY].join("\n")}\n`);
}

function deliverMonth(month: string, ofClaims: string): Promise<void> {
  const charges: Charge[] = [
    { day: `${month}-03`, account: "a1", service: "EC2", billed: ofClaims, tags: { team: "claims" } },
    { day: `${month}-04`, account: "a2", service: "S3", billed: "20" },
    { day: `${month}-05`, account: "hub", service: "VPN", billed: "3" },
  ];
  return deliver(instance.path(`exports/${month}.csv`), focusCsv(month, charges));
}

async function read(month: string, groupBy: SpendDimension, asOf: Date | null = null): Promise<Record<string, string>> {
  const view = await readSpend(instance.context(), {
    ...rangeOf(billingPeriod(month)),
    basis: "billed",
    groupBy,
    granularity: "day",
    compare: "none",
    currency: null,
    filters: {},
    kinds: [],
    asOf,
  });
  const [section] = view.sections;
  expect(section?.bar.difference).toBe("0");
  expect(toAmount(sum(section?.rows.map((row) => row.amount) ?? []))).toBe(section?.bar.total);
  return Object.fromEntries(section?.rows.map((row) => [row.key, row.amount]) ?? []);
}

const publicationsOf = async (month: string) => {
  const { rows } = await instance.database.pool.query("SELECT id FROM slice WHERE dataset = 'cost' AND period = $1", [
    month,
  ]);
  return (await listPublications(instance.context(), { sliceId: Number(rows[0]?.id) })).map((one) => one.reason);
};

const WITH_LIFE = { life: "103.000000000007", "": "20" };

test("a team that moves to another business unit in March takes its cost along from March on", async () => {
  for (const month of MONTHS) expect(await read(month, "businessUnit")).toEqual(WITH_LIFE);
  const before = new Date();
  await deliverTeams("claims,Claims,life,Life,4100,,2026-03-01", "claims,Claims,health,Health,5100,2026-03-01,");
  await instance.pull("directory");
  expect((await instance.workOff()).map(({ kind, state }) => `${kind} ${state}`)).toEqual(
    MONTHS.map(() => "reallocate succeeded"),
  );

  const withHealth = { health: "103.000000000007", "": "20" };
  expect(await read("2026-02", "businessUnit")).toEqual(WITH_LIFE);
  expect(await read("2026-03", "businessUnit")).toEqual(withHealth);
  expect(await read("2026-04", "businessUnit")).toEqual(withHealth);
  expect(await read("2026-04", "costCentre")).toEqual({ "5100": "103.000000000007", "": "20" });
  for (const month of MONTHS) {
    expect(await read(month, "businessUnit", before)).toEqual(WITH_LIFE);
    expect(await read(month, "team")).toEqual({ claims: "103.000000000007", "": "20" });
  }
});

test("a closed period keeps its owners whatever rules are saved, and a restated one is allocated by the rules of then", async () => {
  await closePeriod(instance.context(), { period: "2026-02" });
  const published = await publicationsOf("2026-02");
  await saveRule(instance.context(), rule("a2", { subAccountId: ["a2"] }, { kind: "team", team: "policy" }));
  await savePool(instance.context(), { key: "hub", name: "Hub", method: "fixed", weights: { policy: "1" } });
  const runs = await instance.workOff();
  expect([...new Set(runs.map((run) => String(run.period)))].toSorted()).toEqual(["2026-03", "2026-04"]);
  expect(await publicationsOf("2026-02")).toEqual(published);
  expect(await read("2026-02", "team")).toEqual({ claims: "103.000000000007", "": "20" });
  expect(await read("2026-03", "team")).toEqual({ claims: "100.000000000007", policy: "23" });

  await deliverMonth("2026-02", "90");
  expect((await instance.pull("billing")).map(({ period, error }) => [period, error])).toEqual([["2026-02", null]]);
  expect(await publicationsOf("2026-02")).toEqual(["redelivery", ...published]);
  expect(await read("2026-02", "team")).toEqual({ claims: "93", "": "20" });

  await reopenPeriod(instance.context(), { period: "2026-02" });
  await instance.workOff();
  expect(await read("2026-02", "team")).toEqual({ claims: "90", policy: "23" });
});

test("days of a month are given to the same owners as the whole month", async () => {
  const view = await readSpend(instance.context(), {
    from: day("2026-03-03"),
    to: day("2026-04-04"),
    basis: "billed",
    groupBy: "businessUnit",
    granularity: "month",
    compare: "none",
    currency: null,
    filters: {},
    kinds: [],
    asOf: null,
  });
  const rows = view.sections[0]?.rows.map((row) => [row.key, row.amount]);
  expect(rows).toEqual([
    ["health", "200.000000000014"],
    ["life", "23"],
  ]);
});

test("a rule is published where it moves something, and ends as unchanged where it does not", async () => {
  const before = await Promise.all(MONTHS.map(publicationsOf));
  const amounts = await Promise.all(MONTHS.map((month) => read(month, "team")));
  const nowhere = rule("nowhere", { subAccountId: ["no-such-account"] }, { kind: "team", team: "policy" });
  await saveRule(instance.context(), nowhere);
  expect((await instance.workOff()).map(({ kind, state }) => `${kind} ${state}`)).toEqual(
    MONTHS.map(() => "reallocate unchanged"),
  );
  expect(await Promise.all(MONTHS.map(publicationsOf))).toEqual(before);
  expect(await Promise.all(MONTHS.map((month) => read(month, "team")))).toEqual(amounts);

  // Before all others, and from April on.
  const inApril = rule("a2 in April", { subAccountId: ["a2"] }, { kind: "team", team: "claims" });
  await saveRule(instance.context(), { ...inApril, position: 1, validFrom: "2026-04" });
  expect((await instance.workOff()).map(({ period, state }) => `${period} ${state}`).toSorted()).toEqual([
    "2026-02 unchanged",
    "2026-03 unchanged",
    "2026-04 succeeded",
  ]);
  expect(await read("2026-03", "team")).toEqual(amounts[1]);
  expect(await read("2026-04", "team")).toEqual({ claims: "120.000000000007", policy: "3" });

  // The same rules move something again once a pool is another's.
  await savePool(instance.context(), { key: "hub", name: "Hub", method: "fixed", weights: { claims: "1" } });
  expect((await instance.workOff()).map(({ state }) => state)).toEqual(MONTHS.map(() => "succeeded"));
});
