import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SYSTEM_ACTOR, type Actor } from "#lib/access/actor.ts";
import { recordActivity } from "#lib/db/activity.ts";
import type { Database } from "#lib/db/client.ts";
import { readEventRange } from "#lib/db/trail/read-event-range.ts";
import type { Retention } from "#lib/domain/trail/retention.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { appendEvents } from "#lib/services/trail/append/append-events.ts";
import { unpackBody } from "#lib/services/trail/append/stored-body.ts";
import { sealTrail } from "#lib/services/trail/heads/seal-trail.ts";
import { previewPseudonym } from "#lib/services/trail/people/preview-pseudonym.ts";
import { pseudonymisePerson } from "#lib/services/trail/people/pseudonymise-person.ts";
import { dropExpired } from "#lib/services/trail/retention/drop-expired.ts";
import { readRetention } from "#lib/services/trail/retention/read-retention.ts";
import { liftHold } from "#lib/services/trail/retention/lift-hold.ts";
import { placeHold } from "#lib/services/trail/retention/place-hold.ts";
import { readTrailRecord } from "#lib/services/trail/search/read-trail-record.ts";
import { searchTrail } from "#lib/services/trail/search/search-trail.ts";
import { verifyTrail } from "#lib/services/trail/verify/verify-trail.ts";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";
import {
  damagesAfter,
  differingTerms,
  publishedHeads,
  secretsEvent,
  TRAIL_QUERY,
} from "#test/integration/services/trail-workshop.ts";

let scratch: TestDatabase;
let database: Database;
const home = mkdtempSync(join(tmpdir(), "bursar-pseudonym-"));

const contextAt = (at: string, actor: Actor = SYSTEM_ACTOR) => ({ actor, database, now: new Date(at) });
const auditor: Actor = { id: "otto@example.com", name: "Otto", role: "auditor", teamKey: null };
const verify = async () => verifyTrail(database.pool, await publishedHeads(database));

afterAll(async () => {
  delete process.env["BURSAR_HOME"];
  rmSync(home, { recursive: true, force: true });
  await scratch?.drop();
});

