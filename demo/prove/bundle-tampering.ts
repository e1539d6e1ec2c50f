import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Random } from "#demo/estate/random.ts";
import type { SigningKey } from "#lib/reports/bundle/signing-key.ts";
import {
  envelopeText,
  keyIdOf,
  signedBytes,
  signedStatement,
  zipEnd,
  zipHeader,
} from "#lib/reports/bundle/verify-bundle.mjs";

export type BundleFile = { name: string; data: Buffer };
export type Tampering = { kind: string; bytes: Buffer };

/** Files of a bundle's zip, and which of its bytes are no file's content. */
export function unpackBundle(zip: Buffer): { files: BundleFile[]; frame: number[]; starts: Map<string, number> } {
  const files: BundleFile[] = [];
  const starts = new Map<string, number>();
  const frame: number[] = [];
  let at = 0;
  // Each turn passes one file; the list of files begins with another word.
  while (zip.readUInt32LE(at) === 0x04034b50) {
    const [size, length] = [zip.readUInt32LE(at + 22), zip.readUInt16LE(at + 26)];
    const start = at + 30 + length;
    for (let byte = at; byte < start; byte += 1) frame.push(byte);
    const name = zip.toString("utf8", at + 30, start);
    starts.set(name, start);
    files.push({ name, data: zip.subarray(start, start + size) });
    at = start + size;
  }
  for (let byte = at; byte < zip.length; byte += 1) frame.push(byte);
  return { files, frame, starts };
}

/** A zip whose every header fits its files: what somebody makes who knows the format. */
export function packBundle(files: readonly BundleFile[]): Buffer {
  const body: Buffer[] = [];
  const list: Buffer[] = [];
  let offset = 0;
  for (const { name, data } of files) {
    const entry = { name, crc: crc32(data), size: data.length, offset };
    const local = zipHeader("local", entry);
    body.push(local, data);
    list.push(zipHeader("central", entry));
    offset += local.length + data.length;
  }
  const listed = Buffer.concat(list);
  return Buffer.concat([...body, listed, zipEnd(files.length, listed.length, offset)]);
}

/** How many positions are flipped: of each file, and of what is signed or holds the zip together. */
export type FlippedPositions = { ofFile: number; ofFrame: number };

const EVERY_BYTE_OF_FRAME: FlippedPositions = { ofFile: 200, ofFrame: Number.POSITIVE_INFINITY };
const WHOLE = ["manifest.json", "signature.dsse.json", "public-key.pem"];

/** Everything that somebody might do to a bundle: seeded, so that it is the same every time. */
export async function* everyTampering(
  zip: Buffer,
  key: SigningKey,
  random: Random,
  { ofFile, ofFrame }: FlippedPositions = EVERY_BYTE_OF_FRAME,
): AsyncGenerator<Tampering> {
  const { files, frame, starts } = unpackBundle(zip);
  for (const place of placesOf(frame.length, ofFrame, random))
    yield { kind: "flipped bit in the zip's own bytes", bytes: flip(zip, frame[place] ?? 0, random.below(8)) };
  for (const { name, data } of files) {
    for (const position of placesOf(data.length, WHOLE.includes(name) ? ofFrame : ofFile, random))
      yield {
        kind: `flipped bit in ${name}`,
        bytes: flip(zip, (starts.get(name) ?? 0) + position, random.below(8)),
      };
  }
  for (const length of [0, 1, 21, 22, 100, zip.length - 1]) yield { kind: "cut zip", bytes: zip.subarray(0, length) };
  yield { kind: "extended zip", bytes: Buffer.concat([zip, Buffer.from("x")]) };
  yield* moveFiles(files);
  yield* signAnew(files, key);
  yield { kind: "signature of another statement", bytes: await withAnotherStatement(files, key) };
  yield { kind: "signed anew with another key", bytes: withAnotherKey(files) };
}

/** All places below `length`, or as many as `most` that are drawn, each once. */
function placesOf(length: number, most: number, random: Random): Iterable<number> {
  if (length <= most) return Array.from({ length }).keys();
  return new Set(Array.from({ length: most }, () => random.below(length)));
}

/** Files added, removed, renamed, doubled and put in another order, each in a zip that is as such without fault. */
function* moveFiles(files: readonly BundleFile[]): Generator<Tampering> {
  yield { kind: "file added", bytes: packBundle([...files, { name: "data/more.csv", data: Buffer.from("x") }]) };
  yield { kind: "empty file added", bytes: packBundle([{ name: "a", data: Buffer.alloc(0) }, ...files]) };
  for (const [index, file] of files.entries()) {
    yield { kind: "file removed", bytes: packBundle(files.toSpliced(index, 1)) };
    yield { kind: "file renamed", bytes: packBundle(files.with(index, { ...file, name: `${file.name}x` })) };
    yield { kind: "file twice", bytes: packBundle(files.toSpliced(index, 0, file)) };
    yield { kind: "file twice in capitals", bytes: packBundle([...files, { ...file, name: file.name.toUpperCase() }]) };
    yield { kind: "file emptied", bytes: packBundle(files.with(index, { ...file, data: Buffer.alloc(0) })) };
    const next = files[index + 1];
    if (next) yield { kind: "files swapped", bytes: packBundle(files.with(index, next).with(index + 1, file)) };
  }
  for (const name of ["../outside", "/etc/passwd", "a/../../b", "a\\b", "a//b", ".hidden", "con:1"])
    yield { kind: "path that leaves", bytes: packBundle([...files, { name, data: Buffer.from("x") }]) };
}

