import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Actor, Role } from "#lib/access/actor.ts";
import type { Database } from "#lib/db/client.ts";
import { billingPeriod } from "#lib/domain/period.ts";
import { setBudget } from "#lib/services/budgets/set-budget.ts";
import { readTeams } from "#lib/services/teams/read-teams.ts";
import { readTeam } from "#lib/services/teams/read-team.ts";
import { rangeOf } from "#lib/domain/period.ts";
import { createTestDatabase } from "#test/integration/db/database.ts";

const NOVEMBER = billingPeriod("2026-11");
const NOW = new Date("2026-11-20T12:00:00Z");
const LATER = new Date("2026-11-21T12:00:00Z");

let database: Database;
let drop: () => Promise<void>;

beforeAll(async () => {
  ({ database, drop } = await createTestDatabase());
  await database.pool.query(
    `INSERT INTO team_membership (team_key, team_name, business_unit_key, business_unit_name, cost_centre, lead_mail, aliases, source_key)
     VALUES ('policy', 'Policy', 'life', 'Life', 'C-1', '', '{}', 'directory'), ('claims', 'Claims', 'life', 'Life', 'C-2', '', '{}', 'directory')`,
  );
  await database.pool.query(
    `INSERT INTO namespace_count (cluster_key, provider, team_key, strength, state, currency, namespaces, cost)
     VALUES ('c', 'eks', 'policy', 'explicit', 'used', 'EUR', 3, 30), ('c', 'eks', 'policy', 'weak', 'unused', 'EUR', 1, 2),
       ('c', 'eks', '', 'none', 'used', '', 5, 0), ('c', 'eks', 'left', 'explicit', 'used', 'USD', 2, 7)`,
  );
}, 60_000);
afterAll(() => drop?.());
beforeEach(() => database.pool.query("TRUNCATE budget, closed_period"));

const actor = (role: Role, teamKey: string | null = null): Actor => ({
  id: `${role}@example.com`,
  name: role,
  role,
  teamKey,
});
const context = (role: Role = "finance", now: Date = NOW, teamKey: string | null = null) => ({
  actor: actor(role, teamKey),
  database,
  now,
});
const BUDGET = { teamKey: "policy", currency: "EUR", amount: "1000.50", from: "2026-11" };
const budgetsAt = async (period: string, asOf: Date | null = null) => {
  const asked = { teamKey: "policy", ...rangeOf(billingPeriod(period)), offset: 0, limit: 1, asOf };
  return (await readTeam(context("finance", LATER), asked)).budgets?.map(({ amount }) => amount);
};

describe("a budget", () => {
  test("counts from its month on until another does, and is logged", async () => {
    expect(await budgetsAt("2026-11")).toEqual([]);
    await setBudget(context(), BUDGET);
    await setBudget(context(), { ...BUDGET, amount: "2000", from: "2027-01" });
    expect([await budgetsAt("2026-10"), await budgetsAt("2026-12"), await budgetsAt("2027-02")]).toEqual([
      [],
      ["1000.5"],
      ["2000"],
    ]);
    const { rows } = await database.pool.query(
      "SELECT action, subject, actor_id, after FROM activity WHERE action LIKE 'budget.%' ORDER BY id DESC LIMIT 1",
    );
    expect(rows).toEqual([
      {
        action: "budget.set",
        subject: "policy EUR 2027-01",
        actor_id: "finance@example.com",
        after: { amount: "2000", from: "2027-01" },
      },
    ]);
  });

  test("that was replaced is still read as of then, and an ended one is none", async () => {
    await setBudget(context(), BUDGET);
    await setBudget(context("admin", LATER), { ...BUDGET, amount: "700" });
    expect([await budgetsAt("2026-11", NOW), await budgetsAt("2026-11")]).toEqual([["1000.5"], ["700"]]);
    await setBudget(context("admin", LATER), { ...BUDGET, amount: null, from: "2026-12" });
    expect([await budgetsAt("2026-11"), await budgetsAt("2026-12")]).toEqual([["700"], []]);
  });

  test.each(["auditor", "platform", "member"] as const)("is not set by a role %s", async (role) => {
    await expect(setBudget(context(role, NOW, "policy"), BUDGET)).rejects.toMatchObject({ code: "forbidden" });
    expect(await budgetsAt("2026-11")).toEqual([]);
  });

  test.each([
    ["amount", { amount: "-1" }, "invalid_input"],
    ["amount", { amount: "1e3" }, "invalid_input"],
    ["currency", { currency: "euro" }, "invalid_input"],
    ["from", { from: "2026-13" }, "invalid_input"],
    ["team", { teamKey: "nobody" }, "not_found"],
  ])("with another %s is refused: %o", async (_part, wrong, code) => {
    await expect(setBudget(context(), { ...BUDGET, ...wrong })).rejects.toMatchObject({ code });
  });

  test("of a closed month stays as it is", async () => {
    await database.pool.query(
      "INSERT INTO closed_period (period, closed_at, closed_by) VALUES ('2026-11', now(), 'finance@example.com')",
    );
    await expect(setBudget(context(), BUDGET)).rejects.toMatchObject({ code: "conflict", place: { column: "from" } });
  });
});

describe("the teams", () => {
  test("are those of the directory and whoever else something leads to, each with what is its own", async () => {
    await setBudget(context(), BUDGET);
    const { rows, nobody } = await readTeams(context("auditor"), { period: NOVEMBER, asOf: null });
    expect(rows.map(({ key, namespaces, unused, isInDirectory }) => [key, namespaces, unused, isInDirectory])).toEqual([
      ["claims", 0, 0, true],
      ["left", 2, 0, false],
      ["policy", 4, 1, true],
    ]);
    const policy = rows.find(({ key }) => key === "policy");
    expect(policy?.byStrength).toMatchObject({ explicit: 3, weak: 1 });
    expect(policy?.namespaceCosts).toEqual([{ currency: "EUR", amount: "32" }]);
    expect(policy?.budgets).toMatchObject([{ amount: "1000.5", spent: "0", standing: "within" }]);
    expect(nobody).toEqual({ namespaces: 5, accounts: 0 });
  });

  test("are the own one alone to a member, who is not told what is nobody's", async () => {
    const view = await readTeams(context("member", NOW, "policy"), { period: NOVEMBER, asOf: null });
    expect([view.rows.map(({ key }) => key), view.nobody]).toEqual([["policy"], null]);
  });
});
