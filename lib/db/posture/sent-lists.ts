/** A list of integers as `array_send` writes an int4[] without NULL: PostgreSQL's binary format of arrays. */
export function integersOf(sent: Buffer): Int32Array {
  const list = new Int32Array(lengthOf(sent));
  for (let index = 0, place = FIRST; index < list.length; index += 1, place += INTEGER)
    list[index] = sent.readInt32BE(place);
  return list;
}

/** A list of instants as `array_send` writes a timestamptz[] without NULL: microseconds since 1970, -Infinity for `-infinity`. */
export function instantsOf(sent: Buffer): Float64Array {
  const list = new Float64Array(lengthOf(sent));
  for (let index = 0, place = FIRST; index < list.length; index += 1, place += INSTANT) {
    const high = sent.readInt32BE(place);
    list[index] = high === LEAST ? -Infinity : high * 2 ** 32 + sent.readUInt32BE(place + 4) + SINCE_2000;
  }
  return list;
}

// The number of dimensions, whether there are NULLs, the type, and of the one dimension its length and lower bound; then each element after its length.
const HEADER = 20;
const FIRST = HEADER + 4;
const INTEGER = 8;
const INSTANT = 12;
/** The upper half of what PostgreSQL writes for `-infinity`. */
const LEAST = -(2 ** 31);
/** PostgreSQL counts from 2000. */
const SINCE_2000 = Date.UTC(2000, 0, 1) * 1000;

/** An empty array has no dimension. */
function lengthOf(sent: Buffer): number {
  return sent.readInt32BE(0) === 0 ? 0 : sent.readInt32BE(12);
}
