import { CloudTrailClient, ListPublicKeysCommand } from "@aws-sdk/client-cloudtrail";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { AppError } from "#lib/errors.ts";
import type { TrailBucketSpec } from "#lib/sources/aws-cloudtrail/spec.ts";
import { openAwsClients, type AwsClients } from "#lib/sources/aws/client.ts";
import { CLOUDTRAIL_PERMISSIONS } from "#lib/sources/aws/permissions.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";

/** A thousand keys each: five years of a busy account's region. */
const MOST_PAGES = 1_000;
const MOST_KEY_PAGES = 100;

export type TrailObject = { key: string; tag: string };
/** From the metadata: the signature of a digest, and when one was made that was added later. */
export type TrailContent = { content: Uint8Array; signature: string | null; backfilledAt: string | null };
export type TrailBucket = {
  /** Names directly below a prefix that ends with "/". */
  folders(prefix: string): Promise<string[]>;
  /** Objects in order of their keys, page by page, beyond `after`. */
  pages(prefix: string, after: string): AsyncGenerator<TrailObject[]>;
  /** Null where there is no such object any more. */
  get(key: string): Promise<TrailContent | null>;
  /** Keys (PKCS #1 DER) by fingerprint that were valid within the time. */
  publicKeys(region: string, from: Date, to: Date): Promise<Map<string, Uint8Array>>;
  clients: AwsClients;
};

/** @throws AppError as the classification of AWS's errors has it. */
export async function openTrailBucket(
  spec: TrailBucketSpec,
  gate: RequestGate,
  signal: AbortSignal,
): Promise<TrailBucket> {
  const clients = await openAwsClients(spec, gate, signal);
  const s3 = clients.open(
    "s3",
    spec.region,
    (settings) => new S3Client({ ...settings, forcePathStyle: spec.endpoint !== undefined }),
  );
  const { bucket: Bucket } = spec;

  async function* listing(Prefix: string, more: { Delimiter?: string; StartAfter?: string }) {
    let token: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const sent = token === undefined ? {} : { ContinuationToken: token };
      const command = new ListObjectsV2Command({ Bucket, Prefix, ...more, ...sent });
      const answer = await clients.attempt(CLOUDTRAIL_PERMISSIONS.list, (options) => s3.send(command, options));
      yield answer;
      token = answer.NextContinuationToken;
      if (!token) return;
    }
    throw new AppError("limit_reached", `s3://${Bucket}/${Prefix} has more than ${MOST_PAGES},000 objects to look at.`);
  }

  return {
    clients,
    async folders(prefix) {
      const found: string[] = [];
      for await (const { CommonPrefixes = [] } of listing(prefix, { Delimiter: "/" }))
        for (const { Prefix } of CommonPrefixes) if (Prefix) found.push(Prefix.slice(prefix.length, -1));
      return found;
    },
    async *pages(prefix, after) {
      for await (const { Contents = [] } of listing(prefix, { StartAfter: after }))
        yield Contents.map(({ Key = "", ETag = "" }) => ({ key: Key, tag: ETag.replaceAll('"', "") }));
    },
    get: (key) =>
      clients.attempt(CLOUDTRAIL_PERMISSIONS.get, async (options) => {
        const answer = await s3.send(new GetObjectCommand({ Bucket, Key: key }), options).catch(absentAsNull);
        if (answer === null) return null;
        const content = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
        const { signature = null, "backfill-generation-timestamp": backfilledAt = null } = answer.Metadata ?? {};
        return { content, signature, backfilledAt };
      }),
    publicKeys: (region, from, to) => listPublicKeys(clients, region, from, to),
  };
}

async function listPublicKeys(clients: AwsClients, region: string, StartTime: Date, EndTime: Date) {
  const client = clients.open("cloudtrail", region, (settings) => new CloudTrailClient(settings));
  const keys = new Map<string, Uint8Array>();
  let token: string | undefined;
  for (let page = 0; page < MOST_KEY_PAGES; page += 1) {
    const sent = token === undefined ? {} : { NextToken: token };
    const command = new ListPublicKeysCommand({ StartTime, EndTime, ...sent });
    const answer = await clients.attempt(CLOUDTRAIL_PERMISSIONS.keys, (options) => client.send(command, options));
    for (const { Fingerprint, Value } of answer.PublicKeyList ?? [])
      if (Fingerprint !== undefined && Value !== undefined) keys.set(Fingerprint, Value);
    token = answer.NextToken;
    if (!token) return keys;
  }
  throw new AppError("limit_reached", `CloudTrail lists more than ${MOST_KEY_PAGES} pages of keys in ${region}.`);
}

function absentAsNull(thrown: unknown): null {
  if (thrown instanceof Error && (thrown.name === "NoSuchKey" || thrown.name === "NotFound")) return null;
  throw thrown;
}
