import { createHash } from "node:crypto";
import { open, readdir, readFile, stat, type FileHandle } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { statSync, type Stats } from "node:fs";
import { z } from "zod";

/** An object as listings and headers describe it. */
export type S3Object = { key: string; size: number; lastModified: Date; etag: string };

/** `metadata`: what the object was put with, from the file ".<name>.metadata.json" beside it; listings do not show that one. */
export type OpenObject = S3Object & { file: FileHandle; metadata: Record<string, string> };

export type S3Buckets = {
  /** Bucket names with the time they were made, sorted. */
  list(): Promise<{ name: string; createdAt: Date }[]>;
  exists(bucket: string): Promise<boolean>;
  /** Every key that starts with `prefix`, in the order of S3: by the bytes of the UTF-8 key. */
  keys(bucket: string, prefix: string): Promise<string[]>;
  describe(bucket: string, key: string): Promise<S3Object | null>;
  /** The object opened: whoever reads on keeps reading this version, also while it is replaced. The caller closes it. */
  open(bucket: string, key: string): Promise<OpenObject | null>;
};

const BUCKET_PATTERN = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Folders below `root` as buckets. Files and folders whose name starts with a dot are no objects: deliveries are written there before they are moved into place. */
export function createBuckets(root: string): S3Buckets {
  const digests = new Map<string, string>();

  function pathOf(bucket: string, key: string): string | null {
    const segments = key.split("/");
    const isSafe =
      BUCKET_PATTERN.test(bucket) &&
      segments.every((segment) => segment !== "" && !segment.startsWith(".") && !segment.includes("\0"));
    return isSafe ? join(root, bucket, ...segments) : null;
  }

  async function exists(bucket: string): Promise<boolean> {
    return BUCKET_PATTERN.test(bucket) && (statOrNull(join(root, bucket))?.isDirectory() ?? false);
  }

  async function openObject(bucket: string, key: string): Promise<OpenObject | null> {
    const path = pathOf(bucket, key);
    if (path === null || !(statOrNull(path)?.isFile() ?? false)) return null;
    const file = await open(path, "r");
    const stats = await file.stat();
    const identity = `${path}\n${stats.ino}\n${stats.size}\n${stats.mtimeMs}`;
    const etag = digests.get(identity) ?? (await md5Of(file));
    digests.set(identity, etag);
    return {
      key,
      size: stats.size,
      lastModified: stats.mtime,
      etag: `"${etag}"`,
      file,
      metadata: await metadataOf(path),
    };
  }

  async function keys(bucket: string, prefix: string): Promise<string[]> {
    const entries = await readdir(join(root, bucket), { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(join(root, bucket).length + 1)
          .split(sep)
          .join("/"),
      )
      .filter((key) => key.startsWith(prefix) && !key.split("/").some((segment) => segment.startsWith(".")))
      .toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
  }

  async function list(): Promise<{ name: string; createdAt: Date }[]> {
    const names = (await readdir(root, { withFileTypes: true })).filter(
      (entry) => entry.isDirectory() && BUCKET_PATTERN.test(entry.name),
    );
    const buckets = await Promise.all(
      names.map(async ({ name }) => ({ name, createdAt: (await stat(join(root, name))).birthtime })),
    );
    return buckets.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  }

  async function describe(bucket: string, key: string): Promise<S3Object | null> {
    const opened = await openObject(bucket, key);
    if (!opened) return null;
    const { file, metadata: _metadata, ...description } = opened;
    await file.close();
    return description;
  }

  return { list, exists, keys, describe, open: openObject };
}

/** Where the metadata of the object in a file stand. */
export function metadataPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.metadata.json`);
}

async function metadataOf(path: string): Promise<Record<string, string>> {
  const file = metadataPath(path);
  if (statOrNull(file) === null) return {};
  return z.record(z.string(), z.string()).parse(JSON.parse(await readFile(file, "utf8")));
}

/** At once: a look into a folder takes a tenth of what it takes to hand it to another thread. */
function statOrNull(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOTDIR") return null;
    throw thrown;
  }
}

async function md5Of(file: FileHandle): Promise<string> {
  const hash = createHash("md5");
  for await (const chunk of file.createReadStream({ start: 0, autoClose: false })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
