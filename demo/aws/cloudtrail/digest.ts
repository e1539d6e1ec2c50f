import { createHash, createPublicKey, sign, type KeyObject } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { metadataPath } from "#demo/aws/s3-bucket.ts";

/** What a digest says of the one before it. */
export type SignedDigest = { key: string; hash: string; signature: string };
export type DigestedFile = { key: string; hash: string };

/** The folder that is served as buckets, and the one among them. */
export type BucketPlace = { root: string; bucket: string };

export type DigestPlan = {
  account: string;
  region: string;
  /** What stands before the account: "AWSLogs/". */
  prefix: string;
  trail: string;
  from: Date;
  to: Date;
  files: readonly DigestedFile[];
  before: SignedDigest | null;
  /** Of a digest that is added later for what the one of its time had left out: when it was made. */
  backfilledAt?: Date;
};

/** Writes the digest of a stretch of time, signed with SHA256withRSA as CloudTrail signs, beside the log files that it names. */
export async function writeDigest(
  place: BucketPlace,
  { account, region, prefix, trail, from, to, files, before, backfilledAt }: DigestPlan,
  { privateKey, fingerprint }: { privateKey: KeyObject; fingerprint: string },
): Promise<SignedDigest> {
  const { bucket } = place;
  const object = `${prefix}${account}/CloudTrail-Digest/${region}/${folder(to)}/${account}_CloudTrail-Digest_${region}_${trail}_${region}_${stamp(to)}${backfilledAt ? "_backfill" : ""}.json.gz`;
  const digest = {
    awsAccountId: account,
    digestStartTime: seconds(from),
    digestEndTime: seconds(to),
    digestS3Bucket: bucket,
    digestS3Object: object,
    digestPublicKeyFingerprint: fingerprint,
    digestSignatureAlgorithm: "SHA256withRSA",
    previousDigestS3Bucket: before && bucket,
    previousDigestS3Object: before && before.key,
    previousDigestHashValue: before && before.hash,
    previousDigestHashAlgorithm: before && "SHA-256",
    previousDigestSignature: before && before.signature,
    logFiles: files.map(({ key, hash }) => ({
      s3Bucket: bucket,
      s3Object: key,
      hashValue: hash,
      hashAlgorithm: "SHA-256",
    })),
  };
  const text = JSON.stringify(digest);
  const hash = sha256(text);
  const signed = [digest.digestEndTime, `${bucket}/${object}`, hash, before?.signature ?? "null"].join("\n");
  const signature = sign("RSA-SHA256", Buffer.from(signed), privateKey).toString("hex");
  const made: Record<string, string> = backfilledAt ? { "backfill-generation-timestamp": seconds(backfilledAt) } : {};
  await putPacked(place, object, text, { signature, ...made });
  return { key: object, hash, signature };
}

/** Writes an object packed. Answers the hash of what it unpacks to. */
export async function putPacked(
  { root, bucket }: BucketPlace,
  key: string,
  text: string,
  metadata: Record<string, string> = {},
): Promise<string> {
  const path = join(root, bucket, key);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, gzipSync(text));
  if (Object.keys(metadata).length > 0) await writeFile(metadataPath(path), JSON.stringify(metadata));
  return sha256(text);
}

/** The public half as CloudTrail lists it: PKCS #1, with its MD5. */
export function publicHalf(key: KeyObject): { der: Uint8Array; fingerprint: string } {
  const der = createPublicKey(key).export({ format: "der", type: "pkcs1" });
  return { der, fingerprint: createHash("md5").update(der).digest("hex") };
}

/** "2026-03-01T10:05:00Z" */
export const seconds = (at: Date) => `${at.toISOString().slice(0, 19)}Z`;
/** "20260301T100500Z" */
export const stamp = (at: Date) => seconds(at).replaceAll(/[-:]/g, "");
/** "2026/03/01" */
export const folder = (at: Date) => at.toISOString().slice(0, 10).replaceAll("-", "/");

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
