import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createInstance, deliver, focusCsv, type Charge, type TestInstance } from "#test/integration/instance.ts";
import { addTeams } from "#test/integration/slices/charges.ts";
import { PERMISSIONS, isAllowed } from "#lib/access/permissions.ts";
import type { Actor, Role } from "#lib/access/actor.ts";
import { AppError } from "#lib/errors.ts";
import { sum, toAmount } from "#lib/domain/money.ts";
import { closePeriod } from "#lib/services/periods/close-period.ts";
import { reopenPeriod } from "#lib/services/periods/reopen-period.ts";
import { listRules } from "#lib/services/rules/list-rules.ts";
import { moveRule } from "#lib/services/rules/move-rule.ts";
import { removePool } from "#lib/services/rules/remove-pool.ts";
import { removeRule } from "#lib/services/rules/remove-rule.ts";
import { savePool } from "#lib/services/rules/save-pool.ts";
import { saveRule } from "#lib/services/rules/save-rule.ts";
import { offerLocalAdministrator } from "#lib/services/session/offer-local-administrator.ts";
import { requestPull } from "#lib/services/sources/request-pull.ts";
import { exportSpend } from "#lib/services/spend/export-spend.ts";
import { readLineItems } from "#lib/services/spend/read-line-items.ts";
import { readOverview } from "#lib/services/spend/read-overview.ts";
import { readResources } from "#lib/services/spend/read-resources.ts";
import { readSpend } from "#lib/services/spend/read-spend.ts";
import { readSpendOptions } from "#lib/services/spend/read-spend-options.ts";
import { readUnallocated } from "#lib/services/spend/read-unallocated.ts";
import { costOfChange } from "#lib/services/trail/change/cost-of-change.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { SPEND_DIMENSIONS, type CostKind, type SpendQuery } from "#lib/services/spend/spend-view.ts";
import { VERBS, RANGE, QUERY, RULE } from "./every-verb.ts";

const POOL = { key: "network", name: "Network", method: "even", weights: {} };

/** Verbs that say for themselves who may come in: they are how a person gets an actor. */
const WITHOUT_ACTOR = ["listSignInPeople", "readHealth", "readSession", "signInAsPerson", "signInWithToken", "signOut"];

let instance: TestInstance;
const actor = (role: Role, teamKey: string | null = null): Actor => ({
  id: `${role}@example.com`,
  name: role,
  role,
  teamKey,
});

/** "a1" belongs to claims in March and to policy in April; what is in the pool is carried by both. */
const chargesOf = (month: string): Charge[] => [
  { day: `${month}-02`, account: "a1", service: "EC2", billed: "10", resource: `a1-${month}` },
  {
    day: `${month}-02`,
    account: "a2",
    service: "S3",
    billed: "100",
    resource: `a2-${month}`,
    tags: { team: "policy" },
  },
  { day: `${month}-02`, account: "a2", service: "S3", billed: "5", resource: `own-${month}`, tags: { team: "claims" } },
  { day: `${month}-03`, account: "hub", service: "VPN", billed: "30", resource: `hub-${month}` },
  { day: `${month}-04`, account: "a9", service: "Orphan", billed: "1000", resource: `a9-${month}` },
];

beforeAll(async () => {
  instance = await createInstance({
    tags: ["team"],
    sources: { billing: { kind: "focus", layout: "files", path: "./exports" } },
  });
  await addTeams(instance.database, [{ key: "claims" }, { key: "policy" }]);
  const { pool } = instance.database;
  await pool.query("INSERT INTO pool (key, name, method, created_by) VALUES ('hub', 'Hub', 'even', 'test')");
  await pool.query(
    `INSERT INTO allocation_rule (rule_id, position, name, match, target, valid_from, valid_to, created_by) VALUES
     (gen_random_uuid(), 1, 'hub', '{"subAccountId":["hub"]}', '{"kind":"pool","pool":"hub"}', NULL, NULL, 'test'),
     (gen_random_uuid(), 2, 'tag', '{}', '{"kind":"tag-value","keys":["team"]}', NULL, NULL, 'test'),
     (gen_random_uuid(), 3, 'a1 then', '{"subAccountId":["a1"]}', '{"kind":"team","team":"claims"}', NULL, '2026-04', 'test'),
     (gen_random_uuid(), 4, 'a1 now', '{"subAccountId":["a1"]}', '{"kind":"team","team":"policy"}', '2026-04', NULL, 'test')`,
  );
  for (const month of ["2026-03", "2026-04"])
    await deliver(instance.path(`exports/${month}.csv`), focusCsv(month, chargesOf(month)));
  await instance.load("billing");
});
afterAll(() => instance?.remove());

