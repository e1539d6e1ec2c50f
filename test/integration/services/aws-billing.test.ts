import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { runBursar } from "#test/integration/cli/run-bursar.ts";
import { createInstance, type TestInstance } from "#test/integration/instance.ts";
import { demoRoleOf, startAws, type AwsServer } from "#demo/aws/server.ts";
import { DEMO_CREDENTIALS } from "#demo/aws/s3.ts";
import { AWS_EXPORT } from "#demo/exports/aws-export.ts";
import { createEstate, type Estate } from "#demo/estate/estate.ts";
import { writeEstate } from "#demo/write-estate.ts";
import { loadConfig } from "#lib/config.ts";
import { sum, toAmount } from "#lib/domain/money.ts";
import { addMonths, day, periodOf, rangeOf, type BillingPeriod } from "#lib/domain/period.ts";
import { listApiBill } from "#lib/services/api/list-api-bill.ts";
import { recentBillRange } from "#lib/services/api/bill-range.ts";
import { readAccounts } from "#lib/services/accounts/read-accounts.ts";
import { listPeriods } from "#lib/services/periods/list-periods.ts";
import { compareSources } from "#lib/services/sources/compare-sources.ts";
import { syncSources } from "#lib/services/sources/sync-sources.ts";
import { readSpend } from "#lib/services/spend/read-spend.ts";
import type { SpendQuery, SpendView } from "#lib/services/spend/spend-view.ts";

const TODAY = day(new Date().toISOString().slice(0, 10));
const CURRENT = periodOf(TODAY);
const CLOSED = addMonths(CURRENT, -2);
const OPTIONS = { seed: "aws-billing", today: TODAY, months: 4, scale: 0.05 };

let estate: Estate;
let server: AwsServer;
let folder: string;

