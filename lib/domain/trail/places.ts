/**
 * Entries of the log that have a term on a day, as they are kept: by blocks of the log, each entry by its place within its block. A block is so small
 * that a row stays within PostgreSQL's page.
 */
export const BLOCK_ENTRIES = 16_384;
/** More than this of a finished block is shorter as a map, which has a bit for each place; the highest bit of a byte is the first. */
export const MOST_LISTED = 1_024;

export const PLACE_BYTES = 2;
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
  writePlaces(list, 0, places);
  return list;
}

/** The list of packPlaces; answers where it ends. */
export function writePlaces(bytes: Uint8Array, start: number, places: readonly number[]): number {
  let at = start;
  for (const place of places) {
    bytes[at++] = place >> 8;
    bytes[at++] = place;
  }
  return at;
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
 * Places in many blocks: lists of which each has one element for each block, or several for a block that has several pieces, and all their bytes in one piece. A block's number is
 * the caller's.
 */
export type BlockPlaces = { blocks: number[]; counts: number[]; lengths: number[]; bytes: Uint8Array };

/** Blocks that `isWanted`, each once: what any of its pieces has, whatever terms they are of. */
export function unionBlocks(all: BlockPlaces, isWanted: (block: number) => boolean): BlockPlaces {
  const pieces = new Map<number, Places[]>();
  for (let n = 0, at = 0; n < all.blocks.length; n++) {
    const [block = 0, count = 0, length = 0] = [all.blocks[n], all.counts[n], all.lengths[n]];
    if (isWanted(block)) {
      const piece = { count, bytes: all.bytes.subarray(at, at + length) };
      const own = pieces.get(block);
      if (own === undefined) pieces.set(block, [piece]);
      else own.push(piece);
    }
    at += length;
  }
  const joined = Array.from(pieces.values(), (own) => (own.length === 1 ? (own[0] as Places) : unitePlaces(own)));
  return {
    blocks: [...pieces.keys()],
    counts: joined.map(({ count }) => count),
    lengths: joined.map(({ bytes }) => bytes.length),
    bytes: Buffer.concat(joined.map(({ bytes }) => bytes)),
  };
}

export function joinBlocks(one: BlockPlaces, other: BlockPlaces): BlockPlaces {
  if (other.blocks.length === 0) return one;
  if (one.blocks.length === 0) return other;
  return {
    blocks: [...one.blocks, ...other.blocks],
    counts: [...one.counts, ...other.counts],
    lengths: [...one.lengths, ...other.lengths],
    bytes: Buffer.concat([one.bytes, other.bytes]),
  };
}

/** What any of the pieces of a block has, as a list, or as a map where there are more than MOST_LISTED. */
export function unitePlaces(pieces: readonly Places[]): Places {
  const map = new Uint8Array(MAP_BYTES);
  for (const { count, bytes } of pieces)
    if (isMapped(count, bytes.length))
      for (let at = 0; at < MAP_BYTES; at++) map[at] = (map[at] ?? 0) | (bytes[at] ?? 0);
    else
      for (let at = 0; at < bytes.length; at += PLACE_BYTES) {
        const place = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
        map[place >> 3] = (map[place >> 3] ?? 0) | (0x80 >> (place & 7));
      }
  const places: number[] = [];
  readMap(map, 0, MAP_BYTES, places);
  return { count: places.length, bytes: places.length > MOST_LISTED ? map : packPlaces(places, false) };
}

/** Which condition has marked a place last. Places are marked and asked for within one block, so that nothing has to be wiped out in between. */
const marks = new Float64Array(BLOCK_ENTRIES);
let mark = 0;

/**
 * The places of the blocks `[from, to)` that fulfil every condition, ascending, by block. A condition's lists have each block once. It costs what the first condition has,
 * and the lists of the others in the blocks that are left, so that the rarest had better be the first, and what has maps the next.
 */
export function meetingPlaces(
  [first = [], ...others]: readonly (readonly BlockPlaces[])[],
  { from, to }: { from: number; to: number },
): Map<number, number[]> {
  let met = new Map<number, number[]>();
  for (const { blocks, counts, lengths, bytes } of first)
    for (let n = 0, at = 0; n < blocks.length; n++) {
      const [block = 0, count = 0, length = 0] = [blocks[n], counts[n], lengths[n]];
      if (block >= from && block < to) {
        const places: number[] = [];
        if (isMapped(count, length)) readMap(bytes, at, at + length, places);
        else readList(bytes, at, at + length, places);
        met.set(block, places);
      }
      at += length;
    }
  for (const condition of others) {
    if (met.size === 0) break;
    met = keep(met, condition);
  }
  return met;
}

/** What of `met` the condition has. */
function keep(met: ReadonlyMap<number, number[]>, condition: readonly BlockPlaces[]): Map<number, number[]> {
  const kept = new Map<number, number[]>();
  for (const { blocks, counts, lengths, bytes } of condition)
    for (let n = 0, at = 0; n < blocks.length; n++) {
      const [block = 0, count = 0, length = 0] = [blocks[n], counts[n], lengths[n]];
      const open = met.get(block);
      if (open !== undefined) {
        const own = had(open, bytes, at, length, isMapped(count, length));
        if (own.length > 0) kept.set(block, own);
      }
      at += length;
    }
  return kept;
}

/** Which of the places the bytes from `at` on have. */
function had(places: readonly number[], bytes: Uint8Array, at: number, length: number, isMapped: boolean): number[] {
  mark += 1;
  if (!isMapped)
    for (let byte = at; byte < at + length; byte += PLACE_BYTES)
      marks[((bytes[byte] ?? 0) << 8) | (bytes[byte + 1] ?? 0)] = mark;
  const own: number[] = [];
  for (const place of places)
    if (isMapped ? ((bytes[at + (place >> 3)] ?? 0) & (0x80 >> (place & 7))) !== 0 : marks[place] === mark)
      own.push(place);
  return own;
}
