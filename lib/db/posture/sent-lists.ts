import { endianness } from "node:os";

/** A list of integers as `array_send` writes an int4[] without NULL: PostgreSQL's binary format of arrays. */
export function integersOf(sent: Buffer): Int32Array {
  const [list, words] = [new Int32Array(lengthOf(sent)), wordsOf(sent)];
  for (let index = 0; index < list.length; index += 1) list[index] = words[index * 2 + 1] ?? 0;
  return list;
}

/** A list of instants as `array_send` writes a timestamptz[] without NULL: microseconds since 1970, -Infinity for `-infinity`. */
export function instantsOf(sent: Buffer): Float64Array {
  const [list, words] = [new Float64Array(lengthOf(sent)), wordsOf(sent)];
  for (let index = 0; index < list.length; index += 1) {
    const high = words[index * 3 + 1] ?? 0;
    list[index] = high === LEAST ? -Infinity : high * 2 ** 32 + ((words[index * 3 + 2] ?? 0) >>> 0) + SINCE_2000;
  }
  return list;
}

// The number of dimensions, whether there are NULLs, the type, and of the one dimension its length and lower bound; then each element after its length.
const HEADER = 20;
/** The upper half of what PostgreSQL writes for `-infinity`. */
const LEAST = -(2 ** 31);
/** PostgreSQL counts from 2000. */
const SINCE_2000 = Date.UTC(2000, 0, 1) * 1000;

/** An empty array has no dimension. */
function lengthOf(sent: Buffer): number {
  return sent.readInt32BE(0) === 0 ? 0 : sent.readInt32BE(12);
}

/** What follows the header as integers of 32 bits, in this machine's order of bytes: turned all at once, which is faster than reading one by one. */
function wordsOf(sent: Buffer): Int32Array {
  const bytes = new Uint8Array(Math.max(0, sent.length - HEADER));
  bytes.set(sent.subarray(HEADER));
  if (endianness() === "LE") Buffer.from(bytes.buffer).swap32();
  return new Int32Array(bytes.buffer);
}
