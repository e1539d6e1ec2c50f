import type { PoolClient } from "pg";
import { findKnown } from "#lib/db/trail/find-known.ts";
import { ensureEventMonths } from "#lib/db/trail/event-months.ts";
import { readFrontier, writeTiles } from "#lib/db/trail/merkle-tiles.ts";
import { writeEvents } from "#lib/db/trail/write-events.ts";
import { writeTerms, type WrittenWords } from "#lib/db/trail/write-terms.ts";
import { appendLeaves } from "#lib/domain/merkle/tiles.ts";
import type { Making } from "#lib/domain/trail/making.ts";
import { blockOf } from "#lib/domain/trail/places.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { AppError } from "#lib/errors.ts";
import { indexTerms, placeTerms, type BatchTerms } from "#lib/services/trail/append/index-terms.ts";
import { lockTrail } from "#lib/services/trail/append/lock-trail.ts";
import { noteEvents } from "#lib/services/trail/append/note-events.ts";
import {
  beginMerkle,
  leafOf,
  merkleStatement,
  sealEvents,
  sha256,
  tellMerkle,
  type SealedEvents,
  sha256Hex,
} from "#lib/services/trail/append/seal-events.ts";

/** The most events of one call: what is read in one go has to fit in memory. */
export const MOST_EVENTS = 20_000;

export type Appended = { appended: number; known: number; size: number; makings: Making[] };

/** Seals the events and appends them. See appendSealed. */
export function appendEvents(sql: PoolClient, events: readonly TrailEvent[], receivedAt: Date): Promise<Appended> {
  return appendSealed(sql, sealEvents(events, receivedAt));
}

/**
 * Appends events to the log and to its Merkle tree, and notes who made and used what, in one transaction with whatever else `sql` does. What the log has already, by source
 * and key, is passed over: trails deliver late and twice. `terms`: those of the events, where somebody has computed them; `written`: the words of batches before it.
 *
 * @throws AppError "limit_reached" for more than MOST_EVENTS.
 */
export async function appendSealed(
  sql: PoolClient,
  sealed: SealedEvents,
  terms: BatchTerms | null = null,
  written?: WrittenWords,
): Promise<Appended> {
  const { events } = sealed;
  if (events.length > MOST_EVENTS)
    throw new AppError(
      "limit_reached",
      `${events.length} events were to be appended at once; ${MOST_EVENTS} is the most.`,
    );
  await lockTrail(sql);
  const { size, tiles } = await merkleStatement(sql, () => readFrontier(sql));
  const fresh = await withoutKnown(sql, events);
  if (fresh.length === 0) return { appended: 0, known: events.length, size, makings: [] };
  const own = fresh.length === events.length ? events : fresh.map((n) => events[n] as TrailEvent);
  await ensureEventMonths(
    sql,
    own.map(({ occurredAt }) => occurredAt),
  );
  await writeEvents(sql, sealed.seals, fresh, size);
  const found = terms !== null && fresh.length === events.length ? terms : indexTerms(sha256Hex, own);
  const seqOf = (index: number) => size + index;
  const entries = placeTerms(found, seqOf);
  await writeTerms(sql, entries, found.words, { from: blockOf(size), to: blockOf(size + fresh.length) }, written);
  const begun = beginMerkle();
  const leaves = fresh.map((n) => leafOf(sealed.seals, n));
  const grown = appendLeaves(sha256, tiles, size, leaves);
  tellMerkle(begun);
  await merkleStatement(sql, () => writeTiles(sql, grown));
  const makings = await noteEvents(sql, own, seqOf);
  return { appended: fresh.length, known: events.length - fresh.length, size: size + fresh.length, makings };
}

/** Which of the events the log does not have yet, by their place in the list; of those that come twice in it the first, as it is of those that come later. */
async function withoutKnown(sql: PoolClient, events: readonly TrailEvent[]): Promise<number[]> {
  // With their time, as the rows are told apart: Kubernetes takes an audit id from whoever asks, who must not hide one event behind another.
  const first = new Map<string, number>();
  const others = new Set<string>();
  const wanted: number[] = [];
  for (const [n, { sourceKey, eventKey, occurredAt }] of events.entries()) {
    const there = events[first.get(eventKey) ?? -1];
    if (there === undefined) first.set(eventKey, n);
    else if (there.sourceKey === sourceKey && there.occurredAt.getTime() === occurredAt.getTime()) continue;
    else {
      const key = `${sourceKey} ${eventKey} ${occurredAt.getTime()}`;
      if (others.has(key)) continue;
      others.add(key);
    }
    wanted.push(n);
  }
  if (wanted.length === 0) return [];
  const known = new Set(
    await findKnown(
      sql,
      wanted.map((n) => events[n] as TrailEvent),
    ),
  );
  return wanted.filter((_, index) => !known.has(index));
}
