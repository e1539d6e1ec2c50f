import { createHash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { AppError } from "#lib/errors.ts";
import type { ObjectClient } from "#lib/sources/focus/client.ts";

/** What downloaded objects may take on disk together; the ones used longest ago go first. */
const MAX_CACHE_BYTES = 20 * 1024 ** 3;
/** A download that was cut off by a kill is swept after this long. */
const MAX_PARTIAL_AGE_MS = 24 * 3_600_000;

export type CachedObject = { path: string; version: string; size: number };

/**
 * The object in exactly this version as a local file. A version never changes, so that a file that is there is used as it is.
 * @throws AppError("bad_data") where the object is gone, was replaced or came incomplete.
 */
export async function fetchObject(
  client: ObjectClient,
  object: { key: string; version: string; size: number; suffix: string },
  options: { cacheDir: string; signal: AbortSignal },
): Promise<CachedObject> {
  const folder = join(options.cacheDir, "objects");
  const path = join(folder, cacheName(client.bucket, object));
  const known = await stat(path).catch(() => null);
  if (known?.isFile() && known.size === object.size) {
    const now = new Date();
    await utimes(path, now, now);
    return { path, version: object.version, size: object.size };
  }
  await mkdir(folder, { recursive: true });
  const answer = await client.get(object.key, object.version);
  const place = { file: `s3://${client.bucket}/${object.key}` };
  if (answer === null)
    throw new AppError("bad_data", `s3://${client.bucket}/${object.key} is not there any more.`, { place });
  const partial = `${path}.${randomUUID()}.partial`;
  try {
    await pipeline(answer.body, createWriteStream(partial), { signal: options.signal });
    const { size } = await stat(partial);
    if (size !== object.size)
      throw new AppError("bad_data", `s3://${client.bucket}/${object.key} came with ${size} bytes of ${object.size}.`, {
        place,
      });
    await rename(partial, path);
  } catch (thrown) {
    options.signal.throwIfAborted();
    if (thrown instanceof AppError) throw thrown;
    throw new AppError("unavailable", `The download of s3://${client.bucket}/${object.key} broke off.`, {
      place,
      cause: thrown,
    });
  } finally {
    await rm(partial, { force: true });
  }
  return { path, version: object.version, size: object.size };
}

function cacheName(bucket: string, object: { key: string; version: string; suffix: string }): string {
  const identity = JSON.stringify([bucket, object.key, object.version]);
  return `${createHash("sha256").update(identity).digest("hex")}.${object.suffix}`;
}

/** Deletes what was used longest ago until the cache is within its bound. `keep` are paths in use. */
export async function trimCache(
  cacheDir: string,
  keep: ReadonlySet<string>,
  maxBytes: number = MAX_CACHE_BYTES,
): Promise<void> {
  const folder = join(cacheDir, "objects");
  const names = await readdir(folder).catch(() => []);
  const files: { path: string; size: number; usedMs: number }[] = [];
  for (const name of names) {
    const path = join(folder, name);
    const state = await stat(path).catch(() => null);
    if (!state) continue;
    if (!name.endsWith(".partial")) files.push({ path, size: state.size, usedMs: state.mtimeMs });
    else if (Date.now() - state.mtimeMs > MAX_PARTIAL_AGE_MS) await rm(path, { force: true });
  }
  let total = files.reduce((bytes, file) => bytes + file.size, 0);
  for (const file of files.toSorted((a, b) => a.usedMs - b.usedMs)) {
    if (total <= maxBytes) return;
    if (keep.has(file.path)) continue;
    await rm(file.path, { force: true });
    total -= file.size;
  }
}
