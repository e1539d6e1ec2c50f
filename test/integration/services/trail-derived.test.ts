import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import type { Database } from "#lib/db/client.ts";
import type { Retention } from "#lib/domain/trail/retention.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { appendEvents } from "#lib/services/trail/append/append-events.ts";
import { sealTrail } from "#lib/services/trail/heads/seal-trail.ts";
import { readPeopleSigns } from "#lib/services/trail/people/read-people-signs.ts";
import { dropExpired } from "#lib/services/trail/retention/drop-expired.ts";
import { liftHold } from "#lib/services/trail/retention/lift-hold.ts";
import { placeHold } from "#lib/services/trail/retention/place-hold.ts";
import { indexTrail } from "#lib/services/trail/verify/index-trail.ts";
import { verifyTrail } from "#lib/services/trail/verify/verify-trail.ts";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";
import { differingTerms, publishedHeads, secretsEvent } from "#test/integration/services/trail-workshop.ts";

let scratch: TestDatabase;
let database: Database;
const home = mkdtempSync(join(tmpdir(), "bursar-derived-"));
const contextAt = (at: string) => ({ actor: SYSTEM_ACTOR, database, now: new Date(at) });
const column = async (query: string) => (await database.pool.query({ text: query, rowMode: "array" })).rows.flat();

const ADA = "ada@example.com";
const WRITES: Retention = { write: { count: 60, unit: "days" } };
const ALL: Retention = {
  ...WRITES,
  read: { count: 60, unit: "days" },
  "sign-in": { count: 60, unit: "days" },
  admin: { count: 1, unit: "years" },
};
let next = 0;

function happened(at: string, change: Partial<TrailEvent>, record: object = {}): TrailEvent {
  const body = new TextEncoder().encode(JSON.stringify(record));
  const own = { person: ADA, actor: ADA, verbClass: "write" as const, namespace: null, resource: "", body };
  return secretsEvent(next++, { ...own, occurredAt: new Date(at), ...change });
}
const made = (at: string, name: string, uid: string) =>
  happened(
    at,
    { action: "create namespaces", resource: `namespaces/${name}`, namespace: name },
    { responseObject: { metadata: { name, uid } } },
  );
const account = (at: string, request: string, id: string) => [
  happened(
    at,
    { action: "organizations.amazonaws.com:CreateAccount", clusterKey: null },
    { responseElements: { createAccountStatus: { id: request } } },
  ),
  happened(
    at,
    { action: "organizations.amazonaws.com:CreateAccountResult", clusterKey: null, person: null },
    { serviceEventDetails: { createAccountStatus: { id: request, accountId: id } } },
  ),
];
const ticket = (at: string, number: string, day: string) =>
  happened(
    at,
    { action: "change_request.update", clusterKey: null, person: null },
    {
      number,
      approval: "approved",
      "assigned_to.email": ADA,
      start_date: `${day} 08:00:00`,
      end_date: `${day} 18:00:00`,
    },
  );
const patched = (at: string, namespace: string) =>
  happened(at, { action: "patch deployments", resource: "deployments/api", namespace });

beforeAll(async () => {
  process.env["BURSAR_HOME"] = home;
  scratch = await createTestDatabase();
  database = scratch.database;
  const events = [
    made("2026-01-02T10:00:00Z", "living", "u-1"),
    made("2026-01-02T10:00:01Z", "gone", "u-2"),
    made("2026-04-01T10:00:00Z", "young", "u-3"),
    ...account("2026-01-03T10:00:00Z", "car-1", "111111111111"),
    ...account("2026-01-03T11:00:00Z", "car-2", "222222222222"),
    patched("2026-01-04T10:00:00Z", "living"),
    patched("2026-01-04T10:00:01Z", "held"),
    patched("2026-04-01T11:00:00Z", "young"),
    ticket("2026-01-05T10:00:00Z", "CHG1", "2026-01-06"),
    ticket("2026-01-05T10:00:01Z", "CHG2", "2026-01-08"),
    // Kept for a year: what the second one covers.
    happened("2026-01-08T10:00:00Z", { action: "create rolebindings", verbClass: "admin", namespace: "living" }),
  ];
  await database.transact(({ sql }) => appendEvents(sql, events, new Date("2026-04-02T00:00:00Z")));
  await database.pool.query(
    `INSERT INTO namespace (source_key, cluster_key, uid, name, created_at, phase, finalizers, labels, annotations, seen_from, seen_to)
     VALUES ('clusters', 'one', 'u-1', 'living', '2026-01-02T10:00:00Z', 'Active', '[]', '{}', '{}', '2026-01-02T11:00:00Z', NULL),
       ('clusters', 'one', 'u-2', 'gone', '2026-01-02T10:00:00Z', 'Active', '[]', '{}', '{}', '2026-01-02T11:00:00Z', '2026-02-02')`,
  );
  await database.pool.query(
    `INSERT INTO cloud_account (source_key, provider, account_id, name, mail, state, unit_id, is_management, seen_from, seen_to)
     VALUES ('aws', 'AWS', '111111111111', 'a', '', 'ACTIVE', 'r', false, '2026-01-04', NULL),
       ('aws', 'AWS', '222222222222', 'b', '', 'ACTIVE', 'r', false, '2026-01-04', '2026-02-01')`,
  );
  await database.pool.query(
    "INSERT INTO source (key, kind, title, dataset) VALUES ('trail', 'argocd', 'Trail', 'events')",
  );
  await database.pool.query(
    `WITH s AS (INSERT INTO slice (source_key, dataset, period) VALUES ('trail', 'events', 'all') RETURNING id)
     INSERT INTO finding (slice_id, file, code, message, count, sample, found_at)
     SELECT id, file, 'event_not_understood', 'Not understood.', 1, 'by ${ADA}', at::timestamptz FROM s,
       (VALUES ('old.log', '2026-01-05'), ('new.log', '2026-04-01')) f (file, at)`,
  );
  await sealTrail(contextAt("2026-04-02T00:00:00Z"));
});
afterAll(async () => {
  delete process.env["BURSAR_HOME"];
  rmSync(home, { recursive: true, force: true });
  await scratch?.drop();
});

