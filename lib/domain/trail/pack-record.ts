/**
 * Raw DEFLATE (RFC 1951) with the fixed codes, whose window begins with a dictionary. A library's compressor takes longer to be set up than a
 * record of a kilobyte takes to be packed, and without a dictionary it finds little in one that it could refer to.
 */
export type RecordPacker = {
  /** Whoever unpacks needs the same dictionary. Null where the record is too long to be packed so. */
  pack(record: Uint8Array): Uint8Array | null;
};

const WINDOW_BYTES = 32_768;
const HASH_BITS = 12;
/** Sequences that are looked up are this long; shorter ones are not worth being referred to. */
const LEAST_MATCH = 4;
const MOST_MATCH = 258;
const LITERALS = 256;
/** Literals of up to nine bits, and what begins and ends the block. */
const MOST_PACKED_BYTES = Math.ceil((WINDOW_BYTES * 9) / 8) + 16;
const END_OF_BLOCK = 256;

/** `dictionary`: at most half of a window. What it ends with is cheapest to refer to. */
export function createRecordPacker(dictionary: Uint8Array): RecordPacker {
  const first = dictionary.length;
  const window = new Uint8Array(WINDOW_BYTES);
  window.set(dictionary);
  const words = new DataView(window.buffer);
  // Where a sequence of this hash began last, plus one; 0 = it did not occur.
  const known = new Int32Array(2 ** HASH_BITS);
  for (let at = 0; at + LEAST_MATCH <= first; at++) known[hashAt(words, at)] = at + 1;
  const heads = new Int32Array(known.length);
  const packed = new Uint8Array(MOST_PACKED_BYTES);
  return {
    pack(record) {
      const end = first + record.length;
      if (end > WINDOW_BYTES) return null;
      window.set(record, first);
      heads.set(known);
      return packed.slice(0, packWindow({ window, words, first, end, heads, packed }));
    },
  };
}

type Work = {
  window: Uint8Array;
  /** The same bytes. */
  words: DataView;
  /** Where the record begins and ends. */
  first: number;
  end: number;
  heads: Int32Array;
  packed: Uint8Array;
};

/** Answers how many bytes of `packed` were written. */
function packWindow({ window, words, first, end, heads, packed }: Work): number {
  // The last block, with fixed codes.
  let [bits, count, written, at] = [3, 3, 0, first];
  while (at < end) {
    let length = 0;
    let distance = 0;
    if (at + LEAST_MATCH <= end) {
      const hash = hashAt(words, at);
      const candidate = (heads[hash] as number) - 1;
      heads[hash] = at + 1;
      if (candidate >= 0) {
        length = matchLength(window, candidate, at, Math.min(MOST_MATCH, end - at));
        distance = at - candidate;
      }
    }
    if (length < LEAST_MATCH) {
      const literal = window[at++] as number;
      bits |= (CODES[literal] as number) << count;
      count += CODE_BITS[literal] as number;
    } else {
      bits |= (LENGTH_CODES[length] as number) << count;
      count += LENGTH_BITS[length] as number;
      for (; count >= 8; count -= 8, bits >>>= 8) packed[written++] = bits & 255;
      const symbol = distanceSymbol(distance);
      bits |= (DISTANCE_CODES[symbol] as number) << count;
      count += 5;
      bits |= (distance - (DISTANCE_BASES[symbol] as number)) << count;
      count += DISTANCE_EXTRA[symbol] as number;
      // Every other place is enough to be found by, and half of the work.
      const hashed = Math.min(at + length, end - LEAST_MATCH + 1);
      for (let inner = at + 1; inner < hashed; inner += 2) heads[hashAt(words, inner)] = inner + 1;
      at += length;
    }
    for (; count >= 8; count -= 8, bits >>>= 8) packed[written++] = bits & 255;
  }
  bits |= (CODES[END_OF_BLOCK] as number) << count;
  count += CODE_BITS[END_OF_BLOCK] as number;
  for (; count > 0; count -= 8, bits >>>= 8) packed[written++] = bits & 255;
  return written;
}

function hashAt(words: DataView, at: number): number {
  return Math.imul(words.getInt32(at, true), 2_654_435_761) >>> (32 - HASH_BITS);
}

function matchLength(window: Uint8Array, candidate: number, at: number, most: number): number {
  let length = 0;
  while (length < most && window[candidate + length] === window[at + length]) length++;
  return length;
}

/** Bits of a Huffman code come with the most significant first, everything else with the least. */
function reversed(code: number, length: number): number {
  let turned = 0;
  for (let bit = 0; bit < length; bit++) turned |= ((code >> bit) & 1) << (length - 1 - bit);
  return turned;
}

// RFC 1951, section 3.2.6: literals and lengths by the fixed codes.
const CODE_BITS = Uint8Array.from({ length: LITERALS + 32 }, (_, symbol) =>
  symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8,
);
const CODES = Uint16Array.from(CODE_BITS, (length, symbol) => {
  const code =
    symbol < 144
      ? 0x30 + symbol
      : symbol < 256
        ? 0x190 + symbol - 144
        : symbol < 280
          ? symbol - 256
          : 0xc0 + symbol - 280;
  return reversed(code, length);
});

// Section 3.2.5: what each symbol of a length or a distance begins with, and how many more bits tell the rest.
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5];
const LENGTH_BASES = basesOf(3, LENGTH_EXTRA);
const DISTANCE_EXTRA = Uint8Array.from({ length: 30 }, (_, symbol) => Math.max(0, (symbol >> 1) - 1));
const DISTANCE_BASES = Uint16Array.from(basesOf(1, [...DISTANCE_EXTRA]));
const DISTANCE_CODES = Uint8Array.from(DISTANCE_EXTRA, (_, symbol) => reversed(symbol, 5));

const LENGTH_CODES = new Uint16Array(MOST_MATCH + 1);
const LENGTH_BITS = new Uint8Array(MOST_MATCH + 1);
for (let length = 3; length <= MOST_MATCH; length++) {
  // The longest has a symbol of its own, the 29th.
  const index = length === MOST_MATCH ? 28 : LENGTH_BASES.findLastIndex((base) => base <= length);
  const own = CODE_BITS[257 + index] as number;
  const rest = length === MOST_MATCH ? 0 : length - (LENGTH_BASES[index] as number);
  LENGTH_CODES[length] = (CODES[257 + index] as number) | (rest << own);
  LENGTH_BITS[length] = own + (LENGTH_EXTRA[index] ?? 0);
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
