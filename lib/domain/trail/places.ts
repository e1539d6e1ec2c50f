/**
 * Entries of the log that have a term on a day, as they are kept: by blocks of the log, each entry as its place within its block, two bytes with the
 * higher one first, in ascending order. A batch that is appended adds to the end of its terms' places, never more than one block each.
 */
export const BLOCK_ENTRIES = 16_384;

const PLACE_BYTES = 2;

/** The block of the log that an entry is in. */
export function blockOf(seq: number): number {
  return Math.floor(seq / BLOCK_ENTRIES);
}

/** Ascending places of one block, as they are kept. */
export function packPlaces(places: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(places.length * PLACE_BYTES);
  for (let at = 0; at < places.length; at++) bytes.writeUInt16BE(places[at] ?? 0, at * PLACE_BYTES);
  return bytes;
}

/** What packPlaces has packed. */
export function unpackPlaces(bytes: Uint8Array): number[] {
  return Array.from(
    { length: bytes.length / PLACE_BYTES },
    (_, at) => (bytes[at * PLACE_BYTES] ?? 0) * 256 + (bytes[at * PLACE_BYTES + 1] ?? 0),
  );
}

/** Of one condition the places of each of its terms in a block: what has any of the terms fulfils it. */
export type ConditionPlaces = readonly Uint8Array[];

/** A scratch pad for `meetingPlaces`: how many conditions in a row each place of the block has fulfilled. */
const fulfilled = new Uint8Array(BLOCK_ENTRIES);

/**
 * The places of a block that fulfil every condition, each once, in no order. It costs what the conditions have, so that the rarest had better be the first.
 * Of 250 conditions at the most.
 */
export function meetingPlaces(conditions: readonly ConditionPlaces[]): number[] {
  const [first = []] = conditions;
  const found: number[] = [];
  const last = conditions.length - 1;
  for (let n = 0; n <= last; n++) {
    for (const bytes of conditions[n] ?? []) {
      for (let at = 0; at < bytes.length; at += PLACE_BYTES) {
        const place = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
        if (fulfilled[place] !== n) continue;
        fulfilled[place] = n + 1;
        if (n === last) found.push(place);
      }
    }
  }
  for (const bytes of first)
    for (let at = 0; at < bytes.length; at += PLACE_BYTES)
      fulfilled[((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)] = 0;
  return found;
}