describe("a role without the permission is refused, and the refusal is logged", () => {
  const roles: Role[] = ["auditor", "member", "finance", "platform"];
  const refused = VERBS.flatMap(([name, permission, call]) =>
    roles.filter((role) => !isAllowed(actor(role), permission)).map((role) => ({ name, role, permission, call })),
  );
  test.each(refused)("$name by $role", async ({ role, permission, call }) => {
    const before = await newestActivity();
    await expect(call(instance.context(actor(role, "claims")))).rejects.toMatchObject({ code: "forbidden" });
    const { rows } = await instance.database.pool.query("SELECT * FROM activity WHERE id > $1", [before]);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ action: "permission.refused", actor_id: `${role}@example.com`, role });
    expect(rows[0]?.subject).toContain(permission);
  });

  test("whoever reads the chain of a change may read the cost in it, so that nobody is refused the whole for a part", () => {
    const readers = [...roles, "admin" as const, "system" as const].filter((role) =>
      isAllowed(actor(role), "activity:read"),
    );
    expect(readers.toSorted()).toEqual(["admin", "auditor", "finance", "system"]);
    for (const role of readers)
      for (const permission of ["spend:read", "sprawl:read"] as const)
        expect({ role, permission, isAllowed: isAllowed(actor(role), permission) }).toMatchObject({ isAllowed: true });
  });

  test("every permission has a verb that needs it, and every verb of lib/services is one of these", async () => {
    expect([...new Set(VERBS.map(([, permission]) => permission))].toSorted()).toEqual([...PERMISSIONS].toSorted());
    const modules = import.meta.glob<Record<string, unknown>>("../../../lib/services/**/*.ts", { eager: true });
    const verbs = Object.values(modules)
      .flatMap((module) => Object.entries(module))
      .filter(
        ([name, value]) =>
          typeof value === "function" && /authorise\)?\(context/.test(String(value)) && name !== "authorise",
      )
      .map(([name]) => name);
    expect([...new Set(verbs)].toSorted()).toEqual(VERBS.map(([name]) => name).toSorted());
    const gone = WITHOUT_ACTOR.filter((name) => !Object.values(modules).some((module) => name in module));
    expect(gone).toEqual([]);
  });
});

