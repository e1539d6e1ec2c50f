import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { recordActivity } from "#lib/db/activity.ts";
import type { Database } from "#lib/db/client.ts";
import { inSnapshot } from "#lib/db/snapshot.ts";
import { settlePlaces } from "#lib/db/trail/settle-places.ts";
import { TERM_LIMIT } from "#lib/domain/trail/event-terms.ts";
import { BLOCK_ENTRIES } from "#lib/domain/trail/places.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { appendEvents } from "#lib/services/trail/append/append-events.ts";
import { dropExpired } from "#lib/services/trail/retention/drop-expired.ts";
import { indexTrail } from "#lib/services/trail/verify/index-trail.ts";
import { sealActivity } from "#lib/services/trail/append/seal-activity.ts";
import { settleTrail } from "#lib/services/trail/append/settle-trail.ts";
import { searchTrail } from "#lib/services/trail/search/search-trail.ts";
import { verifyTrail, verifyTrailIn } from "#lib/services/trail/verify/verify-trail.ts";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";
import {
  damagesAfter,
  publishedHeads,
  secretsEvent,
  ticketAt,
  TRAIL_QUERY,
} from "#test/integration/services/trail-workshop.ts";

let scratch: TestDatabase;
let database: Database;
const home = mkdtempSync(join(tmpdir(), "bursar-verify-"));
const NOW = new Date("2026-05-01T00:00:00Z");

const append = (events: readonly TrailEvent[]) =>
  database.transact(({ sql }) => appendEvents(sql, events, new Date("2026-04-01T00:00:00Z")));
const eventsFrom = (from: number, count: number) =>
  Array.from({ length: count }, (_, n) => secretsEvent(from + n, { resource: `secrets/s-${from + n}` }));
const act = (subject: string) =>
  recordActivity(database.pool, { at: NOW, actor: SYSTEM_ACTOR, action: "rule.saved", subject });
const context = () => ({ actor: SYSTEM_ACTOR, database, now: NOW });
const found = async (resource = "secrets/s-7") =>
  (await searchTrail(context(), { ...TRAIL_QUERY, resource }, null)).rows.map(({ seq }) => seq);
const seal = () => database.transact(({ sql }) => sealActivity(sql, NOW));
const whole = { damages: [], notListed: 0 };

/** What a superuser's statement damages. */
const damagesOf = (statement: string) => damagesAfter(database, [], [statement]);
/** Rows of a term in a block. */
const rowsOf = (term: string, block: number, condition = "true") =>
  `term = event_term_hash('${term}') AND block = ${block} AND ${condition}`;

beforeAll(async () => {
  process.env["BURSAR_HOME"] = home;
  scratch = await createTestDatabase();
  database = scratch.database;
  await append(eventsFrom(0, 30));
  await append([
    ticketAt("2026-01-05T10:00:00Z", {}),
    secretsEvent(30, { action: "create namespaces", namespace: "new" }),
  ]);
  await act("sealed");
  await seal();
});
afterAll(async () => {
  delete process.env["BURSAR_HOME"];
  rmSync(home, { recursive: true, force: true });
  await scratch?.drop();
});

test("what the owner does to the index is told by entry and term", async () => {
  const hides = rowsOf("resource=secrets/s-7", 0);
  expect(await damagesOf(`DELETE FROM event_term_day WHERE ${hides}`)).toEqual([
    { kind: "index", seq: 7, message: 'Entry 7 is not found by "resource=secrets/s-7" on 2026-02-08.' },
  ]);
  expect(await damagesOf(`UPDATE event_term_day SET places = '\\x0008' WHERE ${hides}`)).toEqual([
    { kind: "index", seq: 7, message: 'Entry 7 is not found by "resource=secrets/s-7" on 2026-02-08.' },
    {
      kind: "index",
      seq: 8,
      message: 'Entry 8 is found by "resource=secrets/s-7" on 2026-02-08, which is not theirs.',
    },
  ]);
  expect(await damagesOf(`UPDATE event_term_day SET count = 2 WHERE ${hides}`)).toEqual([
    {
      kind: "index",
      seq: 7,
      message: 'What the index has in block 0 of "resource=secrets/s-7" on 2026-02-08 cannot be read.',
    },
  ]);
  expect(await damagesOf("INSERT INTO event_term_day VALUES (5, 20000, 9, 1, '\\x0001')")).toEqual([
    {
      kind: "index",
      seq: 9 * BLOCK_ENTRIES + 1,
      message: `Entry ${9 * BLOCK_ENTRIES + 1} is found by the term number 5 on 2024-10-04, which no entry around has.`,
    },
  ]);
  expect(await damagesOf("UPDATE event_term_state SET open_block = 2")).toMatchObject([{ kind: "index", seq: null }]);
  expect(await damagesOf("DELETE FROM event_term_state")).toMatchObject([{ kind: "index", seq: null }]);
});

