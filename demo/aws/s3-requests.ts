import type { IncomingHttpHeaders } from "node:http";
import { S3Error, type ObjectListing } from "#demo/aws/s3-answers.ts";
import type { S3Buckets, S3Object } from "#demo/aws/s3-bucket.ts";

/** S3 never returns more than this many keys at once, whatever is asked. */
const MAXIMUM_KEYS = 1000;

/** Answers If-Match and If-None-Match. Throws PreconditionFailed where the object is not the one that is asked for. */
export function preconditionOf(headers: IncomingHttpHeaders, object: S3Object): "send" | "not modified" {
  const ifMatch = headers["if-match"];
  if (ifMatch !== undefined && !names(ifMatch, object.etag))
    throw new S3Error("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", {
      Condition: "If-Match",
    });
  const ifNoneMatch = headers["if-none-match"];
  return ifNoneMatch !== undefined && names(ifNoneMatch, object.etag) ? "not modified" : "send";
}

/** SDKs send the entity tag with and without its quotes. */
function names(header: string, etag: string): boolean {
  return header
    .split(",")
    .some((tag) => tag.trim() === "*" || tag.trim().replaceAll('"', "") === etag.replaceAll('"', ""));
}

/** The bytes asked for, half-open. Throws InvalidRange where none of them is there; a header that is no range is ignored, as by S3. */
export function rangeOf(header: string | undefined, size: number): { start: number; end: number; partial: boolean } {
  const parts = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  const [first, last] = [parts?.[1] ?? "", parts?.[2] ?? ""];
  if (first === "" && last === "") return { start: 0, end: size, partial: false };
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size : Math.min(size, Number(last) + 1);
  if (first !== "" && last !== "" && Number(last) < Number(first)) return { start: 0, end: size, partial: false };
  if (start >= end)
    throw new S3Error("InvalidRange", "The requested range is not satisfiable", {
      RangeRequested: header ?? "",
      ActualObjectSize: String(size),
    });
  return { start, end, partial: true };
}

/** One page of ListObjectsV2. A continuation token is the last name of the page before, in base64. */
export async function listObjects(buckets: S3Buckets, bucket: string, query: URLSearchParams): Promise<ObjectListing> {
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const startAfter = query.get("start-after") ?? "";
  const continuationToken = query.get("continuation-token");
  const maxKeys = Math.min(MAXIMUM_KEYS, maxKeysOf(query.get("max-keys")));
  const after = continuationToken === null ? startAfter : tokenValue(continuationToken);

  const names: { name: string; isPrefix: boolean }[] = [];
  for (const key of await buckets.keys(bucket, prefix)) {
    const cut = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    const name = cut < 0 ? key : key.slice(0, cut + delimiter.length);
    const isPast = name > after && !(cut >= 0 && after.startsWith(name));
    if (isPast && names.at(-1)?.name !== name) names.push({ name, isPrefix: cut >= 0 });
  }
  const page = names.slice(0, maxKeys);
  const described = await Promise.all(
    page.filter(({ isPrefix }) => !isPrefix).map(({ name }) => buckets.describe(bucket, name)),
  );
  const last = page.at(-1);
  return {
    bucket,
    prefix,
    delimiter,
    startAfter,
    continuationToken,
    nextContinuationToken: names.length > page.length && last ? Buffer.from(last.name).toString("base64url") : null,
    maxKeys,
    encodingType: query.get("encoding-type"),
    objects: described.filter((object) => object !== null),
    commonPrefixes: page.filter(({ isPrefix }) => isPrefix).map(({ name }) => name),
  };
}

function maxKeysOf(text: string | null): number {
  if (text === null) return MAXIMUM_KEYS;
  if (!/^\d+$/.test(text))
    throw new S3Error("InvalidArgument", "Provided max-keys not an integer or within integer range", {
      ArgumentName: "max-keys",
      ArgumentValue: text,
    });
  return Number(text);
}

function tokenValue(token: string): string {
  const value = Buffer.from(token, "base64url").toString();
  if (value === "" || Buffer.from(value).toString("base64url") !== token)
    throw new S3Error("InvalidArgument", "The continuation token provided is incorrect", {
      ArgumentName: "continuation-token",
    });
  return value;
}
