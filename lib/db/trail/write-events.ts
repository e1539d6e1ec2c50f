import type { PoolClient } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { pipeline } from "node:stream/promises";
import { binaryRows, writeBigInt, writeBytes, writeText, type RowWriter } from "#lib/db/binary-copy.ts";

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
const TEXT_COUNT = TEXTS.split(",").length;

/** Appends rows by COPY. Their months have to be there. */
export async function writeEvents(sql: PoolClient, rows: Iterable<EventRow>): Promise<void> {
  const copy = sql.query(copyFrom(`COPY event (${COLUMNS}) FROM STDIN (FORMAT binary)`));
  await pipeline(binaryRows(rows, WRITER), copy);
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
  writeFields(piece, start, { seq, occurredAt, receivedAt, texts, body, salt }) {
    if (texts.length !== TEXT_COUNT) throw new RangeError(`A row has ${TEXT_COUNT} texts.`);
    let at = writeBigInt(piece, start, seq);
    for (const instant of [occurredAt, receivedAt]) at = writeBigInt(piece, at, (instant.getTime() - EPOCH_MS) * 1_000);
    for (const text of texts) at = writeText(piece, at, text);
    return writeBytes(piece, writeBytes(piece, at, body), salt);
  },
};