test("what was made of events loses the person with them, but for who made what is still there, what is held and what covers something", async () => {
  const { id } = await placeHold(contextAt("2026-04-02T00:00:00Z"), { reason: "A case", namespace: "held" });
  expect((await dropExpired(contextAt("2026-04-10T00:00:00Z"), { retention: WRITES })).dropped).toBe(9);
  expect(await column("SELECT coalesce(nullif(name, ''), uid) FROM making ORDER BY id")).toEqual([
    "living",
    "young",
    "car-1",
    "111111111111",
  ]);
  expect(await column("SELECT namespace || ' ' || person FROM namespace_person_use ORDER BY 1")).toEqual([
    `held ${ADA}`,
    `living ${ADA}`,
    `young ${ADA}`,
  ]);
  expect(await column("SELECT number || ' ' || coalesce(person, 'nobody') FROM change_ticket ORDER BY 1")).toEqual([
    "CHG1 nobody",
    `CHG2 ${ADA}`,
  ]);
  // Of some classes everything is kept.
  expect(await column("SELECT count(sample)::int FROM finding")).toEqual([2]);
  expect((await verifyTrail(database.pool, await publishedHeads(database))).damages).toEqual([]);
  await liftHold(contextAt("2026-04-11T00:00:00Z"), { id, reason: "It is closed" });
});

test("what waited for a hold or for what it covered loses the person once that is over, and the trail still verifies", async () => {
  await database.pool.query("UPDATE namespace SET seen_to = '2027-01-01' WHERE name = 'living'");
  await dropExpired(contextAt("2027-02-01T00:00:00Z"), { retention: ALL });
  expect(await column("SELECT coalesce(nullif(name, ''), uid) FROM making ORDER BY id")).toEqual([
    "car-1",
    "111111111111",
  ]);
  expect(await column("SELECT DISTINCT person FROM namespace_person_use")).toEqual([""]);
  expect(await column("SELECT DISTINCT person FROM change_ticket")).toEqual([null]);
  // The record might have been of a class that is kept for a year.
  expect(await column("SELECT file FROM finding WHERE sample IS NOT NULL")).toEqual(["new.log"]);
  const cleared = await column("SELECT action FROM activity WHERE action = 'retention.cleared'");
  expect(cleared).toHaveLength(2);
  expect((await verifyTrail(database.pool, await publishedHeads(database))).damages).toEqual([]);
});

test("made anew from the log, all of it is as retention left it", async () => {
  const tables = ["making", "namespace_person_use", "change_ticket"];
  const contents = () =>
    Promise.all(tables.map((table) => column(`SELECT (to_jsonb(t) - 'id')::text FROM ${table} t ORDER BY 1`)));
  const before = await contents();
  expect(await indexTrail(contextAt("2027-02-02T00:00:00Z"))).toMatchObject({ damaged: 0 });
  expect(await contents()).toEqual(before);
  expect(await differingTerms(database)).toEqual([]);
  expect((await verifyTrail(database.pool, await publishedHeads(database))).damages).toEqual([]);
});

test("a change by somebody whose name was dropped is a sign of use all the same", async () => {
  await database.pool.query("UPDATE namespace SET seen_to = NULL WHERE name = 'living'");
  const range = { clusterKey: "one", from: new Date("2026-01-01"), to: new Date("2026-03-01") };
  const signs = await readPeopleSigns(database.pool, range);
  expect(signs?.("u-1")).toMatchObject({ state: "observed", detail: "somebody: create rolebindings" });
});
