import { afterAll, beforeAll, expect, test } from "vitest";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { recordActivity } from "#lib/db/activity.ts";
import type { Database } from "#lib/db/client.ts";
import { listGaps } from "#lib/services/trail/search/list-gaps.ts";
import { appendEvents } from "#lib/services/trail/append/append-events.ts";
import { readChangeChain } from "#lib/services/trail/change/read-change-chain.ts";
import { readTrailRecord } from "#lib/services/trail/search/read-trail-record.ts";
import { sealActivity } from "#lib/services/trail/append/seal-activity.ts";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";
import { damagesAfter, DEPLOYS, eventOf, ticketAt, WINDOW_EVENTS } from "./trail-workshop.ts";

let scratch: TestDatabase;
let database: Database;

beforeAll(async () => {
  scratch = await createTestDatabase();
  database = scratch.database;
});
afterAll(() => scratch?.drop());

test("the chain of a change has its change request, what Bursar decided on the same thing before, and its deploy", async () => {
  const { pool } = database;
  const now = new Date("2026-11-04T00:00:00Z");
  const context = { actor: SYSTEM_ACTOR, database, now };
  const append = (...events: Parameters<typeof appendEvents>[1]) =>
    database.transact(({ sql }) => appendEvents(sql, events, now));
  const lost = { action: "a:Lost", clusterKey: "one", namespace: "never-seen" };
  await append(...WINDOW_EVENTS, ...DEPLOYS, { ...eventOf(90), ...lost });
  const { rows } = await pool.query<{ seq: number; action: string }>("SELECT seq::float8 AS seq, action FROM event");
  const chainOf = (action: string) => readChangeChain(context, rows.find((row) => row.action === action)?.seq ?? -1);
  const nothing = { links: [], others: 0, isCut: false };
  expect(await chainOf("a:Sunday")).toMatchObject({
    tickets: { ...nothing, isKnown: false },
    decisions: [],
    deploys: { ...nothing, sources: [] },
  });

  // What a source told stays in the log when it is no longer configured.
  await pool.query(
    "INSERT INTO source (key, kind, title, dataset, removed_at) VALUES ('deploys', 'argocd', 'Argo CD', 'events', now())",
  );
  await pool.query(
    `INSERT INTO namespace_summary (cluster_key, uid, source_key, name, provider, first_seen_at) VALUES ('one', 'u1', 'one', 'claims', 'AWS', now())`,
  );
  const exempted = { action: "namespaces.exempted", subject: "one", actor: SYSTEM_ACTOR };
  const decide = (at: string, uid: string) =>
    recordActivity(pool, { ...exempted, at: new Date(at), after: { namespaces: [{ uid }], reason: "year end" } });
  await decide("2026-10-20T08:00:00Z", "u1");
  await decide("2026-10-20T09:00:00Z", "u2");
  await decide("2026-11-01T08:00:00Z", "u1");
  await recordActivity(pool, {
    at: new Date("2026-10-21T08:00:00Z"),
    actor: SYSTEM_ACTOR,
    action: "waiver.approved",
    subject: "waiver 7",
    before: { ruleKey: "no-root", scope: "resource pod a namespaces/claims" },
    after: { decision: "approved", note: "until the move" },
  });
  await append(ticketAt("2026-10-24T09:00:00Z", {}));
  expect(await chainOf("a:Sunday")).toMatchObject({
    state: "looked",
    tickets: { links: [{ title: "CHG0030001", strength: "explicit" }], others: 0, isKnown: true },
    isInWindow: null,
    // What was decided on another namespace, or later, approved nothing of it; what is not sealed yet has no place.
    decisions: [
      {
        seq: null,
        at: "2026-10-21T08:00:00.000Z",
        sentence: expect.stringMatching(/no-root on resource.*until the move/),
      },
      { seq: null, at: "2026-10-20T08:00:00.000Z", sentence: expect.stringMatching(/kept.*: year end/) },
    ],
    deploys: {
      links: [
        { title: "Deployed applications/claims", strength: "explicit", why: expect.stringMatching(/cluster one;/) },
      ],
      others: 2,
    },
    cost: {
      of: { kind: "namespace", namespace: "claims", hasPage: true },
      from: "2026-10-18",
      to: "2026-11-02",
      today: "2026-11-04",
      sections: [],
    },
  });
  await append(ticketAt("2026-10-24T10:00:00Z", { state: "4" }));
  expect(await chainOf("a:Sunday")).toMatchObject({ tickets: { links: [{ strength: "weak" }] } });
  expect(await chainOf("a:In")).toMatchObject({ tickets: nothing, deploys: nothing });
  // No page tells of a namespace that only the trail knows, and by signing in nothing is changed.
  expect(await chainOf("a:Lost")).toMatchObject({ cost: { of: { namespace: "never-seen", hasPage: false } } });
  expect(await chainOf("signin.amazonaws.com:ConsoleLogin")).toMatchObject({ state: "looked", cost: "sign-in" });
  expect(await chainOf("a:Read")).toEqual({ state: "none", why: "read" });
  await database.transact(({ sql }) => sealActivity(sql, now));
  const own = await pool.query<{ seq: number }>(
    "SELECT seq::float8 AS seq FROM event WHERE source_key = 'bursar' ORDER BY seq",
  );
  expect(await readChangeChain(context, own.rows[0]?.seq ?? -1)).toEqual({ state: "none", why: "own" });
  expect(await chainOf("a:Sunday")).toMatchObject({
    decisions: [{ seq: expect.any(Number) }, { seq: expect.any(Number) }],
  });
  await expect(readChangeChain(context, 999_999)).rejects.toMatchObject({ code: "not_found" });
});

