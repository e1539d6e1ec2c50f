import type { PoolClient } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { pipeline } from "node:stream/promises";
import {
  createRowEncoder,
  encodedPieces,
  FIRST_FIELD,
  writeBigInt,
  writeBytes,
  writeText,
  type EncodedRows,
  type RowWriter,
} from "#lib/db/binary-copy.ts";

/** A row of the table `event`, in the order of COLUMNS, but for its place, which is the first: two instants, texts, bytes. */
export type EventRow = {
  occurredAt: Date;
  receivedAt: Date;
  texts: readonly (string | null)[];
  body: Uint8Array;
  salt: Uint8Array;
};

const TEXTS = `source_key, event_key, actor, actor_kind, person, team_key, action, verb_class, resource, account_id, cluster_key, namespace,
  region, outcome, source_address, mfa`;
const COLUMNS = `seq, occurred_at, received_at, ${TEXTS}, body, salt`;
const TEXT_COUNT = TEXTS.split(",").length;

/** Writes so many rows, whose places in the log are given when they are appended. */
export function encodeEvents(count: number): ReturnType<typeof createRowEncoder<EventRow>> {
  return createRowEncoder(WRITER, count);
}

/** Appends those of the rows that are `wanted`, by COPY; the first becomes the log's entry `first`. Their months have to be there. */
export async function writeEvents(
  sql: PoolClient,
  { rows, ends }: EncodedRows,
  wanted: readonly number[],
  first: number,
): Promise<void> {
  const piece = Buffer.from(rows.buffer, rows.byteOffset, rows.length);
  const startOf = (n: number) => ends[n - 1] ?? 0;
  for (const [index, n] of wanted.entries()) writeBigInt(piece, startOf(n) + FIRST_FIELD, first + index);
  const own =
    wanted.length === ends.length ? piece : Buffer.concat(wanted.map((n) => piece.subarray(startOf(n), ends[n])));
  await pipeline(encodedPieces(own), sql.query(copyFrom(`COPY event (${COLUMNS}) FROM STDIN (FORMAT binary)`)));
}

/** PostgreSQL counts microseconds from 2000-01-01. */
const EPOCH_MS = Date.UTC(2000, 0, 1);
const FIXED_BYTES = 200;

const WRITER: RowWriter<EventRow> = {
  fields: COLUMNS.split(",").length,
  mostBytesOf({ texts, body, salt }) {
    // A UTF-16 unit becomes three bytes at the most.
    let bytes = FIXED_BYTES + body.length + salt.length;
    for (const text of texts) bytes += 4 + (text?.length ?? 0) * 3;
    return bytes;
  },
  writeFields(piece, start, { occurredAt, receivedAt, texts, body, salt }) {
    if (texts.length !== TEXT_COUNT) throw new RangeError(`A row has ${TEXT_COUNT} texts.`);
    let at = writeBigInt(piece, start, 0);
    for (const instant of [occurredAt, receivedAt]) at = writeBigInt(piece, at, (instant.getTime() - EPOCH_MS) * 1_000);
    for (const text of texts) at = writeText(piece, at, text);
    return writeBytes(piece, writeBytes(piece, at, body), salt);
  },
};
