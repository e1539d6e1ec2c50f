import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { S3Error } from "#demo/aws/s3-answers.ts";

const LOCK_MODES = ["GOVERNANCE", "COMPLIANCE"] as const;
export type LockMode = (typeof LOCK_MODES)[number];
export type Lock = { mode: LockMode; until: Date };

const storedVersion = z.object({
  id: z.string(),
  at: z.coerce.date(),
  etag: z.string(),
  /** Base64; null = a delete marker. */
  body: z.string().nullable(),
  lock: z.object({ mode: z.enum(LOCK_MODES), until: z.coerce.date() }).nullable(),
});
/** One version of an object, or the marker that it was deleted. */
export type ObjectVersion = z.infer<typeof storedVersion>;

/** File that makes a folder a bucket with versions and Object Lock, and the folder with all versions of its objects. */
const [LOCK_FILE, VERSIONS] = [".object-lock", ".versions"];

export function isLockedBucket(root: string, bucket: string): boolean {
  return existsSync(join(root, bucket, LOCK_FILE));
}

/** Makes a bucket with versions and Object Lock, where it is not there yet. */
export function makeLockedBucket(root: string, bucket: string): void {
  mkdirSync(join(root, bucket, VERSIONS), { recursive: true });
  writeFileSync(join(root, bucket, LOCK_FILE), "");
}

/**
 * The objects of a bucket with Object Lock. Each is a file with all of its versions, the newest first; the current one lies in the bucket's folder
 * as the objects of other buckets do. Nothing in here waits, so that no two requests meet.
 */
export type LockedBucket = {
  /** All versions of the keys that start with `prefix`: by key, the newest first. */
  list(prefix: string): { key: string; versions: ObjectVersion[] }[];
  /** @throws S3Error "PreconditionFailed" where only a new object was to be put and there is one. */
  put(key: string, body: Buffer, lock: Lock | null, onlyNew: boolean): ObjectVersion;
  find(key: string, id: string): ObjectVersion | null;
  /** The one that is read without naming a version. */
  current(key: string): ObjectVersion | null;
  /** Hides the object behind a delete marker. */
  hide(key: string): ObjectVersion;
  /** Deletes one version for good. @throws S3Error "AccessDenied" where it is locked: in the mode COMPLIANCE for everybody. */
  remove(key: string, id: string, bypass: boolean, now: Date): void;
};

export function openLockedBucket(root: string, bucket: string): LockedBucket {
  const folder = join(root, bucket);
  const fileOf = (key: string) => join(folder, VERSIONS, `${encodeURIComponent(key)}.json`);
  const versionsOf = (key: string): ObjectVersion[] =>
    existsSync(fileOf(key)) ? z.array(storedVersion).parse(JSON.parse(readFileSync(fileOf(key), "utf8"))) : [];

  function keep(key: string, versions: ObjectVersion[]): void {
    write(fileOf(key), JSON.stringify(versions));
    const body = versions[0]?.body ?? null;
    if (body === null) rmSync(join(folder, key), { force: true });
    else write(join(folder, key), Buffer.from(body, "base64"));
  }

  function add(key: string, body: Buffer | null, lock: Lock | null): ObjectVersion {
    const etag = createHash("md5")
      .update(body ?? "")
      .digest("hex");
    const version = { id: newVersionId(), at: new Date(), etag, body: body?.toString("base64") ?? null, lock };
    keep(key, [version, ...versionsOf(key)]);
    return version;
  }

  const current = (key: string) => {
    const [first] = versionsOf(key);
    return first === undefined || first.body === null ? null : first;
  };
  return {
    list: (prefix) =>
      readdirSync(join(folder, VERSIONS))
        .map((name) => decodeURIComponent(name.slice(0, -".json".length)))
        .filter((key) => key.startsWith(prefix))
        .toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
        .map((key) => ({ key, versions: versionsOf(key) })),
    put(key, body, lock, onlyNew) {
      if (onlyNew && current(key) !== null)
        throw new S3Error("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", {
          Condition: "If-None-Match",
        });
      return add(key, body, lock);
    },
    find: (key, id) => versionsOf(key).find((version) => version.id === id) ?? null,
    current,
    hide: (key) => add(key, null, null),
    remove(key, id, bypass, now) {
      const versions = versionsOf(key);
      const lock = versions.find((version) => version.id === id)?.lock ?? null;
      const isHeld = lock !== null && lock.until > now && !(bypass && lock.mode === "GOVERNANCE");
      if (isHeld) throw new S3Error("AccessDenied", "Access Denied because object protected by object lock.");
      keep(
        key,
        versions.filter((version) => version.id !== id),
      );
    },
  };
}

function newVersionId(): string {
  return randomBytes(24).toString("base64url");
}

function write(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = join(dirname(path), `.${randomBytes(6).toString("hex")}`);
  writeFileSync(draft, content);
  renameSync(draft, path);
}