describe("a member sees the own team's cost and nothing else, whatever is asked for", () => {
  const claims = () => instance.context(actor("member", "claims"));
  // Directly 10 + 5 in March and 5 in April, and half of the hub's 30 in each.
  const OWN = { direct: "20", shared: "30", total: "50" };
  const kindsAsked: CostKind[][] = [[], ["direct"], ["shared"], ["unallocated"], ["direct", "shared", "unallocated"]];
  const filtersAsked: SpendQuery["filters"][] = [
    {},
    { team: ["policy"] },
    { team: ["", "policy", "claims"] },
    { businessUnit: ["unit"] },
    { subAccount: ["a2", "a9", "hub"] },
  ];
  const asked = kindsAsked.flatMap((kinds) => filtersAsked.map((filters) => ({ kinds, filters })));

  test("the whole of it", async () => {
    const [section] = (await readSpend(claims(), QUERY)).sections;
    expect(section?.bar).toMatchObject({ ...OWN, unallocated: "0", controlTotal: null });
    expect(section?.rows.map((row) => row.key)).toEqual(["claims"]);
  });

  test.each(asked)("spend and its export of %o", async ({ kinds, filters }) => {
    for (const groupBy of SPEND_DIMENSIONS) {
      const query = { ...QUERY, groupBy, kinds, filters, compare: "previous" as const, granularity: "day" as const };
      const view = await readSpend(claims(), query);
      for (const section of view.sections) {
        expect(section.bar.unallocated).toBe("0");
        expect(Number(section.bar.direct)).toBeLessThanOrEqual(20);
        expect(Number(section.bar.shared)).toBeLessThanOrEqual(30);
        expect(section.bar.controlTotal).toBeNull();
        for (const row of section.rows) expect(["policy", "a9", "Orphan"]).not.toContain(row.key);
      }
      const { body } = await exportSpend(claims(), query, "csv");
      expect(Buffer.from(body).toString()).not.toMatch(/policy|POLICY|a9|Orphan/);
    }
  });

  test.each(asked)("line items and resources of %o", async ({ kinds, filters }) => {
    const query = { ...QUERY, kinds, filters };
    const own = ["a1-2026-03", "own-2026-03", "own-2026-04"];
    // A share of a pool has no line items: asking for those alone is refused.
    const orRefused = <T>(work: Promise<T[]>): Promise<T[]> =>
      work.catch((thrown: unknown) => {
        if (thrown instanceof AppError && thrown.code === "invalid_input") return [];
        throw thrown;
      });
    const pages = await orRefused(readLineItems(claims(), { ...query, page: 1, pageSize: 100 }));
    for (const row of pages.flatMap((page) => page.rows)) expect(own).toContain(row["ResourceId"]);
    expect(Number(toAmount(sum(pages.map((page) => page.totals.billed))))).toBeLessThanOrEqual(20);
    const resources = await orRefused(readResources(claims(), query));
    for (const row of resources.flatMap((part) => part.rows)) expect(own).toContain(row.resourceId);
  });

  test("line items of the months together are those of each month", async () => {
    const pages = await readLineItems(claims(), { ...QUERY, page: 1, pageSize: 100 });
    const found = pages.flatMap((page) => page.rows).map((row) => row["ResourceId"]);
    expect(found.map(String).toSorted()).toEqual(["a1-2026-03", "own-2026-03", "own-2026-04"]);
  });

  test("options, overview and what nobody owns", async () => {
    for (const dimension of SPEND_DIMENSIONS) {
      const options = await readSpendOptions(claims(), { dimension, ...RANGE, asOf: null });
      const found = options.map(({ key }) => key).filter((key) => ["policy", "a9", "Orphan"].includes(key));
      expect({ dimension, found }).toEqual({ dimension, found: [] });
    }
    const overview = await readOverview({ ...claims(), now: new Date("2026-04-20T00:00:00Z") }, { asOf: null });
    // April up to the 2nd: the newest days still count as estimated.
    expect(overview.sections[0]?.thisMonth.bar).toMatchObject({ direct: "5", unallocated: "0" });
    expect(overview.sections[0]?.lastMonth.bar).toMatchObject({ direct: "15", shared: "15", unallocated: "0" });
    expect(JSON.stringify(overview)).not.toMatch(/policy|POLICY|a9|Orphan|1000/);
    await expect(readUnallocated(claims(), { ...RANGE, basis: "billed", asOf: null })).rejects.toMatchObject({
      code: "forbidden",
    });
  });

  test("the cost of a change in the chain of an event", async () => {
    const change = { occurredAt: new Date("2026-03-02T12:00:00Z"), clusterKey: null, namespace: null, accountId: "a2" };
    const thatDay = async (context: ServiceContext) =>
      (await costOfChange(context, change))?.sections.map(({ values }) => values[7]);
    expect(await thatDay(instance.context(actor("auditor")))).toEqual(["105"]);
    expect(await thatDay(claims())).toEqual(["5"]);
    await instance.database.pool.query(
      `INSERT INTO namespace_summary (cluster_key, uid, source_key, name, provider, first_seen_at, team_key) VALUES
       ('one', 'u1', 'one', 'own', 'AWS', now(), 'claims'), ('one', 'u2', 'one', 'theirs', 'AWS', now(), 'policy')`,
    );
    const inNamespace = (namespace: string) =>
      costOfChange(claims(), { ...change, clusterKey: "one", namespace, accountId: null });
    expect(await inNamespace("own")).toMatchObject({ of: { kind: "namespace", namespace: "own" }, sections: [] });
    await expect(inNamespace("theirs")).rejects.toMatchObject({ code: "not_found" });
  });

  test("a member without a team sees nothing", async () => {
    const nobody = instance.context(actor("member", null));
    for (const kinds of kindsAsked) {
      for (const { bar } of (await readSpend(nobody, { ...QUERY, kinds })).sections) expect(bar.total).toBe("0");
      const pages = await readLineItems(nobody, { ...QUERY, kinds, page: 1, pageSize: 100 }).catch(() => []);
      expect(pages.flatMap((page) => page.rows)).toEqual([]);
    }
  });
});

