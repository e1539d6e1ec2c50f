import { lockTrail } from "#lib/services/trail/append/lock-trail.ts";
import type { PoolClient } from "pg";
import { recordActivity } from "#lib/db/activity.ts";
import { removeStrays, removeToldBy } from "#lib/db/trail/derived-rows.ts";
import { readMakingParts } from "#lib/db/trail/makings.ts";
import { readFrontier } from "#lib/db/trail/merkle-tiles.ts";
import { readEventRange, type StoredEvent } from "#lib/db/trail/read-event-range.ts";
import { clearTerms, copyPlaces, writeWords, type TermPlaces } from "#lib/db/trail/write-terms.ts";
import { dayOf, EVERY_EVENT, termHash } from "#lib/domain/trail/event-terms.ts";
import { BLOCK_ENTRIES, blockOf } from "#lib/domain/trail/places.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { indexTerms, isIndexed, placeTerms } from "#lib/services/trail/append/index-terms.ts";
import { isAsLogged, readLoggedLeaves } from "#lib/services/trail/verify/logged-leaf.ts";
import { readPseudonyms } from "#lib/services/trail/retention/logged-forgettings.ts";
import { noteEvents } from "#lib/services/trail/append/note-events.ts";
import { attributeMakings } from "#lib/services/trail/append/observe-makers.ts";
import { sha256Hex } from "#lib/services/trail/append/seal-events.ts";
import { unpackBody } from "#lib/services/trail/append/stored-body.ts";

const EVERY = termHash(sha256Hex, EVERY_EVENT);
/** A log of a hundred million entries takes hours. */
const MOST_MS = 24 * 3_600_000;

/** `entries` of the log, of which `damaged` are not what was logged. */
export type IndexedTrail = { entries: number; damaged: number };

/**
 * Makes anew what is made of the log: what searches find entries by, change requests, who made and used what, and the claims of owners that hang on that. For whoever was told that it
 * is not what the entries say. All of it is one transaction under the log's lock: searches go on with what is there, nothing is appended until it ends, and one that
 * fails changes nothing.
 *
 * What was made of an entry that is not what was logged, or whose record is gone, stays as it is; such an entry is found by what its row says.
 */
export async function indexTrail(
  context: ServiceContext,
  onProgress: (progress: { done: number; total: number }) => void = () => undefined,
): Promise<IndexedTrail> {
  await authorise(context, "trail:seal", "index of the trail");
  const { actor, database, now } = context;
  const indexed = await database.transact(
    async ({ sql }) => {
      await lockTrail(sql);
      const { size: entries } = await readFrontier(sql);
      await clearTerms(sql, blockOf(entries));
      await removeStrays(sql, await readPseudonyms(sql));
      let damaged = 0;
      for (let from = 0; from < entries; from += BLOCK_ENTRIES) {
        onProgress({ done: from, total: entries });
        damaged += await indexBlock(sql, from, Math.min(entries, from + BLOCK_ENTRIES));
      }
      const after = { entries, damaged };
      await recordActivity(sql, { at: now, actor, action: "trail.indexed", subject: "index of the trail", after });
      return after;
    },
    { timeoutMs: MOST_MS },
  );
  const makings = Map.groupBy(await readMakingParts(database.pool), ({ sourceKey }) => sourceKey);
  for (const [sourceKey, own] of makings) await attributeMakings(context, sourceKey, own);
  return indexed;
}

/** Answers how many entries of `[from, to)`, which are in one block, are not what was logged. */
async function indexBlock(sql: PoolClient, from: number, to: number): Promise<number> {
  const rows = await readEventRange(sql, from, to);
  const leaves = await readLoggedLeaves(
    sql,
    rows.map(({ seq }) => seq),
  );
  const sound = new Set(rows.filter((event, n) => isAsLogged(event, leaves[n])));
  // Of an entry that is there more than once the one that was logged counts.
  const events = Array.from(
    Map.groupBy(rows, ({ seq }) => seq).values(),
    (own) => own.find((event) => sound.has(event)) ?? (own[0] as StoredEvent),
  );
  const isFinished = ({ block }: TermPlaces) => (block + 1) * BLOCK_ENTRIES === to;
  const indexed = events.filter(isIndexed);
  const terms = indexTerms(sha256Hex, indexed);
  const places = placeTerms(terms, (index) => indexed[index]?.seq ?? 0).filter(({ term }) => term !== EVERY);
  await copyPlaces(sql, [...places, ...placesByDay(events)], isFinished);
  await writeWords(sql, terms.words);
  const told = [...sound].flatMap(({ body, ...event }) =>
    body === null ? [] : [{ ...event, body: unpackBody(body) }],
  );
  await removeToldBy(sql, told);
  await noteEvents(sql, told, (index) => told[index]?.seq ?? 0);
  return to - from - new Set([...sound].map(({ seq }) => seq)).size;
}

/** By time all of them are found, also those that were dropped. */
function placesByDay(events: readonly StoredEvent[]): TermPlaces[] {
  return Array.from(
    Map.groupBy(events, ({ occurredAt }) => dayOf(occurredAt)),
    ([day, own]) => ({
      term: EVERY,
      day,
      block: blockOf(own[0]?.seq ?? 0),
      places: own.map(({ seq }) => seq % BLOCK_ENTRIES),
    }),
  );
}
