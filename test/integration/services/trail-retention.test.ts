import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { forgeForgetting, type Forged } from "#demo/prove/forged-forgetting.ts";
import { headOf } from "#demo/prove/log.ts";
import { SYSTEM_ACTOR, type Actor } from "#lib/access/actor.ts";
import { recordActivity } from "#lib/db/activity.ts";
import type { Database } from "#lib/db/client.ts";
import { readEventRange } from "#lib/db/trail/read-event-range.ts";
import { keepClassOf, type Retention } from "#lib/domain/trail/retention.ts";
import type { VerbClass } from "#lib/domain/trail/trail-event.ts";
import { openFileKey } from "#lib/reports/bundle/signing-key.ts";
import { appendEvents } from "#lib/services/trail/append/append-events.ts";
import { checkTrail } from "#lib/services/trail/verify/check-trail.ts";
import { dropExpired } from "#lib/services/trail/retention/drop-expired.ts";
import { liftHold } from "#lib/services/trail/retention/lift-hold.ts";
import { placeHold } from "#lib/services/trail/retention/place-hold.ts";
import { readRetention } from "#lib/services/trail/retention/read-retention.ts";
import { readTrailRecord } from "#lib/services/trail/search/read-trail-record.ts";
import { HEADS_FILE } from "#lib/services/trail/heads/head-places.ts";
import { keptLines } from "#lib/services/trail/heads/kept-heads.ts";
import { sealTrail } from "#lib/services/trail/heads/seal-trail.ts";
import { searchTrail } from "#lib/services/trail/search/search-trail.ts";
import { openStored } from "#lib/services/trail/verify/stored-leaf.ts";
import { verifyTrail, verifyTrailIn } from "#lib/services/trail/verify/verify-trail.ts";
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
const home = mkdtempSync(join(tmpdir(), "bursar-retention-"));

const contextAt = (at: string, actor: Actor = SYSTEM_ACTOR) => ({ actor, database, now: new Date(at) });
const auditor: Actor = { id: "otto@example.com", name: "Otto", role: "auditor", teamKey: null };
const verify = async () => verifyTrail(database.pool, await publishedHeads(database));
const count = async (condition: string) =>
  Number((await database.pool.query(`SELECT count(*)::int AS n FROM event WHERE ${condition}`)).rows[0]?.n);

beforeAll(async () => {
  process.env["BURSAR_HOME"] = home;
  scratch = await createTestDatabase();
  database = scratch.database;
  const events = Array.from({ length: 600 }, (_, n) => secretsEvent(n));
  await database.transact(({ sql }) => appendEvents(sql, events, new Date("2026-04-01T00:00:00Z")));
  await recordActivity(database.pool, {
    at: new Date("2026-01-05T00:00:00Z"),
    actor: auditor,
    action: "report.viewed",
    subject: "a report",
  });
  await sealTrail(contextAt("2026-04-01T00:00:00Z"));
});
afterAll(async () => {
  delete process.env["BURSAR_HOME"];
  rmSync(home, { recursive: true, force: true });
  await scratch?.drop();
});

/** In April: January's and the beginning of February's events of the class are older. */
const READS: Retention = { read: { count: 60, unit: "days" } };
const NOW = "2026-04-10T03:20:00Z";
const OLD = "occurred_at < '2026-02-09' AND verb_class = 'read'";

