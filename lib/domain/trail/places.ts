/**
 * Entries of the log that have a term on a day, as they are kept: by blocks of the log, each entry by its place within its block. A block is so small
 * that a row stays within PostgreSQL's page.
 */
export const BLOCK_ENTRIES = 16_384;
/** More than this of a finished block is shorter as a map, which has a bit for each place; the highest bit of a byte is the first. */
export const MOST_LISTED = 1_024;

const PLACE_BYTES = 2;
const MAP_BYTES = BLOCK_ENTRIES / 8;

/** How many, and where: a list of two bytes each, the higher one first, ascending, to which can be added; or a map where that has more bytes. */
export type Places = { count: number; bytes: Uint8Array };

/** The block of the log that an entry is in. */
export function blockOf(seq: number): number {
  return Math.floor(seq / BLOCK_ENTRIES);
}

/** Ascending places of one block as a list; as a map with `isFinished`, where there are more than MOST_LISTED. */
export function packPlaces(places: readonly number[], isFinished: boolean): Buffer {
  if (isFinished && places.length > MOST_LISTED) {
    const map = Buffer.alloc(MAP_BYTES);
    for (const place of places) map[place >> 3] = (map[place >> 3] ?? 0) | (0x80 >> (place & 7));
    return map;
  }
  const list = Buffer.allocUnsafe(places.length * PLACE_BYTES);
  for (let at = 0; at < places.length; at++) list.writeUInt16BE(places[at] ?? 0, at * PLACE_BYTES);
  return list;
}

export function isMap({ count, bytes }: Places): boolean {
  return isMapped(count, bytes.length);
}

function isMapped(count: number, length: number): boolean {
  return length < count * PLACE_BYTES;
}

/** What packPlaces has packed. */
export function unpackPlaces({ count, bytes }: Places): number[] {
  const places: number[] = [];
  if (isMap({ count, bytes })) readMap(bytes, 0, bytes.length, places);
  else readList(bytes, 0, bytes.length, places);
  return places;
}

function readList(bytes: Uint8Array, from: number, to: number, places: number[]): void {
  for (let at = from; at < to; at += PLACE_BYTES) places.push(((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
}

function readMap(bytes: Uint8Array, from: number, to: number, places: number[]): void {
  for (let at = from; at < to; at++)
    for (let byte = bytes[at] ?? 0, place = (at - from) * 8; byte !== 0; byte = (byte << 1) & 0xff, place++)
      if ((byte & 0x80) !== 0) places.push(place);
}

/**
 * The places of a term in many blocks: lists of which each has one element for each block, or several for a block that has several pieces, and all their bytes in one
 * piece. A block's number is the caller's.
 */
export type TermBlocks = { blocks: number[]; counts: number[]; lengths: number[]; bytes: Uint8Array };

/** Which condition has marked a place last. Places are marked and asked for within one block, so that nothing has to be wiped out in between. */
const marks = new Float64Array(BLOCK_ENTRIES);
let mark = 0;

/**
 * The places that fulfil every condition, each once, in no order, by block. A condition has the places of each of its terms, of which one is enough. It costs
 * what the first condition has, and the lists of the others in the blocks that are left, so that the rarest had better be the first, and what has maps the next.
 */
export function meetingPlaces([first = [], ...others]: readonly (readonly TermBlocks[])[]): Map<number, number[]> {
  let met = unionOf(first);
  for (const condition of others) {
    if (met.size === 0) break;
    met = keep(met, condition);
  }
  return met;
}

function unionOf(lists: readonly TermBlocks[]): Map<number, number[]> {
  const all = new Map<number, number[]>();
  const metBy = new Map<number, TermBlocks>();
  const shared = new Set<number>();
  for (const list of lists) {
    const { blocks, counts, lengths, bytes } = list;
    for (let n = 0, at = 0; n < blocks.length; n++) {
      const [block = 0, count = 0, length = 0] = [blocks[n], counts[n], lengths[n]];
      const places = all.get(block) ?? [];
      if (isMapped(count, length)) readMap(bytes, at, at + length, places);
      else readList(bytes, at, at + length, places);
      all.set(block, places);
      // A term's own pieces of a block have no place twice.
      if ((metBy.get(block) ?? list) === list) metBy.set(block, list);
      else shared.add(block);
      at += length;
    }
  }
  for (const block of shared) all.set(block, [...new Set(all.get(block))]);
  return all;
}

/** What of `met` one of the terms has. */
function keep(met: ReadonlyMap<number, number[]>, terms: readonly TermBlocks[]): Map<number, number[]> {
  const left = new Map(met);
  const kept = new Map<number, number[]>();
  for (const { blocks, counts, lengths, bytes } of terms) {
    for (let n = 0, at = 0; n < blocks.length; n++) {
      const [block = 0, count = 0, length = 0] = [blocks[n], counts[n], lengths[n]];
      const open = left.get(block);
      if (open !== undefined && open.length > 0) {
        const [own, rest] = split(open, bytes, at, length, isMapped(count, length));
        left.set(block, rest);
        if (own.length > 0) kept.set(block, kept.has(block) ? [...(kept.get(block) ?? []), ...own] : own);
      }
      at += length;
    }
  }
  return kept;
}

/** Which of the places the bytes from `at` on have, and which they do not. */
function split(
  places: readonly number[],
  bytes: Uint8Array,
  at: number,
  length: number,
  isMapped: boolean,
): [number[], number[]] {
  mark += 1;
  if (!isMapped)
    for (let byte = at; byte < at + length; byte += PLACE_BYTES)
      marks[((bytes[byte] ?? 0) << 8) | (bytes[byte + 1] ?? 0)] = mark;
  const [own, rest]: [number[], number[]] = [[], []];
  for (const place of places) {
    const has = isMapped ? ((bytes[at + (place >> 3)] ?? 0) & (0x80 >> (place & 7))) !== 0 : marks[place] === mark;
    (has ? own : rest).push(place);
  }
  return [own, rest];
}