describe("a write and its log entry are one transaction", () => {
  const admin = () => instance.context(actor("admin"));
  const ruleId = async () => String((await listRules(admin()))[0]?.ruleId);
  const WRITES: [string, string, () => Promise<unknown>][] = [
    ["saveRule", "rule.saved", () => saveRule(admin(), RULE)],
    ["moveRule", "rule.moved", async () => moveRule(admin(), { ruleId: await ruleId(), position: 2 })],
    ["savePool", "pool.saved", () => savePool(admin(), POOL)],
    ["removePool", "pool.removed", () => removePool(admin(), { key: POOL.key })],
    ["removeRule", "rule.removed", async () => removeRule(admin(), { ruleId: await ruleId() })],
    ["closePeriod", "period.closed", () => closePeriod(admin(), { period: "2026-03" })],
    ["reopenPeriod", "period.reopened", () => reopenPeriod(admin(), { period: "2026-03" })],
    ["requestPull", "run.requested", () => requestPull(admin(), { sourceKey: "billing", period: "2026-02" })],
    ["offerLocalAdministrator", "local-administrator.offered", () => offerLocalAdministrator(admin())],
  ];

  test.each(WRITES)("%s", async (_, action, write) => {
    await failingActivity(async () => {
      const before = await stateOfEverything();
      await expect(write()).rejects.toThrow("no entry today");
      expect(await stateOfEverything()).toEqual(before);
    });
    const last = await newestActivity();
    await write();
    const { rows } = await instance.database.pool.query(
      "SELECT action, actor_id FROM activity WHERE id > $1 ORDER BY id",
      [last],
    );
    expect(rows).toContainEqual({ action, actor_id: "admin@example.com" });
    await instance.workOff();
  });

  test("a publication", async () => {
    await deliver(instance.path("exports/2026-04.csv"), focusCsv("2026-04", chargesOf("2026-04").slice(1)));
    await requestPull(admin(), { sourceKey: "billing", period: "2026-04" });
    const figures =
      "SELECT sum(billed), count(*), max(from_publication), (SELECT max(id) FROM publication) FROM cost_day";
    const before = (await instance.database.pool.query(figures)).rows;
    await failingActivity(async () => {
      expect((await instance.workOff()).map(({ state, error }) => [state, error?.message])).toEqual([
        ["failed", "no entry today"],
      ]);
      expect((await instance.database.pool.query(figures)).rows).toEqual(before);
    });
  });

  async function failingActivity(work: () => Promise<void>): Promise<void> {
    const { pool } = instance.database;
    await pool.query(
      "CREATE FUNCTION fail_entry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no entry today'; END $$",
    );
    await pool.query("CREATE TRIGGER fail_entry BEFORE INSERT ON activity FOR EACH ROW EXECUTE FUNCTION fail_entry()");
    try {
      await work();
    } finally {
      await pool.query("DROP FUNCTION fail_entry() CASCADE");
    }
  }
});

async function newestActivity(): Promise<string> {
  const { rows } = await instance.database.pool.query("SELECT coalesce(max(id), 0)::text AS id FROM activity");
  return String(rows[0]?.id);
}

/** Everything that a write could leave behind. */
async function stateOfEverything(): Promise<unknown> {
  const tables = [
    "allocation_rule",
    "pool",
    "closed_period",
    "run",
    "slice",
    "publication",
    "instance_setting",
    "activity",
    "pgboss.job",
  ];
  const states = tables.map((table) =>
    instance.database.pool.query(`SELECT to_jsonb(t) AS row FROM ${table} t ORDER BY to_jsonb(t)::text`),
  );
  return (await Promise.all(states)).map(({ rows }) => rows);
}
