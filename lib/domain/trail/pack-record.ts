/**
 * Raw DEFLATE (RFC 1951) with the fixed codes, whose window begins with a dictionary. A library's compressor takes longer to be set up than a
 * record of a kilobyte takes to be packed, and without a dictionary it finds little in one that it could refer to.
 */
export type RecordPacker = {
  /** Whoever unpacks needs the same dictionary. Holds until the next call. Null where the record is too long to be packed so. */
  pack(record: Uint8Array): Uint8Array | null;
};

const WINDOW_BYTES = 32_768;
const HASH_BITS = 11;
/** Sequences that are looked up are this long; shorter ones are not worth being referred to. */
const LEAST_MATCH = 4;
const MOST_MATCH = 258;
/** The longer nothing was found, the farther apart are the places that are looked at: keys and random ids are never found. */
const SKIP_BITS = 4;
/** So far apart are the places within a match at which it can be found itself. */
const FOUND_EVERY = 8;
/** Literals of up to nine bits, and what begins and ends the block. */
const MOST_PACKED_BYTES = Math.ceil((WINDOW_BYTES * 9) / 8) + 16;

/** `dictionary`: at most half of a window. What it ends with is cheapest to refer to. */
export function createRecordPacker(dictionary: Uint8Array): RecordPacker {
  const first = dictionary.length;
  const window = new Uint8Array(WINDOW_BYTES);
  window.set(dictionary);
  const words = new DataView(window.buffer);
  // Where a sequence of this hash began last, plus one; 0 = it did not occur.
  const known = new Uint16Array(2 ** HASH_BITS);
  for (let at = 0; at + LEAST_MATCH <= first; at++) known[hashOf(words.getInt32(at, true))] = at + 1;
  const heads = new Uint16Array(known.length);
  const packed = new Uint8Array(MOST_PACKED_BYTES);
  const bits = new DataView(packed.buffer);
  return {
    pack(record) {
      const end = first + record.length;
      if (end > WINDOW_BYTES) return null;
      window.set(record, first);
      heads.set(known);
      return packed.subarray(0, packWindow({ words, first, end, heads, packed: bits }));
    },
  };
}

type Work = {
  /** The window's bytes. */
  words: DataView;
  /** Where the record begins and ends. */
  first: number;
  end: number;
  heads: Uint16Array;
  packed: DataView;
};

/** Answers how many bytes of `packed` were written. */
function packWindow({ words, first, end, heads, packed }: Work): number {
  // The last block, with fixed codes.
  let [bits, count, written] = [3, 3, 0];
  const lastMatch = end - LEAST_MATCH;
  for (let at = first, literal = first; ;) {
    // Literals up to the next match, or to the end.
    let candidate = -1;
    for (let missed = 0; at <= lastMatch; at += 1 + (missed++ >> SKIP_BITS)) {
      const four = words.getInt32(at, true);
      const hash = hashOf(four);
      candidate = (heads[hash] as number) - 1;
      heads[hash] = at + 1;
      if (candidate >= 0 && words.getInt32(candidate, true) === four) break;
      candidate = -1;
    }
    const stop = candidate < 0 ? end : at;
    // Two have room beside the bits that did not go out yet.
    for (; literal < stop; literal += 2) {
      let code = LITERALS[words.getUint8(literal)] as number;
      bits |= (code >>> SIZE_BITS) << count;
      count += code & SIZE_MASK;
      if (literal + 1 < stop) {
        code = LITERALS[words.getUint8(literal + 1)] as number;
        bits |= (code >>> SIZE_BITS) << count;
        count += code & SIZE_MASK;
      }
      // Whole bytes go out; what is written beyond them is written over.
      packed.setInt32(written, bits, true);
      written += count >> 3;
      bits >>>= count & ~7;
      count &= 7;
    }
    if (candidate < 0) break;
    const length = matchLength(words, candidate, at, Math.min(MOST_MATCH, end - at));
    const distance = at - candidate;
    const symbol = distanceSymbol(distance);
    let code = LENGTHS[length] as number;
    bits |= (code >>> SIZE_BITS) << count;
    count += code & SIZE_MASK;
    packed.setInt32(written, bits, true);
    written += count >> 3;
    bits >>>= count & ~7;
    count &= 7;
    code = (DISTANCES[symbol] as number) + ((distance - (DISTANCE_BASES[symbol] as number)) << (SIZE_BITS + 5));
    bits |= (code >>> SIZE_BITS) << count;
    count += code & SIZE_MASK;
    packed.setInt32(written, bits, true);
    written += count >> 3;
    bits >>>= count & ~7;
    count &= 7;
    const hashed = Math.min(at + length, lastMatch + 1);
    for (let inner = at + 1; inner < hashed; inner += FOUND_EVERY)
      heads[hashOf(words.getInt32(inner, true))] = inner + 1;
    literal = at += length;
  }
  bits |= (END_OF_BLOCK >>> SIZE_BITS) << count;
  count += END_OF_BLOCK & SIZE_MASK;
  packed.setInt32(written, bits, true);
  return written + ((count + 7) >> 3);
}