test("what a sign-in says of a second factor is what its record says, or it is damage", async () => {
  const context = { actor: SYSTEM_ACTOR, database, now: new Date("2026-11-04T00:00:00Z") };
  const { rows } = await database.pool.query<{ seq: number }>("SELECT seq::float8 AS seq FROM event WHERE mfa = 'no'");
  const seq = rows[0]?.seq ?? -1;
  expect(await readTrailRecord(context, seq)).toMatchObject({ mfa: "no" });
  expect(await damagesAfter(database, [])).toEqual([]);
  for (const mfa of ["'yes'", "NULL"]) {
    const damages = await damagesAfter(database, [], [`UPDATE event SET mfa = ${mfa} WHERE seq = $1`, [seq]]);
    expect(damages).toMatchObject([
      { kind: "altered", message: `Entry ${seq} says of a second factor what its record does not.` },
    ]);
  }
});

test("what was missing from the trail is told as of an instant, by what had arrived and had been read by then", async () => {
  const { pool } = database;
  const minute = (n: number) => new Date(Date.UTC(2026, 4, 1, 0, n));
  const arrive = (at: string, minutes: readonly number[]) =>
    database.transact(({ sql }) =>
      appendEvents(
        sql,
        minutes.map((n) => ({
          ...eventOf(n),
          sourceKey: "cloud",
          clusterKey: null,
          accountId: "1",
          occurredAt: minute(n),
        })),
        new Date(at),
      ),
    );
  await pool.query(
    `INSERT INTO source (key, kind, title, dataset, created_at) VALUES ('cloud', 'aws-cloudtrail', 'A', 'events', '2026-04-01Z'), ('new', 'argocd', 'B', 'events', '2026-05-04Z')`,
  );
  const run = (at: string, state: string) =>
    pool.query(
      `INSERT INTO run (id, kind, source_key, state, trigger, requested_by, logical_time, finished_at, error) VALUES (gen_random_uuid(), 'pull', 'cloud', $2, 'schedule',
         'system', $1, $1, CASE WHEN $2 = 'failed' THEN '{"message":"Access denied."}'::jsonb END)`,
      [at, state],
    );
  const every10 = Array.from({ length: 60 }, (_, n) => n * 10);
  const isHole = (n: number) => n > 130 && n < 220;
  await arrive(
    "2026-05-01T10:05:00Z",
    every10.filter((n) => !isHole(n)),
  );
  await run("2026-05-01T10:10:00Z", "succeeded");
  await arrive("2026-05-03T00:00:00Z", every10.filter(isHole));
  await run("2026-05-03T00:00:00Z", "succeeded");
  await run("2026-05-05T00:00:00Z", "failed");
  const context = { actor: SYSTEM_ACTOR, database, now: new Date("2026-05-06T00:00:00Z") };
  const told = async (to: Date, asOf: string | null) => {
    const gaps = await listGaps(context, { from: minute(0), to, asOf: asOf === null ? null : new Date(asOf) });
    return gaps.sources.map((source) => [source.key, source.events, source.gaps.map(({ sentence }) => sentence)]);
  };
  const usual = "nothing came from account 1; usually something comes within 10 min.";
  // Up to the reading that it was known by, whatever came and failed later; a source that was not there yet is not told of.
  expect(await told(minute(1_440), "2026-05-01T10:30:00Z")).toEqual([
    ["cloud", 52, [`Between 02:10 UTC, 1 May 2026 and 03:40 UTC, 1 May 2026 ${usual}`]],
  ]);
  // What came late fills it; the failure of today says nothing of a time that had been read before.
  expect(await told(minute(600), null)).toEqual([
    ["cloud", 60, []],
    ["new", 0, []],
  ]);
  expect(await told(minute(800), null)).toEqual([
    ["cloud", 60, [`From 09:50 UTC, 1 May 2026 to the end of this time, 13:20 UTC, 1 May 2026, ${usual}`]],
    ["new", 0, []],
  ]);
  expect((await told(new Date("2026-05-06T00:00:00Z"), null))[0]?.[2]).toEqual([
    "It could not be read since 00:00 UTC, 3 May 2026: Access denied.",
    `Since 09:50 UTC, 1 May 2026 ${usual}`,
  ]);
});