describe("a person who gets a pseudonym", () => {
  const ZOE = "zoe@example.com";
  const admin: Actor = { id: "root@example.com", name: "Root", role: "admin", teamKey: null };
  const AT = "2026-05-02T00:00:00Z";
  const APRIL = "2026-04-22T00:00:00Z";
  const draft = { person: "Zoe@example.com", names: ["AKIAZOE1", "zlnr"], reason: "Zoe@example.com asked for it" };
  const TABLES = "SELECT to_jsonb(t)::text AS row FROM";
  const FREE = { isCut: false, waits: 0, holds: [] };
  let pseudonym = "";

  /** Everything in which a name of hers could still stand. */
  async function placesWithName(): Promise<string[]> {
    const tables = [
      "event_word",
      "making",
      "namespace_person_use",
      "ownership_claim",
      "namespace_summary",
      "activity",
      "finding",
    ];
    const found: string[] = [];
    for (const table of tables) {
      const { rows } = await database.pool.query<{ row: string }>(`${TABLES} ${table} t`);
      if (rows.some(({ row }) => /(?<!gran)zoe/i.test(row))) found.push(table);
    }
    const events = await readEventRange(database.pool, 0, 100_000);
    const texts = events.map(
      ({ body, ...columns }) => JSON.stringify(columns) + (body ? unpackBody(body).toString() : ""),
    );
    if (texts.some((text) => /(?<!gran)zoe/i.test(text))) found.push("event");
    return found;
  }

  beforeAll(async () => {
    process.env["BURSAR_HOME"] = home;
    scratch = await createTestDatabase();
    database = scratch.database;
    await database.pool.query(
      `INSERT INTO person (mail, name, team_key, manager_mail, source_key) VALUES ('zoe@example.com', 'Zoë Zoelner', '', '', 'd'),
         ('eve@example.com', 'Eve', '', '', 'd')`,
    );
    const acted = (n: number, change: Partial<TrailEvent>) =>
      secretsEvent(n, {
        occurredAt: new Date(APRIL),
        verbClass: "write",
        person: "bob@example.com",
        namespace: "motor",
        ...change,
      });
    const text = (value: string) => new TextEncoder().encode(value);
    const events = [
      acted(9_000, { person: ZOE, actor: "arn:aws:iam::1:user/z" }),
      acted(9_001, {
        person: ZOE,
        actor: `arn:aws:sts::1:assumed-role/admin/${ZOE}`,
        actorKind: "role",
        action: "create namespaces",
        resource: "namespaces/zoo",
        namespace: "zoo",
        body: text(`{"user":"${ZOE}"}`),
      }),
      acted(9_002, { resource: "users/Zoe@Example.com" }),
      acted(9_003, { body: text('{"to":"Zo\\u00eb Zoelner"}') }),
      acted(9_004, { body: text(`{"url":"/users/zoe%40example.com/keys/AKIAZOE1"}`) }),
      acted(9_005, { person: "granzoe@example.com", actor: "granzoe@example.com" }),
      acted(9_006, { person: ZOE, actor: ZOE, namespace: "claims" }),
      acted(9_007, { action: `get /people/${ZOE}`, verbClass: "read", namespace: "zlnr", body: text("{}") }),
      acted(9_008, { eventKey: `${ZOE}/ResponseComplete`, body: text(`{"auditID":"${ZOE}"}`) }),
      acted(9_009, { action: `patch ${ZOE}`, namespace: "kinds", body: text("{}") }),
    ];
    await database.transact(({ sql }) => appendEvents(sql, events, new Date(APRIL)));
    await database.pool.query(
      `INSERT INTO ownership_claim (source_key, subject_kind, subject_key, part, origin, names_kind, names_value, detail, seen_from)
       VALUES ('trail', 'namespace', 'one zoo', 'one', 'audit-log', 'mail', 'zoe@example.com', 'made by zoe@example.com', '2026-04-22'),
         ('trail', 'namespace', 'one lost', 'one', 'audit-log', 'mail', 'zoe@example.com', 'made by zoe@example.com', '2026-04-22')`,
    );
    await database.pool.query(
      `INSERT INTO namespace (source_key, cluster_key, uid, name, phase, finalizers, labels, annotations, seen_from)
       VALUES ('one', 'one', 'zoo', 'zoo', 'Active', '[]', '{}', '{}', '2026-04-22')`,
    );
    await database.pool.query(
      "INSERT INTO source (key, kind, title, dataset) VALUES ('trail', 'argocd', 'Trail', 'events')",
    );
    await database.pool.query(
      `WITH s AS (INSERT INTO slice (source_key, dataset, period) VALUES ('trail', 'events', 'all') RETURNING id)
       INSERT INTO finding (slice_id, file, code, message, count, sample)
       SELECT id, 'a.log', 'event_not_understood', 'Not understood.', 1, '{"user":"Zoe@example.com"' FROM s`,
    );
    await recordActivity(database.pool, {
      at: new Date(APRIL),
      actor: { id: ZOE, name: "Zoë", role: "finance", teamKey: null },
      action: "rule.saved",
      subject: "a rule",
      after: { by: ZOE },
    });
  });

  test("is ordered with the role and a reason, by somebody else, and not while a hold is on the person", async () => {
    for (const actor of [auditor, { ...admin, role: "finance" as const }])
      await expect(pseudonymisePerson(contextAt(AT, actor), draft)).rejects.toMatchObject({ code: "forbidden" });
    await expect(pseudonymisePerson(contextAt(AT, { ...admin, id: ZOE }), draft)).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(pseudonymisePerson(contextAt(AT, admin), { ...draft, reason: "" })).rejects.toMatchObject({
      code: "invalid_input",
    });
    const { id } = await placeHold(contextAt(AT, auditor), { reason: "A case", person: ZOE });
    await expect(pseudonymisePerson(contextAt(AT, admin), draft)).rejects.toMatchObject({ code: "conflict" });
    const preview = () => previewPseudonym(contextAt(AT, admin), { person: draft.person, names: draft.names });
    expect(await preview()).toMatchObject({ isHeld: true });
    await liftHold(contextAt(AT, auditor), { id, reason: "It is closed" });
    expect(await preview()).toMatchObject({ isHeld: false });
  });

  test("is found first, in columns and records, and no part of another name", async () => {
    await sealTrail(contextAt(AT));
    const preview = await previewPseudonym(contextAt(AT, admin), { person: draft.person, names: draft.names });
    expect(preview).toMatchObject({
      pseudonym: expect.stringMatching(/^person-[0-9a-f]{12}$/),
      sources: [
        // Her rule; holds and refusals that name her.
        { sourceKey: "bursar", own: 2, named: expect.any(Number) },
        { sourceKey: "trail", own: 3, named: 6 },
      ],
      // Neither a namespace nor the key of an event can be called otherwise.
      staying: { namespace: 1, eventKey: 1 },
      otherNames: ["arn:aws:iam::1:user/z"],
      next: null,
    });
    expect(preview.kept).toBeGreaterThan(0);
    expect(preview.tables).toContainEqual({ table: "ownership_claim", rows: 2, ...FREE });
    expect(preview.tables).toContainEqual({ table: "finding", rows: 1, ...FREE });
    expect(preview.tables).toContainEqual({ table: "making", rows: 1, ...FREE });
  });

  test("keeps the name in what is held and may have been made of it, until it is no longer, and nowhere else", async () => {
    const place = async (scope: object) =>
      (await placeHold(contextAt(AT, auditor), { reason: "Another case", ...scope })).id;
    const claims = await place({ namespace: "claims" });
    const nowhere = await place({ namespace: "no-such" });
    const eve = await place({ person: "eve@example.com" });
    const held = [
      { table: "making", rows: 1, ...FREE },
      { table: "namespace_person_use", rows: 2, isCut: false, waits: 1, holds: [claims] },
      // The name of a namespace that no inventory has is not known.
      { table: "ownership_claim", rows: 2, isCut: false, waits: 1, holds: [claims, nowhere] },
      // A piece of a record may be about anything.
      { table: "finding", rows: 1, isCut: false, waits: 1, holds: [claims, nowhere, eve] },
    ];
    const preview = await previewPseudonym(contextAt(AT, admin), { person: draft.person, names: draft.names });
    expect(preview.tables).toEqual(expect.arrayContaining(held));
    const order = await pseudonymisePerson(contextAt(AT, admin), draft);
    pseudonym = order.pseudonym;
    expect(order).toMatchObject({ held: 1, damaged: 0, next: null });
    expect(order.tables).toEqual(expect.arrayContaining(held));
    expect(order.changed).toBeGreaterThan(5);
    const named = await database.pool.query(
      "SELECT subject_key FROM ownership_claim WHERE detail = 'made by zoe@example.com'",
    );
    expect(named.rows).toEqual([{ subject_key: "one lost" }]);
    expect((await verify()).damages).toEqual([]);
    const left = async () => (await readRetention(contextAt(AT, auditor))).pseudonyms.map((one) => one.left);
    const unfinished = { isCutOff: false, hasHeld: true, texts: 3 };
    expect(await left()).toEqual([{ ...unfinished, holds: [claims, nowhere, eve] }]);
    for (const id of [claims, nowhere, eve]) await liftHold(contextAt(AT, auditor), { id, reason: "It is closed too" });
    expect(await left()).toEqual([{ ...unfinished, holds: [] }]);
    const rest = await pseudonymisePerson(contextAt(AT, admin), draft);
    expect(rest).toMatchObject({ changed: 1, held: 0, pseudonym });
    expect(rest.tables).toContainEqual({ table: "ownership_claim", rows: 1, ...FREE });
    expect(await left()).toEqual([null, null]);
    const again = await pseudonymisePerson(contextAt(AT, admin), draft);
    expect(again).toMatchObject({ changed: 0, staying: { namespace: 1, eventKey: 1 } });
  });

  test("stands nowhere any more but in the entries that are the proof, and is found by the pseudonym", async () => {
    // Holds on her and what she was refused are named as they were; they are the proof class, or its copy.
    const left = await placesWithName();
    expect(left.filter((table) => !["event", "activity"].includes(table))).toEqual([]);
    const names = await database.pool.query("SELECT action FROM activity a WHERE to_jsonb(a)::text ~* 'zoe'");
    expect(new Set(names.rows.map(({ action }) => action))).toEqual(new Set(["hold.placed", "hold.lifted"]));
    const byPseudonym = await searchTrail(contextAt(AT, auditor), { ...TRAIL_QUERY, person: pseudonym }, null);
    expect(
      byPseudonym.rows
        .filter(({ sourceKey }) => sourceKey === "trail")
        .map(({ actor, forgotten }) => [actor, forgotten]),
    ).toEqual([
      [pseudonym, "pseudonymised"],
      [`arn:aws:sts::1:assumed-role/admin/${pseudonym}`, "pseudonymised"],
      [pseudonym, "pseudonymised"],
    ]);
    const events = await readEventRange(database.pool, 0, 100_000);
    const columns = events.map(({ body: _body, ...rest }) =>
      Object.entries(rest).filter(([, value]) => /(?<!gran)zoe|zlnr/i.test(String(value))),
    );
    expect(
      columns
        .flat()
        .filter(([, value]) => !String(value).startsWith("granzoe"))
        .map(([name]) => name)
        .toSorted(),
    ).toEqual(["eventKey", "namespace"]);
    const byAction = await searchTrail(
      contextAt(AT, auditor),
      { ...TRAIL_QUERY, action: `get /people/${pseudonym}` },
      null,
    );
    expect(byAction.rows).toHaveLength(1);
    const byName = await searchTrail(contextAt(AT, auditor), { ...TRAIL_QUERY, text: "zoe" }, null);
    expect(byName.rows.map(({ person }) => person)).toEqual(["granzoe@example.com"]);
    expect(await differingTerms(database)).toEqual([]);
    const record = await readTrailRecord(contextAt(AT, auditor), byPseudonym.rows[0]?.seq ?? -1);
    expect(record).toMatchObject({
      record: null,
      forgotten: { kind: "pseudonym", rule: expect.stringMatching(/^order 2026-05-02-/) },
    });
    const verdict = await verify();
    expect(verdict.damages).toEqual([]);
    expect(verdict.forgotten.filter(({ kind }) => kind === "pseudonym")).toHaveLength(2);
  });

  test("cannot be given another one by whoever owns the database", async () => {
    const heads = await publishedHeads(database);
    const [row] = (await database.pool.query("SELECT seq::int FROM event WHERE person = $1 LIMIT 1", [pseudonym])).rows;
    for (const change of [
      "person = 'person-000000000000'",
      "actor = 'x'",
      "resource = 'y'",
      "action = 'z'",
      "outcome = 'denied'",
    ])
      expect(
        await damagesAfter(database, heads, [`UPDATE event SET ${change} WHERE seq = $1`, [row?.seq]]),
      ).toMatchObject([{ seq: row?.seq, message: expect.stringContaining("is not what was left of it") }]);
  });

  test("is dropped at the end of its time all the same, and the trail still verifies", async () => {
    const retention: Retention = { write: { count: 30, unit: "days" } };
    expect((await dropExpired(contextAt("2026-06-10T00:00:00Z"), { retention })).dropped).toBeGreaterThan(5);
    const { rows } = await database.pool.query("SELECT 1 FROM event WHERE person = $1 AND source_key = 'trail'", [
      pseudonym,
    ]);
    expect(rows).toEqual([]);
    expect((await verify()).damages).toEqual([]);
  });
});
