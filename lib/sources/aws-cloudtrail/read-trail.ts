import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { AppError } from "#lib/errors.ts";
import { oneAhead } from "#lib/sources/one-ahead.ts";
import type { TrailBucket, TrailObject } from "#lib/sources/aws-cloudtrail/client.ts";
import { parseLookupCursor } from "#lib/sources/aws-cloudtrail/lookup-cursor.ts";
import { readDigests } from "#lib/sources/aws-cloudtrail/read-digests.ts";
import { readRecords, toEvents, unpackLogFile } from "#lib/sources/aws-cloudtrail/read-log-file.ts";
import { firstCursor, movedOn, trailCursor, type TrailCursor } from "#lib/sources/aws-cloudtrail/trail-cursor.ts";
import { isOverdue, tellUnnamed } from "#lib/sources/aws-cloudtrail/unnamed-files.ts";
import type { EventReading, ReadEventsOptions } from "#lib/sources/event-reading.ts";
import { finding } from "#lib/sources/finding.ts";
import type { SourceFinding } from "#lib/sources/source.ts";

export type TrailPlace = {
  sourceKey: string;
  /** What stands before the account: "AWSLogs/o-exampleorg1/". */
  root: string;
  account: string;
  region: string;
  days: number;
  lateDays: number;
};

/** Files that are fetched at once. */
const TOGETHER = 8;
const BATCH_EVENTS = 7_000;
/** What one batch may hold, as event-reading.ts has it. */
const MOST_EVENTS = 20_000;
const DAY_LENGTH = "2026/03/01".length;
/** A file that is promised may be on its way for so long until it is told to be missing. */
const GRACE_MS = 24 * 3_600_000;

/**
 * The log files of an account's region beyond the cursor, in order of their keys, and what the digests say against them. A file is kept once it
 * was read to its end; where a digest is there before it and tells another hash, nothing of it is taken.
 */
export async function* readTrail(
  { sourceKey, root, account, region, days, lateDays }: TrailPlace,
  bucket: TrailBucket,
  { cursor: kept, now, signal, onProgress }: ReadEventsOptions,
): EventReading {
  const cursor = kept === null || parseLookupCursor(kept) !== null ? firstCursor(now, days) : trailCursor.parse(kept);
  const prefix = `${root}${account}/CloudTrail/${region}/`;
  const digestsPrefix = `${root}${account}/CloudTrail-Digest/${region}/`;
  let findings = await readDigests({ prefix: digestsPrefix, filesPrefix: prefix, region }, bucket, cursor, signal);
  findings.push(...settle(cursor, prefix));
  const contents = namesByContent(cursor);
  let stored = movedOn(cursor, now, lateDays, cursor.from);
  let events: TrailEvent[] = [];
  let files = 0;
  const unseen = readBefore(cursor);
  for await (const page of bucket.pages(prefix, `${prefix}${cursor.from}`)) {
    for (const { key } of page) unseen.delete(key.slice(prefix.length));
    const fresh = page.filter(({ key, tag }) => isLog(key) && cursor.files[key.slice(prefix.length)]?.tag !== tag);
    for await (const group of oneAhead(contentsOf(bucket, fresh))) {
      signal.throwIfAborted();
      for (const { content, ...object } of group) {
        if (content === undefined) continue;
        const file = await takeFile({ sourceKey, prefix, contents }, cursor, object, content);
        events.push(...file.events);
        findings.push(...file.findings);
      }
      files += group.length;
      if (events.length < BATCH_EVENTS) continue;
      const day = group.at(-1)?.key.slice(prefix.length, prefix.length + DAY_LENGTH) ?? cursor.from;
      // Files count as read with the last of their events, but the cursor of the first part knows the digests, and what they say has to be kept with it.
      for (; events.length > MOST_EVENTS; [events, findings] = [events.slice(MOST_EVENTS), []])
        yield { events: events.slice(0, MOST_EVENTS), cursor: stored, findings };
      stored = movedOn(cursor, now, lateDays, day);
      yield { events, cursor: stored, findings };
      [events, findings] = [[], []];
      onProgress({ step: "Reading log files", done: files, total: files, unit: "files" });
    }
  }
  findings.push(
    ...tellMissing(cursor, prefix, now),
    ...tellUnnamed(cursor, prefix),
    ...tellDeleted(cursor, prefix, unseen),
  );
  yield { events, cursor: movedOn(cursor, now, lateDays, null), findings };
}

/** The files with their contents, some at a time; undefined where one has gone meanwhile. */
async function* contentsOf(
  bucket: TrailBucket,
  files: readonly TrailObject[],
): AsyncGenerator<(TrailObject & { content: Uint8Array | undefined })[]> {
  for (let at = 0; at < files.length; at += TOGETHER)
    yield await Promise.all(
      files.slice(at, at + TOGETHER).map(async (file) => ({ ...file, content: (await bucket.get(file.key))?.content })),
    );
}

function isLog(key: string): boolean {
  return /\.json(\.gz)?$/.test(key);
}

