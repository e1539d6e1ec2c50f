import { setTimeout as sleep } from "node:timers/promises";
import type { PoolClient } from "pg";
import { randomFor, type Random } from "#demo/estate/random.ts";
import { textArray } from "#lib/db/array-literal.ts";
import type { Database } from "#lib/db/client.ts";
import { ensureEventMonths } from "#lib/db/trail/event-months.ts";
import { encodeEvents, writeEvents, type EventRow } from "#lib/db/trail/write-events.ts";
import { endSettling, readUnsettled } from "#lib/db/trail/settle-places.ts";
import { copyPlaces, openBlock } from "#lib/db/trail/write-terms.ts";
import {
  dayOf,
  EVERY_EVENT,
  TERM_FIELDS,
  termHash,
  termsOfValue,
  type TermSource,
} from "#lib/domain/trail/event-terms.ts";
import { BLOCK_ENTRIES, blockOf } from "#lib/domain/trail/places.ts";
import { sha256, sha256Hex } from "#lib/services/trail/append/seal-events.ts";

/** When a log's events happened: evenly over `[from, to)`. */
export type MadeRange = { from: Date; to: Date };

const EVENTS_AT_ONCE = 20_000;
/** Only every so many events is one of the rare kinds. */
const RARE_EVERY = 20_011;
const BODY_BYTES = 256;
const BUILD_MEMORY = "768MB";
/** Blocks of the log whose places are brought into the order of terms together. */
const SETTLED_BLOCKS = 64;

/**
 * A log of so many events as an estate's trails deliver them, a third from clusters; the columns, terms and counts are those of events that were
 * appended, and settled since. Indexes are built afterwards, which takes a fraction of the time. Bodies are noise as long as packed records are; nothing here
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
    await sql.query(`SET work_mem = '${BUILD_MEMORY}'`);
    const indexes = await dropIndexes(sql);
    const random = randomFor("audit events");
    const terms = createTerms();
    const spacingMs = (to.getTime() - from.getTime()) / events;
    let sheet = { day: dayOf(from), block: 0 };
    for (let first = 0; first < events; first += EVENTS_AT_ONCE) {
      const count = Math.min(events - first, EVENTS_AT_ONCE);
      const rows = encodeEvents(count);
      for (let seq = first; seq < first + count; seq += 1) {
        const occurredAt = new Date(from.getTime() + Math.floor(seq * spacingMs));
        const own = { day: dayOf(occurredAt), block: blockOf(seq) };
        if (own.day !== sheet.day || own.block !== sheet.block) await terms.endSheet(sql, sheet);
        if (own.block !== sheet.block && own.block % SETTLED_BLOCKS === 0) await settle(sql, own.block);
        sheet = own;
        const event = eventOf(seq, random);
        terms.add(event, seq % BLOCK_ENTRIES);
        rows.add(rowOf(event, { seq, occurredAt }));
      }
      await writeEvents(sql, rows.finish(), [...Array(count).keys()], first);
    }
    await terms.endSheet(sql, sheet);
    await terms.writeWords(sql);
    await openBlock(sql, blockOf(events));
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

/** What settleTrail leaves of finished blocks, without the index by which it goes through them part by part. */
async function settle(sql: PoolClient, below: number): Promise<void> {
  await sql.query(
    `INSERT INTO event_term_day_settled (term, day, block, piece, count, places, settled)
     SELECT term, day, block, piece, count, places, true FROM event_term_day_recent ORDER BY term, day, block, piece`,
  );
  await sql.query("TRUNCATE event_term_day_recent");
  const { from } = await readUnsettled(sql);
  await endSettling(sql, { from, to: below });
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
     WHERE i.indrelid IN ('event'::regclass, 'event_word'::regclass, 'event_term_day_recent'::regclass, 'event_term_day_settled'::regclass)`,
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

function rowOf(event: MadeEvent, { seq, occurredAt }: { seq: number; occurredAt: Date }): EventRow {
  const { actor, action, verbClass, resource, accountId, clusterKey, namespace, outcome, sourceKey } = event;
  const who = [sourceKey, `event ${seq}`, actor, "user", null, null];
  const where = [accountId, clusterKey, namespace, event.region];
  const texts = [...who, action, verbClass, resource, ...where, outcome, event.sourceAddress, null];
  const noise = NOISE.subarray(seq % 4_096, (seq % 4_096) + BODY_BYTES);
  return { occurredAt, receivedAt: occurredAt, texts, body: noise, salt: noise.subarray(0, 16) };
}

const NOISE = Buffer.concat(Array.from({ length: 200 }, (_, n) => sha256(Buffer.from(String(n)))));

type Term = { hash: number; places: number[] };

/** What appending adds a batch, added a day and block, and with the terms of common values kept from one to the next. */
function createTerms() {
  const kept = Object.keys(TERM_FIELDS).map(() => new Map<string, Term[]>());
  const fields = Object.keys(TERM_FIELDS) as (keyof typeof TERM_FIELDS)[];
  const words = new Map<string, Term>();
  const make = (term: string): Term => ({ hash: termHash(sha256Hex, term), places: [] });
  const every = make(EVERY_EVENT);
  let used = new Set<Term>();
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
    add(event: TermSource, place: number): void {
      const terms = fields.flatMap((name, n) => (event[name] === null ? [] : termsOf(n, event[name])));
      for (const term of [every, ...terms]) {
        if (term.places.at(-1) === place) continue;
        if (term.places.length === 0) used.add(term);
        term.places.push(place);
      }
    },
    async endSheet(sql: PoolClient, sheet: { day: number; block: number }): Promise<void> {
      await copyPlaces(
        sql,
        Array.from(used, ({ hash, places }) => ({ term: hash, places, ...sheet })),
        () => true,
      );
      for (const term of used) term.places = [];
      used = new Set();
      // Resources are as good as never the same on another day.
      kept[fields.indexOf("resource")]?.clear();
    },
    async writeWords(sql: PoolClient): Promise<void> {
      await sql.query("INSERT INTO event_word (word) SELECT * FROM unnest($1::text[])", [textArray([...words.keys()])]);
    },
  };
}
