import type { PoolClient } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { pipeline } from "node:stream/promises";

/** A row of the table `event`, in the order of COLUMNS: its place, two instants, texts, bytes. */
export type EventRow = {
  seq: number;
  occurredAt: Date;
  receivedAt: Date;
  texts: readonly (string | null)[];
  body: Uint8Array;
  salt: Uint8Array;
};

const TEXTS = `source_key, event_key, actor, actor_kind, person, team_key, action, verb_class, resource, account_id, cluster_key, namespace,
  region, outcome, source_address, mfa`;
const COLUMNS = `seq, occurred_at, received_at, ${TEXTS}, body, salt`;
const COLUMN_COUNT = COLUMNS.split(",").length;
const TEXT_COUNT = TEXTS.split(",").length;

/** Appends rows by COPY. Their months have to be there. */
export async function writeEvents(sql: PoolClient, rows: readonly EventRow[]): Promise<void> {
  await pipeline(piecesOf(rows), sql.query(copyFrom(`COPY event (${COLUMNS}) FROM STDIN (FORMAT binary)`)));
}

/** Each piece is a write to the socket of its own, which costs more than a row does. */
const PIECE_BYTES = 64 * 1024;
/** "PGCOPY\n\xff\r\n\0", no flags, no more of a header. */
const HEADER = Buffer.from("5047434f50590aff0d0a000000000000000000", "hex");
const END = Buffer.from("ffff", "hex");
/** PostgreSQL counts microseconds from 2000-01-01. */
const EPOCH_MS = Date.UTC(2000, 0, 1);
const FIXED_BYTES = 200;

/** COPY's binary format: texts would be written here and read there at twice the cost. */
function* piecesOf(rows: readonly EventRow[]): Generator<Buffer> {
  yield HEADER;
  let piece = Buffer.allocUnsafe(PIECE_BYTES * 2);
  let at = 0;
  for (const row of rows) {
    const most = mostBytesOf(row);
    if (at + most > piece.length) {
      if (at > 0) yield piece.subarray(0, at);
      // What was handed out is written to the socket later; it must not be overwritten.
      piece = Buffer.allocUnsafe(Math.max(PIECE_BYTES * 2, most));
      at = 0;
    }
    at = writeRow(piece, at, row);
    if (at < PIECE_BYTES) continue;
    yield piece.subarray(0, at);
    piece = piece.subarray(at);
    at = 0;
  }
  if (at > 0) yield piece.subarray(0, at);
  yield END;
}

function mostBytesOf({ texts, body, salt }: EventRow): number {
  // A UTF-16 unit becomes three bytes at the most.
  const ofTexts = texts.reduce((sum, text) => sum + 4 + (text?.length ?? 0) * 3, 0);
  return FIXED_BYTES + ofTexts + body.length + salt.length;
}

/** Answers where the next row begins. */
function writeRow(piece: Buffer, start: number, { seq, occurredAt, receivedAt, texts, body, salt }: EventRow): number {
  if (texts.length !== TEXT_COUNT) throw new RangeError(`A row has ${TEXT_COUNT} texts.`);
  let at = piece.writeInt16BE(COLUMN_COUNT, start);
  at = writeBigInt(piece, at, seq);
  at = writeBigInt(piece, at, (occurredAt.getTime() - EPOCH_MS) * 1_000);
  at = writeBigInt(piece, at, (receivedAt.getTime() - EPOCH_MS) * 1_000);
  for (const text of texts) {
    if (text === null) at = piece.writeInt32BE(-1, at);
    else {
      const length = piece.write(text, at + 4);
      at = piece.writeInt32BE(length, at) + length;
    }
  }
  for (const bytes of [body, salt]) {
    at = piece.writeInt32BE(bytes.length, at);
    piece.set(bytes, at);
    at += bytes.length;
  }
  return at;
}

/** Of a whole number that a double holds exactly. */
function writeBigInt(piece: Buffer, start: number, value: number): number {
  let at = piece.writeInt32BE(8, start);
  at = piece.writeInt32BE(Math.floor(value / 2 ** 32), at);
  return piece.writeUInt32BE(value >>> 0, at);
}