/** Promised files that were read before their digest came. */
function settle({ owed, files }: TrailCursor, prefix: string): SourceFinding[] {
  const findings: SourceFinding[] = [];
  for (const [name, { hash }] of Object.entries(owed)) {
    const read = files[name];
    if (!read) continue;
    if (read.standing === "refused" || read.standing === "told") findings.push(finding("file_named", prefix + name));
    if (read.standing === "refused") {
      // A digest names it after all, so that it is read once more.
      delete files[name];
      continue;
    }
    delete read.standing;
    delete owed[name];
    if (read.hash === hash) continue;
    if (read.trouble !== "left-out") findings.push(finding("file_replaced", prefix + name));
    // What is there is looked at again by what the digest says.
    files[name] = { ...read, tag: "", hash };
  }
  return findings;
}

type Taken = { events: TrailEvent[]; findings: SourceFinding[] };
type Taking = { sourceKey: string; prefix: string; contents: Map<string, string> };

/** A file keeps the process for some ten milliseconds, in which the batch before it waits to be handed to the database: it goes on after each part of the work. */
async function takeFile(
  { sourceKey, prefix, contents }: Taking,
  cursor: TrailCursor,
  { key, tag }: TrailObject,
  content: Uint8Array,
): Promise<Taken> {
  const { files, owed } = cursor;
  const name = key.slice(prefix.length);
  const promised = owed[name];
  await setImmediate();
  const unpacked = await attempt(() => unpackLogFile(key, content));
  const hash = sha256Hex(unpacked instanceof AppError ? content : unpacked);
  const known = files[name];
  // The one that was promised stays what is expected, should it be put back.
  const isNamed = promised !== undefined || (known !== undefined && known.standing === undefined);
  const isTaken = known !== undefined && known.trouble !== "left-out" && known.standing !== "refused";
  const wanted = promised?.hash ?? (isNamed || isTaken ? known?.hash : undefined) ?? hash;
  files[name] = { tag, hash: wanted, ...(isNamed ? {} : { standing: "open" as const }) };
  delete owed[name];
  if (wanted !== hash) {
    files[name].trouble = isTaken ? "changed" : "left-out";
    return { events: [], findings: [finding("file_changed", key)] };
  }
  const original = contents.get(hash) ?? name;
  contents.set(hash, original);
  if (original === name && !isNamed && isOverdue(cursor, name)) {
    files[name] = { tag, hash: wanted, standing: "refused" };
    return { events: [], findings: [finding("file_unnamed", key)] };
  }
  await setImmediate();
  const events = unpacked instanceof AppError ? unpacked : await attempt(() => readEvents(sourceKey, key, unpacked));
  if (events instanceof AppError) {
    files[name] = { ...files[name], trouble: "left-out" };
    return { events: [], findings: [finding("file_unreadable", key, { detail: events.message })] };
  }
  // Of two files with one content the other one was named, or will be told.
  if (original !== name) delete files[name]?.standing;
  const findings = [
    ...(promised?.isTold ? [finding("file_late", key)] : []),
    ...(known?.trouble ? [finding("file_restored", key)] : []),
    ...(original === name ? [] : [finding("file_doubled", key)]),
  ];
  return { events, findings };
}

/** Which file has what content: of two, the one that a digest names. */
function namesByContent({ files, owed }: TrailCursor): Map<string, string> {
  return new Map([...Object.entries(files), ...Object.entries(owed)].map(([name, { hash }]) => [hash, name]));
}

function tellMissing({ owed }: TrailCursor, prefix: string, now: Date): SourceFinding[] {
  const findings: SourceFinding[] = [];
  for (const [name, one] of Object.entries(owed)) {
    if (one.isTold || now.getTime() - new Date(one.since).getTime() < GRACE_MS) continue;
    owed[name] = { ...one, isTold: true };
    findings.push(finding("file_missing", prefix + name));
  }
  return findings;
}

/** Files of which something was taken, and that are listed again. */
function readBefore({ files, from }: TrailCursor): Set<string> {
  const isTaken = ([name, { standing, trouble }]: [string, TrailCursor["files"][string]]) =>
    name >= from && standing !== "refused" && trouble === undefined;
  return new Set(
    Object.entries(files)
      .filter(isTaken)
      .map(([name]) => name),
  );
}

/** Whatever is put back under the name of one is read again, to be held against what it was. */
function tellDeleted({ files }: TrailCursor, prefix: string, names: ReadonlySet<string>): SourceFinding[] {
  for (const name of names) {
    const file = files[name];
    if (file) files[name] = { ...file, tag: "", trouble: "gone" };
  }
  return [...names].map((name) => finding("file_deleted", prefix + name));
}

async function readEvents(sourceKey: string, key: string, file: Uint8Array): Promise<TrailEvent[]> {
  const records = readRecords(key, file);
  await setImmediate();
  return toEvents(sourceKey, key, records);
}

async function attempt<T>(work: () => T | Promise<T>): Promise<T | AppError> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === "bad_data") return thrown;
    throw thrown;
  }
}

function sha256Hex(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
