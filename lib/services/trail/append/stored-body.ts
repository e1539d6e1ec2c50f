import { deflateRawSync, inflateRawSync } from "node:zlib";
import { createRecordPacker } from "#lib/domain/trail/pack-record.ts";
import { RECORD_DICTIONARY } from "#lib/domain/trail/record-dictionary.ts";

/** What a record may have at the most, as no source reads more in one piece: a body that grows beyond this was not packed by us. */
const MOST_BODY_BYTES = 256 * 1024 * 1024;

const dictionary = Buffer.from(RECORD_DICTIONARY);
const packer = createRecordPacker(dictionary);

/** A record as it is kept: raw DEFLATE, of which short ones refer to the dictionary. Holds until the next call. */
export function packBody(record: Uint8Array): Uint8Array {
  return packer.pack(record) ?? deflateRawSync(record);
}

/** The record of a kept body. What was deflated without the dictionary never refers to it. Throws where it is none. */
export function unpackBody(body: Uint8Array): Buffer {
  return inflateRawSync(body, { dictionary, maxOutputLength: MOST_BODY_BYTES });
}
