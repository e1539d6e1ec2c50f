/** How a row is written in COPY's binary format: at most how many bytes it takes, and its fields from `at` on, answering where they end. */
export type RowWriter<Row> = {
  fields: number;
  mostBytesOf(row: Row): number;
  writeFields(piece: Buffer, at: number, row: Row): number;
};

/** Each piece is a write to the socket of its own, which costs more than some rows do. */
const PIECE_BYTES = 256 * 1024;
/** "PGCOPY\n\xff\r\n\0", no flags, no more of a header. */
const HEADER = Buffer.from("5047434f50590aff0d0a000000000000000000", "hex");
const END = Buffer.from("ffff", "hex");
const COUNT_BYTES = 2;

/** Rows in COPY's binary format, for `FORMAT binary`: texts would be written here and read there at twice the cost. */
export function* binaryRows<Row>(
  rows: Iterable<Row>,
  { fields, mostBytesOf, writeFields }: RowWriter<Row>,
): Generator<Buffer> {
  yield HEADER;
  let piece = Buffer.allocUnsafe(PIECE_BYTES);
  let at = 0;
  for (const row of rows) {
    const most = COUNT_BYTES + mostBytesOf(row);
    if (at + most > piece.length) {
      if (at > 0) yield piece.subarray(0, at);
      // What was handed out is written to the socket later; it must not be overwritten.
      piece = Buffer.allocUnsafe(Math.max(PIECE_BYTES, most));
      at = 0;
    }
    at = writeFields(piece, writeInt16(piece, at, fields), row);
  }
  if (at > 0) yield piece.subarray(0, at);
  yield END;
}

/** Rows that are written to be sent later, perhaps by somebody else: each up to its end. */
export type EncodedRows = { rows: Uint8Array<ArrayBuffer>; ends: Uint32Array<ArrayBuffer> };

/** Writes so many rows, one after the other. */
export function createRowEncoder<Row>(
  { fields, mostBytesOf, writeFields }: RowWriter<Row>,
  count: number,
): { add(row: Row): void; finish(): EncodedRows } {
  let rows = Buffer.from(new ArrayBuffer(USUAL_ROW_BYTES * count));
  const ends = new Uint32Array(count);
  let [at, added] = [0, 0];
  return {
    add(row) {
      const most = COUNT_BYTES + mostBytesOf(row);
      if (at + most > rows.length) {
        const longer = Buffer.from(new ArrayBuffer(Math.max(at + most, rows.length * 2)));
        longer.set(rows.subarray(0, at));
        rows = longer;
      }
      at = writeFields(rows, writeInt16(rows, at, fields), row);
      ends[added++] = at;
    },
    finish: () => ({ rows: rows.subarray(0, at), ends }),
  };
}

const USUAL_ROW_BYTES = 1_024;
/** Where the first field of a row begins, behind their number. */
export const FIRST_FIELD = COUNT_BYTES;

/** What encoded rows, without a gap between them, are sent as. */
export function* encodedPieces(rows: Uint8Array): Generator<Uint8Array> {
  yield HEADER;
  for (let at = 0; at < rows.length; at += PIECE_BYTES) yield rows.subarray(at, at + PIECE_BYTES);
  yield END;
}

/** A bigint that a double holds exactly. */
export function writeBigInt(piece: Buffer, start: number, value: number): number {
  const at = writeInt32(piece, writeInt32(piece, start, 8), Math.floor(value / 2 ** 32));
  return writeInt32(piece, at, value);
}

export function writeInteger(piece: Buffer, start: number, value: number): number {
  return writeInt32(piece, writeInt32(piece, start, 4), value);
}

export function writeSmallInt(piece: Buffer, start: number, value: number): number {
  return writeInt16(piece, writeInt32(piece, start, 2), value);
}

export function writeText(piece: Buffer, start: number, text: string | null): number {
  if (text === null) return writeInt32(piece, start, -1);
  const first = start + 4;
  const end = first + (writeShort(piece, first, text) ? text.length : piece.write(text, first));
  writeInt32(piece, start, end - first);
  return end;
}

/** Longer texts are written faster by whoever writes any of them. */
const SHORT_TEXT = 32;

/** Whether it was one of few letters, all of them ASCII, and is written. */
function writeShort(piece: Buffer, start: number, text: string): boolean {
  if (text.length > SHORT_TEXT) return false;
  for (let n = 0; n < text.length; n++) {
    const letter = text.charCodeAt(n);
    if (letter > 0x7f) return false;
    piece[start + n] = letter;
  }
  return true;
}

/** What stands before bytes that somebody else writes. */
export function writeLength(piece: Buffer, start: number, length: number): number {
  return writeInt32(piece, start, length);
}

export function writeBytes(piece: Buffer, start: number, bytes: Uint8Array): number {
  const at = writeInt32(piece, start, bytes.length);
  piece.set(bytes, at);
  return at + bytes.length;
}

/** The lowest 32 bits of a number, the most significant byte first. Byte by byte it is faster than by a buffer's own functions, which check what they are given. */
function writeInt32(piece: Buffer, at: number, value: number): number {
  piece[at] = value >>> 24;
  piece[at + 1] = value >>> 16;
  piece[at + 2] = value >>> 8;
  piece[at + 3] = value;
  return at + 4;
}

function writeInt16(piece: Buffer, at: number, value: number): number {
  piece[at] = value >>> 8;
  piece[at + 1] = value;
  return at + 2;
}
