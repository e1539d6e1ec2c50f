import { setTimeout as sleep } from "node:timers/promises";
import type { PoolClient } from "pg";
import { randomFor, type Random } from "#demo/estate/random.ts";
import { numberArray, textArray } from "#lib/db/array-literal.ts";
import type { Database } from "#lib/db/client.ts";
import { ensureEventMonths } from "#lib/db/trail/event-months.ts";
import { writeEvents, type EventRow } from "#lib/db/trail/write-events.ts";
import {
  dayOf,
  EVERY_EVENT,
  TERM_FIELDS,
  termHash,
  termKey,
  termsOfValue,
  type TermSource,
} from "#lib/domain/trail/event-terms.ts";
import { sha256 } from "#lib/services/trail/seal-events.ts";

/** When a log's events happened: evenly over `[from, to)`. */
export type MadeRange = { from: Date; to: Date };

const EVENTS_AT_ONCE = 20_000;
/** Only every so many events is one of the rare kinds. */
const RARE_EVERY = 20_011;
const BODY_BYTES = 256;
const BUILD_MEMORY = "768MB";

/**
 * A log of so many events as an estate's trails deliver them, a third from clusters; the columns, terms and counts are those of events that were
 * appended. Indexes are built afterwards, which takes a fraction of the time. Bodies are noise as long as packed records are; nothing here
 * reads them, and there is no tree.
 */
export async function makeEvents({ pool }: Database, events: number, { from, to }: MadeRange): Promise<void> {
  const sql = await pool.connect();
  try {
    const months = new Map<string, Date>();
    for (let at = from; at < to; at = new Date(at.getTime() + 86_400_000)) months.set(at.toISOString().slice(0, 7), at);
    await ensureEventMonths(sql, months.values());
    // Nobody needs these rows after a crash.
    await sql.query("SET synchronous_commit = off");
    const indexes = await dropIndexes(sql);
    const random = randomFor("audit events");
    const terms = createTerms();
    const spacingMs = (to.getTime() - from.getTime()) / events;
    let day = dayOf(from);
    for (let first = 0; first < events; first += EVENTS_AT_ONCE) {
      const rows: EventRow[] = [];
      for (let seq = first; seq < Math.min(events, first + EVENTS_AT_ONCE); seq += 1) {
        const occurredAt = new Date(from.getTime() + Math.floor(seq * spacingMs));
        const own = dayOf(occurredAt);
        if (own !== day) await terms.endDay(sql, day);
        day = own;
        rows.push(rowOf(eventOf(seq, random), { seq, occurredAt }, terms));
      }
      await writeEvents(sql, rows);
    }
    await terms.endDay(sql, day);
    await terms.writeWords(sql);
    await sql.query(`SET maintenance_work_mem = '${BUILD_MEMORY}'`);
    for (const definition of indexes) await sql.query(definition);
    await sql.query("VACUUM (ANALYZE) event, event_term_day, event_word");
    // What building has left to be written would be written beside the first searches.
    await sql.query("CHECKPOINT");
    await sleep(1_000);
  } finally {
    sql.release(true);
  }
}

/** Answers what makes them again. */
async function dropIndexes(sql: PoolClient): Promise<string[]> {
  const { rows } = await sql.query<{
    name: string;
    table: string;
    definition: string;
    constraint: string | null;
    made: string;
  }>(
    `SELECT i.indexrelid::regclass::text AS name, i.indrelid::regclass::text AS "table", pg_get_indexdef(i.indexrelid) AS definition, c.conname AS constraint,
       pg_get_constraintdef(c.oid) AS made
     FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid
     WHERE i.indrelid IN ('event'::regclass, 'event_word'::regclass, 'event_term_day'::regclass)`,
  );
  for (const { name, table, constraint } of rows)
    await sql.query(constraint === null ? `DROP INDEX ${name}` : `ALTER TABLE ${table} DROP CONSTRAINT ${constraint}`);
  return rows.map(({ table, definition, constraint, made }) =>
    // Of a table with partitions the definition is of its own index alone.
    constraint === null
      ? definition.replace(" ON ONLY ", " ON ")
      : `ALTER TABLE ${table} ADD CONSTRAINT ${constraint} ${made}`,
  );
}

type MadeEvent = TermSource & { region: string; sourceAddress: string };

