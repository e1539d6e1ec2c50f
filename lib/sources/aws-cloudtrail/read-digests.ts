import type { CloudTrailDigest } from "#lib/sources/aws-cloudtrail/api-types.ts";
import {
  digestDamage,
  joinDigests,
  parseDigest,
  type DigestChain,
  type DigestFile,
} from "#lib/sources/aws-cloudtrail/check-digests.ts";
import type { TrailBucket, TrailContent, TrailObject } from "#lib/sources/aws-cloudtrail/client.ts";
import { unpackLogFile } from "#lib/sources/aws-cloudtrail/read-log-file.ts";
import { cover, digestNameIn, type TrailCursor } from "#lib/sources/aws-cloudtrail/trail-cursor.ts";
import { finding } from "#lib/sources/finding.ts";
import type { SourceFinding } from "#lib/sources/source.ts";

const HOUR_MS = 3_600_000;
/** Broken ones of a trail that are read again with each look, the newest: a signature that is put back gives an object no other version. */
const MOST_READ_AGAIN = 24;

export type DigestPlace = { prefix: string; filesPrefix: string; region: string };

/**
 * Checks the digests that have come since or are not what they were, late ones and those that were put back among them, each trail's chain by
 * itself, and notes in the cursor which log files they promise. What a digest says whose signature does not fit is not believed.
 */
export async function readDigests(
  { prefix, filesPrefix, region }: DigestPlace,
  bucket: TrailBucket,
  cursor: TrailCursor,
  signal: AbortSignal,
): Promise<SourceFinding[]> {
  const { byTrail, backfills, names } = await listDigests(bucket, prefix, cursor);
  const findings = tellDeleted(prefix, cursor, names);
  const place = { region, prefix, filesPrefix, objects: backfills };
  findings.push(...(await readBackfills(place, bucket, cursor, signal)));
  for (const { oldest, fresh } of byTrail.values()) {
    const files: DigestFile[] = [];
    for (const { key, tag } of fresh) {
      signal.throwIfAborted();
      const got = await bucket.get(key);
      if (got) files.push(digestFile(key, tag, got));
    }
    if (files.length === 0) continue;
    const publicKeys = await keysOf(files, region, bucket);
    const { damages, repairs, believed } = joinDigests(cursor.chain, files, { publicKeys, prefix, oldest });
    for (const { key, message } of damages) findings.push(finding("digest_broken", key, { detail: message }));
    for (const { kind, key } of repairs) findings.push(finding(kind, key));
    for (const digest of believed) {
      promise(digest, filesPrefix, cursor);
      cover(cursor, digest.digestStartTime, digest.digestEndTime);
    }
  }
  return findings;
}

/** The keys that were valid in the time of these digests. */
async function keysOf(files: readonly DigestFile[], region: string, bucket: TrailBucket) {
  const times = files
    .flatMap((file) => parseDigest(file) ?? [])
    .flatMap(({ digestStartTime, digestEndTime }) => [Date.parse(digestStartTime), Date.parse(digestEndTime)]);
  if (times.length === 0) return () => undefined;
  const earliest = times.reduce((least, time) => Math.min(least, time));
  const latest = times.reduce((most, time) => Math.max(most, time));
  const keys = await bucket.publicKeys(region, new Date(earliest), new Date(latest));
  return (fingerprint: string) => keys.get(fingerprint);
}

/**
 * Digests that were added later, each by itself: they name what those of their time have left out, and are signed with a key of the time at which
 * they were made. Which of them follows which cannot be told before all are there.
 */
async function readBackfills(
  { region, prefix, filesPrefix, objects }: DigestPlace & { objects: readonly TrailObject[] },
  bucket: TrailBucket,
  cursor: TrailCursor,
  signal: AbortSignal,
): Promise<SourceFinding[]> {
  const findings: SourceFinding[] = [];
  for (const { key, tag } of objects) {
    signal.throwIfAborted();
    const got = await bucket.get(key);
    if (!got) continue;
    const made = new Date(got.backfilledAt ?? "").getTime();
    const keysThen = Number.isFinite(made)
      ? await bucket.publicKeys(region, new Date(made - HOUR_MS), new Date(made + HOUR_MS))
      : new Map<string, Uint8Array>();
    const file = digestFile(key, tag, got);
    const digest = parseDigest(file);
    const damage = digestDamage(file, digest, (fingerprint) => keysThen.get(fingerprint));
    const name = key.slice(prefix.length);
    const known = cursor.chain[name];
    if (damage && !(known?.isTold && known.tag === tag))
      findings.push(finding("digest_broken", key, { detail: damage.message }));
    if (!damage && known?.isTold) findings.push(finding("digest_restored", key));
    if (digest && !damage) promise(digest, filesPrefix, cursor);
    cursor.chain[name] = { tag, hash: null, followedAs: null, isTold: damage !== null };
  }
  return findings;
}

