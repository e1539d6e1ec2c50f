import type { Pool, PoolClient } from "pg";
import type { SqlExecutor } from "#lib/db/activity.ts";
import { inSnapshot } from "#lib/db/snapshot.ts";
import { readEventRange, type StoredEvent } from "#lib/db/trail/read-event-range.ts";
import { readLeafTiles, readUpperTiles } from "#lib/db/trail/merkle-tiles.ts";
import { createTreeRebuild } from "#lib/domain/merkle/rebuild-tree.ts";
import { HASH_BYTES, TILE_HASHES } from "#lib/domain/merkle/tiles.ts";
import { isSameHash } from "#lib/domain/merkle/tree-hash.ts";
import { toHex } from "#lib/domain/trail/event-leaf.ts";
import { sha256 } from "#lib/services/trail/append/seal-events.ts";
import { watchForgotten, type ForgottenCount } from "#lib/services/trail/retention/forgotten-events.ts";
import { readLoggedHolds } from "#lib/services/trail/retention/logged-holds.ts";
import { readForgettings, type LoggedForgetting } from "#lib/services/trail/retention/logged-forgettings.ts";
import { mayTellMfa, recordedMfa } from "#lib/services/trail/append/recorded-mfa.ts";
import { unpackBody } from "#lib/services/trail/append/stored-body.ts";
import { leafOfStored } from "#lib/services/trail/verify/stored-leaf.ts";
import {
  listFindings,
  listTogether,
  type CheckedRange,
  type Findings,
  type TrailDamage,
} from "#lib/services/trail/verify/trail-damage.ts";
import { watchActivity } from "#lib/services/trail/verify/verify-activity.ts";
import { watchDerived } from "#lib/services/trail/verify/verify-derived.ts";
import { watchIndex } from "#lib/services/trail/verify/verify-index.ts";

/** What was published of the log: so many entries with this root, in hex. */
export type PublishedHead = { size: number; root: string };

export type TrailVerdict = {
  /** Entries that the tree has. */
  entries: number;
  /** Empty where the log is whole. At most MOST_LISTED. */
  damages: TrailDamage[];
  notListed: number;
  /** Events without a record of which the log says when and under which rule it was dropped, or by which order it got a pseudonym. */
  forgotten: ForgottenCount[];
  /** Places of entries that say so and that no head has yet: of what heads have they excuse nothing. Empty where no head was given. */
  unpublished: number[];
};

/** Tiles of leaves at a time, with the events that belong to them: 8,192 at the most are in memory. */
const TILES_AT_ONCE = 32;

/**
 * Compares every event with its leaf, the tree with its leaves, and the tree with what was published; then what was made of the events with the events: what
 * searches find them by, Bursar's own log, change requests, and who made and used what. Nothing that the database says of itself is believed: all of it is computed
 * anew, from one state of the database, so that what is appended or dropped meanwhile is no damage. Entries after the newest head are compared with the tree only. A record
 * that is gone is no damage where an entry of the log commits to that, which has to be below a head where the record is; one that merely calls itself dropped is.
 */
export function verifyTrail(pool: Pool, heads: readonly PublishedHead[]): Promise<TrailVerdict> {
  return inSnapshot(pool, (sql) => verifyTrailIn(sql, heads));
}

