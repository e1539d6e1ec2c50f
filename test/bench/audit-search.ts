import type { Actor } from "#lib/access/actor.ts";
import { openDatabase, type Database } from "#lib/db/client.ts";
import { ensureEventMonths } from "#lib/db/trail/event-months.ts";
import { readTrailHistogram, searchTrail } from "#lib/services/trail/search-trail.ts";
import type { TrailPage, TrailQuery } from "#lib/services/trail/trail-view.ts";
import {
  bound,
  compare,
  millisecondsOf,
  quantile,
  type Measure,
  type MeasureOptions,
  type Measurement,
} from "#test/bench/measure.ts";
import { later, openWorkshop } from "#test/bench/workshop.ts";

const EVENTS = 50_000_000;
/** Of fewer, not every question would have an answer. */
const LEAST_EVENTS = 200_000;
const EVENTS_AT_ONCE = 250_000;
const MONTHS = 13;
const DAY_MS = 86_400_000;
const CLIENTS = 16;
const POOL_SIZE = 10;
const ROUNDS = 6;
const P95_LIMIT_MS = 200;
const GROWTH_LIMIT = 1.5;
/** Only every so many events is one of the rare kinds. */
const RARE_EVERY = 20_011;

const AUDITOR: Actor = { id: "auditor@example.com", name: "Auditor", role: "auditor", teamKey: null };
const END = new Date("2026-11-01T00:00:00Z");
const START = new Date(Date.UTC(2026, 10 - MONTHS, 1));

const ANYTHING: TrailQuery = {
  text: null,
  actor: null,
  person: null,
  action: null,
  verbClass: null,
  outcome: null,
  resource: null,
  accountId: null,
  clusterKey: null,
  namespace: null,
  sourceKey: null,
  mfa: null,
  outside: null,
  from: null,
  to: null,
};

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
  name: "audit",
  about:
    "filtered search in a log of 50 million events with its histogram, 16 clients at once, p95, and against a tenth of it",
  run: measureAuditSearch,
};

async function measureAuditSearch({ scale, note }: MeasureOptions): Promise<Measurement[]> {
  const workshop = await openWorkshop();
  try {
    const events = Math.max(LEAST_EVENTS, Math.round(EVENTS * scale));
    const p95s: number[][] = [];
    for (const [name, count] of [
      ["tenth", Math.round(events / 10)],
      ["whole", events],
    ] as const) {
      const database = openDatabase(await workshop.createDatabase(name), { max: POOL_SIZE });
      const close = later(() => database.close());
      const took = await millisecondsOf(() => makeEvents(database, count));
      note(`audit: ${count} events over ${MONTHS} months, made in ${Math.round(took / 1000)} s`);
      await noteSizes(database, note);
      await askAll(database, 1);
      const { searches, histograms } = await askAll(database, ROUNDS);
      for (const [index, { name: kind }] of KINDS.entries()) noteKind(note, kind, searches[index] ?? []);
      noteKind(note, "histograms", histograms);
      p95s.push([quantile(searches.flat(), 0.95), quantile(histograms, 0.95)]);
      await close();
      await workshop.dropDatabase(name);
    }
    const [[few = 0] = [], [many = 0, bars = 0] = []] = p95s;
    return [
      bound("audit search", "ms", many, P95_LIMIT_MS),
      bound("audit histogram", "ms", bars, P95_LIMIT_MS),
      compare("audit search against a tenth", "ms", many, few, GROWTH_LIMIT),
    ];
  } finally {
    await workshop.close();
  }
}

