import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type { WrittenTrail } from "#demo/aws/cloudtrail/write-trail.ts";
import { metadataPath } from "#demo/aws/s3-bucket.ts";
import type { Random } from "#demo/estate/random.ts";

/** What digests suffer, by their keys, and what two files suffer in each hour whose digest is late. */
export type DigestDamages = {
  removed: string[];
  changed: string[];
  restored: string[];
  late: string[];
  doubled: string[];
  /** Not there, and changed before anybody could know. */
  fileRemoved: string[];
  fileReplaced: string[];
  /** All files of the hours of these digests. */
  files: Set<string>;
};

/** What no digest names is told where a day of them is there: forged files are in the first third, and no digest of it or of a day and an hour after is damaged. */
const CALM_HOURS = 25;

/** Damages digests, no two of which are neighbours: of two that are gone in a row only the last is known by its name. */
export async function damageDigests(
  bucket: string,
  { digests, files }: WrittenTrail,
  { hours, filesAnHour, share }: { hours: number; filesAnHour: number; share: number },
  random: Random,
): Promise<DigestDamages> {
  const first = Math.ceil(hours / 3) + CALM_HOURS;
  // The last one is followed by none that could tell.
  const places = Array.from({ length: Math.floor((hours - first) / 2) }, (_, n) => first + 2 * n)
    .map((hour) => ({ hour, at: random.below(1_000_000) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ hour }) => hour);
  const count = Math.max(1, Math.round(hours * share));
  const keysOf = (taken: readonly number[]) => taken.flatMap((hour) => digests[hour] ?? []);
  const filesOf = (hour: number) => files.slice(hour * filesAnHour, (hour + 1) * filesAnHour).map(({ key }) => key);
  const [removed, changed, restored, late] = [0, 1, 2, 3].map((n) => places.slice(n * count, (n + 1) * count));
  const damages: DigestDamages = {
    removed: keysOf(removed ?? []),
    changed: keysOf(changed ?? []),
    restored: keysOf(restored ?? []),
    late: keysOf(late ?? []),
    doubled: keysOf(Array.from({ length: count }, (_, n) => n * 2 + 1)),
    fileRemoved: (late ?? []).flatMap((hour) => filesOf(hour)[0] ?? []),
    fileReplaced: (late ?? []).flatMap((hour) => filesOf(hour)[1] ?? []),
    files: new Set(places.slice(0, 4 * count).flatMap(filesOf)),
  };
  for (const key of damages.removed) await rm(join(bucket, key));
  for (const key of damages.doubled) {
    await writeFile(join(bucket, copyOf(key)), await readFile(join(bucket, key)));
    const metadata = await readFile(metadataPath(join(bucket, key)));
    await writeFile(metadataPath(join(bucket, copyOf(key))), metadata);
  }
  for (const key of [...damages.restored, ...damages.late]) await rename(join(bucket, key), waiting(bucket, key));
  for (const key of damages.restored) await writeFile(join(bucket, key), await readFile(waiting(bucket, key)));
  for (const key of [...damages.changed, ...damages.restored])
    await change(join(bucket, key), /"hashValue":"[0-9a-f]{8}/, '"hashValue":"00000000');
  for (const key of damages.fileRemoved) await rm(join(bucket, key));
  for (const key of damages.fileReplaced) await change(join(bucket, key), "ada@example.com", "eve@example.com");
  return damages;
}

/** Those that are late come, and those that were changed are put back. */
export async function mendDigests(bucket: string, { restored, late }: DigestDamages): Promise<void> {
  for (const key of [...restored, ...late]) await rename(waiting(bucket, key), join(bucket, key));
}

/** What is to be told of them, what of it is still a gap in the end, and the files of which the log has nothing. */
export function digestDamagesOf(damages: DigestDamages): { lasting: string[]; passing: string[]; gone: string[] } {
  const { removed, changed, restored, late, doubled, fileRemoved, fileReplaced } = damages;
  return {
    gone: fileRemoved,
    lasting: [
      ...[...removed, ...changed, ...doubled.map(copyOf)].map((key) => `digest_broken ${key}`),
      ...fileRemoved.map((key) => `file_missing ${key}`),
      ...fileReplaced.flatMap((key) => [`file_replaced ${key}`, `file_changed ${key}`]),
    ],
    passing: [
      ...restored.flatMap((key) => [`digest_broken ${key}`, `digest_restored ${key}`]),
      ...late.flatMap((key) => [`digest_broken ${key}`, `digest_late ${key}`]),
    ],
  };
}

async function change(path: string, from: string | RegExp, to: string): Promise<void> {
  const text = gunzipSync(await readFile(path)).toString();
  await writeFile(path, gzipSync(text.replace(from, to)));
}

/** Of the same hour and trail, with its signature. */
function copyOf(key: string): string {
  return key.replace(/00Z\.json\.gz$/, "59Z.json.gz");
}

/** Beside it, under a name that listings do not show. */
function waiting(bucket: string, key: string): string {
  const parts = key.split("/");
  return join(bucket, ...parts.slice(0, -1), `.${parts.at(-1)}.waiting`);
}
