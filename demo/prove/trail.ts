import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { writeTrail, type WrittenTrail } from "#demo/aws/cloudtrail/write-trail.ts";
import { damageDigests, digestDamagesOf, mendDigests, type DigestDamages } from "#demo/prove/trail-digests.ts";
import { DEMO_CREDENTIALS } from "#demo/aws/s3.ts";
import { startAws } from "#demo/aws/server.ts";
import { createEstate } from "#demo/estate/estate.ts";
import { randomFor, type Random } from "#demo/estate/random.ts";
import type { Measure } from "#demo/prove/measure.ts";
import type { Database } from "#lib/db/client.ts";
import { day } from "#lib/domain/period.ts";
import { fileGapsOf, type FileFinding } from "#lib/domain/trail/gap.ts";
import { appendEvents } from "#lib/services/trail/append/append-events.ts";
import { cloudTrailSpec, planCloudTrail, readCloudTrail } from "#lib/sources/aws-cloudtrail/index.ts";
import { openGate } from "#lib/sources/aws/request-gate.ts";
import type { EventBatch } from "#lib/sources/event-reading.ts";

export type TrailSize = { hours: number; filesAnHour: number; seeds: readonly string[] };

const SIZE: TrailSize = { hours: 24 * 20, filesAnHour: 5, seeds: ["one", "two", "three"] };
const BUCKET = "proved-trail";
const ACCOUNT = "111122223333";
const REGION = "eu-central-1";
const FROM = new Date("2026-01-05T00:00:00Z");
const DAY_MS = 86_400_000;
const DAMAGES = ["removed", "doubled", "changed", "restored", "late", "forged"] as const;
type Damages = Record<(typeof DAMAGES)[number], string[]> & { digests: DigestDamages };
/** One file of a hundred suffers each of the damages. */
const SHARE = 0.01;
const signal = new AbortController().signal;

/**
 * A trail of which one file and one digest of a hundred each were removed, put there twice, changed, changed and put back, or come days late. It is
 * looked at three times, now and then broken off in the middle: what the log has in the end is what the whole files say, and each damage is told by
 * its key, and nothing else. What came or was put back is no gap in the end.
 */
export async function proveTrail({ database }: { database: Database }, size = SIZE): Promise<Measure[]> {
  const measures: Measure[] = [];
  for (const seed of size.seeds) measures.push(...(await proveOne(database, seed, size)));
  return measures;
}

async function proveOne(database: Database, seed: string, { hours, filesAnHour }: TrailSize): Promise<Measure[]> {
  const random = randomFor(`trail ${seed}`);
  const root = await mkdtemp(join(tmpdir(), "bursar-trail-"));
  const estate = createEstate({ seed, today: day("2026-03-02"), months: 4, scale: 0.01 });
  const plan = { root, bucket: BUCKET, account: ACCOUNT, region: REGION, from: FROM, hours, filesAnHour };
  const trail = await writeTrail(plan, random);
  const aws = await startAws({ root, estate, ecsClusters: [], eksClusters: [], trailKeys: [trail.key] });
  const sourceKey = `trail-${seed}`;
  try {
    const damages = await damage(join(root, BUCKET), trail, { hours, filesAnHour }, random);
    const { accessKeyId, secretAccessKey } = DEMO_CREDENTIALS;
    const connection = { endpoint: aws.url, accessKeyId, secretAccessKey, region: REGION, bucket: BUCKET };
    const spec = cloudTrailSpec.parse({ kind: "aws-cloudtrail", ...connection, days: 400, lateDays: 60 });
    const found: FileFinding[] = [];
    let cursor: unknown = null;
    const end = FROM.getTime() + hours * 3_600_000;
    for (const [look, days] of [2, 4, 5].entries()) {
      if (look === 1) await putBack(join(root, BUCKET), damages);
      const now = new Date(end + days * DAY_MS);
      const [slice] = await planCloudTrail(spec, { gate: openGate, signal, logicalTime: now });
      // Broken off once in each look, after a batch that was kept and one that was not.
      for (const isBroken of [true, false]) {
        const options = { gate: openGate, signal, now, cursor, onProgress: () => undefined };
        for await (const batch of readCloudTrail(sourceKey, spec, slice?.period ?? "", options)) {
          if (isBroken && random.below(2) === 0) break;
          await database.transact(({ sql }) => appendEvents(sql, shuffled(batch, random), now));
          cursor = JSON.parse(JSON.stringify(batch.cursor));
          found.push(...batch.findings.map((one) => ({ ...one, foundAt: now })));
        }
      }
    }
    return await compare(database, { seed, sourceKey, trail, damages, found });
  } finally {
    await aws.close();
    await rm(root, { recursive: true, force: true });
  }
}

function shuffled({ events }: EventBatch, random: Random) {
  return events
    .map((event) => ({ event, at: random.below(1_000_000) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ event }) => event);
}

