import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor, Role } from "#lib/access/actor.ts";
import type { Database } from "#lib/db/client.ts";
import { decideWaiver } from "#lib/services/waivers/decide-waiver.ts";
import { endWaiver } from "#lib/services/waivers/end-waiver.ts";
import { listWaivers } from "#lib/services/waivers/list-waivers.ts";
import { requestWaiver } from "#lib/services/waivers/request-waiver.ts";
import { createTestDatabase } from "#test/integration/db/database.ts";

const NOW = new Date("2026-06-01T12:00:00Z");
const DAY_MS = 86_400_000;
const BUCKET = "AWS::S3::Bucket arn:aws:s3:::claims-files";

let database: Database;
let drop: () => Promise<void>;

beforeAll(async () => {
  ({ database, drop } = await createTestDatabase());
  await database.pool.query(
    `INSERT INTO compliance_rule (source_key, part, rule_key, title, severity, details, seen_from)
     VALUES ('config', '1', 'S3_ENCRYPTED', 'Buckets are encrypted', 'high', '{}', '2026-01-01')`,
  );
  await database.pool.query(
    `WITH r AS (INSERT INTO compliance_resource (kind, resource_key, name, account_id)
       VALUES ('AWS::S3::Bucket', 'arn:aws:s3:::claims-files', 'claims-files', '1') RETURNING id),
     p AS (INSERT INTO posture_rule (rule_key) VALUES ('S3_ENCRYPTED') RETURNING id),
     c AS (INSERT INTO posture_cell (grain, source_key, part, rule_id, team_key, account_id, cluster_key, environment)
       SELECT 'full', 'config', '1', id, 'claims', '1', '', '' FROM p RETURNING id)
     INSERT INTO evaluation (cell_id, resource_id, verdict, valid_from, recorded_at, held_from, is_first)
     SELECT c.id, r.id, 'fail', '2026-01-01', '2026-01-01', '2026-01-01', true FROM r, c`,
  );
  await database.pool.query(
    `INSERT INTO team_membership (source_key, team_key, team_name, aliases, lead_mail, business_unit_key, business_unit_name, cost_centre)
     VALUES ('directory', 'claims', 'Claims', '{}', '', 'u', 'U', ''), ('directory', 'policy', 'Policy', '{}', '', 'u', 'U', '')`,
  );
});
afterAll(() => drop?.());

const actor = (role: Role, name: string = role, teamKey: string | null = null): Actor => ({
  id: `${name}@example.com`,
  name,
  role,
  teamKey,
});
const as = (who: Actor, now = NOW) => ({ actor: who, database, now });
const asked = (scope: { kind: string; key: string }, days = 90) => ({
  ruleKey: "S3_ENCRYPTED",
  scope,
  reason: "The bucket goes in autumn",
  endsAt: new Date(NOW.getTime() + days * DAY_MS).toISOString(),
});
const ofResource = (days?: number) => asked({ kind: "resource", key: BUCKET }, days);
const list = async (who = actor("auditor"), asOf: Date | null = null, now = NOW) =>
  (await listWaivers(as(who, now), { asOf, states: [], ruleKey: null })).waivers;
const newest = async () =>
  (await database.pool.query("SELECT action, actor_id, subject FROM activity ORDER BY id DESC LIMIT 1")).rows[0];

