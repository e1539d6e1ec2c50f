import { statfs } from "node:fs/promises";
import type { Actor } from "#lib/access/actor.ts";
import { openDatabase, type Database } from "#lib/db/client.ts";
import { readTrailHistogram, searchTrail } from "#lib/services/trail/search/search-trail.ts";
import { ANYTHING } from "#lib/services/trail/search/trail-search.ts";
import type { TrailPage, TrailQuery } from "#lib/services/trail/search/trail-view.ts";
import { makeEvents } from "#test/bench/audit-events.ts";
import {
  bound,
  compare,
  millisecondsOf,
  quantile,
  type Measure,
  type MeasureOptions,
  type Measurement,
} from "#test/bench/measure.ts";
import { later, openWorkshop, type Workshop } from "#test/bench/workshop.ts";

const EVENTS = 50_000_000;
/** Of fewer, not every question would have an answer. */
const LEAST_EVENTS = 1_000_000;
const MONTHS = 13;
const DAY_MS = 86_400_000;
const CLIENTS = 16;
const POOL_SIZE = 10;
const ROUNDS = 6;
/** What making the larger log may take, and fill: with the searches and the other measures it has to fit into an hour. */
const MAKING_LIMIT_MS = 35 * 60_000;
const MOST_BYTES = 42 * 2 ** 30;
/** Of the free disk this much is left to others, and to the server's own journal. */
const SPARE_BYTES = 8 * 2 ** 30;
const P95_LIMIT_MS = 200;
const GROWTH_LIMIT = 1.5;

const AUDITOR: Actor = { id: "auditor@example.com", name: "Auditor", role: "auditor", teamKey: null };
const END = new Date("2026-11-01T00:00:00Z");
const START = new Date(Date.UTC(2026, 10 - MONTHS, 1));

type Kind = { name: string; queryOf: (turn: number) => Partial<TrailQuery>; isRight: (page: TrailPage) => boolean };

const full = ({ rows }: TrailPage) => rows.length === 100;
const some = ({ rows }: TrailPage) => rows.length > 0;
const none = ({ rows }: TrailPage) => rows.length === 0;

const KINDS: readonly Kind[] = [
  { name: "newest", queryOf: () => ({}), isRight: full },
  { name: "a person", queryOf: (turn) => ({ actor: `person-${(turn * 37) % 3_000}@example.com` }), isRight: some },
  { name: "an action", queryOf: (turn) => ({ action: `service-${turn % 40}:Describe${turn % 25}` }), isRight: some },
  { name: "a rare action", queryOf: () => ({ action: "delete namespaces" }), isRight: some },
  {
    name: "refused in an account",
    queryOf: (turn) => ({ outcome: "denied", accountId: accountOf(turn) }),
    isRight: some,
  },
  { name: "a namespace", queryOf: (turn) => ({ namespace: `app-${(turn * 13) % 2_000}` }), isRight: some },
  { name: "a common word", queryOf: (turn) => ({ text: `Describe${turn % 25}` }), isRight: full },
  { name: "rare words", queryOf: () => ({ text: "DELETE namespaces" }), isRight: some },
  { name: "a part of a word", queryOf: (turn) => ({ text: `erson-${1_000 + ((turn * 31) % 2_000)}@` }), isRight: some },
  { name: "a word that does not occur", queryOf: () => ({ text: "zebrafish" }), isRight: none },
  {
    name: "common things that never meet",
    queryOf: () => ({ verbClass: "read", text: "service-1 Put24" }),
    isRight: none,
  },
  {
    name: "a month long ago",
    queryOf: (turn) => ({ text: `bucket-${turn % 500}`, from: START, to: new Date(START.getTime() + 30 * DAY_MS) }),
    isRight: some,
  },
];

export const auditSearch: Measure = {
  name: "audit-search",
  about:
    "filtered search in a log of 50 million events with its histogram, 16 clients at once, p95, and against a tenth of it",
  run: measureAuditSearch,
};

