// Verifies a bundle of Bursar without Bursar: no network, no database, nothing but Node 22.2 or newer.
//
//   node verify-bundle.mjs bundle.zip [--key public-key.pem]
//
// The key is a file in PEM, or the JSON that Bursar answers at /api/v1/signing-key.
// It ends with 0 where everything holds, 1 where something does not, 2 where the bundle or the key cannot be read at all. Read it before you trust it.
// A bundle is a zip whose files lie one after another, not compressed, with fixed dates and rights: nothing has to be unpacked to be read, so
// that nothing can swell, and every byte that is not a file's content can be compared with what it has to be.
import { createHash, createPublicKey, verify as verifySignature } from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync, readSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";

const MANIFEST = "manifest.json";
const ENVELOPE = "signature.dsse.json";
const KEY = "public-key.pem";
const TIMESTAMP = "timestamp.tsr";
const STATEMENT = "https://in-toto.io/Statement/v1";
const PAYLOAD_TYPE = "application/vnd.in-toto+json";
const MAX_FILES = 2_000;
/** Manifest, signature and key are read whole, so they may not be large; data are read in pieces. */
const MAX_READ_WHOLE = 16 * 1024 * 1024;
const MAX_LINE = 16 * 1024 * 1024;
const CHUNK = 1024 * 1024;
const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

/**
 * Everything that does not hold, in sentences, and what was found to hold.
 * `trustedKey`: PEM of the public key that the reader got elsewhere; null = the bundle's own, which proves that nothing was changed since it
 * was signed, and not who signed it.
 */
export function verifyBundle(path, trustedKey = null) {
  const problems = [];
  const facts = [];
  const file = openSync(path, "r");
  try {
    const entries = readEntries(file, problems);
    const ownKey = readWhole(file, entries, KEY).toString("utf8");
    const key = readKey(trustedKey ?? ownKey, trustedKey === null ? KEY : "the given key");
    if (key.export({ type: "spki", format: "pem" }) !== ownKey)
      problems.push(`${KEY} is not ${trustedKey === null ? "written as a key is" : `the given key ${keyIdOf(key)}`}.`);
    const statement = readStatement(file, entries, { key, isGiven: trustedKey !== null }, problems, facts);
    if (statement !== null) checkContents(file, entries, statement, problems, facts);
    if (statement?.predicate.trail) checkTrail(file, entries, statement.predicate, key, problems, facts);
  } catch (thrown) {
    problems.push(thrown instanceof Error ? thrown.message : String(thrown));
  } finally {
    closeSync(file);
  }
  return { ok: problems.length === 0, problems, facts };
}

/** A small file of a bundle as it stands there, null where the bundle has none of this name. Verify the bundle first. */
export function readBundleFile(path, name) {
  const file = openSync(path, "r");
  try {
    const entries = readEntries(file, []);
    return entries.has(name) ? readWhole(file, entries, name) : null;
  } finally {
    closeSync(file);
  }
}

// ---- the zip ----

/** The header before a file ("local") or in the list at the end ("central"), as a bundle has to write it. Both sides use this one function. */
export function zipHeader(kind, { name, crc, size, offset }) {
  const text = Buffer.from(name, "utf8");
  const isLocal = kind === "local";
  const head = Buffer.alloc(isLocal ? 30 : 46);
  head.writeUInt32LE(isLocal ? 0x04034b50 : 0x02014b50, 0);
  let at = 4;
  // Made by: Unix, version 2.0; the list alone says so.
  if (!isLocal) at = head.writeUInt16LE(0x0314, at);
  // Needs version 2.0; names in UTF-8; stored; midnight; 1 January 1980.
  for (const value of [20, 0x0800, 0, 0, 0x0021]) at = head.writeUInt16LE(value, at);
  for (const value of [crc, size, size]) at = head.writeUInt32LE(value, at);
  head.writeUInt16LE(text.length, at);
  if (!isLocal) {
    // A regular file that its owner may write and everybody read.
    head.writeUInt32LE((0o100644 << 16) >>> 0, 38);
    head.writeUInt32LE(offset, 42);
  }
  return Buffer.concat([head, text]);
}