describe("a waiver", () => {
  test("is asked for by one, approved by another, and each step stands in the log", async () => {
    const tom = actor("platform", "tom");
    const { id } = await requestWaiver(as(tom), ofResource());
    expect(await newest()).toEqual({ action: "waiver.requested", actor_id: tom.id, subject: `waiver ${id}` });

    await expect(decideWaiver(as(tom), { id, decision: "approved" })).rejects.toMatchObject({ code: "forbidden" });
    expect(await newest()).toMatchObject({ action: "permission.refused", actor_id: tom.id });
    await expect(decideWaiver(as(actor("auditor")), { id, decision: "approved" })).rejects.toMatchObject({
      code: "forbidden",
    });
    expect((await list()).find((one) => one.id === id)).toMatchObject({ state: "waiting", decision: null });

    const later = new Date(NOW.getTime() + DAY_MS);
    const ada = actor("finance", "jan");
    await decideWaiver(as(ada, later), { id, decision: "approved", note: "Until the migration" });
    expect(await newest()).toEqual({ action: "waiver.approved", actor_id: ada.id, subject: `waiver ${id}` });
    const [approved] = await list(actor("auditor"), null, later);
    expect(approved).toMatchObject({
      state: "active",
      rule: { title: "Buckets are encrypted" },
      scope: { kind: "resource", name: "claims-files" },
      decidedBy: ada.id,
      may: { decide: false, end: false },
    });
    await expect(decideWaiver(as(ada, later), { id, decision: "refused" })).rejects.toMatchObject({ code: "conflict" });

    // What was known the day before still is what was known then.
    expect((await list(actor("auditor"), NOW, later)).find((one) => one.id === id)).toMatchObject({ state: "waiting" });

    const end = new Date(later.getTime() + DAY_MS);
    await endWaiver(as(tom, end), { id });
    expect(await newest()).toEqual({ action: "waiver.ended", actor_id: tom.id, subject: `waiver ${id}` });
    expect((await list(actor("auditor"), null, end)).find((one) => one.id === id)).toMatchObject({ state: "ended" });
    await expect(endWaiver(as(tom, end), { id })).rejects.toMatchObject({ code: "conflict" });
  });

  test("of somebody else is ended only by who may decide", async () => {
    const { id } = await requestWaiver(as(actor("platform", "tom")), ofResource());
    const member = actor("member", "mia", "claims");
    await expect(endWaiver(as(member), { id })).rejects.toMatchObject({ code: "forbidden" });
    expect(await newest()).toMatchObject({ action: "permission.refused", actor_id: member.id });
    await endWaiver(as(actor("admin")), { id });
  });

  test("is asked for by members for their own team's only", async () => {
    const own = actor("member", "mia", "claims");
    const other = actor("member", "pat", "policy");
    const { id } = await requestWaiver(as(own), ofResource());
    await requestWaiver(as(own), asked({ kind: "team", key: "claims" }));
    for (const scope of [
      { kind: "resource", key: BUCKET },
      { kind: "team", key: "claims" },
      { kind: "account", key: "1" },
      { kind: "all", key: "" },
    ])
      await expect(requestWaiver(as(other), asked(scope))).rejects.toMatchObject({ code: "forbidden" });
    expect((await list(own)).map((one) => one.id)).toContain(id);
    expect(await list(other)).toEqual([]);
  });

  test.each([
    ["a rule that nobody evaluates", { ...ofResource(), ruleKey: "NO_RULE" }, "not_found"],
    ["a resource that is not there", asked({ kind: "resource", key: "AWS::S3::Bucket none" }), "not_found"],
    ["no reason", { ...ofResource(), reason: " " }, "invalid_input"],
    ["an end before its beginning", ofResource(-1), "invalid_input"],
    ["more than a year", ofResource(400), "invalid_input"],
    ["the past", { ...ofResource(), validFrom: "2026-05-01T00:00:00Z" }, "invalid_input"],
  ])("is not asked for with %s", async (_name, input, code) => {
    await expect(requestWaiver(as(actor("platform")), input)).rejects.toMatchObject({ code });
  });

  test("that is about to end comes before those that last, and after those that wait", async () => {
    const { id } = await requestWaiver(as(actor("platform", "tom")), ofResource(20));
    await decideWaiver(as(actor("admin")), { id, decision: "approved" });
    const view = await listWaivers(as(actor("auditor")), { asOf: null, states: [], ruleKey: "S3_ENCRYPTED" });
    const states = view.waivers.map(({ state }) => state);
    expect(states.indexOf("ending")).toBeGreaterThan(states.lastIndexOf("waiting"));
    expect(view.counts.ending).toBe(1);
    expect(view.waivers.find((one) => one.id === id)?.daysLeft).toBe(20);
  });
});