function hashOf(four: number): number {
  return Math.imul(four, -1_640_531_535) >>> (32 - HASH_BITS);
}

/** The first four bytes are known to be the same. */
function matchLength(words: DataView, candidate: number, at: number, most: number): number {
  let length = LEAST_MATCH;
  for (; length + 4 <= most; length += 4) {
    const differing = words.getInt32(candidate + length, true) ^ words.getInt32(at + length, true);
    if (differing !== 0) return length + ((31 - Math.clz32(differing & -differing)) >> 3);
  }
  while (length < most && words.getUint8(candidate + length) === words.getUint8(at + length)) length++;
  return length;
}

/** Bits of a Huffman code come with the most significant first, everything else with the least. */
function reversed(code: number, length: number): number {
  let turned = 0;
  for (let bit = 0; bit < length; bit++) turned |= ((code >> bit) & 1) << (length - 1 - bit);
  return turned;
}

// RFC 1951, section 3.2.6: literals and lengths by the fixed codes. In every table a code stands above SIZE_BITS bits that say how many bits it has.
const SIZE_BITS = 5;
const SIZE_MASK = 2 ** SIZE_BITS - 1;
const LITERAL_COUNT = 256;
const SYMBOLS = Int32Array.from({ length: LITERAL_COUNT + 32 }, (_, symbol) => {
  if (symbol < 144) return sized(0x30 + symbol, 8);
  if (symbol < 256) return sized(0x190 + symbol - 144, 9);
  return symbol < 280 ? sized(symbol - 256, 7) : sized(0xc0 + symbol - 280, 8);
});
const LITERALS = SYMBOLS.subarray(0, LITERAL_COUNT);
const END_OF_BLOCK = SYMBOLS[LITERAL_COUNT] as number;

function sized(code: number, length: number): number {
  return (reversed(code, length) << SIZE_BITS) | length;
}

// Section 3.2.5: what each symbol of a length or a distance begins with, and how many more bits tell the rest.
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5];
const LENGTH_BASES = basesOf(3, LENGTH_EXTRA);
const DISTANCE_EXTRA = Uint8Array.from({ length: 30 }, (_, symbol) => Math.max(0, (symbol >> 1) - 1));
const DISTANCE_BASES = Uint16Array.from(basesOf(1, [...DISTANCE_EXTRA]));
/** The sizes have the bits that tell the rest, which stand above the code. */
const DISTANCES = Int32Array.from(DISTANCE_EXTRA, (extra, symbol) => sized(symbol, 5) + extra);

const LENGTHS = new Int32Array(MOST_MATCH + 1);
for (let length = 3; length <= MOST_MATCH; length++) {
  // The longest has a symbol of its own, the 29th.
  const index = length === MOST_MATCH ? 28 : LENGTH_BASES.findLastIndex((base) => base <= length);
  const own = SYMBOLS[LITERAL_COUNT + 1 + index] as number;
  const rest = length === MOST_MATCH ? 0 : length - (LENGTH_BASES[index] as number);
  LENGTHS[length] = own + (rest << ((own & SIZE_MASK) + SIZE_BITS)) + (LENGTH_EXTRA[index] ?? 0);
}

function basesOf(first: number, extra: readonly number[]): number[] {
  let base = first;
  return extra.map((bits) => {
    const own = base;
    base += 2 ** bits;
    return own;
  });
}

function distanceSymbol(distance: number): number {
  if (distance <= 4) return distance - 1;
  const high = 31 - Math.clz32(distance - 1);
  return high * 2 + (((distance - 1) >> (high - 1)) & 1);
}
