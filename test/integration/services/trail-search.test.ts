import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "#lib/access/actor.ts";
import type { Database } from "#lib/db/client.ts";
import { changeTerms } from "#lib/db/trail/write-terms.ts";
import { dayOf, fieldTerm, termHash } from "#lib/domain/trail/event-terms.ts";
import { BLOCK_ENTRIES } from "#lib/domain/trail/places.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { appendEvents } from "#lib/services/trail/append/append-events.ts";
import { sha256Hex } from "#lib/services/trail/append/seal-events.ts";
import { readTrailHistogram, searchTrail } from "#lib/services/trail/search/search-trail.ts";
import type { TrailPlace, TrailQuery } from "#lib/services/trail/search/trail-view.ts";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";
import { TRAIL_QUERY } from "#test/integration/services/trail-workshop.ts";

/** More than a block of the log, so that what is common is kept as a map, and as a list where the log goes on. */
const EVENTS = 18_000;
/** Large batches write rows of places of their own, small ones add to those that are there. */
const BATCHES = [4_400, 70, 30];
const DAYS = 12;
const DAY_MS = 86_400_000;
const FIRST = Date.UTC(2026, 0, 1);
const QUERIES = 120;
/** The log grows out of its first block while it is asked: what a process remembers of it has to grow too. */
const LOADED_FIRST = 15_000;
const QUERIES_BETWEEN = 10;

