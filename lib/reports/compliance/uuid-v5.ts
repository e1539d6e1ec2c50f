import { createHash } from "node:crypto";

/** Ours, made once at random. */
const NAMESPACE = Buffer.from("5bd0b3a05c5e4a8c9f0e6f4c7d1a2b93", "hex");

/** The UUID of a name (RFC 9562, version 5): the same name has the same one in every report. */
export function uuidV5(name: string): string {
  const bytes = createHash("sha1").update(NAMESPACE).update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
