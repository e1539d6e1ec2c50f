import { createHash, createPublicKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { TrailKey } from "#demo/aws/cloudtrail/service.ts";
import { metadataPath } from "#demo/aws/s3-bucket.ts";
import type { Random } from "#demo/estate/random.ts";

export type WrittenTrail = {
  key: TrailKey;
  /** In order of delivery. */
  files: { key: string; events: string[] }[];
  digests: string[];
};
export type TrailPlan = {
  root: string;
  bucket: string;
  account: string;
  region: string;
  from: Date;
  hours: number;
  filesAnHour: number;
};

type SignedDigest = { key: string; hash: string; signature: string };

const HOUR_MS = 3_600_000;
const ACTIONS = [
  { eventSource: "signin.amazonaws.com", eventName: "ConsoleLogin", readOnly: false },
  { eventSource: "ec2.amazonaws.com", eventName: "RunInstances", readOnly: false },
  { eventSource: "ec2.amazonaws.com", eventName: "DescribeInstances", readOnly: true },
  { eventSource: "iam.amazonaws.com", eventName: "AttachRolePolicy", readOnly: false },
  { eventSource: "cloudtrail.amazonaws.com", eventName: "StopLogging", readOnly: false },
  { eventSource: "config.amazonaws.com", eventName: "DeleteConfigRule", readOnly: false },
] as const;

/** Writes a trail's log files and the digest of each hour, signed with a key of its own, into a folder that is served as a bucket. */
export async function writeTrail(plan: TrailPlan, random: Random): Promise<WrittenTrail> {
  const { account, region, bucket, from, hours, filesAnHour } = plan;
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = keyOf(publicKey, plan);
  const trail: WrittenTrail = { key, files: [], digests: [] };
  let before: SignedDigest | null = null;
  for (let hour = 0; hour < hours; hour += 1) {
    const start = new Date(from.getTime() + hour * HOUR_MS);
    const end = new Date(start.getTime() + HOUR_MS);
    const logFiles = [];
    for (let n = 0; n < filesAnHour; n += 1) {
      const at = new Date(start.getTime() + (n * HOUR_MS) / filesAnHour);
      const records = Array.from({ length: 1 + random.below(5) }, (_, index) => recordOf(plan, at, index, random));
      const name = `${account}_CloudTrail_${region}_${stamp(at).slice(0, 13)}Z_${`${hour}x${n}`.padStart(16, "0")}.json.gz`;
      const object = `AWSLogs/${account}/CloudTrail/${region}/${folder(at)}/${name}`;
      const hashValue = await put(plan, object, JSON.stringify({ Records: records }), {});
      trail.files.push({ key: object, events: records.map(({ eventID }) => eventID) });
      logFiles.push({ s3Bucket: bucket, s3Object: object, hashValue, hashAlgorithm: "SHA-256" });
    }
    const object = `AWSLogs/${account}/CloudTrail-Digest/${region}/${folder(end)}/${account}_CloudTrail-Digest_${region}_all_${region}_${stamp(end)}.json.gz`;
    const previous = before as SignedDigest | null;
    const digest = {
      awsAccountId: account,
      digestStartTime: seconds(start),
      digestEndTime: seconds(end),
      digestS3Bucket: bucket,
      digestS3Object: object,
      digestPublicKeyFingerprint: key.fingerprint,
      digestSignatureAlgorithm: "SHA256withRSA",
      previousDigestS3Bucket: previous && bucket,
      previousDigestS3Object: previous && previous.key,
      previousDigestHashValue: previous && previous.hash,
      previousDigestHashAlgorithm: previous && "SHA-256",
      previousDigestSignature: previous && previous.signature,
      logFiles,
    };
    const text = JSON.stringify(digest);
    const hash = sha256(text);
    const signed = [digest.digestEndTime, `${bucket}/${object}`, hash, previous?.signature ?? "null"].join("\n");
    const signature: string = sign("RSA-SHA256", Buffer.from(signed), privateKey).toString("hex");
    await put(plan, object, text, { signature });
    trail.digests.push(object);
    before = { key: object, hash, signature };
  }
  return trail;
}

function keyOf(publicKey: KeyObject, { region, from, hours }: TrailPlan): TrailKey {
  const der = createPublicKey(publicKey.export({ format: "pem", type: "spki" })).export({
    format: "der",
    type: "pkcs1",
  });
  const fingerprint = createHash("md5").update(der).digest("hex");
  return { region, fingerprint, der, from, to: new Date(from.getTime() + (hours + 1) * HOUR_MS) };
}

function recordOf({ account, region }: TrailPlan, at: Date, index: number, random: Random) {
  const action = ACTIONS[random.below(ACTIONS.length)] ?? ACTIONS[0];
  const id = Array.from({ length: 8 }, () => random.below(65_536).toString(16).padStart(4, "0")).join("");
  return {
    eventVersion: "1.11",
    eventID: id,
    eventTime: seconds(new Date(at.getTime() + index * 1_000)),
    ...action,
    awsRegion: region,
    sourceIPAddress: "192.0.2.10",
    recipientAccountId: account,
    userIdentity: {
      type: "AssumedRole",
      accountId: account,
      arn: `arn:aws:sts::${account}:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/ada@example.com`,
    },
  };
}

/** Answers the hash of what the object unpacks to. */
async function put(
  { root, bucket }: TrailPlan,
  key: string,
  text: string,
  metadata: Record<string, string>,
): Promise<string> {
  const path = join(root, bucket, key);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, gzipSync(text));
  if (Object.keys(metadata).length > 0) await writeFile(metadataPath(path), JSON.stringify(metadata));
  return sha256(text);
}

const seconds = (at: Date) => `${at.toISOString().slice(0, 19)}Z`;
/** "20260301T100500Z" */
const stamp = (at: Date) => seconds(at).replaceAll(/[-:]/g, "");
const folder = (at: Date) => at.toISOString().slice(0, 10).replaceAll("-", "/");
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