describe("records that have been kept for their time", () => {
  test("the database finds the classes that the code does, and nothing is dropped where nothing is configured", async () => {
    const view = await readRetention(contextAt(NOW, auditor));
    expect(view.classes.map(({ keepClass, keep, whole }) => [keepClass, keep, whole])).toEqual([
      ["read", null, 300],
      ["write", null, 300],
      ["admin", null, 0],
      ["sign-in", null, 0],
      ["bursar", null, 1],
    ]);
    const samples: [string, string, VerbClass][] = [
      ["bursar", "hold.placed", "admin"],
      ["bursar", "retention.dropped", "admin"],
      ["bursar", "session.started", "admin"],
      ["bursar", "rule.saved", "write"],
      ["trail", "hold.placed", "write"],
      ["trail", "session.started", "read"],
      ["trail", "signin.amazonaws.com:ConsoleLogin", "write"],
      ["trail", "sso.amazonaws.com:Federate", "read"],
      ["trail", "sso.amazonaws.com:CreatePermissionSet", "admin"],
    ];
    for (const [sourceKey, action, verbClass] of samples) {
      const { rows } = await database.pool.query("SELECT event_keep_class($1, $2, $3) AS c", [
        sourceKey,
        action,
        verbClass,
      ]);
      expect([action, rows[0]?.c]).toEqual([action, keepClassOf({ sourceKey, action, verbClass })]);
    }
    expect(await dropExpired(contextAt(NOW), { retention: {} })).toEqual({ dropped: 0, damaged: 0, more: false });
  });

  test("stay where a hold is, and a hold is never placed or lifted by whoever it is about, nor without the role", async () => {
    const ada: Actor = { id: "ada@example.com", name: "Ada", role: "admin", teamKey: null };
    const draft = { reason: "The case of the lost keys", person: "Ada@example.com" };
    await expect(placeHold(contextAt(NOW, ada), draft)).rejects.toMatchObject({ code: "forbidden" });
    for (const role of ["finance", "platform", "member"] as const)
      await expect(placeHold(contextAt(NOW, { ...ada, id: role, role }), draft)).rejects.toMatchObject({
        code: "forbidden",
      });
    await expect(placeHold(contextAt(NOW, auditor), { reason: "about nothing" })).rejects.toMatchObject({
      code: "invalid_input",
    });
    const { id } = await placeHold(contextAt(NOW, auditor), draft);
    await expect(liftHold(contextAt(NOW, ada), { id, reason: "I would rather not" })).rejects.toMatchObject({
      code: "forbidden",
    });
    await placeHold(contextAt(NOW, auditor), {
      reason: "Ends by itself",
      namespace: "claims",
      until: "2026-04-20T00:00:00Z",
    });
  });

  /** What a run answers whose process dies as it writes to a table: its connection ends before the commit. */
  async function dieAt(table: "activity" | "tree_head", condition: string, run: () => Promise<unknown>): Promise<void> {
    await database.pool.query(
      `CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$`,
    );
    await database.pool.query(
      `CREATE TRIGGER die BEFORE INSERT ON ${table} FOR EACH ROW WHEN (${condition}) EXECUTE FUNCTION die()`,
    );
    await expect(run()).rejects.toThrow(/terminat/i);
    await database.pool.query("DROP FUNCTION die CASCADE");
  }

  test("are dropped in three runs of which two are killed, with nothing half dropped and nothing lost", async () => {
    const expected = await count(`${OLD} AND person <> 'ada@example.com' AND namespace <> 'claims'`);
    expect(expected).toBeGreaterThan(40);
    const options = { retention: READS, batchEvents: 10 };
    const first = await dropExpired(contextAt(NOW), { ...options, mostBatches: 2 });
    expect(first).toEqual({ dropped: 20, damaged: 0, more: true });
    await dieAt("activity", "NEW.action = 'retention.dropped'", () => dropExpired(contextAt(NOW), options));
    expect(await count("body IS NULL")).toBe(20);
    expect(await verify()).toMatchObject({ damages: [], unpublished: [] });
    // Dropped and not published yet: nobody can tell it from a forgery, until the next head is.
    await dieAt("tree_head", "true", () => dropExpired(contextAt(NOW), options));
    expect(await count("body IS NULL")).toBe(30);
    const waiting = await verify();
    expect([waiting.damages.length, waiting.unpublished.length]).toEqual([10, 1]);
    await sealTrail(contextAt(NOW));
    expect(await verify()).toMatchObject({ damages: [], unpublished: [] });
    const third = await dropExpired(contextAt(NOW), options);
    expect(third).toEqual({ dropped: expected - 30, damaged: 0, more: false });
    expect(await count("body IS NULL")).toBe(expected);
    expect(await count(`body IS NULL AND NOT (${OLD} AND namespace <> 'claims')`)).toBe(0);
    expect(await count("body IS NULL AND (actor <> '' OR person IS NOT NULL OR salt IS NOT NULL)")).toBe(0);
    expect(await verify()).toMatchObject({
      damages: [],
      forgotten: [{ kind: "retention", rule: "read, kept 60 days", on: "2026-04-10", entries: expected }],
    });
    expect(await dropExpired(contextAt(NOW), options)).toMatchObject({ dropped: 0 });
  });

  test("are found by time alone afterwards, say why they are gone, and are counted as they are", async () => {
    const context = contextAt(NOW, auditor);
    const [gone] = (await database.pool.query("SELECT seq::int FROM event WHERE body IS NULL ORDER BY seq LIMIT 1"))
      .rows;
    expect(await readTrailRecord(context, Number(gone?.seq))).toMatchObject({
      actor: "",
      record: null,
      forgotten: { kind: "retention", rule: "read, kept 60 days", at: "2026-04-10T03:20:00.000Z" },
    });
    const january = { from: new Date("2026-01-01"), to: new Date("2026-02-01") };
    const all = await searchTrail(context, { ...TRAIL_QUERY, ...january }, null);
    expect(all.rows.some(({ forgotten }) => forgotten === "dropped")).toBe(true);
    const reads = await searchTrail(context, { ...TRAIL_QUERY, ...january, action: "get secrets" }, null);
    expect(reads.rows.length).toBeGreaterThan(0);
    expect(reads.rows.filter(({ forgotten }) => forgotten !== null)).toEqual([]);
    // So short a text is looked for in the events themselves, whose action is still there.
    const letters = await searchTrail(context, { ...TRAIL_QUERY, ...january, text: "g" }, null);
    expect(letters.rows.length).toBeGreaterThan(0);
    expect(letters.rows.filter(({ forgotten }) => forgotten !== null)).toEqual([]);
    expect(await differingTerms(database)).toEqual([]);
  });

  test("go once the holds on them have ended, and Bursar's own with their copy", async () => {
    const context = contextAt("2026-04-21T03:20:00Z", auditor);
    const { holds } = await readRetention(context);
    expect(holds.map(({ state }) => state)).toEqual(["holds", "ended"]);
    await liftHold(context, { id: holds[0]?.id, reason: "The case is closed" });
    await expect(liftHold(context, { id: holds[0]?.id, reason: "again" })).rejects.toMatchObject({ code: "conflict" });
    const retention: Retention = { ...READS, bursar: { count: 3, unit: "months" } };
    await dropExpired(contextAt("2026-04-21T03:20:00Z"), { retention });
    expect(await count(`${OLD} AND body IS NOT NULL`)).toBe(0);
    const { rows } = await database.pool.query("SELECT action FROM activity ORDER BY id");
    expect(rows.map(({ action }) => action)).not.toContain("report.viewed");
    expect(rows.filter(({ action }) => action === "hold.lifted")).toHaveLength(1);
    expect((await verify()).damages).toEqual([]);
  });

  test("are told apart by whoever compares the log with heads that were kept elsewhere", async () => {
    const lines = readFileSync(join(home, HEADS_FILE), "utf8");
    const { publicPem } = openFileKey(home);
    const verdict = await checkTrail(contextAt(NOW, auditor), { kept: keptLines(lines), publicKey: publicPem });
    expect(verdict).toMatchObject({ damages: [], heads: lines.trim().split("\n").length });
    expect(verdict.forgotten.map(({ rule }) => rule)).toContain("read, kept 60 days");
    // An installation that has changed its key has several, one after another.
    const { publicKey: other } = generateKeyPairSync("ed25519", {
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const check = (publicKey: string) => checkTrail(contextAt(NOW, auditor), { kept: keptLines(lines), publicKey });
    expect(await check(`${other}${publicPem}`)).toMatchObject({ damages: [], heads: verdict.heads });
    await expect(check(other)).rejects.toMatchObject({ code: "invalid_input", place: { line: 1 } });
    // Another line of the same key, with another number of entries in it.
    const forged = lines.replace(/"payload":"[^"]{40}/, (text) => `${text.slice(0, -2)}AA`);
    await expect(
      checkTrail(contextAt(NOW, auditor), { kept: keptLines(forged), publicKey: publicPem }),
    ).rejects.toMatchObject({
      code: "invalid_input",
      place: { line: 1 },
    });
  });

  test("do not come back when their source delivers them again", async () => {
    const again = Array.from({ length: 600 }, (_, n) => secretsEvent(n));
    const { appended } = await database.transact(({ sql }) => appendEvents(sql, again, new Date(NOW)));
    expect(appended).toBe(0);
  });
});

describe("whoever owns the database and calls something dropped", () => {
  const MARK = `body = NULL, salt = NULL, actor = '', actor_kind = 'unknown', person = NULL, team_key = NULL, source_address = NULL`;

  test("is found out, with the mark or without the row, and where the entry that says so is made up outside of the log", async () => {
    const heads = await publishedHeads(database);
    const [event] = await readEventRange(database.pool, 1, 2);
    if (!event) throw new Error("Entry 1 is not there.");
    const commitments = JSON.stringify(openStored(event)?.commitments);
    const drop: [string, unknown[]] = [
      `UPDATE event SET ${MARK}, commitments = $1, forgotten_by = (SELECT min(id) FROM event_forgetting) WHERE seq = 1`,
      [commitments],
    ];
    expect(await damagesAfter(database, heads)).toEqual([]);
    expect(await damagesAfter(database, heads, drop)).toMatchObject([
      { kind: "altered", seq: 1, message: expect.stringContaining("no entry of the log says that it was dropped") },
    ]);
    expect(await damagesAfter(database, heads, ["DELETE FROM event WHERE seq = 1"])).toMatchObject([
      { kind: "missing", seq: 1 },
    ]);
    // The entry of the log is stretched to cover it: then it is not what was logged, and says nothing of all the others either.
    const [{ seq: entry } = { seq: 0 }] = (
      await database.pool.query("SELECT min(seq)::int AS seq FROM event WHERE action = 'retention.dropped'")
    ).rows;
    const stretched = await damagesAfter(database, heads, drop, [
      "UPDATE event SET body = '\\x0300' WHERE seq = $1",
      [entry],
    ]);
    expect(stretched.some(({ seq }) => seq === entry)).toBe(true);
    expect(stretched.some(({ seq }) => seq === 1)).toBe(true);
    const [dropped] = (await database.pool.query("SELECT min(seq)::int AS seq FROM event WHERE body IS NULL")).rows;
    for (const change of [
      "actor = 'somebody'",
      "resource = 'secrets/other'",
      "occurred_at = occurred_at + interval '1 day'",
    ])
      expect(
        await damagesAfter(database, heads, [`UPDATE event SET ${change} WHERE seq = $1`, [dropped?.seq]]),
      ).toMatchObject([{ seq: dropped?.seq }]);
  });

  const ORDER: Forged = { kind: "pseudonym", actor: "nobody you know", days: [0, 1] };
  const DUE: Forged = { kind: "retention", actor: "", days: [1, 60] };
  const EARLY: Forged = { kind: "retention", actor: "", days: [0, 1] };
  const NAMED: Forged = { ...DUE, actor: "somebody else" };

  test("is found out where the entry that says so was appended to the log by hand, and no head has it", async () => {
    const heads = await publishedHeads(database);
    const [victim] = (
      await database.pool.query(
        "SELECT max(seq)::int AS seq FROM event WHERE body IS NOT NULL AND source_key = 'trail'",
      )
    ).rows;
    const seq = Number(victim?.seq);
    for (const forged of [ORDER, DUE, EARLY, NAMED])
      expect(await damagesAfter(database, heads, (sql) => forgeForgetting(sql, seq, forged))).toEqual([
        { kind: "altered", seq, message: expect.stringContaining("no published entry of the log says") },
      ]);
    const sql = await database.pool.connect();
    try {
      await sql.query("BEGIN");
      await sql.query("SET LOCAL session_replication_role = replica");
      const place = await forgeForgetting(sql, seq, DUE);
      expect(await verifyTrailIn(sql, heads)).toMatchObject({ damages: [{ seq }], unpublished: [place] });
      // Without any head the database alone speaks for itself.
      expect(await verifyTrailIn(sql, [])).toMatchObject({ damages: [], unpublished: [] });
    } finally {
      await sql.query("ROLLBACK");
      sql.release();
    }
  });

  test("cannot drop by hand what names somebody or came too early, even where a head was made of it", async () => {
    const seq = 1;
    const after = async (forged: Forged) => {
      const sql = await database.pool.connect();
      try {
        await sql.query("BEGIN");
        await sql.query("SET LOCAL session_replication_role = replica");
        await forgeForgetting(sql, seq, forged);
        return await verifyTrailIn(sql, [...(await publishedHeads(database)), await headOf(sql)]);
      } finally {
        await sql.query("ROLLBACK");
        sql.release();
      }
    };
    expect(await after(NAMED)).toMatchObject({
      damages: [{ seq, message: expect.stringContaining("names somebody") }],
    });
    expect(await after(EARLY)).toMatchObject({
      damages: [{ seq, message: expect.stringContaining("before its time") }],
    });
    // What Bursar was made to publish is believed, and told among what was forgotten.
    const believed = await after(ORDER);
    expect(believed.damages).toEqual([]);
    expect(believed.forgotten).toContainEqual(expect.objectContaining({ kind: "pseudonym", entries: 1 }));
  });
});

test("a hold that was taken out of the database and not out of the log is found broken", async () => {
  const context = contextAt("2026-05-10T00:00:00Z", auditor);
  const { id } = await placeHold(context, { reason: "The case goes on", namespace: "claims" });
  await database.pool.query("DELETE FROM trail_hold WHERE id = $1", [id]);
  const inside = await count("body IS NOT NULL AND verb_class = 'read' AND namespace = 'claims'");
  const { dropped } = await dropExpired({ ...context, actor: SYSTEM_ACTOR }, { retention: READS });
  expect([dropped > inside, inside > 0]).toEqual([true, true]);
  const { damages } = await verify();
  expect(damages).toHaveLength(
    await count("body IS NULL AND namespace = 'claims' AND occurred_at >= '2026-02-20' AND occurred_at < '2026-03-11'"),
  );
  expect(damages[0]?.message).toMatch(new RegExp(`was forgotten although hold ${id} was on it`));
});

test("a hold says how many events are inside of it, up to a bound, and that nothing is", async () => {
  const crowd = Array.from({ length: 1_001 }, (_, n) => secretsEvent(20_000 + n, { namespace: "crowd" }));
  const runner = [1, 2, 3].map((n) => secretsEvent(30_000 + n, { actor: "arn:aws:iam::1:user/Runner", person: null }));
  await database.transact(({ sql }) => appendEvents(sql, [...crowd, ...runner], new Date("2026-06-01T00:00:00Z")));
  const at = contextAt("2026-06-02T00:00:00Z", auditor);
  const counted = async (scope: object) => {
    const { id } = await placeHold(at, { reason: "To be counted", ...scope });
    const { holds } = await readRetention(at);
    return holds.find((hold) => hold.id === id)?.events;
  };
  const ofAda = { person: "Ada@example.com", namespace: "motor", from: "2026-03-01T00:00:00Z" };
  const expected = await count(
    "person = 'ada@example.com' AND namespace = 'motor' AND occurred_at >= '2026-03-01' AND body IS NOT NULL",
  );
  expect(expected).toBeGreaterThan(0);
  expect(await counted(ofAda)).toEqual({ count: expected, isAtLeast: false });
  expect(await counted({ person: "arn:aws:iam::1:user/runner" })).toEqual({ count: 3, isAtLeast: false });
  expect(await counted({ person: "arn:aws:iam::1:user/run" })).toEqual({ count: 0, isAtLeast: false });
  expect(await counted({ namespace: "crowd" })).toEqual({ count: 1_000, isAtLeast: true });
  expect(await counted({ namespace: "crowed" })).toEqual({ count: 0, isAtLeast: false });
  // So short a name would be looked for in every text of the log.
  expect(await counted({ person: "x" })).toBeNull();
});

test("a hold whose time ends before it begins is refused at that field, in a sentence", async () => {
  const draft = { reason: "A case", namespace: "claims", from: "2026-05-02T00:00:00Z", to: "2026-05-01T00:00:00Z" };
  await expect(placeHold(contextAt(NOW, auditor), draft)).rejects.toMatchObject({
    message: "This cannot be saved: the time ends before it begins.",
    place: { column: "to" },
  });
  await expect(placeHold(contextAt(NOW, auditor), { reason: "A case" })).rejects.toMatchObject({
    message: "This cannot be saved: say what it is about: a person, account, cluster, namespace, source or time.",
    place: {},
  });
});