test("a word that is taken away or put in is told", async () => {
  expect(await damagesOf("DELETE FROM event_word WHERE word = 's-7'")).toEqual([
    {
      kind: "index",
      seq: 7,
      message: 'Entry 7 has the word "s-7", which the words of the log lack: no part of it is found.',
    },
  ]);
  expect(await damagesOf("INSERT INTO event_word VALUES ('planted')")).toMatchObject([
    { seq: null, message: '"planted" is among the words of the log, and no entry is found by it.' },
  ]);
});

test("an entry of Bursar's own log that is changed or gone is told, sealed or not, and one that waits is none", async () => {
  await act("waits");
  expect(await verifyTrail(database.pool, [])).toMatchObject(whole);
  const sealed = "subject = 'sealed'";
  const own = [
    { kind: "activity", seq: 32, message: expect.stringContaining("is not what entry 32 of the trail has of it") },
  ];
  for (const change of [
    "actor_id = 'x'",
    "role = 'x'",
    "action = 'x'",
    "subject = 'x'",
    "after = '{}'",
    "at = at + interval '1 day'",
  ])
    expect(await damagesOf(`UPDATE activity SET ${change} WHERE ${sealed}`)).toEqual(own);
  expect(await damagesOf(`DELETE FROM activity WHERE ${sealed}`)).toMatchObject([{ kind: "activity", seq: 32 }]);
  expect(await damagesOf("DELETE FROM activity WHERE subject = 'waits'")).toMatchObject([
    { kind: "activity", seq: null, message: expect.stringContaining("is gone, and was not in the trail yet") },
  ]);
  expect(await damagesOf("DELETE FROM activity_waiting")).toMatchObject([
    { kind: "activity", seq: null, message: expect.stringContaining("does not wait to come into it") },
  ]);
});

test("what is made of events is told where it says something else", async () => {
  const ticket = [{ kind: "derived", seq: 30 }];
  expect(await damagesOf("UPDATE change_ticket SET is_approved = false")).toMatchObject(ticket);
  expect(await damagesOf("DELETE FROM change_ticket")).toMatchObject(ticket);
  const making = [{ kind: "derived", seq: 31 }];
  expect(await damagesOf("UPDATE making SET person = 'eve@example.com'")).toMatchObject(making);
  expect(await damagesOf("DELETE FROM making")).toMatchObject(making);
  expect(await damagesOf("UPDATE making SET event_key = 'none'")).toMatchObject([
    ...making,
    { kind: "derived", seq: null },
  ]);
  expect(await damagesOf("DELETE FROM namespace_person_use WHERE namespace = 'claims'")).toMatchObject([
    { kind: "derived", seq: 7 },
  ]);
  expect(
    await damagesOf("UPDATE namespace_person_use SET person = 'eve@example.com' WHERE namespace = 'claims'"),
  ).toMatchObject([{ kind: "derived", seq: null }]);
});

test("an older version of a change request that comes twice is kept as it came first", async () => {
  await append([{ ...ticketAt("2026-01-05T10:00:00Z", { approval: "rejected" }), eventKey: "again" }]);
  expect(await verifyTrail(database.pool, [])).toMatchObject(whole);
});

test("what is appended while the trail is verified is no damage", async () => {
  await inSnapshot(database.pool, async (sql) => {
    const before = await verifyTrailIn(sql, []);
    await append(eventsFrom(30_000, 10));
    expect(await verifyTrailIn(sql, [])).toEqual(before);
  });
  let isDone = false;
  const verified = verifyTrail(database.pool, []).finally(() => (isDone = true));
  for (let n = 0; !isDone; n++) await append(eventsFrom(40_000 + n * 10, 10));
  expect(await verified).toMatchObject(whole);
});

test("an entry whose transaction ends after ten thousand later ones were sealed comes into the trail all the same", async () => {
  const late = await database.pool.connect();
  try {
    await late.query("BEGIN");
    await recordActivity(late, { at: NOW, actor: SYSTEM_ACTOR, action: "rule.saved", subject: "late" });
    await database.pool.query(
      `INSERT INTO activity (at, actor_id, role, action, subject) SELECT '2026-05-01', 'system', 'system', 'rule.saved', 'rule ' || n
       FROM generate_series(1, 10001) n`,
    );
    await seal();
    await late.query("COMMIT");
  } finally {
    late.release();
  }
  expect(await seal()).toEqual({ appended: 1, more: false });
  const { rows } = await database.pool.query("SELECT resource FROM event ORDER BY seq DESC LIMIT 1");
  expect(rows).toEqual([{ resource: "late" }]);
  expect(await verifyTrail(database.pool, [])).toMatchObject(whole);
});

