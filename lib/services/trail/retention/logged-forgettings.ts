import { z } from "zod";
import type { SqlExecutor } from "#lib/db/activity.ts";
import { readLeafTilesAround } from "#lib/db/trail/merkle-tiles.ts";
import { STORED_COLUMNS, type StoredEvent } from "#lib/db/trail/read-event-range.ts";
import { HASH_BYTES, TILE_HASHES } from "#lib/domain/merkle/tiles.ts";
import { isSameHash } from "#lib/domain/merkle/tree-hash.ts";
import { eventLeaf } from "#lib/domain/trail/event-leaf.ts";
import { parseRanges, type Forgetting } from "#lib/domain/trail/forgetting.ts";
import { KEEP_CLASSES } from "#lib/domain/trail/retention.ts";
import { sha256 } from "#lib/services/trail/append/seal-events.ts";
import { FORGETTING_ACTIONS, PSEUDONYM_ORDERED } from "#lib/services/trail/retention/forget-batch.ts";
import { OWN_SOURCE } from "#lib/services/trail/append/seal-activity.ts";
import { openStored } from "#lib/services/trail/verify/stored-leaf.ts";

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const forgetting = z.object({
  kind: z.enum(["retention", "pseudonym"]),
  rule: z.string(),
  keepClass: z.enum(KEEP_CLASSES).nullable(),
  before: z.iso.datetime().nullable(),
  entries: z.number(),
  places: z.string(),
  leaves: hex,
  rows: z.record(z.string(), hex),
}) satisfies z.ZodType<Forgetting>;
const entry = z.object({ after: forgetting });

/** An entry of the log that says what was forgotten. `ranges` are `[from, to)` of places, all before its own. */
export type LoggedForgetting = Forgetting & { seq: number; at: Date; ranges: [number, number][] };

/** Entries at a time; each may be some tens of kilobytes. */
const PAGE_ENTRIES = 200;
/** Pages that are read at the most: ten thousand million events that were dropped in batches of 2,000. */
const MOST_PAGES = 25_000;

/**
 * What the log itself says was dropped or pseudonymised, oldest first. An entry that is not what was logged says nothing: it is left out, and
 * so is what it claims of events that came after it.
 */
export async function readForgettings(sql: SqlExecutor): Promise<LoggedForgetting[]> {
  return (await readOwnEntries(sql, Object.values(FORGETTING_ACTIONS))).flatMap(({ seq, at, record }) => {
    const parsed = entry.safeParse(record);
    if (!parsed.success) return [];
    const { after } = parsed.data;
    return [{ ...after, seq, at, ranges: parseRanges(after.places).filter(([, to]) => to <= seq) }];
  });
}

const ordered = z.object({ subject: z.string() });

/** The pseudonyms that were ordered, by the log itself. */
export async function readPseudonyms(sql: SqlExecutor): Promise<string[]> {
  const entries = await readOwnEntries(sql, [PSEUDONYM_ORDERED]);
  return [...new Set(entries.flatMap(({ record }) => ordered.safeParse(record).data?.subject ?? []))];
}

/** Entries of Bursar's own log that make their leaves, in order: what is not what was logged is left out. `record` is the entry as it was written. */
export async function readOwnEntries(
  sql: SqlExecutor,
  actions: readonly string[],
): Promise<{ seq: number; at: Date; record: unknown }[]> {
  const found: { seq: number; at: Date; record: unknown }[] = [];
  let after = -1;
  for (let page = 0; page < MOST_PAGES; page++) {
    const { rows } = await sql.query(
      `SELECT ${STORED_COLUMNS} FROM event WHERE source_key = $1 AND action = ANY($2) AND seq > $3 ORDER BY seq LIMIT ${PAGE_ENTRIES}`,
      [OWN_SOURCE, actions, after],
    );
    const events = rows as StoredEvent[];
    const tiles = await readLeafTilesAround(
      sql,
      events.map(({ seq }) => seq),
    );
    for (const event of events) {
      const record = provenRecord(event, leafIn(tiles, event.seq));
      if (record !== null) found.push({ seq: event.seq, at: event.occurredAt, record: JSON.parse(record) as unknown });
    }
    const last = events.at(-1);
    if (!last || events.length < PAGE_ENTRIES) break;
    after = last.seq;
  }
  return found;
}

function leafIn(tiles: ReadonlyMap<number, Uint8Array>, seq: number): Uint8Array {
  const at = (seq % TILE_HASHES) * HASH_BYTES;
  return tiles.get(Math.floor(seq / TILE_HASHES))?.subarray(at, at + HASH_BYTES) ?? new Uint8Array();
}

function provenRecord(event: StoredEvent, leaf: Uint8Array): string | null {
  const opened = openStored(event);
  if (opened === null || opened.record === null) return null;
  if (!isSameHash(leaf, eventLeaf(sha256, event, opened.commitments))) return null;
  return Buffer.from(opened.record).toString("utf8");
}

/** The newest entry that says an event was forgotten. */
export function findForgetting(forgettings: readonly LoggedForgetting[], seq: number): LoggedForgetting | undefined {
  return forgettings.findLast(({ ranges }) => {
    let [low, high] = [0, ranges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ranges[middle]?.[1] ?? 0) <= seq) low = middle + 1;
      else high = middle;
    }
    return (ranges[low]?.[0] ?? Infinity) <= seq;
  });
}
