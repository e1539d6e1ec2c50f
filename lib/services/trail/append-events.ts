import { createHash, randomBytes } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import type { PoolClient } from "pg";
import { ensureEventMonths } from "#lib/db/trail/event-months.ts";
import { readFrontier, writeTiles } from "#lib/db/trail/merkle-tiles.ts";
import { writeEvents } from "#lib/db/trail/write-events.ts";
import { writeTerms } from "#lib/db/trail/write-terms.ts";
import { appendLeaves } from "#lib/domain/merkle/tiles.ts";
import type { Sha256 } from "#lib/domain/merkle/tree-hash.ts";
import { commitTo, eventLeaf } from "#lib/domain/trail/event-leaf.ts";
import { storableEvent } from "#lib/domain/trail/storable-event.ts";
import type { Making } from "#lib/domain/trail/making.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { AppError } from "#lib/errors.ts";
import { indexTerms } from "#lib/services/trail/index-terms.ts";
import { noteEvents } from "#lib/services/trail/note-events.ts";

export const sha256: Sha256 = (data) => createHash("sha256").update(data).digest();

/** The most events of one call: what is read in one go has to fit in memory. */
export const MOST_EVENTS = 20_000;
const SALT_BYTES = 16;
/** Of pg_advisory_xact_lock: the log has one writer at a time, for its order is what is proven. */
export const TRAIL_LOCK = 0x7_2a_11;

/**
 * Appends events to the log and to its Merkle tree, and notes who made and used what, in one transaction with whatever else `sql` does. What the log has already, by source
 * and key, is passed over: trails deliver late and twice.
 *
 * @throws AppError "limit_reached" for more than MOST_EVENTS.
 */
export async function appendEvents(
  sql: PoolClient,
  events: readonly TrailEvent[],
  receivedAt: Date,
): Promise<{ appended: number; known: number; size: number; makings: Making[] }> {
  if (events.length > MOST_EVENTS)
    throw new AppError(
      "limit_reached",
      `${events.length} events were to be appended at once; ${MOST_EVENTS} is the most.`,
    );
  await sql.query("SELECT pg_advisory_xact_lock($1)", [TRAIL_LOCK]);
  const { size, tiles } = await readFrontier(sql);
  const fresh = await withoutKnown(sql, events.map(storableEvent));
  if (fresh.length === 0) return { appended: 0, known: events.length, size, makings: [] };
  await ensureEventMonths(
    sql,
    fresh.map(({ occurredAt }) => occurredAt),
  );
  const sealed = fresh.map((event) => seal(event, receivedAt));
  const terms = indexTerms(sha256, fresh);
  await writeEvents(
    sql,
    sealed.map(({ event, salt }, index) => [
      ...rowOf(event, salt, size + index, receivedAt),
      `{${(terms.keys[index] ?? []).join(",")}}`,
    ]),
  );
  await writeTerms(sql, terms.counts, terms.words);
  await writeTiles(
    sql,
    appendLeaves(
      sha256,
      tiles,
      size,
      sealed.map(({ leaf }) => leaf),
    ),
  );
  const makings = await noteEvents(sql, fresh, size);
  return { appended: fresh.length, known: events.length - fresh.length, size: size + fresh.length, makings };
}

async function withoutKnown(sql: PoolClient, events: readonly TrailEvent[]): Promise<TrailEvent[]> {
  // With their time, as the rows are told apart: Kubernetes takes an audit id from whoever asks, who must not hide one event behind another.
  const byKey = new Map(
    events.map((event) => [`${event.sourceKey} ${event.eventKey} ${event.occurredAt.getTime()}`, event]),
  );
  const wanted = [...byKey.values()];
  if (wanted.length === 0) return [];
  const { rows } = await sql.query<{ n: number }>(
    `SELECT w.n::int AS n FROM unnest($1::text[], $2::text[], $3::timestamptz[]) WITH ORDINALITY AS w (source_key, event_key, occurred_at, n)
     JOIN event e USING (source_key, event_key, occurred_at)
     WHERE e.occurred_at BETWEEN $4 AND $5`,
    [
      wanted.map(({ sourceKey }) => sourceKey),
      wanted.map(({ eventKey }) => eventKey),
      wanted.map(({ occurredAt }) => occurredAt),
      // Months that none of them fall in need not be looked through.
      new Date(Math.min(...wanted.map(({ occurredAt }) => occurredAt.getTime()))),
      new Date(Math.max(...wanted.map(({ occurredAt }) => occurredAt.getTime()))),
    ],
  );
  const known = new Set(rows.map(({ n }) => n - 1));
  return wanted.filter((_, index) => !known.has(index));
}

function seal(event: TrailEvent, receivedAt: Date): { event: TrailEvent; salt: Uint8Array; leaf: Uint8Array } {
  const salt = randomBytes(SALT_BYTES);
  return { event, salt, leaf: eventLeaf(sha256, { ...event, receivedAt }, commitTo(sha256, salt, event)) };
}

/** Most records are a few hundred bytes, for which the usual window and tables cost more to set up than the work does. */
function deflate(body: Uint8Array): Uint8Array {
  return deflateRawSync(body, body.length < SMALL_BODY_BYTES ? { windowBits: 12, memLevel: 5 } : {});
}

const SMALL_BODY_BYTES = 4_096;

function rowOf(event: TrailEvent, salt: Uint8Array, seq: number, receivedAt: Date) {
  const { occurredAt, sourceKey, eventKey, actor, actorKind, person, teamKey, action, verbClass, resource } = event;
  const { accountId, clusterKey, namespace, region, outcome, sourceAddress, mfa, body } = event;
  const who = [actor, actorKind, person, teamKey];
  const where = [accountId, clusterKey, namespace, region];
  const head = [seq, occurredAt, receivedAt, sourceKey, eventKey];
  return [...head, ...who, action, verbClass, resource, ...where, outcome, sourceAddress, mfa, deflate(body), salt];
}
