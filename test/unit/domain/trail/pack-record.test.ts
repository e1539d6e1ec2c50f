import { inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRecordPacker } from "#lib/domain/trail/pack-record.ts";
import { RECORD_DICTIONARY } from "#lib/domain/trail/record-dictionary.ts";

const dictionary = Buffer.from(RECORD_DICTIONARY);
const packer = createRecordPacker(dictionary);
const unpacked = (packed: Uint8Array) => inflateRawSync(packed, { dictionary });

/** Bytes in which much comes again: pieces of the dictionary, runs, and noise. */
const record = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .tuple(fc.nat(dictionary.length), fc.nat(400))
        .map(([from, length]) => dictionary.subarray(from, from + length)),
      fc.tuple(fc.nat(255), fc.nat(700)).map(([byte, length]) => new Uint8Array(length).fill(byte)),
    ),
    { maxLength: 30 },
  )
  .map((pieces) => Buffer.concat(pieces));

describe("a packed record", () => {
  test("is unpacked by zlib to what it was, byte for byte", () => {
    fc.assert(
      fc.property(record, (bytes) => {
        expect(unpacked(packer.pack(bytes) ?? new Uint8Array()).equals(bytes)).toBe(true);
      }),
    );
  });

  test("refers to the dictionary, and to itself as far back as it goes", () => {
    expect(packer.pack(dictionary)?.length).toBeLessThan(dictionary.length / 20);
    const noise = Buffer.from(Array.from({ length: 12_000 }, (_, at) => Math.imul(at, 2_654_435_761) >>> 24));
    const twice = Buffer.concat([noise, noise]);
    const packed = packer.pack(twice);
    expect(unpacked(packed ?? new Uint8Array()).equals(twice)).toBe(true);
    expect(packed?.length).toBeLessThan(noise.length * 1.3);
  });

  test("is none where it does not fit into the window", () => {
    expect(packer.pack(new Uint8Array(32_768 - dictionary.length))).not.toBeNull();
    expect(packer.pack(new Uint8Array(32_769 - dictionary.length))).toBeNull();
  });

  test("of the first dictionary that there was is unpacked by this one: its end never changes", () => {
    const packed = Buffer.from("ab86781a6135fef23f283fbf4409dcc6418eb25a00", "hex");
    expect(unpacked(packed).toString()).toBe('{"eventVersion":"1.11","userIdentity":{"type":"Root"},"readOnly":true}');
  });
});
