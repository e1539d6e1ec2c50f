import { isAscii } from "node:buffer";
import { gunzipSync } from "node:zlib";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { AppError } from "#lib/errors.ts";
import { cloudTrailFile, cloudTrailRecord, isUsualRecord } from "#lib/sources/aws-cloudtrail/api-types.ts";
import { toTrailEvent } from "#lib/sources/aws-cloudtrail/normalize.ts";
import { parseUsualFile } from "#lib/sources/aws-cloudtrail/parse-usual-file.ts";
import { recordBytes } from "#lib/sources/aws-cloudtrail/record-bytes.ts";

/** CloudTrail closes a file long before; what unpacks to more is not one of its files. */
const MOST_FILE_BYTES = 256 * 1024 * 1024;
const [LEAST_PIECE_BYTES, MOST_PIECE_BYTES] = [16 * 1024, 4 * 1024 * 1024];
/** DEFLATE makes nothing smaller than this. */
const MOST_RATIO = 1_032;
const GZIP = [0x1f, 0x8b];

/**
 * The events of one log file, gzip or plain.
 *
 * @throws AppError "bad_data" with the file, and the number of the record (from 1) where one of them is the reason.
 */
export function readLogFile(sourceKey: string, name: string, content: Uint8Array): TrailEvent[] {
  return toEvents(sourceKey, name, readRecords(name, unpackLogFile(name, content)));
}

/** The events of a file's records. Throws as readLogFile does. */
export function toEvents(sourceKey: string, name: string, records: readonly RawRecord[]): TrailEvent[] {
  return records.map(({ raw, body }, index) => {
    if (isUsualRecord(raw)) return toTrailEvent(sourceKey, raw, body);
    const record = cloudTrailRecord.safeParse(raw);
    if (record.success) return toTrailEvent(sourceKey, record.data, body);
    const issue = record.error.issues[0];
    throw new AppError("bad_data", `Record ${index + 1} of ${name} is none: ${issue?.message ?? "not understood"}.`, {
      place: { file: name, row: index + 1, column: issue?.path.join(".") ?? "" },
      remedy: "The file was changed or cut off after CloudTrail wrote it; its digest tells.",
    });
  });
}

export type RawRecord = { raw: unknown; body: Uint8Array };

/** What a file that is unpacked has. Throws as readLogFile does. */
export function readRecords(name: string, file: Uint8Array): RawRecord[] {
  const text = textOf(name, file);
  // Of ASCII a letter is a byte.
  const usual = text.length === file.length ? parseUsualFile(text) : null;
  if (usual !== null) return usual.map(({ raw, from, to }) => ({ raw, body: file.subarray(from, to) }));
  const parsed = cloudTrailFile.safeParse(parseJson(name, text));
  if (!parsed.success)
    throw new AppError("bad_data", `${name} has no list "Records"; it is no log file of CloudTrail.`, {
      place: { file: name },
      remedy: "Point the source to the prefix that CloudTrail writes its logs to.",
    });
  const { Records } = parsed.data;
  const pieces = recordBytes(file);
  const bodies = pieces.length === Records.length ? pieces : null;
  return Records.map((raw, index) => ({ raw, body: bodies?.[index] ?? Buffer.from(JSON.stringify(raw)) }));
}

/** @throws AppError "bad_data" with the file. */
export function unpackLogFile(name: string, content: Uint8Array): Uint8Array {
  if (content[0] !== GZIP[0] || content[1] !== GZIP[1]) return content;
  try {
    const file = gunzipSync(content, { maxOutputLength: MOST_FILE_BYTES, chunkSize: saidSize(content) + 1 });
    // Records are pieces of the file; they must not hold room that was never used.
    return file.buffer.byteLength > file.length * 2 + LEAST_PIECE_BYTES ? new Uint8Array(file) : file;
  } catch (thrown) {
    throw new AppError("bad_data", `${name} cannot be unpacked: it is cut off, damaged or too large.`, {
      place: { file: name },
      cause: thrown,
    });
  }
}

/** What the end of a gzip file says that it unpacks to, as far as that can be: in one piece nothing has to be put together. */
function saidSize(content: Uint8Array): number {
  const { buffer, byteOffset, length } = content;
  const size = length < 4 ? 0 : new DataView(buffer, byteOffset).getUint32(length - 4, true);
  return Math.max(Math.min(size, length * MOST_RATIO, MOST_PIECE_BYTES), LEAST_PIECE_BYTES);
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw notJson(name, thrown);
  }
}

/** Most files are ASCII, which is read in a fraction of the time. */
function textOf(name: string, content: Uint8Array): string {
  if (isAscii(content)) return Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString("latin1");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch (thrown) {
    throw notJson(name, thrown);
  }
}

function notJson(name: string, cause: unknown): AppError {
  return new AppError("bad_data", `${name} is not JSON.`, { place: { file: name }, cause });
}
