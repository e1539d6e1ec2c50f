import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { crc32 } from "node:zlib";
import type { WrittenFile } from "#lib/reports/bundle/file-sink.ts";

/** A file that somebody else wrote, as a part of a bundle. */
export async function hashFile(name: string, path: string): Promise<WrittenFile> {
  const hash = createHash("sha256");
  let [size, crc] = [0, 0];
  for await (const piece of createReadStream(path)) {
    const bytes = piece as Buffer;
    hash.update(bytes);
    crc = crc32(bytes, crc);
    size += bytes.length;
  }
  return { name, path, size, sha256: hash.digest("hex"), crc };
}
