import type { ServerResponse } from "node:http";
import { escapeXml } from "#demo/aws/protocols.ts";
import { encodeRfc3986 } from "#demo/aws/signature.ts";
import type { S3Object } from "#demo/aws/s3-bucket.ts";
import type { VersionListing } from "#demo/aws/s3-lock.ts";

const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

const STATUS_OF = {
  AccessDenied: 403,
  AuthorizationHeaderMalformed: 400,
  BadDigest: 400,
  EntityTooLarge: 400,
  ExpiredToken: 400,
  InternalError: 500,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidRange: 416,
  InvalidRequest: 400,
  InvalidToken: 400,
  MethodNotAllowed: 405,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchVersion: 404,
  NotImplemented: 501,
  ObjectLockConfigurationNotFoundError: 404,
  PreconditionFailed: 412,
  RequestTimeTooSkewed: 403,
  SignatureDoesNotMatch: 403,
  SlowDown: 503,
  XAmzContentSHA256Mismatch: 400,
} as const;
export type S3ErrorCode = keyof typeof STATUS_OF;

/** An answer that S3 gives instead of what was asked for. */
export class S3Error extends Error {
  readonly code: S3ErrorCode;
  readonly details: Record<string, string>;

  constructor(code: S3ErrorCode, message: string, details: Record<string, string> = {}) {
    super(message);
    this.name = "S3Error";
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return STATUS_OF[this.code];
  }
}

/** Writes the error as S3 does. A HEAD request gets the status alone: it has no body to say more in. */
export function sendError(
  response: ServerResponse,
  error: S3Error,
  resource: string,
  requestId: string,
  isHead: boolean,
): void {
  if (isHead) return void response.writeHead(error.status, { "content-length": 0 }).end();
  const details = Object.entries(error.details)
    .map(([name, value]) => element(name, value))
    .join("");
  const body = `${element("Code", error.code)}${element("Message", error.message)}${details}${element("Resource", resource)}${element("RequestId", requestId)}`;
  // A throttled client is told to go away with its connection, as S3 does.
  if (error.code === "SlowDown") response.setHeader("connection", "close");
  sendXml(response, error.status, `<Error>${body}</Error>`);
}

export function sendXml(response: ServerResponse, status: number, body: string): void {
  const bytes = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`);
  response.writeHead(status, { "content-type": "application/xml", "content-length": bytes.length }).end(bytes);
}

export type ObjectListing = {
  bucket: string;
  prefix: string;
  delimiter: string;
  startAfter: string;
  continuationToken: string | null;
  nextContinuationToken: string | null;
  maxKeys: number;
  encodingType: string | null;
  objects: S3Object[];
  commonPrefixes: string[];
};

export function listObjectsXml(listing: ObjectListing): string {
  const encode = (text: string) => (listing.encodingType === "url" ? encodeRfc3986(text).replaceAll("%2F", "/") : text);
  const contents = listing.objects.map(
    (object) =>
      `<Contents>${element("Key", encode(object.key))}${element("LastModified", object.lastModified.toISOString())}` +
      `${element("ETag", object.etag)}${element("Size", String(object.size))}${element("StorageClass", "STANDARD")}</Contents>`,
  );
  const prefixes = listing.commonPrefixes.map(
    (prefix) => `<CommonPrefixes>${element("Prefix", encode(prefix))}</CommonPrefixes>`,
  );
  return [
    `<ListBucketResult ${NAMESPACE}>`,
    element("Name", listing.bucket),
    element("Prefix", encode(listing.prefix)),
    listing.delimiter === "" ? "" : element("Delimiter", encode(listing.delimiter)),
    listing.startAfter === "" ? "" : element("StartAfter", encode(listing.startAfter)),
    listing.continuationToken === null ? "" : element("ContinuationToken", listing.continuationToken),
    listing.nextContinuationToken === null ? "" : element("NextContinuationToken", listing.nextContinuationToken),
    element("KeyCount", String(listing.objects.length + listing.commonPrefixes.length)),
    element("MaxKeys", String(listing.maxKeys)),
    listing.encodingType === null ? "" : element("EncodingType", listing.encodingType),
    element("IsTruncated", String(listing.nextContinuationToken !== null)),
    ...contents,
    ...prefixes,
    "</ListBucketResult>",
  ].join("");
}

export function listVersionsXml({ bucket, prefix, maxKeys, isTruncated, entries }: VersionListing): string {
  const last = isTruncated ? entries.at(-1) : undefined;
  const items = entries.map(({ key, version, isLatest }) => {
    const shared = `${element("Key", key)}${element("VersionId", version.id)}${element("IsLatest", String(isLatest))}${element("LastModified", version.at.toISOString())}`;
    if (version.body === null) return `<DeleteMarker>${shared}</DeleteMarker>`;
    const size = Buffer.from(version.body, "base64").length;
    return `<Version>${shared}${element("ETag", `"${version.etag}"`)}${element("Size", String(size))}${element("StorageClass", "STANDARD")}</Version>`;
  });
  return [
    `<ListVersionsResult ${NAMESPACE}>`,
    element("Name", bucket),
    element("Prefix", prefix),
    element("MaxKeys", String(maxKeys)),
    element("IsTruncated", String(isTruncated)),
    last === undefined ? "" : element("NextKeyMarker", last.key),
    last === undefined ? "" : element("NextVersionIdMarker", last.version.id),
    ...items,
    "</ListVersionsResult>",
  ].join("");
}

export function objectLockXml(): string {
  return `<ObjectLockConfiguration ${NAMESPACE}>${element("ObjectLockEnabled", "Enabled")}</ObjectLockConfiguration>`;
}

export function listBucketsXml(buckets: { name: string; createdAt: Date }[]): string {
  const entries = buckets.map(
    ({ name, createdAt }) =>
      `<Bucket>${element("Name", name)}${element("CreationDate", createdAt.toISOString())}</Bucket>`,
  );
  return `<ListAllMyBucketsResult ${NAMESPACE}><Owner>${element("ID", "demo")}</Owner><Buckets>${entries.join("")}</Buckets></ListAllMyBucketsResult>`;
}

export function bucketLocationXml(region: string): string {
  return `<LocationConstraint ${NAMESPACE}>${escapeXml(region)}</LocationConstraint>`;
}

function element(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>`;
}