test("lists, pieces and maps of several blocks are what the entries make, and a bit of a map is told by its entry", async () => {
  const at = new Date("2026-03-31T00:00:00Z");
  const { rows: first } = await database.pool.query("SELECT count(*)::int AS size FROM event");
  for (const [from, count] of [
    [50_000, 4_000],
    [54_000, 10],
    [54_010, BLOCK_ENTRIES - first[0]?.size - 4_000],
  ] as const)
    await append(eventsFrom(from, count).map((event) => ({ ...event, occurredAt: at })));
  const { rows } = await database.pool.query(
    "SELECT bool_or(octet_length(places) < count * 2) AS maps, bool_or(piece > 0) AS pieces, max(block)::int AS block FROM event_term_day",
  );
  expect(rows).toEqual([{ maps: true, pieces: true, block: 1 }]);
  expect(await verifyTrail(database.pool, [])).toMatchObject(whole);
  const map = rowsOf("keep=write", 0, "octet_length(places) < count * 2");
  expect(await damagesOf(`UPDATE event_term_day SET places = set_byte(places, 2047, 0) WHERE ${map}`)).toMatchObject([
    { kind: "index", seq: expect.any(Number), message: expect.stringContaining("cannot be read") },
  ]);
  expect(await damagesOf(`DELETE FROM event_term_day WHERE ${map}`)).toMatchObject([
    {
      kind: "index",
      message: expect.stringMatching(/^Entries \d+, .* and \d+ more are not found by "keep=write" on 2026-03-31\.$/),
    },
  ]);
});

const partsOf = async (block: number) =>
  (
    await database.pool.query("SELECT DISTINCT settled FROM event_term_day WHERE block = $1 ORDER BY settled", [block])
  ).rows.map(({ settled }) => settled);

describe("settled", () => {
  const rows = async () =>
    (
      await database.pool.query(
        "SELECT term, day, block, piece, count, places FROM event_term_day ORDER BY term, day, block, piece",
      )
    ).rows;
  test("what searches read of finished blocks is the same, also where it was stopped in the middle", async () => {
    const before = await rows();
    // Too few to be worth it.
    expect(await settleTrail(context())).toEqual({ moved: 0 });
    const half = { from: 0, to: TERM_LIMIT / 2 };
    const first = await database.transact(({ sql }) => settlePlaces(sql, half, 1));
    expect(await partsOf(0)).toEqual([false, true]);
    expect(await rows()).toEqual(before);
    expect(await verifyTrail(database.pool, [])).toMatchObject(whole);
    const { moved } = await settleTrail(context(), { worthBlocks: 1 });
    expect(first + moved).toBe(before.filter(({ block }) => block === 0).length);
    expect([await partsOf(0), await partsOf(1)]).toEqual([[true], [false]]);
    expect(await rows()).toEqual(before);
    expect(await verifyTrail(database.pool, [])).toMatchObject(whole);
    expect(await settleTrail(context(), { worthBlocks: 1 })).toEqual({ moved: 0 });
    const { rows: told } = await database.pool.query("SELECT after FROM activity WHERE action = 'trail.settled'");
    expect(told).toEqual([{ after: { blocks: { from: 0, to: 1 } } }]);
  });

  test("what the owner does to it is told as elsewhere", async () => {
    const hides = rowsOf("resource=secrets/s-7", 0);
    expect(await damagesOf(`DELETE FROM event_term_day_settled WHERE ${hides}`)).toMatchObject([
      { kind: "index", seq: 7 },
    ]);
    const again = `SELECT term, day, block, count, places FROM event_term_day_settled WHERE ${hides}`;
    expect(await damagesOf(`INSERT INTO event_term_day (term, day, block, count, places) ${again}`)).toMatchObject([
      { kind: "index", message: expect.stringContaining("twice") },
    ]);
  });
});