/** Each file suffers one thing at the most. Late ones wait in a folder that listings do not show. */
async function damage(
  bucket: string,
  trail: WrittenTrail,
  size: Omit<TrailSize, "seeds">,
  random: Random,
): Promise<Damages> {
  const { files } = trail;
  const digests = await damageDigests(bucket, trail, { ...size, share: SHARE }, random);
  const keys = files
    .filter(({ key }) => !digests.files.has(key))
    .map(({ key }) => ({ key, at: random.below(1_000_000) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ key }) => key);
  const count = Math.max(1, Math.round(keys.length * SHARE));
  const take = () => keys.splice(0, count);
  const [removed, doubled, changed, restored, late] = [take(), take(), take(), take(), take()];
  const damages: Damages = { removed, doubled, changed, restored, late, forged: [], digests };
  // A file that no digest names is told a day after the digests of its time.
  const early = new Set(files.slice(0, Math.max(count, Math.floor(files.length / 3))).map(({ key }) => key));
  damages.forged = keys.filter((key) => early.has(key)).slice(0, count);
  for (const key of damages.forged) {
    const text = gunzipSync(await readFile(join(bucket, key))).toString();
    const forged = text.replaceAll('"eventID":"', '"eventID":"forged-');
    await writeFile(join(bucket, forgedOf(key)), gzipSync(forged));
  }
  for (const key of damages.removed) await rm(join(bucket, key));
  for (const key of damages.doubled) await writeFile(join(bucket, copyOf(key)), await readFile(join(bucket, key)));
  await mkdir(join(bucket, ".late"));
  for (const [n, key] of [...damages.restored, ...damages.late].entries())
    await rename(join(bucket, key), join(bucket, ".late", String(n)));
  for (const key of damages.restored)
    await writeFile(join(bucket, key), await readFile(join(bucket, ".late", String(damages.restored.indexOf(key)))));
  for (const key of [...damages.changed, ...damages.restored]) {
    const text = gunzipSync(await readFile(join(bucket, key))).toString();
    await writeFile(join(bucket, key), gzipSync(text.replace("ada@example.com", "eve@example.com")));
  }
  return damages;
}

async function putBack(bucket: string, { restored, late, digests }: Damages): Promise<void> {
  for (const [n, key] of [...restored, ...late].entries())
    await rename(join(bucket, ".late", String(n)), join(bucket, key));
  await mendDigests(bucket, digests);
}

/** Sorts before its original. */
function copyOf(key: string): string {
  return key.replace(/_0/, "_-0");
}

function forgedOf(key: string): string {
  return key.replace(/_0/, "_f0");
}

type Proved = { seed: string; sourceKey: string; trail: WrittenTrail; damages: Damages; found: readonly FileFinding[] };

async function compare(database: Database, { seed, sourceKey, trail, damages, found }: Proved): Promise<Measure[]> {
  const { rows } = await database.pool.query<{ key: string }>(
    "SELECT event_key AS key FROM event WHERE source_key = $1",
    [sourceKey],
  );
  const ofDigests = digestDamagesOf(damages.digests);
  const gone = new Set([...damages.removed, ...damages.changed, ...ofDigests.gone]);
  const expected = trail.files.filter(({ key }) => !gone.has(key)).flatMap(({ events }) => events);
  const lasting = new Set([
    ...damages.removed.map((key) => `file_missing ${key}`),
    ...damages.changed.map((key) => `file_changed ${key}`),
    ...damages.forged.map((key) => `file_unnamed ${forgedOf(key)}`),
    ...ofDigests.lasting,
  ]);
  const wanted = new Set([
    ...lasting,
    ...damages.doubled.map((key) => `file_doubled ${copyOf(key)}`),
    ...damages.restored.flatMap((key) => [`file_changed ${key}`, `file_restored ${key}`]),
    ...damages.late.flatMap((key) => [`file_missing ${key}`, `file_late ${key}`]),
    ...ofDigests.passing,
  ]);
  const told = new Set(found.map(({ code, file }) => `${code} ${file}`));
  const open = new Set(
    found.filter((_, at) => isOpen(sourceKey, found, at)).map(({ code, file }) => `${code} ${file}`),
  );
  const stored = new Set(rows.map(({ key }) => key));
  const line = (measure: string, wantedCount: number, foundCount: number): Measure => ({
    promise: "trail",
    measure: `${seed}: ${measure}`,
    expected: String(wantedCount),
    found: String(foundCount),
  });
  return [
    line("events", expected.length, rows.length),
    line("events of whole files that are missing", 0, expected.filter((key) => !stored.has(key)).length),
    line("damages that are named", wanted.size, [...wanted].filter((one) => told.has(one)).length),
    line("anything else that is named", 0, [...told].filter((one) => !wanted.has(one)).length),
    line("gaps that stay", lasting.size, [...lasting].filter((one) => open.has(one)).length),
    line("anything else that stays a gap", 0, [...open].filter((one) => !lasting.has(one)).length),
  ];
}

/** Does what was found make a gap that nothing closes later? */
function isOpen(sourceKey: string, found: readonly FileFinding[], at: number): boolean {
  const { file } = found[at] ?? {};
  const [gap] = fileGapsOf(
    sourceKey,
    found.slice(at).filter((one) => one.file === file),
  );
  return gap !== undefined && gap.closed === null && fileGapsOf(sourceKey, found.slice(at, at + 1)).length > 0;
}