/** Numbers of a fixed course, so that a failure is found again. */
function createRandom(seed: number) {
  let state = seed;
  const below = (most: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
  return { below, one: <T>(list: readonly T[]): T => list[below(list.length)] as T };
}

const { below, one } = createRandom(11);

function eventOf(n: number): TrailEvent {
  // Most arrive in order of time, some late, and what happened on one day is rare on others.
  const day = below(10) === 0 ? below(DAYS) : Math.floor((n * DAYS) / EVENTS);
  const isBurst = day === 5 && below(2) === 0;
  const name = `app-${below(40)}`;
  return {
    occurredAt: new Date(FIRST + day * DAY_MS + below(DAY_MS)),
    sourceKey: one(["cluster", "cluster", "cluster", "trail"]),
    eventKey: `event ${n}`,
    actor: `person-${below(300)}@example.com`,
    actorKind: "user",
    person: below(3) === 0 ? `person-${below(30)}@example.com` : null,
    teamKey: null,
    action: isBurst ? "patch secrets" : one(["get pods", "get pods", "list nodes", "delete namespaces"]),
    verbClass: below(20) === 0 ? "write" : "read",
    resource: `namespaces/${name}/pods/web_${below(5_000)}`,
    accountId: null,
    clusterKey: `cluster-${below(3)}`,
    namespace: name,
    region: null,
    outcome: below(50) === 0 ? "denied" : "success",
    // Many come through one gate.
    sourceAddress: below(2) === 0 ? "192.0.2.1" : `198.51.100.${below(100)}, 192.0.2.1`,
    mfa: null,
    body: new Uint8Array([123, 125]),
  };
}

const events = Array.from({ length: EVENTS }, (_, seq) => ({ ...eventOf(seq), seq }));

const TEXTS = () =>
  one([
    `app-${below(40)}`,
    `app-${below(4)}`,
    `pp-${below(40)}/pods`,
    `pods/web_${below(5_000)}`,
    "DELETE names",
    "patch",
    `person-${below(300)}@`,
    "web",
    "zebrafish",
    `${below(9)}`,
    `app-${below(40)} get`,
    "-1",
  ]);

function queryOf(): TrailQuery {
  const query: TrailQuery = { ...TRAIL_QUERY };
  if (below(2) === 0) query.text = TEXTS();
  if (below(3) === 0) query.verbClass = one(["read", "write", "change"] as const);
  if (below(4) === 0) query.outcome = one(["denied", "success"] as const);
  if (below(4) === 0) query.action = one(["get pods", "patch secrets", "patch secrets | list nodes"]);
  if (below(4) === 0) query.clusterKey = `cluster-${below(3)}`;
  if (below(5) === 0) query.sourceKey = "trail";
  if (below(6) === 0) query.namespace = `app-${below(40)}`;
  if (below(5) === 0) query.sourceAddress = one(["192.0.2.1", `198.51.100.${below(100)}, 192.0.2.1`]);
  if (below(6) === 0) query.person = `person-${below(30)}@example.com | person-${below(30)}@example.com`;
  if (below(3) === 0) query.from = new Date(FIRST + below(6 * DAY_MS));
  if (below(3) === 0) query.to = new Date(FIRST + (6 + below(6)) * DAY_MS);
  return query;
}

/** What a search means, event by event. */
function isFitting(event: TrailEvent, query: TrailQuery): boolean {
  const { text, verbClass, action, person, from, to } = query;
  for (const field of ["outcome", "clusterKey", "sourceKey", "namespace", "sourceAddress"] as const)
    if (query[field] !== null && event[field] !== query[field]) return false;
  if (verbClass === "change" ? event.verbClass === "read" : verbClass !== null && event.verbClass !== verbClass)
    return false;
  if (action !== null && !action.split(" | ").includes(event.action)) return false;
  if (person !== null && !(event.person !== null && person.split(" | ").includes(event.person))) return false;
  if ((from && event.occurredAt < from) || (to && event.occurredAt >= to)) return false;
  const searched = [event.action, event.resource, event.actor, event.person ?? "", event.namespace]
    .join(" ")
    .toLowerCase();
  return (text ?? "")
    .toLowerCase()
    .split(" ")
    .every((part) => searched.includes(part));
}

describe("a search of the log", () => {
  const auditor: Actor = { id: "auditor@example.com", name: "Auditor", role: "auditor", teamKey: null };
  let scratch: TestDatabase;
  let database: Database;
  const context = () => ({ actor: auditor, database, now: new Date(FIRST + DAYS * DAY_MS) });

  let stored = 0;
  const append = async (upTo: number) => {
    for (let n = 0; stored < upTo; n += 1) {
      const batch = events.slice(stored, Math.min(upTo, stored + (BATCHES[n % BATCHES.length] ?? 1)));
      await database.transact(({ sql }) => appendEvents(sql, batch, new Date(FIRST)));
      stored += batch.length;
    }
  };

  beforeAll(async () => {
    scratch = await createTestDatabase();
    database = scratch.database;
    await append(LOADED_FIRST);
  }, 120_000);
  afterAll(() => scratch?.drop());

  test(
    "finds what fits, newest first, page by page, and counts it by day, whatever is asked for",
    { timeout: 120_000 },
    async () => {
      const newestFirst = events.toSorted((a, b) => b.occurredAt.getTime() - a.occurredAt.getTime() || b.seq - a.seq);
      const step = ((EVENTS - LOADED_FIRST) * QUERIES_BETWEEN) / QUERIES;
      let found = 0;
      for (let n = 0; n < QUERIES; n += 1) {
        if (n % QUERIES_BETWEEN === 0) await append(Math.min(EVENTS, stored + step));
        const query = queryOf();
        const fitting = newestFirst.filter((event) => event.seq < stored && isFitting(event, query));
        let before: TrailPlace | null = null;
        for (let page = 0; page < 3; page += 1) {
          const { rows, next } = await searchTrail(context(), query, before);
          const expected = fitting.slice(page * 100, page * 100 + 100).map(({ seq }) => seq);
          expect({ query, seqs: rows.map(({ seq }) => seq) }).toEqual({ query, seqs: expected });
          found += rows.length;
          before = next;
          if (next === null) break;
        }
        const range = { from: new Date(FIRST), to: new Date(FIRST + DAYS * DAY_MS) };
        const histogram = await readTrailHistogram(context(), { ...query, ...range });
        const all = events.slice(0, stored).filter((event) => isFitting(event, { ...query, ...range }));
        const sum = histogram.counts.reduce((total, count) => total + count, 0);
        expect({ query, sum }).toEqual({ query, sum: histogram.isCut ? 10_000 : all.length });
      }
      // A search that finds nothing would pass all of this.
      expect(found).toBeGreaterThan(QUERIES * 20);
    },
  );

  test("keeps what is common in a finished block of the log as a map, and the rest as lists", async () => {
    const { rows } = await database.pool.query(
      "SELECT count(*) FILTER (WHERE octet_length(places) < count * 2)::int AS maps, bool_and(block = 0 OR octet_length(places) = count * 2) AS open, count(DISTINCT piece)::int AS pieces FROM event_term_day",
    );
    expect(rows[0]?.pieces).toBeGreaterThan(2);
    expect(rows[0]?.maps).toBeGreaterThan(0);
    expect(rows[0]?.open).toBe(true);
  });

  test("finds nothing where places were taken away, however often it has found it before", async () => {
    const query = { ...TRAIL_QUERY, actor: events[0]?.actor ?? "" };
    const own = events.filter(({ actor }) => actor === query.actor).map(({ seq }) => seq);
    const search = async () => (await searchTrail(context(), query, null)).rows.map(({ seq }) => seq);
    expect((await search()).toSorted((a, b) => a - b)).toEqual(own);
    const taken = own.filter((seq) => seq < BLOCK_ENTRIES).slice(0, 5);
    const term = termHash(sha256Hex, fieldTerm("actor", query.actor));
    const entries = taken.map((seq) => ({
      term,
      day: dayOf(events[seq]?.occurredAt ?? new Date(0)),
      block: 0,
      places: [seq],
    }));
    const byDay = Map.groupBy(entries, ({ day }) => day).values();
    const took = Array.from(byDay, (of) => ({
      ...(of[0] as (typeof of)[number]),
      places: of.flatMap(({ places }) => places),
    }));
    await database.transact(({ sql }) => changeTerms(sql, { entries: took, words: [] }, { entries: [], words: [] }));
    expect((await search()).toSorted((a, b) => a - b)).toEqual(own.filter((seq) => !taken.includes(seq)));
  });
});