/** The end of the zip. */
export function zipEnd(count, listSize, listOffset) {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(listSize, 12);
  end.writeUInt32LE(listOffset, 16);
  return end;
}

function readEntries(file, problems) {
  const { size: length } = fstatSync(file);
  if (length < 22) throw new Error("This is no bundle: it is shorter than an empty zip.");
  const end = readAt(file, length - 22, 22);
  const [count, listSize, listOffset] = [end.readUInt16LE(10), end.readUInt32LE(12), end.readUInt32LE(16)];
  if (!end.equals(zipEnd(count, listSize, listOffset)) || listOffset + listSize + 22 !== length)
    throw new Error("This is no bundle, or it was cut or extended: its end is not that of a bundle's zip.");
  if (count > MAX_FILES || listSize > MAX_READ_WHOLE) throw new Error(`The zip lists more than ${MAX_FILES} files.`);
  const list = readAt(file, listOffset, listSize);
  const entries = new Map();
  const seen = new Set();
  let at = 0;
  let offset = 0;
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > listSize) throw new Error("The zip's list of files is cut.");
    const name = list.toString("utf8", at + 46, at + 46 + list.readUInt16LE(at + 28));
    const entry = { name, crc: list.readUInt32LE(at + 16), size: list.readUInt32LE(at + 20), offset };
    if (name.length > 200 || !NAME.test(name))
      throw new Error(`The zip has a file of a name that no bundle has: ${JSON.stringify(name)}.`);
    const [listed, local] = [zipHeader("central", entry), zipHeader("local", entry)];
    if (!list.subarray(at, at + listed.length).equals(listed))
      throw new Error(`The zip's list says of ${name} what no bundle says.`);
    if (offset + local.length + entry.size > listOffset || !readAt(file, offset, local.length).equals(local))
      throw new Error(`The zip's list and what stands before ${name} do not agree.`);
    if (seen.has(name.toLowerCase())) throw new Error(`The zip has the file ${name} twice.`);
    seen.add(name.toLowerCase());
    entry.start = offset + local.length;
    offset = entry.start + entry.size;
    at += listed.length;
    const { sha256, crc } = hashOf(file, entry);
    if (crc !== entry.crc) problems.push(`${name} was changed: its check sum in the zip is another one.`);
    entries.set(name, { ...entry, sha256 });
  }
  if (at !== listSize || offset !== listOffset) throw new Error("The zip holds bytes that belong to no file.");
  return entries;
}

function hashOf(file, entry) {
  const hash = createHash("sha256");
  let crc = 0;
  for (const piece of pieces(file, entry)) {
    hash.update(piece);
    crc = crc32(piece, crc);
  }
  return { sha256: hash.digest("hex"), crc };
}

function* pieces(file, { start, size }) {
  for (let done = 0; done < size; done += CHUNK) yield readAt(file, start + done, Math.min(CHUNK, size - done));
}

function readAt(file, position, length) {
  const buffer = Buffer.alloc(length);
  if (readSync(file, buffer, 0, length, position) !== length) throw new Error("The zip is cut.");
  return buffer;
}

function readWhole(file, entries, name) {
  const entry = entries.get(name);
  if (entry === undefined) throw new Error(`${name} is missing.`);
  if (entry.size > MAX_READ_WHOLE) throw new Error(`${name} is larger than any bundle's.`);
  return readAt(file, entry.start, entry.size);
}

// ---- the signature: DSSE, https://github.com/secure-systems-lab/dsse ----

/**
 * What the signature is of: a statement that names the manifest by its SHA-256, and through it every file. It is short, because services
 * that keep keys sign a few thousand bytes at most. Here it is made anew from the manifest, so that it can say nothing else.
 */