async function measureAuditSearch({ scale, note }: MeasureOptions): Promise<Measurement[]> {
  const workshop = await openWorkshop();
  try {
    const wanted = Math.max(LEAST_EVENTS, Math.round(EVENTS * scale));
    const few = await measureLog(workshop, Math.round(wanted / 10), note);
    const { bavail, bsize } = await statfs(workshop.folder);
    const fitting = Math.min(MOST_BYTES, bavail * bsize - SPARE_BYTES) / few.bytesPerEvent;
    const events = Math.floor(Math.min(wanted, fitting, MAKING_LIMIT_MS / few.msPerEvent));
    if (events < wanted) note(`audit-search: ${count(events)} of ${count(wanted)} events are what disk and time allow`);
    const many = await measureLog(workshop, events, note);
    const size = events.toLocaleString("en");
    return [
      bound(`audit search in ${size} events, p95`, "ms", many.searchMs, P95_LIMIT_MS),
      bound(`audit histogram of ${size} events, p95`, "ms", many.histogramMs, P95_LIMIT_MS),
      compare(`audit search against ${count(few.events)} events`, "ms", many.searchMs, few.searchMs, GROWTH_LIMIT),
    ];
  } finally {
    await workshop.close();
  }
}

const count = (events: number) => events.toLocaleString("en");

async function measureLog(workshop: Workshop, events: number, note: MeasureOptions["note"]) {
  const database = openDatabase(await workshop.createDatabase("audit_search"), { max: POOL_SIZE });
  const close = later(() => database.close());
  const took = await millisecondsOf(() => makeEvents(database, events, { from: START, to: END }));
  note(`audit-search: ${count(events)} events over ${MONTHS} months, made in ${Math.round(took / 1000)} s`);
  const bytes = await noteSizes(database, note);
  await askAll(database, 1);
  const cpu = process.cpuUsage();
  const { searches, histograms } = await askAll(database, ROUNDS);
  const { user, system } = process.cpuUsage(cpu);
  for (const [index, { name: kind }] of KINDS.entries()) noteKind(note, kind, searches[index] ?? []);
  noteKind(note, "histograms", histograms);
  const asked = searches.flat().length + histograms.length;
  note(`audit-search: ${((user + system) / 1_000 / asked).toFixed(1)} ms of Node's CPU for each of ${asked} questions`);
  await close();
  await workshop.dropDatabase("audit_search");
  return {
    events,
    bytesPerEvent: bytes / events,
    msPerEvent: took / events,
    searchMs: quantile(searches.flat(), 0.95),
    histogramMs: quantile(histograms, 0.95),
  };
}

function noteKind(note: MeasureOptions["note"], kind: string, durations: readonly number[]): void {
  note(
    `audit-search: ${kind}: median ${quantile(durations, 0.5).toFixed(1)} ms, p95 ${quantile(durations, 0.95).toFixed(1)} ms`,
  );
}

/** Every client asks all kinds in turn, each beginning with another one; every second search comes with its histogram, as on the page. */
async function askAll(database: Database, rounds: number) {
  const searches = KINDS.map((): number[] => []);
  const histograms: number[] = [];
  const context = { actor: AUDITOR, database, now: END };
  const client = async (number: number) => {
    for (let count = 0; count < rounds * KINDS.length; count += 1) {
      const index = (number + count) % KINDS.length;
      const kind = KINDS[index];
      if (!kind) continue;
      const query = { ...ANYTHING, ...kind.queryOf(number * rounds * KINDS.length + count) };
      const start = performance.now();
      const page = await searchTrail(context, query, null);
      searches[index]?.push(performance.now() - start);
      if (!kind.isRight(page)) throw new Error(`${kind.name}: ${page.rows.length} rows are not what was asked for.`);
      if (count % 2 === 1) continue;
      const range = { from: query.from ?? new Date(END.getTime() - 30 * DAY_MS), to: query.to ?? END };
      histograms.push(await millisecondsOf(() => readTrailHistogram(context, { ...query, ...range })));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
  return { searches, histograms };
}

function accountOf(turn: number): string {
  return String(100_000_000_000 + (turn % 100));
}

/** Answers the bytes of all of it. */
async function noteSizes({ pool }: Database, note: MeasureOptions["note"]): Promise<number> {
  const { rows } = await pool.query<{ heap: string; terms: string; others: string }>(`
    SELECT sum(pg_table_size(i.inhrelid)) AS heap, (SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'event_term_day'::regclass) + pg_total_relation_size('event_word') AS terms,
      sum(pg_indexes_size(i.inhrelid)) AS others FROM pg_inherits i WHERE i.inhparent = 'event'::regclass`);
  const [sizes] = rows;
  const gib = (bytes: string | undefined) => `${(Number(bytes ?? 0) / 2 ** 30).toFixed(2)} GiB`;
  note(
    `audit-search: rows ${gib(sizes?.heap)}, their indexes ${gib(sizes?.others)}, terms and words ${gib(sizes?.terms)}`,
  );
  return [sizes?.heap, sizes?.others, sizes?.terms].reduce((sum, bytes) => sum + Number(bytes ?? 0), 0);
}