describe("made anew from the log", () => {
  const tables = ["change_ticket", "making", "namespace_person_use", "event_word"];
  const contents = () =>
    Promise.all(
      tables.map(async (table) => {
        const { rows } = await database.pool.query(`SELECT to_jsonb(t) - 'id' AS row FROM ${table} t ORDER BY 1`);
        return rows;
      }),
    );
  /** What a superuser does, for good. */
  const damage = (statements: readonly string[]) =>
    database.transact(async ({ sql }) => {
      await sql.query("SET LOCAL session_replication_role = replica");
      for (const statement of statements) await sql.query(statement);
    });
  test("what the owner did to the index and to all that is made of events is as it was", async () => {
    const before = await contents();
    expect(await found()).toEqual([7]);
    await damage([
      `DELETE FROM event_term_day WHERE ${rowsOf("resource=secrets/s-7", 0)}`,
      "INSERT INTO event_term_day VALUES (5, 20000, 9, 1, '\\x0001')",
      "UPDATE event_term_day SET places = '\\x0000' WHERE term = event_term_hash('claims')",
      "DELETE FROM event_term_state",
      "DELETE FROM event_word WHERE word = 's-7'",
      "INSERT INTO event_word VALUES ('planted')",
      "UPDATE change_ticket SET is_approved = NOT is_approved, seq = 3",
      "UPDATE making SET person = 'eve@example.com'",
      "INSERT INTO making (source_key, event_key, kind, cluster_key, name, at, actor) VALUES ('trail', 'none', 'namespace', 'one', 'planted', '2026-01-01', 'eve')",
      "UPDATE namespace_person_use SET person = 'eve@example.com', at = '2026-06-01' WHERE namespace = 'claims'",
      "DELETE FROM namespace_person_use WHERE namespace = 'motor'",
    ]);
    const { entries, damages } = await verifyTrail(database.pool, []);
    expect(damages.length).toBeGreaterThan(8);
    expect(await found()).toEqual([]);
    const told: number[] = [];
    expect(await indexTrail(context(), ({ done }) => told.push(done))).toEqual({ entries, damaged: 0 });
    expect(told).toEqual([0, BLOCK_ENTRIES]);
    expect(await verifyTrail(database.pool, [])).toMatchObject(whole);
    expect(await contents()).toEqual(before);
    expect(await found()).toEqual([7]);
    // What is appended afterwards goes on where it ended, and says who made it.
    await seal();
    await append(eventsFrom(80_000, 10));
    expect(await verifyTrail(database.pool, [])).toMatchObject(whole);
    const { rows } = await database.pool.query("SELECT after FROM activity WHERE action = 'trail.indexed'");
    expect(rows).toEqual([{ after: { entries, damaged: 0 } }]);
  });

  test("what is not as it was logged is counted, is found by its row, and keeps what was made of it", async () => {
    await damage(["UPDATE event SET person = 'eve@example.com', namespace = 'other' WHERE seq IN (30, 31)"]);
    const before = await contents();
    expect(await indexTrail(context())).toMatchObject({ damaged: 2 });
    expect((await contents()).slice(0, 2)).toEqual(before.slice(0, 2));
    const { rows } = await searchTrail(context(), { ...TRAIL_QUERY, person: "eve@example.com" }, null);
    expect(rows.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual([30, 31]);
    expect((await verifyTrail(database.pool, [])).damages).toMatchObject([
      { kind: "altered", seq: 30 },
      { kind: "altered", seq: 31 },
    ]);
  });

  test("one that is stopped in the middle changes nothing", async () => {
    await damage([`DELETE FROM event_term_day WHERE ${rowsOf("resource=secrets/s-7", 0)}`]);
    const before = await database.pool.query("SELECT * FROM event_term_day ORDER BY 1, 2, 3, 4");
    const stop = ({ done }: { done: number }) => {
      if (done > 0) throw new Error("Stopped.");
    };
    await expect(indexTrail(context(), stop)).rejects.toThrow("Stopped.");
    const { rows } = await database.pool.query("SELECT * FROM event_term_day ORDER BY 1, 2, 3, 4");
    expect(rows).toEqual(before.rows);
    await indexTrail(context());
  });
});

test("what retention drops is gone from what was settled", async () => {
  await settleTrail(context(), { worthBlocks: 1 });
  const read = { count: 30, unit: "days" } as const;
  const { dropped } = await dropExpired(context(), { retention: { read } });
  expect(dropped).toBeGreaterThan(1_000);
  // What is left of a term's places comes with the next that are settled.
  expect(await partsOf(0)).toEqual([false, true]);
  expect((await settleTrail(context(), { worthBlocks: 0 })).moved).toBeGreaterThan(0);
  expect(await partsOf(0)).toEqual([true]);
  const { damages } = await verifyTrail(database.pool, await publishedHeads(database));
  expect(damages.filter(({ kind }) => kind !== "altered")).toEqual([]);
  expect(await found("secrets/s-8")).toEqual([]);
});
