import type { KeyObject } from "node:crypto";

type ZipEntry = { name: string; crc: number; size: number; offset: number };

export function verifyBundle(
  path: string,
  trustedKey?: string | null,
): { ok: boolean; problems: string[]; facts: string[] };
export function readBundleFile(path: string, name: string): Buffer | null;
export function zipHeader(kind: "local" | "central", entry: ZipEntry): Buffer;
export function zipEnd(count: number, listSize: number, listOffset: number): Buffer;
export function signedStatement(manifest: Buffer): Buffer;
export function signedBytes(payload: Buffer): Buffer;
export function envelopeText(payload: Buffer, keyid: string, signature: Buffer): string;
export function keyIdOf(key: KeyObject): string;
/** Each as PEM, at least one. `name`: what an error calls the file. Throws where the text is neither PEM nor the JSON of /api/v1/signing-key. */
export function givenKeys(text: string, name: string): [string, ...string[]];
/** `why`: what an entry of the log says was forgotten, and when that was. */
export function wrongWithRest(
  proof: { entry: number; leaf: unknown[]; personal: (string | null)[]; record: string | null; isLeaf: boolean },
  why: {
    kind: string;
    keepClass: string | null;
    at: string;
    before: string | null;
    rows: Record<string, string>;
  } | null,
): string[];
export class MerkleRoot {
  count: number;
  add(line: Uint8Array): void;
  hex(): string;
}
export function main(args: string[], write?: (text: string) => void): number;
