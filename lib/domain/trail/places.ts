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

/** A block's bytes, `[at, at + length)` of all. */
type Piece = { bytes: Uint8Array; at: number; length: number; isMap: boolean };
/** A block of the first condition. `places`: what is left of it after the conditions before `round`; null = all of it. */
type Slot = { piece: Piece; places: readonly number[] | null; round: number };

const NONE: readonly number[] = [];

/**
 * The places of the blocks `[from, to)` that fulfil every condition, ascending, by block. A condition's lists have each block once. It costs what the first condition has,
 * and the lists of the others in the blocks that are left, so that the rarest had better be the first, and what has maps the next. Nothing is unpacked but what is met.
 */
export function meetingPlaces(
  [first = [], ...others]: readonly (readonly BlockPlaces[])[],
  { from, to }: { from: number; to: number },
): Map<number, readonly number[]> {
  const slots = new Map<number, Slot>();
  eachPiece(first, (block, piece) => {
    if (block >= from && block < to && piece.length > 0)
      slots.set(block, { piece: { ...piece }, places: null, round: 0 });
  });
  for (const [round, condition] of others.entries())
    eachPiece(condition, (block, piece) => {
      const slot = slots.get(block);
      if (slot === undefined || slot.round !== round) return;
      const own = slot.places === null ? meet(slot.piece, piece) : had(slot.places, piece);
      if (own.length > 0) [slot.places, slot.round] = [own, round + 1];
    });
  const met = new Map<number, readonly number[]>();
  for (const [block, { piece, places, round }] of slots)
    if (round === others.length) met.set(block, places ?? placesOf(piece));
  return met;
}

/** The same object for each piece, which `visit` does not keep. */
function eachPiece(all: readonly BlockPlaces[], visit: (block: number, piece: Piece) => void): void {
  for (const { blocks, counts, lengths, bytes } of all) {
    const piece = { bytes, at: 0, length: 0, isMap: false };
    for (let n = 0; n < blocks.length; n++) {
      piece.at += piece.length;
      piece.length = lengths[n] ?? 0;
      piece.isMap = isMapped(counts[n] ?? 0, piece.length);
      visit(blocks[n] ?? 0, piece);
    }
  }
}

function placesOf({ bytes, at, length, isMap }: Piece): number[] {
  const places: number[] = [];
  if (isMap) readMap(bytes, at, at + length, places);
  else readList(bytes, at, at + length, places);
  return places;
}

/** Which places both have, ascending. */
function meet(one: Piece, other: Piece): readonly number[] {
  if (one.isMap) return other.isMap ? bothMap(one, other) : listedIn(other, one);
  return other.isMap ? listedIn(one, other) : had(placesOf(one), other);
}

function bothMap(one: Piece, other: Piece): number[] {
  const both = new Uint8Array(MAP_BYTES);
  for (let n = 0; n < MAP_BYTES; n++) both[n] = (one.bytes[one.at + n] ?? 0) & (other.bytes[other.at + n] ?? 0);
  const places: number[] = [];
  readMap(both, 0, MAP_BYTES, places);
  return places;
}

/** Which places of a list a map has. */
function listedIn(list: Piece, map: Piece): readonly number[] {
  let own: number[] | null = null;
  for (let at = list.at; at < list.at + list.length; at += PLACE_BYTES) {
    const place = ((list.bytes[at] ?? 0) << 8) | (list.bytes[at + 1] ?? 0);
    if (((map.bytes[map.at + (place >> 3)] ?? 0) & (0x80 >> (place & 7))) !== 0) (own ??= []).push(place);
  }
  return own ?? NONE;
}

/** Which condition has marked a place last. Places are marked and asked for within one block, so that nothing has to be wiped out in between. */
const marks = new Float64Array(BLOCK_ENTRIES);
let mark = 0;

/** Which of the places the piece has. */
function had(places: readonly number[], { bytes, at, length, isMap }: Piece): readonly number[] {
  if (isMap) return places.filter((place) => ((bytes[at + (place >> 3)] ?? 0) & (0x80 >> (place & 7))) !== 0);
  mark += 1;
  for (let byte = at; byte < at + length; byte += PLACE_BYTES)
    marks[((bytes[byte] ?? 0) << 8) | (bytes[byte + 1] ?? 0)] = mark;
  return places.filter((place) => marks[place] === mark);
}
