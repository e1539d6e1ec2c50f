import { checkDigests, parseDigest, type DigestFile } from "#lib/sources/aws-cloudtrail/check-digests.ts";
import type { TrailBucket } from "#lib/sources/aws-cloudtrail/client.ts";
import { unpackLogFile } from "#lib/sources/aws-cloudtrail/read-log-file.ts";
import { cover, type TrailCursor } from "#lib/sources/aws-cloudtrail/trail-cursor.ts";
import { finding } from "#lib/sources/finding.ts";
import type { SourceFinding } from "#lib/sources/source.ts";

const HOUR_MS = 3_600_000;

export type DigestPlace = { prefix: string; filesPrefix: string; region: string };

/**
 * Checks the digests that have come since, each trail's chain by itself, and notes in the cursor which log files they promise. What a digest
 * says whose signature does not fit is not believed.
 */
export async function readDigests(
  { prefix, filesPrefix, region }: DigestPlace,
  bucket: TrailBucket,
  cursor: TrailCursor,
  signal: AbortSignal,
): Promise<SourceFinding[]> {
  const { byTrail, backfills } = await listDigests(bucket, prefix, cursor);
  const findings = await readBackfills({ region, filesPrefix, keys: backfills }, bucket, cursor, signal);
  for (const [trail, keys] of byTrail) {
    const last = cursor.digests[trail];
    const digests: DigestFile[] = [];
    for (const key of last === undefined ? keys : [last, ...keys]) {
      signal.throwIfAborted();
      const got = await bucket.get(key);
      if (got) digests.push({ key, content: unpackOrNothing(got.content), signature: got.signature });
    }
    const parsed = digests.flatMap((file) => parseDigest(file) ?? []);
    const first = parsed[0];
    const end = parsed.at(-1);
    const publicKeys =
      first && end
        ? await bucket.publicKeys(region, new Date(first.digestStartTime), new Date(end.digestEndTime))
        : new Map<string, Uint8Array>();
    const damages = checkDigests(digests, (fingerprint) => publicKeys.get(fingerprint), null);
    const distrusted = new Set(damages.filter(({ kind }) => kind !== "digest_missing").map(({ key }) => key));
    // Of the one that was checked before, only what its successor says of it is new.
    const told = damages.filter(({ kind, key }) => key !== last || kind === "digest_changed");
    for (const { key, message } of told) findings.push(finding("digest_broken", key, { detail: message }));
    for (const digest of digests)
      if (digest.key !== last && !distrusted.has(digest.key)) {
        promise(digest, filesPrefix, cursor);
        const said = parseDigest(digest);
        if (said) cover(cursor, said.digestStartTime, said.digestEndTime);
      }
    const newest = keys.at(-1);
    if (newest !== undefined) cursor.digests[trail] = newest;
  }
  return findings;
}

/**
 * Digests that were added later, each by itself: they name what those of their time have left out, and are signed with a key of the time at which
 * they were made. Which of them follows which cannot be told before all are there.
 */
async function readBackfills(
  { region, filesPrefix, keys }: { region: string; filesPrefix: string; keys: readonly string[] },
  bucket: TrailBucket,
  cursor: TrailCursor,
  signal: AbortSignal,
): Promise<SourceFinding[]> {
  const findings: SourceFinding[] = [];
  for (const key of keys) {
    signal.throwIfAborted();
    const got = await bucket.get(key);
    if (!got) continue;
    const made = new Date(got.backfilledAt ?? "").getTime();
    const keysThen = Number.isFinite(made)
      ? await bucket.publicKeys(region, new Date(made - HOUR_MS), new Date(made + HOUR_MS))
      : new Map<string, Uint8Array>();
    const file = { key, content: unpackOrNothing(got.content), signature: got.signature };
    const damages = checkDigests([file], (fingerprint) => keysThen.get(fingerprint), null);
    for (const { message } of damages) findings.push(finding("digest_broken", key, { detail: message }));
    if (damages.length === 0) promise(file, filesPrefix, cursor);
    cursor.backfills.push(key);
  }
  return findings;
}

function promise(file: DigestFile, filesPrefix: string, { owed }: TrailCursor): void {
  const digest = parseDigest(file);
  for (const { s3Object, hashValue } of digest?.logFiles ?? []) {
    if (!s3Object.startsWith(filesPrefix)) continue;
    const since = new Date(digest?.digestEndTime ?? 0).toISOString();
    owed[s3Object.slice(filesPrefix.length)] = { hash: hashValue.toLowerCase(), since, isTold: false };
  }
}

/**
 * Digests beyond the last that was checked, oldest first: their names end with the trail's name and their time, and those that were added later with
 * a word besides.
 */
async function listDigests(
  bucket: TrailBucket,
  prefix: string,
  cursor: TrailCursor,
): Promise<{ byTrail: Map<string, string[]>; backfills: string[] }> {
  const found = new Map<string, { key: string; at: string }[]>();
  const known = new Set(cursor.backfills);
  const backfills: string[] = [];
  for await (const page of bucket.pages(prefix, `${prefix}${cursor.from}`))
    for (const { key } of page) {
      const [, trail, at, backfill] = /([^/]+)_(\d{8}T\d{6}Z)(_backfill)?\.json\.gz$/.exec(key) ?? [];
      if (trail === undefined || at === undefined) continue;
      if (backfill === undefined) found.set(trail, [...(found.get(trail) ?? []), { key, at }]);
      else if (!known.has(key)) backfills.push(key);
    }
  const byTrail = new Map<string, string[]>();
  for (const [trail, digests] of found) {
    const last = /_(\d{8}T\d{6}Z)\.json\.gz$/.exec(cursor.digests[trail] ?? "")?.[1] ?? "";
    const fresh = digests.filter(({ at }) => at > last).toSorted((a, b) => (a.at < b.at ? -1 : 1));
    if (fresh.length === 0) continue;
    byTrail.set(
      trail,
      fresh.map(({ key }) => key),
    );
  }
  return { byTrail, backfills };
}

/** What cannot be unpacked is no digest, as checking it says. */
function unpackOrNothing(content: Uint8Array): Uint8Array {
  try {
    return unpackLogFile("digest", content);
  } catch {
    return new Uint8Array();
  }
}
