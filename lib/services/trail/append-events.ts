import type { PoolClient } from "pg";
import { findKnown } from "#lib/db/trail/find-known.ts";
import { ensureEventMonths } from "#lib/db/trail/event-months.ts";
import { readFrontier, writeTiles } from "#lib/db/trail/merkle-tiles.ts";
import { writeEvents, type EventRow } from "#lib/db/trail/write-events.ts";
import { writeTerms } from "#lib/db/trail/write-terms.ts";
import { appendLeaves } from "#lib/domain/merkle/tiles.ts";
import type { Making } from "#lib/domain/trail/making.ts";
import { blockOf } from "#lib/domain/trail/places.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { AppError } from "#lib/errors.ts";
import { indexTerms, placeTerms, type BatchTerms } from "#lib/services/trail/index-terms.ts";
import { noteEvents } from "#lib/services/trail/note-events.ts";
import { sealEvents, sha256, tellMerkle, type SealedEvent } from "#lib/services/trail/seal-events.ts";

/** The most events of one call: what is read in one go has to fit in memory. */
export const MOST_EVENTS = 20_000;
/** Of pg_advisory_xact_lock: the log has one writer at a time, for its order is what is proven. */
export const TRAIL_LOCK = 0x7_2a_11;

export type Appended = { appended: number; known: number; size: number; makings: Making[] };

/** Seals the events and appends them. See appendSealed. */
export function appendEvents(sql: PoolClient, events: readonly TrailEvent[], receivedAt: Date): Promise<Appended> {
  return appendSealed(sql, sealEvents(events, receivedAt));
}

/**
 * Appends events to the log and to its Merkle tree, and notes who made and used what, in one transaction with whatever else `sql` does. What the log has already, by source
 * and key, is passed over: trails deliver late and twice. `terms`: those of the events, where somebody has computed them.
 *
 * @throws AppError "limit_reached" for more than MOST_EVENTS.
 */
export async function appendSealed(
  sql: PoolClient,
  events: readonly SealedEvent[],
  terms: BatchTerms | null = null,
): Promise<Appended> {
  if (events.length > MOST_EVENTS)
    throw new AppError(
      "limit_reached",
      `${events.length} events were to be appended at once; ${MOST_EVENTS} is the most.`,
    );
  await sql.query("SELECT pg_advisory_xact_lock($1)", [TRAIL_LOCK]);
  let start = performance.now();
  const { size, tiles } = await readFrontier(sql);
  tellMerkle(start);
  const fresh = await withoutKnown(sql, events);
  if (fresh.length === 0) return { appended: 0, known: events.length, size, makings: [] };
  const own = fresh.map(({ event }) => event);
  await ensureEventMonths(
    sql,
    own.map(({ occurredAt }) => occurredAt),
  );
  await writeEvents(
    sql,
    fresh.map((sealed, index) => rowOf(sealed, size + index)),
  );
  const found = terms !== null && fresh.length === events.length ? terms : indexTerms(sha256, own);
  const entries = placeTerms(found, (index) => size + index);
  await writeTerms(sql, entries, found.words, { from: blockOf(size), to: blockOf(size + fresh.length) });
  start = performance.now();
  const leaves = fresh.map(({ leaf }) => leaf);
  await writeTiles(sql, appendLeaves(sha256, tiles, size, leaves));
  tellMerkle(start);
  const makings = await noteEvents(sql, own, size);
  return { appended: fresh.length, known: events.length - fresh.length, size: size + fresh.length, makings };
}

async function withoutKnown(sql: PoolClient, events: readonly SealedEvent[]): Promise<SealedEvent[]> {
  // With their time, as the rows are told apart: Kubernetes takes an audit id from whoever asks, who must not hide one event behind another.
  const byKey = new Map(
    events.map((sealed) => {
      const { sourceKey, eventKey, occurredAt } = sealed.event;
      return [`${sourceKey} ${eventKey} ${occurredAt.getTime()}`, sealed];
    }),
  );
  const wanted = [...byKey.values()];
  if (wanted.length === 0) return [];
  const known = new Set(
    await findKnown(
      sql,
      wanted.map(({ event }) => event),
    ),
  );
  return wanted.filter((_, index) => !known.has(index));
}

function rowOf({ event, receivedAt, salt, body }: SealedEvent, seq: number): EventRow {
  const { occurredAt, sourceKey, eventKey, actor, actorKind, person, teamKey, action, verbClass, resource } = event;
  const { accountId, clusterKey, namespace, region, outcome, sourceAddress, mfa } = event;
  const who = [sourceKey, eventKey, actor, actorKind, person, teamKey];
  const where = [accountId, clusterKey, namespace, region];
  const texts = [...who, action, verbClass, resource, ...where, outcome, sourceAddress, mfa];
  return { seq, occurredAt, receivedAt, texts, body, salt };
}