/** The same in the caller's transaction. */
export async function verifyTrailIn(sql: PoolClient, heads: readonly PublishedHead[]): Promise<TrailVerdict> {
  const [findings, beside] = [listFindings(), listFindings()];
  const rebuilt = createTreeRebuild(sha256);
  const published = heads.reduce((most, { size }) => Math.max(most, size), 0);
  const forgettings = await readForgettings(sql);
  const watched = watchForgotten(forgettings, await readLoggedHolds(sql), published);
  const ends = new Map(heads.map(({ size }) => [Math.floor(size / TILE_HASHES), undefined as Uint8Array | undefined]));
  const derived = [await watchIndex(sql, beside), watchActivity(sql, beside), await watchDerived(sql, beside)];
  let entries = 0;
  for (let first = 0; ; first += TILES_AT_ONCE) {
    const tiles = await readLeafTiles(sql, first, TILES_AT_ONCE);
    if (tiles.length === 0) break;
    for (const [offset, tile] of tiles.entries()) if (ends.has(first + offset)) ends.set(first + offset, tile);
    rebuilt.add(tiles);
    const leaves = tiles.flatMap(leavesOf);
    const checked = await compareRange(sql, { from: entries, leaves, watched }, findings);
    for (const check of derived) await check.pass(checked);
    entries += leaves.length;
    if (tiles.length < TILES_AT_ONCE || leaves.length < TILES_AT_ONCE * TILE_HASHES) break;
  }
  for (const { seq } of await readEventRange(sql, entries, null)) findings.add(notInTree(seq));
  for (const check of derived) await check.end(entries);
  compareUpper(rebuilt.upper, await readUpperTiles(sql), findings);
  for (const { size, root } of heads) {
    const message = `The first ${size} entries were published with the root ${root}`;
    if (size > entries) findings.add({ kind: "tree", seq: null, message: `${message}; the log has ${entries}.` });
    else if (toHex(rebuilt.root(size, (index) => ends.get(index))) !== root)
      findings.add({ kind: "tree", seq: null, message: `${message}; they have another one now.` });
  }
  for (const { seq } of watched.broken())
    findings.add({ kind: "altered", seq, message: `What entry ${seq} says was dropped is not what is there.` });
  const unpublished = heads.length === 0 ? [] : forgettings.map(({ seq }) => seq).filter((seq) => seq >= published);
  return { entries, ...listTogether(findings, beside), forgotten: watched.counts(), unpublished };
}

async function compareRange(
  sql: SqlExecutor,
  {
    from,
    leaves,
    watched,
  }: { from: number; leaves: readonly Uint8Array[]; watched: ReturnType<typeof watchForgotten> },
  findings: Findings,
): Promise<CheckedRange> {
  const to = from + leaves.length;
  const told = watched.pass(from, leaves);
  const bySeq = Map.groupBy(await readEventRange(sql, from, to), ({ seq }) => seq);
  const checked = { from, to, sound: [] as StoredEvent[], damaged: new Set<number>() };
  for (const [offset, leaf] of leaves.entries()) {
    const seq = from + offset;
    const [event, ...others] = bySeq.get(seq) ?? [];
    for (const _ of others) findings.add({ kind: "added", seq, message: `Entry ${seq} is there more than once.` });
    const wrong = event ? wrongWith(event, leaf, { watched, told: told.get(seq) }) : null;
    if (!event) findings.add({ kind: "missing", seq, message: `Entry ${seq} was logged and is gone.` });
    else if (wrong !== null) findings.add({ kind: "altered", seq, message: `Entry ${seq} ${wrong}.` });
    if (event && wrong === null && others.length === 0) checked.sound.push(event);
    else checked.damaged.add(seq);
  }
  return checked;
}

/** What is wrong with an event by its leaf and by what the log says was taken from it, as the end of a sentence; null = nothing. */
function wrongWith(
  event: StoredEvent,
  leaf: Uint8Array,
  { watched, told }: { watched: ReturnType<typeof watchForgotten>; told: LoggedForgetting | undefined },
): string | null {
  if (event.body === null || event.salt === null)
    return watched.wrongWith(event, leaf, told) ?? (event.mfa === null ? null : WRONG_MFA);
  if (!isLeafOf(event, leaf)) return "is not what was logged";
  return mayTellMfa(event) && recordedMfa(event.sourceKey, unpackBody(event.body)) !== event.mfa ? WRONG_MFA : null;
}

/** Of a second factor the column that is searched stands in no leaf; the record does. */
const WRONG_MFA = "says of a second factor what its record does not";

function isLeafOf(event: StoredEvent, leaf: Uint8Array): boolean {
  const own = leafOfStored(event);
  return own !== null && isSameHash(own, leaf);
}

function compareUpper(
  rebuilt: ReadonlyMap<string, Uint8Array>,
  stored: ReadonlyMap<string, Uint8Array>,
  findings: Findings,
): void {
  for (const place of new Set([...rebuilt.keys(), ...stored.keys()])) {
    const [own, other] = [rebuilt.get(place), stored.get(place)];
    if (own && other && isSameHash(own, other)) continue;
    findings.add({ kind: "tree", seq: null, message: `Tile ${place} of the tree is not what its leaves make.` });
  }
}

function leavesOf(tile: Uint8Array): Uint8Array[] {
  return Array.from({ length: Math.floor(tile.length / HASH_BYTES) }, (_, at) =>
    tile.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
  );
}

function notInTree(seq: number): TrailDamage {
  return { kind: "added", seq, message: `Entry ${seq} is there, but was never logged.` };
}
