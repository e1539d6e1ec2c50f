import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { proveLog } from "#demo/prove/log.ts";
import { holds } from "#demo/prove/measure.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { recordActivity } from "#lib/db/activity.ts";
import type { Database } from "#lib/db/client.ts";
import { searchStoredEvents } from "#lib/db/trail/search-events.ts";
import { readFrontier } from "#lib/db/trail/merkle-tiles.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { verifyConsistency, verifyInclusion } from "#lib/domain/merkle/proofs.ts";
import { appendEvents } from "#lib/services/trail/append/append-events.ts";
import { sha256 } from "#lib/services/trail/append/seal-events.ts";
import { HEADS_FILE } from "#lib/services/trail/heads/head-places.ts";
import { sealTrail } from "#lib/services/trail/heads/seal-trail.ts";
import { readConsistencyProof, readEntryProof } from "#lib/services/trail/heads/read-proof.ts";
import { listGaps } from "#lib/services/trail/search/list-gaps.ts";
import { listLeaverAccess } from "#lib/services/trail/search/list-leaver-access.ts";
import { listSavedSearches } from "#lib/services/trail/search/list-saved-searches.ts";
import { openSearch } from "#lib/services/trail/search/open-search.ts";
import { removeSearch } from "#lib/services/trail/search/remove-search.ts";
import { saveSearch } from "#lib/services/trail/search/save-search.ts";
import { suggestTerms } from "#lib/services/trail/search/suggest-terms.ts";
import { readTrailRecord } from "#lib/services/trail/search/read-trail-record.ts";
import { readTrailHistogram, searchTrail } from "#lib/services/trail/search/search-trail.ts";
import { queryOfSearch, searchOfQuery, TRAIL_SEARCH } from "#lib/services/trail/search/trail-search.ts";
import { verifyTrail } from "#lib/services/trail/verify/verify-trail.ts";
import { ticketAt, WINDOW_EVENTS } from "./trail-workshop.ts";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";
import { differingTerms, TRAIL_QUERY } from "#test/integration/services/trail-workshop.ts";

let scratch: TestDatabase;
let database: Database;
const home = mkdtempSync(join(tmpdir(), "bursar-trail-"));

beforeAll(async () => {
  process.env["BURSAR_HOME"] = home;
  scratch = await createTestDatabase();
  database = scratch.database;
});
afterAll(async () => {
  delete process.env["BURSAR_HOME"];
  rmSync(home, { recursive: true, force: true });
  await scratch?.drop();
});

const ARRIVED = new Date("2026-11-03T08:00:00.000Z");

function eventOf(n: number): TrailEvent {
  return {
    occurredAt: new Date(Date.UTC(2026, 9, 31, 23, 59, n % 120)),
    sourceKey: "trail",
    eventKey: `event ${n}`,
    actor: `tab\tand \\ and\nline ${n}`,
    actorKind: "user",
    person: "somebody@example.com",
    teamKey: null,
    action: "delete namespaces",
    verbClass: "write",
    resource: "namespaces/claims",
    accountId: null,
    clusterKey: "one",
    namespace: "claims",
    region: null,
    outcome: "success",
    sourceAddress: "192.0.2.1",
    mfa: null,
    body: new TextEncoder().encode(`{"n":${n}}`),
  };
}

const fromHex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));
const flipped = (hash: Uint8Array) => hash.map((byte, at) => (at === 7 ? byte ^ 1 : byte));
const append = (numbers: readonly number[]) =>
  database.transact(({ sql }) => appendEvents(sql, numbers.map(eventOf), ARRIVED));

const verdict = () => verifyTrail(database.pool, []);
const contextAt = (at: string) => ({ actor: SYSTEM_ACTOR, database, now: new Date(at) });