/** Files of before what is listed are not looked for. */
function promise({ logFiles, digestEndTime }: CloudTrailDigest, filesPrefix: string, { owed, from }: TrailCursor) {
  const since = new Date(digestEndTime).toISOString();
  for (const { s3Object, hashValue } of logFiles) {
    const name = s3Object.slice(filesPrefix.length);
    if (!s3Object.startsWith(filesPrefix) || name < from) continue;
    owed[name] = { hash: hashValue.toLowerCase(), since, isTold: owed[name]?.isTold ?? false };
  }
}

/** A trail's digests that are new, have another version than was read, or were broken, oldest first, and the oldest of all that are known of it. */
type TrailDigests = { oldest: string; fresh: TrailObject[] };

/** Digests that were read and are not listed any more. What they said of log files stays known. */
function tellDeleted(prefix: string, { chain, from }: TrailCursor, listed: ReadonlySet<string>): SourceFinding[] {
  const findings: SourceFinding[] = [];
  for (const [name, link] of Object.entries(chain)) {
    if (name < from || link.tag === null || listed.has(name)) continue;
    chain[name] = { ...link, tag: null, hash: null, isTold: true };
    const detail = `The digest ${prefix}${name} was read and is not in the bucket any more: somebody has deleted it.`;
    findings.push(finding("digest_broken", prefix + name, { detail }));
  }
  return findings;
}

/** The digests by trail, those that were added later, and the names of all of them. */
async function listDigests(
  bucket: TrailBucket,
  prefix: string,
  { chain, from }: TrailCursor,
): Promise<{ byTrail: Map<string, TrailDigests>; backfills: TrailObject[]; names: Set<string> }> {
  const listed = new Map<string, TrailObject[]>();
  const backfills: TrailObject[] = [];
  const names = new Set<string>();
  for await (const page of bucket.pages(prefix, `${prefix}${from}`))
    for (const object of page) {
      const { trail, isBackfill } = digestNameIn(object.key) ?? {};
      if (trail === undefined) continue;
      names.add(object.key.slice(prefix.length));
      if (isBackfill) backfills.push(object);
      else listed.set(trail, [...(listed.get(trail) ?? []), object]);
    }
  const known = (object: TrailObject) => chain[object.key.slice(prefix.length)];
  const freshOf = (objects: readonly TrailObject[]) => {
    const broken = objects.filter((object) => known(object)?.isTold).slice(-MOST_READ_AGAIN);
    return objects.filter((object) => known(object)?.tag !== object.tag || broken.includes(object));
  };
  const byTrail = new Map<string, TrailDigests>();
  for (const [trail, objects] of listed) {
    const own = objects.map(({ key }) => key.slice(prefix.length));
    const oldest = [...own, ...namesOf(chain, trail)].reduce((least, name) => (name < least ? name : least));
    byTrail.set(trail, { oldest, fresh: freshOf(objects) });
  }
  return { byTrail, backfills: freshOf(backfills), names };
}

/** Names of one trail are in the order of time. */
function namesOf(chain: DigestChain, trail: string): string[] {
  return Object.entries(chain)
    .filter(([name, { tag }]) => tag !== null && digestNameIn(name)?.trail === trail)
    .map(([name]) => name);
}

function digestFile(key: string, tag: string, { content, signature }: TrailContent): DigestFile {
  return { key, tag, content: unpackOrNothing(content), signature };
}

/** What cannot be unpacked is no digest, as checking it says. */
function unpackOrNothing(content: Uint8Array): Uint8Array {
  try {
    return unpackLogFile("digest", content);
  } catch {
    return new Uint8Array();
  }
}