function eventOf(seq: number, random: Random): MadeEvent {
  const one = random.below(100_000);
  const two = random.below(2_000_000);
  const isCluster = seq % 3 === 0;
  const isRare = seq % RARE_EVERY === 0;
  const isWrite = isRare || Math.floor(two / 1_000) % 10 === 0;
  const name = isWrite ? "Put" : "Describe";
  const namespace = `app-${one % 2_000}`;
  return {
    // A few do much, most do little.
    actor: `person-${Math.floor((one * one) / 1_000_000) % 3_000}@example.com`,
    person: null,
    mfa: null,
    action: isRare ? "delete namespaces" : `service-${two % 40}:${name}${Math.floor(two / 40) % 25}`,
    verbClass: isWrite ? "write" : "read",
    outcome: one % 50 === 7 ? "denied" : "success",
    resource: isCluster
      ? `namespaces/${namespace}/pods/web-${random.below(1_048_576).toString(16).padStart(5, "0")}`
      : `arn:aws:s3:::bucket-${one % 500}/key-${two % 20_000}`,
    accountId: isCluster ? null : String(100_000_000_000 + (two % 100)),
    clusterKey: isCluster ? `cluster-${one % 40}` : null,
    namespace: isCluster ? namespace : null,
    sourceKey: isCluster ? "cluster-audit" : "organisation-trail",
    region: "eu-central-1",
    sourceAddress: `192.0.2.${one % 250}`,
  };
}

function rowOf(event: MadeEvent, { seq, occurredAt }: { seq: number; occurredAt: Date }, terms: Terms): EventRow {
  const { actor, action, verbClass, resource, accountId, clusterKey, namespace, outcome, sourceKey } = event;
  const who = [sourceKey, `event ${seq}`, actor, "user", null, null];
  const where = [accountId, clusterKey, namespace, event.region];
  const texts = [...who, action, verbClass, resource, ...where, outcome, event.sourceAddress, null];
  const noise = NOISE.subarray(seq % 4_096, (seq % 4_096) + BODY_BYTES);
  const keys = terms.keysOf(event, seq, dayOf(occurredAt));
  return { seq, occurredAt, receivedAt: occurredAt, texts, body: noise, salt: noise.subarray(0, 16), terms: keys };
}

const NOISE = Buffer.concat(Array.from({ length: 200 }, (_, n) => sha256(Buffer.from(String(n)))));

type Terms = ReturnType<typeof createTerms>;
/** `event`: the last that has the term. */
type Term = { hash: number; count: number; event: number };

/** What appending counts a batch, counted a day, and with the terms of common values kept from one to the next. */
function createTerms() {
  const kept = Object.keys(TERM_FIELDS).map(() => new Map<string, Term[]>());
  const fields = Object.keys(TERM_FIELDS) as (keyof typeof TERM_FIELDS)[];
  const words = new Map<string, Term>();
  const every: Term = { hash: termHash(sha256, EVERY_EVENT), count: 0, event: -1 };
  let used = new Set<Term>();
  const make = (term: string): Term => ({ hash: termHash(sha256, term), count: 0, event: -1 });
  const wordOf = (word: string): Term => {
    const found = words.get(word) ?? make(word);
    words.set(word, found);
    return found;
  };
  const termsOf = (place: number, value: string): Term[] => {
    const known = kept[place];
    const found = known?.get(value);
    if (found) return found;
    const name = fields[place] as keyof typeof TERM_FIELDS;
    const { field, words: own } = termsOfValue(name, value);
    const terms = [make(field), ...own.map(wordOf)];
    known?.set(value, terms);
    return terms;
  };
  return {
    keysOf(event: TermSource, seq: number, day: number): number[] {
      const keys: number[] = [];
      every.count += 1;
      used.add(every);
      for (const [place, name] of fields.entries()) {
        const value = event[name];
        if (value === null) continue;
        for (const term of termsOf(place, value)) {
          if (term.event === seq) continue;
          term.event = seq;
          if (term.count === 0) used.add(term);
          term.count += 1;
          keys.push(termKey(term.hash, day));
        }
      }
      return keys;
    },
    async endDay(sql: PoolClient, day: number): Promise<void> {
      const terms = [...used];
      await sql.query(
        "INSERT INTO event_term_day (term, day, count) SELECT term, $2, count FROM unnest($1::bigint[], $3::int[]) AS t (term, count)",
        [numberArray(terms.map(({ hash }) => hash)), day, numberArray(terms.map(({ count }) => count))],
      );
      for (const term of terms) term.count = 0;
      used = new Set();
      // Resources are as good as never the same on another day.
      kept[fields.indexOf("resource")]?.clear();
    },
    async writeWords(sql: PoolClient): Promise<void> {
      await sql.query("INSERT INTO event_word (word) SELECT * FROM unnest($1::text[])", [textArray([...words.keys()])]);
    },
  };
}