describe("the log of events", () => {
  test("keeps what comes late, twice or together once each, in order of arrival", async () => {
    expect(await append([1, 2, 3, 2])).toMatchObject({ appended: 3, known: 1, size: 3 });
    expect(await append([3, 0, 1])).toMatchObject({ appended: 1, known: 2, size: 4 });
    await Promise.all([append([4, 5, 6]), append([5, 6, 7]), append([7, 8])]);
    const { rows } = await database.pool.query("SELECT seq::int, event_key FROM event ORDER BY seq");
    expect(rows.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(new Set(rows.map(({ event_key: key }) => key))).toEqual(
      new Set(Array.from({ length: 9 }, (_, n) => `event ${n}`)),
    );
    expect(await verdict()).toEqual({ entries: 9, damages: [], notListed: 0, forgotten: [], unpublished: [] });
  });

  test("has neither rows nor leaves of a transaction that was rolled back", async () => {
    const { size } = await readFrontier(database.pool);
    await expect(
      database.transact(async ({ sql }) => {
        await appendEvents(sql, [eventOf(100)], ARRIVED);
        throw new Error("cut off");
      }),
    ).rejects.toThrow("cut off");
    expect((await readFrontier(database.pool)).size).toBe(size);
    expect(await verdict()).toMatchObject({ damages: [] });
  });

  test("lets nobody change or remove an entry", async () => {
    for (const statement of ["UPDATE event SET actor = 'nobody'", "DELETE FROM event", "TRUNCATE event"])
      await expect(database.pool.query(statement)).rejects.toMatchObject({ code: "42501" });
  });

  test("is searched by words and fields, newest first, page by page, each event once", async () => {
    await append(Array.from({ length: 150 }, (_, n) => 200 + n));
    const context = contextAt("2026-11-04T00:00:00Z");
    const query = { ...TRAIL_QUERY, text: "DELETE claims", namespace: "claims" };
    const first = await searchTrail(context, query, null);
    expect(first.rows).toHaveLength(100);
    const second = await searchTrail(context, query, first.next);
    expect(second.next).toBeNull();
    const all = [...first.rows, ...second.rows];
    expect(new Set(all.map(({ seq }) => seq)).size).toBe(159);
    expect(all.map(({ at }) => Date.parse(at))).toEqual(all.map(({ at }) => Date.parse(at)).toSorted((a, b) => b - a));
    expect((await searchTrail(context, { ...query, text: "100%" }, null)).rows).toEqual([]);
    const ofPerson = async (person: string) =>
      (await searchTrail(context, { ...TRAIL_QUERY, person }, null)).rows.length;
    expect([await ofPerson("somebody@example.com"), await ofPerson("nobody@example.com")]).toEqual([100, 0]);
    const histogram = await readTrailHistogram(context, {
      ...query,
      from: new Date("2026-10-31T23:59:00Z"),
      to: new Date("2026-11-01T00:00:00Z"),
    });
    expect(histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(
      all.filter(({ at }) => at < "2026-11-01").length,
    );
    const record = await readTrailRecord(context, all[0]?.seq ?? -1);
    expect(record).toMatchObject({
      namespace: "claims",
      record: { n: expect.any(Number) },
      leaf: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(record.isAsLogged).toBe(true);
    for (const column of ["resource", "body"]) {
      const changed = await database.transact(async ({ sql }) => {
        await sql.query("SET LOCAL session_replication_role = replica");
        const { rows } = await sql.query(`SELECT ${column} AS was FROM event WHERE seq = $1`, [record.seq]);
        await sql.query(`UPDATE event SET ${column} = 'else' WHERE seq = $1`, [record.seq]);
        return rows[0]?.was as unknown;
      });
      const shown = await readTrailRecord(context, record.seq);
      expect(shown).toMatchObject({ isAsLogged: false, leaf: record.leaf, forgotten: null });
      await database.transact(async ({ sql }) => {
        await sql.query("SET LOCAL session_replication_role = replica");
        await sql.query(`UPDATE event SET ${column} = $2 WHERE seq = $1`, [record.seq, changed]);
      });
    }
    expect((await readTrailRecord(context, record.seq)).isAsLogged).toBe(true);
    await expect(readTrailRecord(context, 999_999)).rejects.toMatchObject({ code: "not_found" });
  });

  test("is searched by several actions at once, by whether a second factor was used, and outside of change windows", async () => {
    await database.transact(({ sql }) => appendEvents(sql, WINDOW_EVENTS, ARRIVED));
    const context = contextAt("2026-11-04T00:00:00Z");
    const find = async (search: object) => {
      const query = queryOfSearch(TRAIL_SEARCH.parse({ ...search, sourceKey: "windows" }));
      return (await searchTrail(context, query, null)).rows.map(({ action }) => action).toSorted();
    };
    expect(await find({ action: "a:In | a:Early" })).toEqual(["a:Early", "a:In"]);
    expect(await find({ mfa: "no" })).toEqual(["signin.amazonaws.com:ConsoleLogin"]);
    const outside = "mon,tue,wed,thu,fri 07:00-19:00 Europe/Berlin; sat 22:00-06:00 Europe/Berlin";
    expect(await find({ verbClass: "change", outside })).toEqual(["a:Early", "a:EarlyInWinter", "a:Sunday"]);
    expect(await find({ outside })).toContain("a:Read");
    const range = { from: new Date("2026-10-20T00:00:00Z"), to: new Date("2026-11-04T00:00:00Z") };
    const query = queryOfSearch(TRAIL_SEARCH.parse({ sourceKey: "windows", verbClass: "change", outside }));
    const { counts } = await readTrailHistogram(context, { ...query, ...range });
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3);
    // An approved change that is assigned to the person covers what falls into its time, until a newer version says otherwise.
    await database.transact(({ sql }) => appendEvents(sql, [ticketAt("2026-10-24T09:00:00Z", {})], ARRIVED));
    expect(await find({ verbClass: "change", outside })).toEqual(["a:Early", "a:EarlyInWinter"]);
    const through = (await readFrontier(database.pool)).size - 2;
    const before = await searchStoredEvents(database.pool, query, { before: null, limit: 10, through });
    expect(before).toHaveLength(3);
    const offAt = "2026-10-24T10:00:00Z";
    await database.transact(({ sql }) => appendEvents(sql, [ticketAt(offAt, { state: "4" })], ARRIVED));
    expect(await find({ verbClass: "change", outside })).toEqual(["a:Early", "a:EarlyInWinter", "a:Sunday"]);
    // Counted by day from the index, of two classes together.
    const changes = queryOfSearch(TRAIL_SEARCH.parse({ verbClass: "change" }));
    const days = await readTrailHistogram(context, { ...changes, ...range, to: new Date("2026-10-27T00:00:00Z") });
    expect(days.counts.reduce((sum, count) => sum + count, 0)).toBe(11);
    expect(searchOfQuery(query)).toMatchObject({ outside, verbClass: "change" });
  });

  test("is found by the terms that the database computes for the events of before, and by no word that it does not have", async () => {
    const { rows } = await database.pool.query("SELECT count(*)::int AS events FROM event");
    expect(rows[0]?.events).toBeGreaterThan(150);
    expect(await differingTerms(database)).toEqual([]);
    const context = contextAt("2026-11-04T00:00:00Z");
    const find = async (text: string) => (await searchTrail(context, { ...TRAIL_QUERY, text }, null)).rows.length;
    expect([await find("zebrafish"), await find("elet amespac"), await find("tab line 349")]).toEqual([0, 100, 1]);
  });

  test("takes in what was done in Bursar, and its head is published, signed and kept outside of the database", async () => {
    await recordActivity(database.pool, {
      at: new Date("2026-11-04T08:00:00.123Z"),
      actor: { id: "ada@example.com", name: "Ada", role: "admin", teamKey: null },
      action: "rule.saved",
      subject: "rule 1",
    });
    const sealed = await sealTrail(contextAt("2026-11-04T09:00:00Z"));
    const { size } = await readFrontier(database.pool);
    expect(sealed).toEqual({ size, failed: [] });
    const lines = readFileSync(join(home, HEADS_FILE), "utf8").trim().split("\n");
    const { subject, predicate } = JSON.parse(Buffer.from(JSON.parse(lines.at(-1) ?? "").payload, "base64").toString());
    expect(predicate.entries).toBe(size);
    const heads = [{ size, root: subject[0].digest.sha256 }];
    expect(await verifyTrail(database.pool, heads)).toEqual({
      entries: size,
      damages: [],
      notListed: 0,
      forgotten: [],
      unpublished: [],
    });
    const first = await readEntryProof(contextAt("2026-11-04T09:01:00Z"), 3, null);
    expect(first.head.envelope).toBe(lines.at(-1));
    const claim = {
      leaf: fromHex(first.leaf),
      index: 3,
      size,
      root: fromHex(first.head.root),
      path: first.path.map(fromHex),
    };
    expect(verifyInclusion(sha256, claim)).toBe(true);
    for (const at of claim.path.keys())
      expect(
        verifyInclusion(sha256, { ...claim, path: claim.path.map((hash, n) => (n === at ? flipped(hash) : hash)) }),
      ).toBe(false);
    await expect(readEntryProof(contextAt("2026-11-04T09:01:00Z"), size, null)).rejects.toMatchObject({
      code: "not_found",
    });
    // Publishing is an entry of its own, which alone is no reason to publish again.
    expect(await sealTrail(contextAt("2026-11-04T09:05:00Z"))).toEqual({ size: null, failed: [] });
    expect(await sealTrail(contextAt("2026-11-04T09:10:00Z"))).toEqual({ size: null, failed: [] });
    await append(Array.from({ length: 300 }, (_, n) => 1_000 + n));
    const later = await sealTrail(contextAt("2026-11-04T10:00:00Z"));
    const proof = await readConsistencyProof(contextAt("2026-11-04T10:00:00Z"), size, later.size ?? 0);
    const grown = {
      earlier: size,
      earlierRoot: fromHex(proof.from.root),
      size: proof.to.size,
      root: fromHex(proof.to.root),
      proof: proof.path.map(fromHex),
    };
    expect(verifyConsistency(sha256, grown)).toBe(true);
    expect(verifyConsistency(sha256, { ...grown, earlierRoot: flipped(grown.earlierRoot) })).toBe(false);
    const { rows } = await searchTrail(
      contextAt("2026-11-05T00:00:00Z"),
      { ...TRAIL_QUERY, sourceKey: "bursar" },
      null,
    );
    expect(rows.map(({ action, actor }) => `${actor} ${action}`)).toEqual([
      "system tree-head.published",
      "ada@example.com rule.saved",
    ]);
    expect((await verifyTrail(database.pool, [{ size, root: "0".repeat(64) }])).damages).toMatchObject([
      { kind: "tree" },
    ]);
  });

  test("says between when nothing came from whom, and which source never came or could not be read", async () => {
    const { pool } = database;
    await pool.query(
      `INSERT INTO source (key, kind, title, dataset, plan_error) VALUES ('cloud', 'aws-cloudtrail', 'A', 'events', NULL),
       ('silent', 'argocd', 'B', 'events', NULL), ('locked', 'terraform', 'C', 'events', '{"message":"Access denied."}')`,
    );
    const minute = (n: number) => new Date(Date.UTC(2026, 4, 1, 0, n));
    // One event every ten minutes for ten hours, but for an hour and a half.
    const cloud = Array.from({ length: 60 }, (_, n) => n * 10)
      .filter((n) => n <= 130 || n >= 220)
      .map((n) => ({
        ...eventOf(n),
        sourceKey: "cloud",
        clusterKey: null,
        accountId: "111122223333",
        occurredAt: minute(n),
      }));
    await database.transact(({ sql }) => appendEvents(sql, cloud, ARRIVED));
    const context = contextAt(minute(620).toISOString());
    const gaps = await listGaps(context, { from: minute(0), to: minute(1_440) });
    expect(gaps.sources.map(({ key, state, events }) => [key, state, events])).toEqual([
      ["cloud", "gaps", 52],
      ["silent", "never", 0],
      ["locked", "never", 0],
    ]);
    expect(gaps.sources[0]?.gaps.map(({ sentence }) => sentence)).toEqual([
      "Between 02:10 UTC, 1 May 2026 and 03:40 UTC, 1 May 2026 nothing came from account 111122223333; usually something comes within 10 min.",
    ]);
    expect(gaps.sources[2]?.gaps[0]?.sentence).toBe("It could not be read yet: Access denied.");
    const later = await listGaps(context, { from: minute(300), to: minute(500) });
    expect(later.sources[0]).toMatchObject({ state: "none", gaps: [] });
    const empty = await listGaps(contextAt("2026-05-04T00:00:00Z"), {
      from: new Date("2026-05-03"),
      to: new Date("2026-05-04"),
    });
    expect(empty.sources[0]).toMatchObject({ state: "empty", lastDay: "2026-05-01" });
    await expect(listGaps(context, { from: new Date("2026-01-01"), to: minute(0) })).rejects.toMatchObject({
      code: "limit_reached",
    });
  });

  test("suggests what events have: the words of the part, and people by what they are called, with how many; nothing without events", async () => {
    await database.pool.query(
      `INSERT INTO person (mail, name, team_key, manager_mail, source_key) VALUES
       ('nova@example.com', 'Zubrowka Person', '', '', 'd'), ('never@example.com', 'Zubrowka Other', '', '', 'd')`,
    );
    const at = new Date("2026-06-04T12:00:00Z");
    const named = [8_000, 8_001].map((n) => ({ ...eventOf(n), person: "nova@example.com", occurredAt: at }));
    const worded = { ...eventOf(8_002), action: "paint zubrowka", occurredAt: at };
    await database.transact(({ sql }) => appendEvents(sql, [...named, worded], ARRIVED));
    const suggest = (text: string, now = "2026-06-10T00:00:00Z") => suggestTerms(contextAt(now), { text });
    expect(await suggest("delete ZUBrow")).toEqual([
      { field: "person", value: "nova@example.com", label: "Zubrowka Person, nova@example.com", events: 2 },
      { field: "word", value: "zubrowka", label: "zubrowka", events: 1 },
    ]);
    expect(await suggest("z")).toEqual([]);
    expect(await suggest("zub%")).toEqual(await suggest("zub"));
    expect(await suggest("zubrow", "2027-06-10T00:00:00Z")).toEqual([]);
  });

  test("names who did something after they had left, and nobody who is still here or came back", async () => {
    await database.pool.query(
      `INSERT INTO person (mail, name, team_key, manager_mail, active_from, active_to, source_key) VALUES
       ('gone@example.com', 'Gone', '', '', NULL, '2026-06-03', 'd'), ('quiet@example.com', 'Quiet', '', '', NULL, '2026-06-03', 'd'),
       ('back@example.com', 'Back', '', '', NULL, '2026-06-01', 'd'), ('back@example.com', 'Back', '', '', '2026-06-02', NULL, 'd'),
       ('later@example.com', 'Later', '', '', NULL, '2099-01-01', 'd')`,
    );
    const did = (n: number, person: string, at: string) => ({ ...eventOf(n), person, occurredAt: new Date(at) });
    const events = [
      did(7_000, "gone@example.com", "2026-06-02T23:59:59Z"),
      did(7_001, "gone@example.com", "2026-06-03T00:00:00Z"),
      did(7_002, "quiet@example.com", "2026-06-02T12:00:00Z"),
      did(7_003, "back@example.com", "2026-06-05T12:00:00Z"),
      did(7_004, "later@example.com", "2026-06-05T12:00:00Z"),
    ];
    await database.transact(({ sql }) => appendEvents(sql, events, ARRIVED));
    expect(await listLeaverAccess(contextAt("2026-11-06T00:00:00Z"))).toEqual({
      left: 2,
      isCut: false,
      rows: [{ mail: "gone@example.com", name: "Gone", leftAt: "2026-06-03", events: 1 }],
    });
  });

  test("is searched again under a name, which tells what arrived since it was opened, and is nobody else's", async () => {
    const context = contextAt("2026-11-06T00:00:00Z");
    const { id } = await saveSearch(context, { name: " Claims ", search: { namespace: "claims" }, isWatched: true });
    await saveSearch(context, { name: "quiet", search: { namespace: "claims" }, isWatched: false });
    const list = async () => (await listSavedSearches(context)).map(({ name, news }) => [name, news?.count ?? null]);
    expect(await list()).toEqual([
      ["Claims", 0],
      ["quiet", null],
    ]);
    await append([5_000, 5_001]);
    await database.transact(({ sql }) => appendEvents(sql, [{ ...eventOf(5_002), namespace: "other" }], ARRIVED));
    expect(await list()).toEqual([
      ["Claims", 2],
      ["quiet", null],
    ]);
    await openSearch(context, { id });
    expect(await list()).toEqual([
      ["Claims", 0],
      ["quiet", null],
    ]);
    const stranger = { ...context, actor: { ...SYSTEM_ACTOR, id: "somebody else" } };
    expect(await listSavedSearches(stranger)).toEqual([]);
    for (const verb of [openSearch, removeSearch])
      await expect(verb(stranger, { id })).rejects.toMatchObject({ code: "not_found" });
    await removeSearch(context, { id });
    expect(await list()).toEqual([["quiet", null]]);
    await expect(saveSearch(context, { name: "", search: {}, isWatched: true })).rejects.toMatchObject({
      code: "invalid_input",
    });
  });

  test("that its database's owner changed all the same is found out", { timeout: 240_000 }, async () => {
    const measures = await proveLog({ database }, 76);
    expect(measures).toHaveLength(46);
    expect(measures.filter((measure) => !holds(measure))).toEqual([]);
  });
});
