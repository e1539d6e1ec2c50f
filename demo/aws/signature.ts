import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { SigningKey } from "#demo/aws/identities.ts";

/** One access key that a demo server accepts. */
export type AwsCredentials = { accessKeyId: string; secretAccessKey: string };

/** Why a request is refused, in the words of S3's error codes; other services translate them. */
export type SignatureRefusal = {
  code:
    | "AccessDenied"
    | "InvalidAccessKeyId"
    | "SignatureDoesNotMatch"
    | "RequestTimeTooSkewed"
    | "AuthorizationHeaderMalformed"
    | "ExpiredToken"
    | "InvalidToken";
  message: string;
  /** What the server signed, as AWS returns it with SignatureDoesNotMatch, so that a wrong client can be debugged. */
  canonicalRequest: string | null;
};

/** Whose signature it is, and the scope that it was made for. */
export type VerifiedSignature = { code: null; accessKeyId: string; region: string; service: string };

export type SignatureCheck = {
  findKey: (accessKeyId: string) => SigningKey | null;
  now: Date;
  /** What was sent. Null for S3, whose clients sign the hash that they name in a header. */
  body: Buffer | null;
  /** Signing name that the scope has to have, and its regions; null = any. */
  service: string;
  regions: readonly string[] | null;
};

const ALGORITHM = "AWS4-HMAC-SHA256";
const AUTHORIZATION_PATTERN =
  /^AWS4-HMAC-SHA256\s+Credential=([^/,]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request,\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})$/;
const MAXIMUM_SKEW_MS = 15 * 60 * 1000;

/**
 * Verifies Signature Version 4 in the Authorization header, as every AWS protocol uses it.
 * The request's own encoding of its path is signed as it stands, which is what S3 does (other services encode it once more).
 */
export function verifySignature(request: IncomingMessage, check: SignatureCheck): VerifiedSignature | SignatureRefusal {
  const authorization = request.headers.authorization;
  if (!authorization) return refusal("AccessDenied", "Access Denied");
  const parts = AUTHORIZATION_PATTERN.exec(authorization);
  if (!parts) return refusal("AuthorizationHeaderMalformed", "The authorization header is malformed.");
  const [, accessKeyId = "", date = "", region = "", service = "", signedHeaders = "", signature = ""] = parts;

  const key = check.findKey(accessKeyId);
  if (!key) return refusal("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.");
  const stamp = headerOf(request, "x-amz-date");
  const skewMs = Math.abs(check.now.getTime() - instantOf(stamp));
  if (!stamp.startsWith(date) || !(skewMs <= MAXIMUM_SKEW_MS))
    return refusal(
      "RequestTimeTooSkewed",
      "The difference between the request time and the current time is too large.",
    );
  if (service !== check.service)
    return refusal("SignatureDoesNotMatch", `Credential should be scoped to correct service: '${check.service}'.`);
  if (check.regions !== null && !check.regions.includes(region))
    return refusal("SignatureDoesNotMatch", "Credential should be scoped to a valid region.");

  const payload = check.body === null ? headerOf(request, "x-amz-content-sha256") : sha256(check.body);
  const canonicalRequest = canonicalRequestOf(request, signedHeaders.split(";"), payload);
  const scope = `${date}/${region}/${service}/aws4_request`;
  const stringToSign = [ALGORITHM, stamp, scope, sha256(canonicalRequest)].join("\n");
  const expected = hmac(signingKey(key.secretAccessKey, date, region, service), stringToSign);
  if (!timingSafeEqual(expected, Buffer.from(signature, "hex")))
    return {
      code: "SignatureDoesNotMatch",
      message:
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
      canonicalRequest,
    };
  if ((key.sessionToken ?? "") !== headerOf(request, "x-amz-security-token"))
    return refusal("InvalidToken", "The security token included in the request is invalid.");
  if (key.expiresAt !== null && key.expiresAt <= check.now)
    return refusal("ExpiredToken", "The security token included in the request is expired");
  return { code: null, accessKeyId, region, service };
}

function refusal(code: SignatureRefusal["code"], message: string): SignatureRefusal {
  return { code, message, canonicalRequest: null };
}

function canonicalRequestOf(request: IncomingMessage, signedHeaders: string[], payload: string): string {
  const url = new URL(request.url ?? "/", "http://localhost");
  const query = [...url.searchParams]
    .map(([name, value]) => [encodeRfc3986(name), encodeRfc3986(value)] as const)
    .toSorted(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  const headers = signedHeaders
    .map((name) => `${name}:${headerOf(request, name).trim().replaceAll(/\s+/g, " ")}\n`)
    .join("");
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  return [request.method ?? "GET", path, query, headers, signedHeaders.join(";"), payload].join("\n");
}

function signingKey(secret: string, date: string, region: string, service: string): Buffer {
  return [date, region, service, "aws4_request"].reduce<Buffer>(
    (key, part) => hmac(key, part),
    Buffer.from(`AWS4${secret}`),
  );
}

/** Milliseconds of "20261120T220254Z"; NaN where it is not one. */
function instantOf(stamp: string): number {
  const parts = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(stamp);
  return parts ? Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}Z`) : Number.NaN;
}

/** URI encoding of AWS: everything but letters, digits, "-", ".", "_" and "~". */
export function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function headerOf(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(",") : (value ?? "");
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text, "utf8").digest();
}

function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
