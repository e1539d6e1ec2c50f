/** How a row is written in COPY's binary format: at most how many bytes it takes, and its fields from `at` on, answering where they end. */
export type RowWriter<Row> = {
  fields: number;
  mostBytesOf(row: Row): number;
  writeFields(piece: Buffer, at: number, row: Row): number;
};

/** Each piece is a write to the socket of its own, which costs more than a row does. */
const PIECE_BYTES = 64 * 1024;
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
  let piece = Buffer.allocUnsafe(PIECE_BYTES * 2);
  let at = 0;
  for (const row of rows) {
    const most = COUNT_BYTES + mostBytesOf(row);
    if (at + most > piece.length) {
      if (at > 0) yield piece.subarray(0, at);
      // What was handed out is written to the socket later; it must not be overwritten.
      piece = Buffer.allocUnsafe(Math.max(PIECE_BYTES * 2, most));
      at = 0;
    }
    at = writeFields(piece, piece.writeInt16BE(fields, at), row);
    if (at < PIECE_BYTES) continue;
    yield piece.subarray(0, at);
    piece = piece.subarray(at);
    at = 0;
  }
  if (at > 0) yield piece.subarray(0, at);
  yield END;
}

/** A bigint that a double holds exactly. */
export function writeBigInt(piece: Buffer, start: number, value: number): number {
  let at = piece.writeInt32BE(8, start);
  at = piece.writeInt32BE(Math.floor(value / 2 ** 32), at);
  return piece.writeUInt32BE(value >>> 0, at);
}

export function writeInteger(piece: Buffer, start: number, value: number): number {
  return piece.writeInt32BE(value, piece.writeInt32BE(4, start));
}

export function writeSmallInt(piece: Buffer, start: number, value: number): number {
  return piece.writeInt16BE(value, piece.writeInt32BE(2, start));
}

export function writeText(piece: Buffer, start: number, text: string | null): number {
  if (text === null) return piece.writeInt32BE(-1, start);
  const length = piece.write(text, start + 4);
  return piece.writeInt32BE(length, start) + length;
}

export function writeBytes(piece: Buffer, start: number, bytes: Uint8Array): number {
  const at = piece.writeInt32BE(bytes.length, start);
  piece.set(bytes, at);
  return at + bytes.length;
}
