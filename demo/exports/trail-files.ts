import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import {
  type DigestedFile,
  folder,
  publicHalf,
  putPacked,
  type SignedDigest,
  stamp,
  writeDigest,
} from "#demo/aws/cloudtrail/digest.ts";
import type { TrailKey } from "#demo/aws/cloudtrail/service.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { mailOf } from "#demo/estate/people.ts";
import { uuidOf } from "#demo/estate/random.ts";
import { trailEventsOfDay, trailPlaces } from "#demo/estate/trail-events.ts";
import { TRAIL_DAMAGE } from "#demo/estate/trail-plants.ts";
import { sessionOf, type TrailPlace } from "#demo/estate/trail-record.ts";

/** The organisation's trail: its source, where it writes to, and its name. */
export const TRAIL = {
  source: "aws-trail",
  bucket: "halvern-organisation-trail",
  name: "halvern-organisation",
} as const;

const DAY_MS = 86_400_000;
const QUARTER_MS = 15 * 60_000;
const FORGED_ID = "f0f0f0f0f0f0f0f0";
/** Days that have a file and a digest each; what is older has them by the week, for each object costs the demo's start. */
const DAILY = 21;
/** Weeks before that; a smaller demo has none. */
const WEEKS = 3;

/** What was written so far: of which estate, until when, the key that signs, and by place the last digest and the files since then. */
type Written = {
  of: string;
  privateKey: string;
  from: string;
  until: string;
  places: Record<string, { before: SignedDigest | null; files: DigestedFile[] }>;
};
type Writing = {
  home: string;
  estate: Estate;
  until: Date;
  now: Date;
  signer: { privateKey: KeyObject; fingerprint: string };
};

/**
 * Writes the trail from where it ended up to `now`, or begins it, into the estate's bucket: a file and a digest a day. CloudTrail writes many more; so
 * many would take the demo's start a minute. Answers the keys with which digests are signed.
 */
export async function bringTrail(home: string, estate: Estate, now: Date): Promise<TrailKey[]> {
  const written = (await readWritten(home, estate)) ?? begin(estate);
  const privateKey = createPrivateKey(written.privateKey);
  const { der, fingerprint } = publicHalf(privateKey);
  const until = new Date(written.until);
  for (const place of trailPlaces(estate)) {
    const own = (written.places[`${place.account}/${place.region}`] ??= { before: null, files: [] });
    await writePlace({ home, estate, until, now, signer: { privateKey, fingerprint } }, place, own);
  }
  await keepWritten(home, { ...written, until: now.toISOString() });
  const valid = { from: new Date(written.from), to: new Date(now.getTime() + 365 * DAY_MS) };
  const regions = new Set(trailPlaces(estate).map(({ region }) => region));
  return [...regions].map((region) => ({ region, fingerprint, der, ...valid }));
}

function begin(estate: Estate): Written {
  const { calendar, scale } = estate;
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const start = new Date(Date.parse(calendar.today) - (scale < 1 ? DAILY : DAILY + 7 * WEEKS) * DAY_MS).toISOString();
  const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  return { of: nameOf(estate), privateKey: pem, from: start, until: start, places: {} };
}

async function writePlace(writing: Writing, place: TrailPlace, own: Written["places"][string]): Promise<void> {
  const { estate, until, now, signer } = writing;
  const { account, region } = place;
  const bucket = bucketOf(writing.home);
  const prefix = prefixOf(estate);
  const daily = Date.parse(estate.calendar.today) - DAILY * DAY_MS;
  for (let start = startOfDay(until); start.getTime() < now.getTime();) {
    const end = new Date(start.getTime() + (start.getTime() < daily ? 7 : 1) * DAY_MS);
    own.files.push(...(await writeFiles(writing, place, { start, end })));
    if (isDaysAgo(estate, TRAIL_DAMAGE.forged, place, start)) await plantFile(writing, place, start);
    if (end.getTime() > now.getTime()) return;
    const { files, before } = own;
    const digest = { account, region, prefix, trail: TRAIL.name, from: start, to: end, files, before };
    const signed = await writeDigest(bucket, digest, signer);
    if (isDaysAgo(estate, TRAIL_DAMAGE.digest, place, start)) await forge(bucket, signed);
    [own.before, own.files] = [signed, []];
    start = end;
  }
}