/** One bit of one byte. */
function flip(zip: Buffer, position: number, bit: number): Buffer {
  const changed = Buffer.from(zip);
  changed[position] = (changed[position] ?? 0) ^ (1 << bit);
  return changed;
}

type Statement = {
  subject: { name: string; digest: { sha256: string } }[];
  predicate: { tables: { rows: number; totals: { sum: string }[] }[]; log: { entries: number } | null };
};

/**
 * What somebody could do who has the signing key and changes the data afterwards: hashes and signature fit again. What is left to give
 * it away are the totals, the counts and the root of the log.
 */
async function* signAnew(files: readonly BundleFile[], key: SigningKey): AsyncGenerator<Tampering> {
  const data = (name: string, change: (text: string) => string) => ({ name, change });
  const csv = files.find(({ name }) => name.endsWith(".csv"))?.name ?? "";
  const jsonl = files.find(({ name }) => name.startsWith("data/") && name.endsWith(".jsonl"))?.name ?? "";
  const lines = (text: string) => text.split(/(?<=\n)/);
  const manifest = files.find(({ name }) => name === "manifest.json")?.data.toString("utf8") ?? "";
  const log = [
    { kind: "cut log: last entry, signed anew", ...data(jsonl, (text) => lines(text).slice(0, -1).join("")) },
    { kind: "cut log: first entry, signed anew", ...data(jsonl, (text) => lines(text).slice(1).join("")) },
    { kind: "cut log: one in the middle, signed anew", ...data(jsonl, (text) => lines(text).toSpliced(3, 1).join("")) },
    { kind: "log in another order, signed anew", ...data(jsonl, (text) => lines(text).toReversed().join("")) },
    { kind: "log with one entry twice, signed anew", ...data(jsonl, (text) => text + (lines(text).at(-1) ?? "")) },
  ];
  const rows = [
    { kind: "row removed from the JSON Lines, signed anew", ...data(jsonl, (text) => lines(text).slice(1).join("")) },
    {
      kind: "row twice in the JSON Lines, signed anew",
      ...data(jsonl, (text) => text + (lines(text).at(-1) ?? "")),
    },
  ];
  const { predicate: made } = JSON.parse(manifest) as Statement;
  const changes = [
    // Rows that are no log have no root: who has the key may put them in another order.
    ...(made.log === null ? rows : log),
    { kind: "row removed from the CSV, signed anew", ...data(csv, (text) => lines(text).slice(0, -1).join("")) },
    { kind: "row twice in the CSV, signed anew", ...data(csv, (text) => text + (lines(text).at(-1) ?? "")) },
  ];
  for (const { kind, name, change } of changes)
    yield {
      kind,
      bytes: await resign(
        files.map((file) =>
          file.name === name ? { ...file, data: Buffer.from(change(file.data.toString("utf8"))) } : file,
        ),
        key,
      ),
    };
  yield {
    kind: "changed number of rows, signed anew",
    bytes: await resign(files, key, ({ predicate }) => predicate.tables.forEach((table) => (table.rows += 1))),
  };
  if (made.tables.some(({ totals }) => totals.length > 0))
    yield {
      kind: "changed total, signed anew",
      bytes: await resign(files, key, ({ predicate }) =>
        predicate.tables.forEach((table) => table.totals.forEach((one) => (one.sum = `${one.sum}1`))),
      ),
    };
}

/** The files with a manifest that fits them, signed: what somebody can do who has the key. */
export async function resign(
  files: readonly BundleFile[],
  key: SigningKey,
  change?: (statement: Statement) => void,
): Promise<Buffer> {
  const text = files.find(({ name }) => name === "manifest.json")?.data.toString("utf8") ?? "";
  const statement = JSON.parse(text) as Statement;
  for (const subject of statement.subject) {
    const file = files.find(({ name }) => name === subject.name);
    if (file) subject.digest.sha256 = createHash("sha256").update(file.data).digest("hex");
  }
  change?.(statement);
  const manifest = Buffer.from(JSON.stringify(statement));
  const payload = signedStatement(manifest);
  const envelope = Buffer.from(envelopeText(payload, key.keyid, await key.sign(payload)));
  return packBundle(
    files.map(({ name, data }) => {
      if (name === "manifest.json") return { name, data: manifest };
      if (name === "signature.dsse.json") return { name, data: envelope };
      return { name, data };
    }),
  );
}

/** A statement that the key did sign, as it signs heads of the log: it names no manifest, or the manifest and more. */
async function withAnotherStatement(files: readonly BundleFile[], key: SigningKey): Promise<Buffer> {
  const manifest = files.find(({ name }) => name === "manifest.json")?.data ?? Buffer.alloc(0);
  const payload = Buffer.from(
    signedStatement(manifest).toString("utf8").replace('"predicate":{}', '"predicate":{"a":1}'),
  );
  const envelope = Buffer.from(envelopeText(payload, key.keyid, await key.sign(payload)));
  return packBundle(
    files.map(({ name, data }) => (name === "signature.dsse.json" ? { name, data: envelope } : { name, data })),
  );
}

function withAnotherKey(files: readonly BundleFile[]): Buffer {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const payload = signedStatement(files.find(({ name }) => name === "manifest.json")?.data ?? Buffer.alloc(0));
  const envelope = envelopeText(payload, keyIdOf(publicKey), sign(null, signedBytes(payload), privateKey));
  return packBundle(
    files.map(({ name, data }) => {
      if (name === "signature.dsse.json") return { name, data: Buffer.from(envelope) };
      if (name === "public-key.pem")
        return { name, data: Buffer.from(publicKey.export({ type: "spki", format: "pem" })) };
      return { name, data };
    }),
  );
}