beforeAll(async () => {
  estate = createEstate(OPTIONS);
  folder = await mkdtemp(join(tmpdir(), "bursar-aws-billing-"));
  server = await startAws({ root: join(folder, "estate", "s3"), estate });
  await writeEstate({ ...OPTIONS, home: folder, estate, port: server.port });
});
afterAll(async () => {
  await server?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

function connection() {
  return {
    endpoint: server.url,
    region: AWS_EXPORT.region,
    accessKeyId: DEMO_CREDENTIALS.accessKeyId,
    secretAccessKey: DEMO_CREDENTIALS.secretAccessKey,
  };
}

function awsSources(changes: object = {}) {
  const { arn, externalId } = demoRoleOf(estate);
  const role = { roleArn: arn, externalId, ...connection() };
  return {
    organisation: { kind: "aws-organizations", title: "Organisation", ...role },
    api: { kind: "aws-cost-explorer", title: "Billing API", months: 4, ...role, ...changes },
  };
}

function query(period: BillingPeriod, changes: Partial<SpendQuery> = {}): SpendQuery {
  return {
    ...rangeOf(period),
    basis: "billed",
    groupBy: "team",
    granularity: "month",
    compare: "none",
    currency: null,
    filters: {},
    kinds: [],
    asOf: null,
    ...changes,
  };
}

function amounts(view: SpendView): Record<string, string> {
  return Object.fromEntries(view.sections.flatMap(({ rows }) => rows).map(({ key, amount }) => [key, amount]));
}

describe("an installation that has nothing but a role in AWS", () => {
  let instance: TestInstance;
  beforeAll(async () => {
    instance = await createInstance({ sources: awsSources() });
    for (const source of ["organisation", "api"]) await instance.load(source);
  });
  afterAll(() => instance?.remove());

  test("shows what every account spends, and the bill is the sum of it", async () => {
    const view = await readSpend(instance.context(), query(CLOSED, { groupBy: "subAccount" }));
    const [section] = view.sections;
    expect(section?.bar.difference).toBe("0");
    expect(section?.rows.length).toBeGreaterThan(100);
  });

  test("gives an account's cost to the team that its tags name, though nobody has configured a directory", async () => {
    const view = await readSpend(instance.context(), query(CLOSED));
    const tagged = new Set(
      estate.awsOrganization.accounts.flatMap(({ tags }) =>
        Object.entries(tags).flatMap(([key, value]) =>
          /^(owner-)?team$|^owner$/i.test(key) ? [value.toLowerCase()] : [],
        ),
      ),
    );
    const teams = Object.keys(amounts(view)).filter((key) => key !== "");
    expect(teams.length).toBeGreaterThan(30);
    expect(teams.filter((key) => !tagged.has(key) && !["security-operations", "cloud-platform"].includes(key))).toEqual(
      [],
    );
    expect(view.sections[0]?.bar.difference).toBe("0");
  });

  test("lists accounts that cost names and the organisation does not, and the other way round", async () => {
    const { sections, inventories } = await readAccounts(instance.context(), {
      ...query(CLOSED),
      compare: "none",
    });
    const rows = sections[0]?.rows ?? [];
    const presence = (name: string) => rows.find((row) => row.name === name)?.presence;
    expect(presence("break-glass")).toBe("organisation-only");
    expect(presence("sandbox-crm")).toBe("cost-only");
    expect(rows.find((row) => row.membership?.state === "CLOSED")?.name).toBe("document-archive-dr");
    expect(rows.filter((row) => row.presence === "cost-only").map((row) => row.name)).toEqual(["sandbox-crm"]);
    expect(inventories).toEqual([{ source: "Organisation", readAt: expect.any(String), unknown: [] }]);
    const root = sections[0]?.units.find((unit) => unit.parentId === null && unit.unitId !== "");
    expect(root?.accounts).toBe(rows.length - 1);
  });

  test("says why an account is whose it is", async () => {
    const { sections } = await readAccounts(instance.context(), { ...query(CLOSED), compare: "none" });
    const owned = sections[0]?.rows.find((row) => row.owner.strength === "explicit");
    expect(owned?.owner.claims[0]).toMatchObject({
      origin: "account-tag",
      standing: "won",
      title: "The account's tag",
    });
  });

  test("knows what asking has cost, by run and by month", async () => {
    const bill = await listApiBill(instance.context(), recentBillRange(new Date()));
    const api = bill.sources.find((source) => source.sourceKey === "api");
    expect(toAmount(sum((api?.months ?? []).map((month) => month.priceUsd)))).toBe(server.priceUsd());
  });

  test("a member sees the accounts of the own team, and their team's part only", async () => {
    const member = { id: "m", name: "M", role: "member" as const, teamKey: "claims-intake" };
    const view = await readAccounts(instance.context(member), { ...query(CLOSED), compare: "none" });
    const rows = view.sections.flatMap((section) => section.rows);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter((row) => row.owner.team?.key !== "claims-intake")).toEqual([]);
  });
});

describe("an export and the billing API over the same accounts", () => {
  let instance: TestInstance;
  const exported = () => ({
    kind: "focus",
    title: "Export",
    layout: "aws-data-exports",
    bucket: AWS_EXPORT.bucket,
    prefix: `${AWS_EXPORT.prefix}/${AWS_EXPORT.name}`,
    ...connection(),
  });
  beforeAll(async () => {
    const { api } = awsSources();
    instance = await createInstance({ sources: { exported: exported(), api } });
    for (const source of ["exported", "api"]) await instance.load(source);
  });
  afterAll(() => instance?.remove());

  const prefer = async (keys: string[]) => {
    const { file } = loadConfig();
    const document = parseDocument(await readFile(String(file), "utf8"));
    document.set("costPrecedence", keys);
    await writeFile(String(file), document.toString());
    await syncSources(instance.context());
  };

  test("are counted once: the bill is the export's, on every page that shows money", async () => {
    const { rows } = await instance.database.pool.query<{ source_key: string; billed: string }>(
      `SELECT s.source_key, p.totals -> 'USD' ->> 'billed' AS billed FROM slice s JOIN publication p ON p.id = s.publication_id WHERE s.period = $1`,
      [CLOSED],
    );
    const billed = rows.find((row) => row.source_key === "exported")?.billed;
    expect(rows).toHaveLength(2);
    const view = await readSpend(instance.context(), query(CLOSED));
    expect(view.sections[0]?.bar).toMatchObject({ total: billed, controlTotal: billed, difference: "0" });
    const period = (await listPeriods(instance.context())).find((one) => one.period === CLOSED);
    expect(period?.totals).toEqual([expect.objectContaining({ currency: "USD", billed })]);
  });

  test("agree to the last decimal, service by service", async () => {
    const view = await compareSources(instance.context(), { sourceKey: "api" });
    expect(view).toMatchObject({ role: "check", others: [{ key: "exported", role: "counts" }] });
    expect(view?.months).toHaveLength(4);
    for (const month of view?.months ?? [])
      expect([month.period, month.totals.difference]).toEqual([month.period, { billed: "0", effective: "0" }]);
  });

  test("are named by the check, with which of them counts and that they agree", async () => {
    const { code, stdout, stderr } = await runBursar(["check"], {
      cwd: instance.home,
      env: { DATABASE_URL: instance.url, BURSAR_HOME: instance.home, BURSAR_CONFIG: instance.path("bursar.yaml") },
    });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toContain(
      "api: has accounts and months that exported has as well. It is not counted, only compared.",
    );
    expect(stdout).toContain("exported: has accounts and months that api has as well. It is counted");
    expect(stdout).toContain("they agree to the last decimal");
  });

  test("one setting decides which of them counts, and an earlier instant is answered as it was then", async () => {
    const before = amounts(await readSpend(instance.context(), query(CLOSED, { groupBy: "service" })));
    const instant = new Date();
    await prefer(["api", "exported"]);
    expect(await compareSources(instance.context(), { sourceKey: "exported" })).toMatchObject({ role: "check" });
    const after = await readSpend(instance.context(), query(CLOSED, { groupBy: "service" }));
    expect(after.sections[0]?.rows.length).toBeGreaterThan(10);
    for (const [service, amount] of Object.entries(amounts(after)))
      expect([service, amount]).toEqual([service, before[service]]);
    const regions = amounts(await readSpend(instance.context(), query(CLOSED, { groupBy: "region" })));
    expect(Object.keys(regions)).toEqual([""]);
    const then = amounts(await readSpend(instance.context(), query(CLOSED, { groupBy: "region", asOf: instant })));
    expect(Object.keys(then)).toContain("eu-central-1");
    await prefer([]);
  });

  test("an account that only one of them has is counted there, and the rest is not doubled", async () => {
    const billed = (await readSpend(instance.context(), query(CLOSED))).sections[0]?.bar.total;
    const { rows } = await instance.database.pool.query<{ accounts: string[]; id: number }>(
      `SELECT p.id, p.accounts FROM slice s JOIN publication p ON p.id = s.publication_id WHERE s.period = $1 AND s.source_key = 'exported'`,
      [CLOSED],
    );
    const [missing = ""] = rows[0]?.accounts ?? [];
    const forget = (accounts: string[]) =>
      instance.database.pool.query("UPDATE publication SET accounts = $2 WHERE id = $1", [rows[0]?.id, accounts]);
    const own = query(CLOSED, { filters: { subAccount: [missing.replace("AWS ", "")] } });
    const alone = (await readSpend(instance.context(), own)).sections[0]?.bar.total;
    await forget((rows[0]?.accounts ?? []).filter((account) => account !== missing));
    const view = await readSpend(instance.context(), own);
    await forget(rows[0]?.accounts ?? []);
    // The export still has its rows, so that this account alone is there twice: nothing else may be.
    expect(Number(view.sections[0]?.bar.total)).toBeCloseTo(2 * Number(alone), 6);
    expect((await readSpend(instance.context(), query(CLOSED))).sections[0]?.bar.total).toBe(billed);
  });
});

describe("a billing API with a cap", () => {
  let instance: TestInstance;
  beforeAll(async () => {
    server.reset();
    const { api } = awsSources({ monthlyCapUsd: "0.10" });
    instance = await createInstance({ sources: { api } });
  });
  afterAll(() => instance?.remove());

  test("stops before the cap is passed, says so, and publishes nothing partial", async () => {
    const runs = await instance.pull("api");
    const stopped = runs.filter((run) => run.state === "failed");
    expect(stopped.length).toBeGreaterThan(0);
    expect(stopped[0]?.error).toMatchObject({ code: "limit_reached" });
    expect(stopped[0]?.error?.message).toContain("0.1");
    expect(Number(server.priceUsd())).toBeLessThanOrEqual(0.1);
    const published = runs.filter((run) => run.state === "succeeded").map((run) => run.period);
    const view = await readSpend(instance.context(), query(CURRENT, { from: rangeOf(addMonths(CURRENT, -3)).from }));
    const { rows } = await instance.database.pool.query("SELECT period FROM slice WHERE publication_id IS NOT NULL");
    expect(new Set(rows.map((row) => row.period))).toEqual(new Set(published));
    expect(published.length).toBeGreaterThan(0);
    expect(view.sections[0]?.bar.difference).toBe("0");
  });
});

describe("an organisation over time", () => {
  let instance: TestInstance;
  let few: AwsServer;
  let members: Estate["awsOrganization"]["accounts"];
  beforeAll(async () => {
    // Every account is a request, and requests have their rate: a dozen tell as much as all.
    members = estate.awsOrganization.accounts.filter(
      (account, index) => index < 12 || account.name === "claims-intake-prod",
    );
    few = await startAws({
      root: join(folder, "estate", "s3"),
      estate: { ...estate, awsOrganization: { ...estate.awsOrganization, accounts: members } },
    });
    const { organisation } = awsSources();
    instance = await createInstance({ sources: { organisation: { ...organisation, endpoint: few.url } } });
    await instance.load("organisation");
  });
  afterAll(async () => {
    await few?.close();
    await instance?.remove();
  });

  const accounts = (asOf: Date | null = null) =>
    readAccounts(instance.context(), { ...query(CLOSED), compare: "none", asOf }).then(
      (view) => view.sections[0]?.rows ?? [],
    );

  test("an account that is renamed, retagged and closed is read back as it was", async () => {
    const member = members.find((account) => account.name === "claims-intake-prod");
    if (!member) throw new Error("The estate has no such account.");
    const instant = new Date();
    const original = { ...member, tags: { ...member.tags } };
    Object.assign(member, {
      name: "claims-intake-old",
      state: "CLOSED",
      status: "SUSPENDED",
      tags: { team: "quote-engine" },
    });
    try {
      await instance.pull("organisation", "all");
      const now = (await accounts()).find((row) => row.accountId === member.id);
      expect(now).toMatchObject({
        name: "claims-intake-old",
        membership: { state: "CLOSED", isFirstLook: false },
        owner: { team: { key: "quote-engine" } },
      });
      const then = (await accounts(instant)).find((row) => row.accountId === member.id);
      expect(then).toMatchObject({ name: "claims-intake-prod", membership: { state: "ACTIVE", isFirstLook: true } });
      expect(then?.owner.team?.key).toBe("claims-intake");
    } finally {
      Object.assign(member, original);
    }
  });

  test("tags that may not be read any more are unknown, and what they said is not forgotten", async () => {
    await instance.pull("organisation", "all");
    const before = (await accounts()).filter((row) => row.owner.team !== null).length;
    few.faults.denyAction("organizations:ListTagsForResource");
    await instance.pull("organisation", "all");
    const after = await accounts();
    expect(after.filter((row) => row.owner.team !== null)).toHaveLength(before);
    expect(after[0]?.membership?.tags).toBeNull();
    const { inventories } = await readAccounts(instance.context(), { ...query(CLOSED), compare: "none" });
    expect(inventories[0]?.unknown.map(({ action }) => action)).toContain("organizations:ListTagsForResource");
    few.faults.clear();
  });

  test("a reading that fails leaves what is known, and nobody reads as gone", async () => {
    const before = (await accounts()).length;
    few.faults.denyAction("organizations:ListAccounts");
    const [run] = await instance.pull("organisation", "all");
    expect(run).toMatchObject({ state: "failed", error: { code: "denied" } });
    expect(await accounts()).toHaveLength(before);
    few.faults.clear();
  });
});