/** The files of a day or week, as far as it was not written before and has passed. */
async function writeFiles(
  writing: Writing,
  place: TrailPlace,
  stretch: { start: Date; end: Date },
): Promise<DigestedFile[]> {
  const { estate, until, now } = writing;
  const damage = TRAIL_DAMAGE.missing;
  const isDamaged = isDaysAgo(estate, damage, place, stretch.start);
  const [first, last] = [stretch.start.getTime(), stretch.end.getTime()];
  const days = Array.from({ length: (last - first) / DAY_MS }, (_, n) => new Date(first + n * DAY_MS));
  const events = days.flatMap((day) => trailEventsOfDay(estate, place, day));
  const files: DigestedFile[] = [];
  let isLost = false;
  const length = isDamaged ? QUARTER_MS : last - first;
  for (let start = first; start < last; start += length) {
    const [from, to] = [Math.max(start, until.getTime()), Math.min(start + length, now.getTime())];
    const records = events.filter(({ eventTime }) => Date.parse(eventTime) >= from && Date.parse(eventTime) < to);
    if (records.length === 0) continue;
    // Named after its delivery, which is still in the digest's time.
    const at = new Date(to - 60_000);
    const id = uuidOf("trail file", place.account, at.toISOString()).replaceAll("-", "").slice(0, 16);
    const { account, region } = place;
    const name = `${account}_CloudTrail_${region}_${stamp(at).slice(0, 13)}Z_${id}.json.gz`;
    const key = `${prefixOf(estate)}${account}/CloudTrail/${region}/${folder(at)}/${name}`;
    const isMissing: boolean = isDamaged && !isLost && from >= first + damage.hour * 3_600_000;
    isLost ||= isMissing;
    // What is missing from the bucket was written to a place that is none.
    const target = isMissing ? { root: join(writing.home, "estate"), bucket: LOST } : bucketOf(writing.home);
    files.push({ key, hash: await putPacked(target, key, JSON.stringify({ Records: records })) });
  }
  return files;
}

/** Somebody puts a file into the bucket that says of another person what never happened. */
async function plantFile({ home, estate }: Writing, place: TrailPlace, day: Date): Promise<void> {
  const { account, region } = place;
  const [record] = trailEventsOfDay(estate, place, day);
  const at = new Date(day.getTime() + DAY_MS / 2);
  const name = `${account}_CloudTrail_${region}_${stamp(at).slice(0, 13)}Z_${FORGED_ID}.json.gz`;
  const told = {
    ...record,
    eventID: uuidOf("trail forged", place.account),
    eventSource: "iam.amazonaws.com",
    eventName: "CreateAccessKey",
    userIdentity: sessionOf(place, "PlatformAdmin", mailOf("Mira Castellan")),
  };
  const key = `${prefixOf(estate)}${account}/CloudTrail/${region}/${folder(at)}/${name}`;
  await putPacked(bucketOf(home), key, JSON.stringify({ Records: [told] }));
}

/** Somebody without the key takes a file out of a digest. */
async function forge(bucket: { root: string; bucket: string }, { key }: SignedDigest): Promise<void> {
  const text = gunzipSync(await readFile(join(bucket.root, bucket.bucket, key))).toString();
  const digest = JSON.parse(text) as { logFiles: unknown[] };
  await putPacked(bucket, key, JSON.stringify({ ...digest, logFiles: digest.logFiles.slice(1) }));
}

function isDaysAgo(
  { calendar }: Estate,
  plant: { in: string; daysAgo: number },
  place: TrailPlace,
  day: Date,
): boolean {
  return plant.in === place.name && day.getTime() === Date.parse(calendar.today) - plant.daysAgo * DAY_MS;
}

const startOfDay = (at: Date) => new Date(Math.floor(at.getTime() / DAY_MS) * DAY_MS);
const prefixOf = ({ awsOrganization }: Estate) => `AWSLogs/${awsOrganization.id}/`;
const bucketOf = (home: string) => ({ root: join(home, "estate", "s3"), bucket: TRAIL.bucket });
/** Where what is missing from the bucket was written to. */
const LOST = "lost";
const WRITTEN = "trail.json";
const placeOf = (home: string) => join(home, "estate", WRITTEN);
const nameOf = ({ seed, scale }: Estate) => `${seed} ${scale}`;

/** What of a folder of the estate is the trail's: an estate of another day goes on with it, for what a trail has written is there for good. */
export const TRAIL_PATHS = [join("s3", TRAIL.bucket), LOST, WRITTEN];

/** Null where none was written, or that of another estate, which goes away. */
async function readWritten(home: string, estate: Estate): Promise<Written | null> {
  const text = await readFile(placeOf(home), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  const written = text === null ? null : (JSON.parse(text) as Written);
  if (written === null || written.of === nameOf(estate)) return written;
  for (const path of TRAIL_PATHS) await rm(join(home, "estate", path), { recursive: true, force: true });
  return null;
}

async function keepWritten(home: string, written: Written): Promise<void> {
  const draft = `${placeOf(home)}.draft`;
  await writeFile(draft, JSON.stringify(written), { mode: 0o600 });
  await rename(draft, placeOf(home));
}
