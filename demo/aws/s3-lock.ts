import { createHash } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { listVersionsXml, objectLockXml, S3Error, sendXml } from "#demo/aws/s3-answers.ts";
import type { Lock, LockedBucket, ObjectVersion } from "#demo/aws/s3-versions.ts";

/** What a bucket with versions and Object Lock answers besides what every bucket does. */
export type LockOperation = "PutObject" | "DeleteObject" | "ListObjectVersions" | "GetObjectLockConfiguration";
export const LOCK_OPERATIONS: readonly string[] = [
  "PutObject",
  "DeleteObject",
  "ListObjectVersions",
  "GetObjectLockConfiguration",
] satisfies LockOperation[];

const MAXIMUM_BODY_BYTES = 1_000_000;
/** S3 never returns more than this many versions at once, whatever is asked. */
const MAXIMUM_KEYS = 1_000;

type LockRequest = { operation: string; bucket: string; key: string; url: URL };

/** `lock` is null where the bucket has no Object Lock. What only such a bucket is asked for gets S3's answer to that. */
export async function serveLocked(
  request: IncomingMessage,
  response: ServerResponse,
  { operation, bucket, key, url }: LockRequest,
  locked: LockedBucket | null,
): Promise<void> {
  if (operation === "GetObjectLockConfiguration") {
    if (locked === null)
      throw new S3Error(
        "ObjectLockConfigurationNotFoundError",
        "Object Lock configuration does not exist for this bucket",
      );
    return sendXml(response, 200, objectLockXml());
  }
  const lock = operation === "PutObject" ? lockOf(request.headers, new Date()) : null;
  if (locked === null && lock !== null)
    throw new S3Error("InvalidRequest", "Bucket is missing Object Lock Configuration");
  if (locked === null)
    throw new S3Error("NotImplemented", "The demo's S3 server writes to buckets with Object Lock only.");
  if (key.split("/").some((segment) => segment === "" || segment.startsWith(".")) && key !== "")
    throw new S3Error("InvalidArgument", "The demo keeps objects in files: no part of a key may begin with a dot.");
  if (operation === "ListObjectVersions")
    return sendXml(response, 200, listVersionsXml(pageOf(bucket, locked, url.searchParams)));
  const version = operation === "PutObject" ? await put(request, locked, key, lock) : remove(request, locked, key, url);
  response.setHeader("x-amz-version-id", version.id);
  if (version.body === null) response.setHeader("x-amz-delete-marker", "true");
  if (operation === "PutObject") response.setHeader("etag", `"${version.etag}"`);
  response.writeHead(operation === "PutObject" ? 200 : 204, { "content-length": 0 }).end();
}

/** What S3 says of a version beside its content. */
export function setVersionHeaders(request: IncomingMessage, response: ServerResponse, version: ObjectVersion): void {
  response.setHeader("x-amz-version-id", version.id);
  if (version.lock !== null) {
    response.setHeader("x-amz-object-lock-mode", version.lock.mode);
    response.setHeader("x-amz-object-lock-retain-until-date", version.lock.until.toISOString());
  }
  if (request.headers["x-amz-checksum-mode"] === "ENABLED")
    response.setHeader("x-amz-checksum-sha256", digest("sha256", Buffer.from(version.body ?? "", "base64")));
}

export function sendVersion(request: IncomingMessage, response: ServerResponse, version: ObjectVersion): void {
  if (version.body === null)
    throw new S3Error("MethodNotAllowed", "The specified method is not allowed against this resource.");
  const body = Buffer.from(version.body, "base64");
  setVersionHeaders(request, response, version);
  response.setHeader("etag", `"${version.etag}"`);
  response.setHeader("last-modified", version.at.toUTCString());
  response.writeHead(200, { "content-type": "binary/octet-stream", "content-length": body.length });
  response.end(request.method === "HEAD" ? undefined : body);
}

async function put(
  request: IncomingMessage,
  locked: LockedBucket,
  key: string,
  lock: Lock | null,
): Promise<ObjectVersion> {
  const { headers } = request;
  if (lock !== null && headers["content-md5"] === undefined && headers["x-amz-sdk-checksum-algorithm"] === undefined)
    throw new S3Error(
      "InvalidRequest",
      "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters",
    );
  const body = await readBody(request);
  checkDigests(headers, body);
  return locked.put(key, body, lock, headers["if-none-match"] === "*");
}

function remove({ headers }: IncomingMessage, locked: LockedBucket, key: string, url: URL): ObjectVersion {
  const id = url.searchParams.get("versionId");
  if (id === null) return locked.hide(key);
  const version = locked.find(key, id);
  if (version === null) throw new S3Error("NoSuchVersion", "The specified version does not exist.", { Key: key });
  locked.remove(key, id, headers["x-amz-bypass-governance-retention"] === "true", new Date());
  return version;
}

function lockOf(headers: IncomingHttpHeaders, now: Date): Lock | null {
  const [mode, date] = [headers["x-amz-object-lock-mode"], headers["x-amz-object-lock-retain-until-date"]];
  if (mode === undefined && date === undefined) return null;
  if (mode !== "GOVERNANCE" && mode !== "COMPLIANCE")
    throw new S3Error("InvalidArgument", "Unknown wormMode directive.", { ArgumentName: "x-amz-object-lock-mode" });
  const until = new Date(String(date));
  if (!(until > now)) throw new S3Error("InvalidArgument", "The retain until date must be in the future!");
  return { mode, until };
}

function checkDigests(headers: IncomingHttpHeaders, body: Buffer): void {
  const signed = headers["x-amz-content-sha256"];
  if (signed !== "UNSIGNED-PAYLOAD" && signed !== createHash("sha256").update(body).digest("hex"))
    throw new S3Error(
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  const told: [string | string[] | undefined, "md5" | "sha256"][] = [
    [headers["content-md5"], "md5"],
    [headers["x-amz-checksum-sha256"], "sha256"],
  ];
  for (const [value, algorithm] of told)
    if (value !== undefined && value !== digest(algorithm, body))
      throw new S3Error("BadDigest", "The digest that you specified did not match the content that was received.");
}

function digest(algorithm: "md5" | "sha256", body: Buffer): string {
  return createHash(algorithm).update(body).digest("base64");
}

export type VersionListing = {
  bucket: string;
  prefix: string;
  maxKeys: number;
  isTruncated: boolean;
  entries: { key: string; version: ObjectVersion; isLatest: boolean }[];
};

/** One page of ListObjectVersions, from behind the version that the markers name. */
function pageOf(bucket: string, locked: LockedBucket, query: URLSearchParams): VersionListing {
  const prefix = query.get("prefix") ?? "";
  const maxKeys = Math.min(MAXIMUM_KEYS, Number(query.get("max-keys") ?? MAXIMUM_KEYS));
  const all = locked
    .list(prefix)
    .flatMap(({ key, versions }) => versions.map((version, at) => ({ key, version, isLatest: at === 0 })));
  const [key, id] = [query.get("key-marker"), query.get("version-id-marker")];
  const start = key === null ? 0 : all.findIndex((entry) => entry.key === key && entry.version.id === id) + 1;
  const entries = all.slice(start, start + maxKeys);
  return { bucket, prefix, maxKeys, isTruncated: all.length > start + entries.length, entries };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAXIMUM_BODY_BYTES) throw new S3Error("EntityTooLarge", "The object is larger than the demo keeps.");
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