export function signedStatement(manifest) {
  const sha256 = createHash("sha256").update(manifest).digest("hex");
  const subject = [{ digest: { sha256 }, name: MANIFEST }];
  const statement = { _type: STATEMENT, predicate: {}, predicateType: "urn:bursar:signed-manifest:1", subject };
  return Buffer.from(JSON.stringify(statement), "utf8");
}

/** What is signed: the type and the payload, each with its length before it. */
export function signedBytes(payload) {
  return Buffer.concat([Buffer.from(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `), payload]);
}

/** The side file with the signature. It is written in one way only, so that a changed byte cannot mean the same. */
export function envelopeText(payload, keyid, signature) {
  const signatures = [{ keyid, sig: signature.toString("base64") }];
  return JSON.stringify({ payload: payload.toString("base64"), payloadType: PAYLOAD_TYPE, signatures });
}

/** SHA-256 of the key's DER form. */
export function keyIdOf(key) {
  return createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex");
}

function readStatement(file, entries, { key, isGiven }, problems, facts) {
  const manifest = readWhole(file, entries, MANIFEST);
  const envelope = readWhole(file, entries, ENVELOPE).toString("utf8");
  const keyid = keyIdOf(key);
  const signature = signatureIn(envelope);
  // Earlier bundles were signed over the manifest itself; both say the same of it.
  const payloads = [signedStatement(manifest), manifest];
  const payload = payloads.find((one) => envelope === envelopeText(one, keyid, signature));
  if (payload === undefined) problems.push(`${ENVELOPE} does not belong to this manifest and the key ${keyid}.`);
  if (!verifySignature(null, signedBytes(payload ?? payloads[0]), key, signature))
    problems.push(`The signature of ${MANIFEST} does not hold.`);
  else
    facts.push(
      isGiven
        ? `Signed with the given key ${keyid}.`
        : `Signed with the key ${keyid}, which the bundle brings itself: compare this id with the one that you were given, or use --key.`,
    );
  try {
    const statement = JSON.parse(manifest.toString("utf8"));
    if (Array.isArray(statement.subject) && Array.isArray(statement.predicate.tables)) return statement;
  } catch {
    // What is no JSON is told below, like any other manifest that is none.
  }
  problems.push(`${MANIFEST} is not a manifest.`);
  return null;
}

function signatureIn(envelope) {
  return Buffer.from(/"sig":"([A-Za-z0-9+/=]{1,200})"/.exec(envelope)?.[1] ?? "", "base64");
}

/**
 * The public keys in a file that a reader was given, each as PEM: one or several in PEM, or the JSON that Bursar answers at /api/v1/signing-key.
 * Throws where it is neither.
 */
export function givenKeys(text, name) {
  const pem = keyInJson(text) ?? text;
  const each = pem.match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g) ?? [pem];
  return each.map((one) => readKey(one, name).export({ type: "spki", format: "pem" }));
}

function keyInJson(text) {
  try {
    const { publicKey } = JSON.parse(text);
    return typeof publicKey === "string" ? publicKey : null;
  } catch {
    return null;
  }
}

function readKey(pem, name) {
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // Told below.
  }
  throw new Error(`${name} is no Ed25519 key.`);
}

// ---- the contents ----

function checkContents(file, entries, { subject, predicate }, problems, facts) {
  const sides = [MANIFEST, ENVELOPE, KEY, ...(entries.has(TIMESTAMP) ? [TIMESTAMP] : [])];
  const expected = [...subject.map(({ name }) => name), ...sides];
  for (const name of expected) if (!entries.has(name)) problems.push(`${name} is missing.`);
  for (const name of entries.keys())
    if (!expected.includes(name)) problems.push(`${name} was added: the manifest does not know it.`);
  if ([...entries.keys()].join() !== expected.join() && problems.length === 0)
    problems.push("The files are not in the manifest's order.");
  for (const { name, digest } of subject)
    if (entries.has(name) && entries.get(name).sha256 !== digest.sha256)
      problems.push(`${name} was changed: its SHA-256 is not the manifest's.`);
  facts.push(`${subject.length} files, each compared with its SHA-256.`);
  for (const table of predicate.tables)
    for (const name of table.files.filter((one) => /\.(csv|jsonl)$/.test(one) && entries.has(one)))
      checkTable(name, rowsOf(file, entries.get(name), table), table, problems, facts);
  for (const control of predicate.controlTotals ?? [])
    if (decimalOf(control.total) - decimalOf(control.expected) !== decimalOf(control.difference))
      problems.push(
        `Control total ${control.name}: ${control.total} less ${control.expected} is not ${control.difference}.`,
      );
  if (predicate.log) checkLog(file, entries, predicate.log, problems, facts);
}

function checkTable(name, rows, { columns, rows: expected, totals }, problems, facts) {
  const sums = totals.map(() => 0n);
  const at = totals.map(({ column, where }) => [
    columns.indexOf(column),
    where ? columns.indexOf(where.column) : -1,
    where?.value ?? null,
  ]);
  let count = 0;
  for (const row of rows) {
    count += 1;
    for (const [index, [column, filter, value]] of at.entries())
      if ((filter === -1 || (row[filter] ?? "") === value) && row[column]) sums[index] += decimalOf(row[column]);
  }
  if (count !== expected) problems.push(`${name} has ${count} rows, and not the manifest's ${expected}.`);
  for (const [index, { column, where, sum }] of totals.entries())
    if (sums[index] !== decimalOf(sum))
      problems.push(
        `${name}: "${column}"${where ? ` of ${where.value}` : ""} does not add up to the manifest's ${sum}.`,
      );
  facts.push(`${name}: ${count} rows${totals.length > 0 ? `, ${totals.length} totals` : ""} as the manifest says.`);
}

/** Decimals are summed as whole numbers of 10^-18, exactly. */
function decimalOf(text) {
  const match = /^(-?)(\d{1,40})(?:\.(\d{1,18}))?$/.exec(text);
  if (match === null) throw new Error(`${JSON.stringify(text)} is no decimal number.`);
  const whole = BigInt(match[2] + (match[3] ?? "").padEnd(18, "0"));
  return match[1] === "-" ? -whole : whole;
}

function rowsOf(file, entry, { columns }) {
  return entry.name.endsWith(".csv") ? csvRows(file, entry, columns) : jsonRows(file, entry, columns);
}

function* jsonRows(file, entry, columns) {
  for (const line of linesOf(file, entry)) {
    const row = JSON.parse(line.toString("utf8"));
    yield columns.map((column) => row[column] ?? null);
  }
}

/** RFC 4180. A line break within quotes continues the row, so that lines are put together until their quotes are even. */
function* csvRows(file, entry, columns) {
  let isHead = true;
  let open = "";
  for (const line of linesOf(file, entry)) {
    open += line.toString("utf8");
    if (open.length > MAX_LINE) throw new Error(`${entry.name} has a row that never ends.`);
    if ((open.split('"').length - 1) % 2 === 1) {
      open += "\n";
      continue;
    }
    const cells = [...`${open.replace(/\r$/, "")},`.matchAll(/(?:"([^"]*(?:""[^"]*)*)"|([^,"]*)),/g)].map(
      ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain,
    );
    if (isHead && cells.join() !== `\uFEFF${columns.join()}`)
      throw new Error(`${entry.name} has other columns than the manifest says.`);
    if (!isHead) yield cells;
    isHead = false;
    open = "";
  }
}

function* linesOf(file, entry) {
  let rest = Buffer.alloc(0);
  for (const piece of pieces(file, entry)) {
    let from = 0;
    for (let end = piece.indexOf(10); end !== -1; end = piece.indexOf(10, from)) {
      yield rest.length === 0 ? piece.subarray(from, end) : Buffer.concat([rest, piece.subarray(from, end)]);
      rest = Buffer.alloc(0);
      from = end + 1;
    }
    rest = Buffer.concat([rest, piece.subarray(from)]);
    if (rest.length > MAX_LINE) throw new Error(`${entry.name} has a line that never ends.`);
  }
  if (rest.length > 0) yield rest;
}

// ---- the log: RFC 6962, section 2.1 ----

/** Root of the Merkle tree over lines: each is a leaf. Kept are only the roots of full subtrees. */
export class MerkleRoot {
  count = 0;
  #roots = [];
  add(line) {
    let hash = createHash("sha256").update("\0").update(line).digest();
    for (let bit = this.count; bit % 2 === 1; bit = (bit - 1) / 2) hash = nodeHash(this.#roots.pop(), hash);
    this.#roots.push(hash);
    this.count += 1;
  }
  hex() {
    if (this.count === 0) return createHash("sha256").digest("hex");
    return this.#roots.reduceRight((right, left) => nodeHash(left, right)).toString("hex");
  }
}

function nodeHash(left, right) {
  return createHash("sha256").update("\x01").update(left).update(right).digest();
}

function checkLog(file, entries, log, problems, facts) {
  if (!entries.has(log.file)) return;
  const root = new MerkleRoot();
  for (const line of linesOf(file, entries.get(log.file))) root.add(line);
  if (root.count !== log.entries)
    problems.push(`The log was cut or extended: it has ${root.count} entries, and not ${log.entries}.`);
  else if (root.hex() !== log.rootHash) problems.push("The log was changed: its Merkle root is not the manifest's.");
  else facts.push(`The log's ${log.entries} entries have the Merkle root ${log.rootHash}.`);
}

// ---- events of a trail, each with its proof: RFC 6962, section 2.1 ----

const HEAD_TYPE = "urn:bursar:tree-head:1";
/** Of the events that do not hold; the others are counted. */
const MOST_TOLD = 20;

/**
 * Each event: is its record what its leaf commits to, is its leaf in the log of the signed head, and does its row say what the leaf says?
 * Whoever signs bundles could leave an event out, but can neither change nor invent one without another head.
 */
function checkTrail(file, entries, { trail, tables }, key, problems, facts) {
  const [proofs, [table]] = [entries.get(trail.proofs), tables];
  const head = readHead(file, entries, trail.head, key);
  const forgettings = readForgettings(file, entries, trail, key, problems);
  const dataFiles = table.files.filter((name) => /\.(csv|jsonl)$/.test(name) && entries.has(name));
  const readers = dataFiles.map((name) => [name, rowsOf(file, entries.get(name), table)]);
  const seen = new Set();
  const reasons = new Map();
  let failed = 0;
  for (const line of proofs === undefined ? [] : linesOf(file, proofs)) {
    const proof = JSON.parse(line.toString("utf8"));
    const leaf = JSON.parse(proof.leaf);
    const why = proof.salt === null ? forgettingOf(forgettings, proof.entry) : null;
    const found = seen.has(proof.entry) ? ["is there twice"] : wrongWithProof(proof, leaf, head, why);
    seen.add(proof.entry);
    if (why) reasons.set(why.words, (reasons.get(why.words) ?? 0) + 1);
    const told = [String(proof.entry), ...leaf.slice(1, 13), ...proof.personal];
    for (const [name, rows] of readers)
      if (!isSameRow(rows.next().value, told)) found.push(`is not what its row in ${name} says`);
    failed += found.length;
    if (found.length > 0 && failed <= MOST_TOLD) problems.push(`Event ${proof.entry} ${found.join(" and ")}.`);
  }
  if (failed > MOST_TOLD) problems.push(`${failed - MOST_TOLD} more things do not hold of events.`);
  if (seen.size !== table.rows) problems.push(`There are proofs of ${seen.size} events, and not of ${table.rows}.`);
  else if (failed === 0) {
    facts.push(`${seen.size} events, each proven to be in the log of ${head.size} entries with the root ${head.root}.`);
    for (const [words, count] of reasons) facts.push(`Of ${count} of them the record is gone: ${words}.`);
    facts.push(`That head of the log was signed with the same key, as of ${head.at}.`);
  }
}

function readHead(file, entries, name, key) {
  const envelope = readWhole(file, entries, name).toString("utf8");
  const statement = Buffer.from(/"payload":"([A-Za-z0-9+/=]*)"/.exec(envelope)?.[1] ?? "", "base64");
  const signature = signatureIn(envelope);
  const isSigned = verifySignature(null, signedBytes(statement), key, signature);
  if (!isSigned || envelope !== envelopeText(statement, keyIdOf(key), signature))
    throw new Error(`${name} is no head of a log that this key signed.`);
  const { predicateType, predicate, subject } = JSON.parse(statement.toString("utf8"));
  if (predicateType !== HEAD_TYPE) throw new Error(`${name} is signed, and is no head of a log.`);
  return { size: predicate.entries, root: subject[0].digest.sha256, at: predicate.at };
}

function wrongWithProof({ entry, leafHash, leaf: text, personal, salt, record, encoding, path }, leaf, head, why) {
  const wrong = [];
  if (leaf[0] !== 1 || leaf.length !== 15) wrong.push("has a leaf of a kind that this script does not know");
  if (rootOf(leafHash, entry, head.size, path) !== head.root) wrong.push("is not in the log of the signed head");
  const isLeaf = sha256Hex("\0", text) === leafHash;
  if (salt === null) return [...wrong, ...wrongWithRest({ entry, leaf, personal, record, isLeaf }, why)];
  if (!isLeaf) wrong.push("has another leaf than its hash says");
  const key = Buffer.from(salt, "hex");
  if (sha256Hex(key, JSON.stringify(personal)) !== leaf[13]) wrong.push("names somebody whom its leaf does not");
  if (sha256Hex(key, Buffer.from(record, encoding)) !== leaf[14]) wrong.push("has another record than was logged");
  return wrong;
}

/**
 * Of an event without a record: does an entry of the log say that it was taken away, and is what is left what that entry says? It still makes
 * the leaf, or the entry itself commits to it. What retention leaves names nobody, was of the class that was dropped, and was old enough.
 */
export function wrongWithRest({ entry, leaf, personal, record, isLeaf }, why) {
  if (why === null) return ["has lost its record, and nothing here says why"];
  if (record !== null) return ["has a record without what it is checked with"];
  const row = why.rows[String(entry)];
  const isLeft =
    row === undefined ? isLeaf && why.kind === "retention" : sha256Hex(JSON.stringify([...leaf, ...personal])) === row;
  if (!isLeft) return ["is not what was left of it"];
  if (why.kind === "pseudonym") return [];
  if (JSON.stringify(personal) !== '["","unknown",null,null,null]')
    return ["names somebody, although its record was dropped"];
  const before = Date.parse(why.before);
  const isDue = Date.parse(why.at) - before >= SHORTEST_KEEP_MS && Date.parse(leaf[1]) < before;
  return isDue && keepClassOf(leaf) === why.keepClass ? [] : ["was dropped before its time was over"];
}

/** Nothing can be configured to be kept for less than a February. */
const SHORTEST_KEEP_MS = 28 * 86_400_000;

/** What a duration of keeping is given for. Entries about dropping, holds and pseudonyms are never dropped. */
function keepClassOf([, , , source, , action, verbClass]) {
  const isOwn = source === "bursar";
  if (isOwn && /^(retention|hold|pseudonym)\./.test(action)) return "proof";
  const isSignIn = isOwn
    ? action.startsWith("session.")
    : /^(signin\.amazonaws\.com:|sso\.amazonaws\.com:(Authenticate|Federate)$)/.test(action);
  if (isSignIn) return "sign-in";
  return isOwn ? "bursar" : verbClass;
}

/** The entries of the log that say what was dropped or pseudonymised, each with its own proof, newest first. */
function readForgettings(file, entries, trail, key, problems) {
  const found = [];
  if (!entries.has(trail.forgotten)) return found;
  const head = readHead(file, entries, trail.forgottenHead, key);
  for (const line of linesOf(file, entries.get(trail.forgotten))) {
    const proof = JSON.parse(line.toString("utf8"));
    const leaf = JSON.parse(proof.leaf);
    const wrong = proof.salt === null ? ["has no record"] : wrongWithProof(proof, leaf, head, null);
    if (leaf[3] !== "bursar" || !["retention.dropped", "pseudonym.applied"].includes(leaf[5]))
      wrong.push("says nothing of what was dropped");
    if (wrong.length > 0)
      problems.push(`Entry ${proof.entry}, which says why records are gone, ${wrong.join(" and ")}.`);
    else found.push(toForgetting(proof, leaf));
  }
  return found.toSorted((a, b) => b.place - a.place);
}

function toForgetting({ entry, record }, leaf) {
  const { kind, rule, keepClass, before, places, rows } = JSON.parse(record).after;
  const ranges = places.split(",").map((range) => range.split("+").map(Number));
  const on = leaf[1].slice(0, 10);
  const words =
    kind === "retention"
      ? `dropped by retention on ${on} under the rule "${rule}", as entry ${entry} of the log says`
      : `pseudonymised on ${on} by ${rule}, as entry ${entry} of the log says; the hash of the leaf was kept`;
  return { place: entry, kind, keepClass, at: leaf[1], before, rows, ranges, words };
}

/** The newest that names the event; one can only be about what came before it. */
function forgettingOf(forgettings, entry) {
  const isOf = ({ place, ranges }) =>
    entry < place && ranges.some(([from, count = 1]) => entry >= from && entry < from + count);
  return forgettings.find(isOf) ?? null;
}

function sha256Hex(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/** The root that an audit path leads to, in hex; null where it is not of that length. RFC 9162, section 2.1.3.2. */
function rootOf(leafHash, entry, size, path) {
  if (!Number.isSafeInteger(entry) || entry < 0 || entry >= size) return null;
  let [position, last, hash] = [entry, size - 1, Buffer.from(leafHash, "hex")];
  for (const sibling of path.map((text) => Buffer.from(text, "hex"))) {
    if (last === 0) return null;
    if (position % 2 === 1 || position === last) {
      hash = nodeHash(sibling, hash);
      while (position % 2 === 0 && position !== 0) [position, last] = [position / 2, Math.floor(last / 2)];
    } else hash = nodeHash(hash, sibling);
    [position, last] = [Math.floor(position / 2), Math.floor(last / 2)];
  }
  return last === 0 ? hash.toString("hex") : null;
}

/** In CSV nothing is an empty cell, and what begins like a formula has an apostrophe before it. */
function isSameRow(row, told) {
  return (
    row?.length === told.length &&
    told.every((value, index) => {
      const cell = row[index] ?? "";
      return cell === (value ?? "") || cell === `'${value}`;
    })
  );
}

// ---- the command ----

/** Prints the answer; the exit code is 0, 1 or 2. */
export function main(args, write = (text) => process.stdout.write(text)) {
  const at = args.indexOf("--key");
  const [path, ...others] = at === -1 ? args : args.toSpliced(at, 2);
  if (path === undefined || others.length > 0 || (at !== -1 && args[at + 1] === undefined)) {
    write("Usage: node verify-bundle.mjs bundle.zip [--key public-key.pem]\n");
    return 2;
  }
  let result;
  try {
    result = verifyBundle(path, at === -1 ? null : givenKeys(readFileSync(args[at + 1], "utf8"), args[at + 1])[0]);
  } catch (thrown) {
    write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
    return 2;
  }
  for (const fact of result.facts) write(`ok      ${fact}\n`);
  for (const problem of result.problems) write(`FAILED  ${problem}\n`);
  write(result.ok ? "The bundle is as it was signed.\n" : "The bundle must not be relied on.\n");
  return result.ok ? 0 : 1;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  process.exitCode = main(process.argv.slice(2));
