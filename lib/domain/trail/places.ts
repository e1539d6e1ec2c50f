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
  return bytes.length < count * PLACE_BYTES;
}

/** What packPlaces has packed. */
export function unpackPlaces(packed: Places): number[] {
  const places: number[] = [];
  addPlaces(packed, (place) => places.push(place));
  return places;
}

function addPlaces(packed: Places, add: (place: number) => void): void {
  const { bytes } = packed;
  if (isMap(packed)) {
    for (let at = 0; at < bytes.length; at++)
      for (let rest = bytes[at] ?? 0; rest !== 0; rest &= rest - 1) add(at * 8 + 7 - Math.log2(rest & -rest));
  } else for (let at = 0; at < bytes.length; at += PLACE_BYTES) add(((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
}

/** Which condition has marked a place last. Places are marked and asked for within one call, so that nothing has to be wiped out in between. */
const marks = new Float64Array(BLOCK_ENTRIES);
let mark = 0;

/**
 * The places of a block that fulfil every condition, each once, in no order. A condition has the places of each of its terms, of which one is enough. It costs
 * what the first condition has, and the lists of the others, so that the rarest had better be the first.
 */
export function meetingPlaces([first = [], ...others]: readonly (readonly Places[])[]): number[] {
  let met: number[] = [];
  mark += 1;
  for (const packed of first)
    addPlaces(packed, (place) => {
      if (marks[place] === mark) return;
      marks[place] = mark;
      met.push(place);
    });
  for (const condition of others) {
    mark += 1;
    const maps = condition.filter(isMap).map(({ bytes }) => bytes);
    for (const packed of condition) if (!isMap(packed)) addPlaces(packed, (place) => (marks[place] = mark));
    met = met.filter(
      (place) => marks[place] === mark || maps.some((map) => ((map[place >> 3] ?? 0) & (0x80 >> (place & 7))) !== 0),
    );
  }
  return met;
}