function noteKind(note: MeasureOptions["note"], kind: string, durations: readonly number[]): void {
  note(
    `audit: ${kind}: median ${quantile(durations, 0.5).toFixed(1)} ms, p95 ${quantile(durations, 0.95).toFixed(1)} ms`,
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

/** Events as an estate's trails deliver them, evenly over the months; the terms by the functions that the migration made the old ones with. */
async function makeEvents({ pool }: Database, events: number): Promise<void> {
  const spacingMs = (END.getTime() - START.getTime()) / events;
  await ensureEventMonths(
    { query: (text, values) => pool.query(text, values) },
    Array.from({ length: MONTHS }, (_, month) => new Date(Date.UTC(2026, 10 - MONTHS + month, 15))),
  );
  await pool.query("CREATE UNLOGGED TABLE term_of (term text PRIMARY KEY, hash bigint NOT NULL)");
  await pool.query("CREATE UNLOGGED TABLE made (LIKE event)");
  for (let first = 0; first < events; first += EVENTS_AT_ONCE) {
    await pool.query("TRUNCATE made");
    await pool.query(madeSql(first, Math.min(events, first + EVENTS_AT_ONCE), spacingMs));
    await pool.query("TRUNCATE term_of");
    await pool.query(
      `CREATE UNLOGGED TABLE found AS SELECT m.seq, event_day(m.occurred_at) AS day, t FROM made m, unnest(event_terms(ROW(m.*)::event)) AS t`,
    );
    await pool.query(`INSERT INTO term_of SELECT t, event_term_hash(t) FROM (SELECT DISTINCT t FROM found) f`);
    await pool.query(`INSERT INTO event_term_day AS d SELECT hash, day, count(*) FROM found JOIN term_of ON term = t GROUP BY 1, 2
      ON CONFLICT (term, day) DO UPDATE SET count = d.count + excluded.count`);
    await pool.query(`INSERT INTO event_word SELECT term FROM term_of WHERE term !~ '[=*]' ON CONFLICT DO NOTHING`);
    await pool.query(`INSERT INTO event SELECT m.seq, m.occurred_at, m.received_at, m.source_key, m.event_key, m.actor, m.actor_kind,
        m.person, m.team_key, m.action, m.verb_class, m.resource, m.account_id, m.cluster_key, m.namespace, m.region, m.outcome,
        m.source_address, m.body, m.salt, m.commitments, k.keys
      FROM made m JOIN (SELECT seq, array_agg(event_term_key(hash, day)) AS keys FROM found JOIN term_of ON term = t WHERE t <> '*' GROUP BY 1) k ON k.seq = m.seq`);
    await pool.query("DROP TABLE found");
  }
  await pool.query("DROP TABLE made, term_of");
  await pool.query("VACUUM (ANALYZE) event, event_term_day, event_word");
}

/** A third comes from clusters. Bodies are as long as deflated records are; their content is not read here. */
function madeSql(first: number, end: number, spacingMs: number): string {
  const at = `TIMESTAMPTZ '${START.toISOString()}' + i * interval '${spacingMs} milliseconds'`;
  return `INSERT INTO made SELECT i, ${at}, ${at}, CASE WHEN i % 3 = 0 THEN 'cluster-audit' ELSE 'organisation-trail' END, 'event ' || i,
      'person-' || one * one / 1000000 % 3000 || '@example.com', 'user', NULL, NULL,
      CASE WHEN i % ${RARE_EVERY} = 0 THEN 'delete namespaces' WHEN two % 10 = 0 THEN 'service-' || two % 40 || ':Put' || two / 40 % 25
        ELSE 'service-' || two % 40 || ':Describe' || two / 40 % 25 END,
      CASE WHEN i % ${RARE_EVERY} = 0 OR two % 10 = 0 THEN 'write' ELSE 'read' END,
      CASE WHEN i % 3 = 0 THEN 'namespaces/app-' || one % 2000 || '/pods/web-' || substr(md5(i::text), 1, 5) ELSE 'arn:aws:s3:::bucket-' || one % 500 || '/key-' || two % 20000 END,
      CASE WHEN i % 3 = 0 THEN NULL ELSE (100000000000 + two % 100)::text END, CASE WHEN i % 3 = 0 THEN 'cluster-' || one % 40 END,
      CASE WHEN i % 3 = 0 THEN 'app-' || one % 2000 END, 'eu-central-1', CASE WHEN one % 50 = 7 THEN 'denied' ELSE 'success' END,
      '192.0.2.' || one % 250, decode(repeat(md5(i::text), 12), 'hex'), decode(md5(i::text), 'hex'), NULL, NULL
    FROM (SELECT i, (hashtext('one' || i) & 2147483647)::bigint % 100000 AS one, (hashtext('two' || i) & 2147483647)::bigint AS two
          FROM generate_series(${first}, ${end - 1}) AS i) n`;
}

async function noteSizes({ pool }: Database, note: MeasureOptions["note"]): Promise<void> {
  const { rows } = await pool.query<{ heap: string; keys: string; terms: string; others: string }>(`
    SELECT sum(pg_table_size(i.inhrelid)) AS heap, pg_total_relation_size('event_term_day') + pg_total_relation_size('event_word') AS keys,
      (SELECT sum(pg_relation_size(x.inhrelid)) FROM pg_inherits x WHERE x.inhparent = 'event_terms_idx'::regclass) AS terms,
      sum(pg_indexes_size(i.inhrelid)) AS others FROM pg_inherits i WHERE i.inhparent = 'event'::regclass`);
  const [sizes] = rows;
  const gib = (bytes: string | undefined) => `${(Number(bytes ?? 0) / 2 ** 30).toFixed(2)} GiB`;
  note(
    `audit: rows ${gib(sizes?.heap)}, all indexes ${gib(sizes?.others)} of which terms ${gib(sizes?.terms)}, words and counts ${gib(sizes?.keys)}`,
  );
}
