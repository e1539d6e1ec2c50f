import { createHash } from "node:crypto";
import { GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { AppError } from "#lib/errors.ts";
import { checkStep } from "#lib/sources/aws/check-step.ts";
import { classifyAwsError, isDenied } from "#lib/sources/aws/classify-error.ts";
import { openAwsClients } from "#lib/sources/aws/client.ts";
import type { HeadsBucketSpec } from "#lib/sources/aws/heads-bucket-spec.ts";
import { HEADS_BUCKET_PERMISSIONS, statementOf, type AwsPermission } from "#lib/sources/aws/permissions.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import type { CheckResult } from "#lib/sources/source.ts";

/** The next sealing tries again; more attempts would only keep this one waiting. */
const MAX_ATTEMPTS = 3;
/** A thousand versions each: a head every five minutes for fifty years, with its time stamp. */
const MOST_PAGES = 10_000;
/** The name of what a check tries to put. It never comes to be. */
const CHECK_NAME = "check";
const DAY_MS = 86_400_000;
const TRIED_AGAIN = "Nothing is lost: the next sealing tries again, within five minutes.";

export type HeadObject = { name: string; content: Uint8Array; type: string };
/** A version of an object. `isMarker`: it only hides the ones before. */
export type HeadVersion = { name: string; versionId: string; isMarker: boolean };

/** What is thrown is an AppError as the classification of AWS's errors has it, "conflict" where an object of that name has other bytes. */
export type HeadsBucket = {
  /** Puts an object under its lock, unless it is there with the same bytes. */
  put(object: HeadObject, now: Date): Promise<void>;
  /** Every version of every object below the prefix, in order of names. */
  versions(): AsyncGenerator<HeadVersion>;
  get(version: HeadVersion): Promise<Uint8Array>;
  close(): void;
};

export async function openHeadsBucket(
  spec: HeadsBucketSpec,
  gate: RequestGate,
  abortSignal: AbortSignal,
): Promise<HeadsBucket> {
  const clients = await openAwsClients(spec, gate, abortSignal);
  const s3 = clients.open(
    "s3",
    spec.region,
    (settings) => new S3Client({ ...settings, maxAttempts: MAX_ATTEMPTS, forcePathStyle: spec.endpoint !== undefined }),
  );
  const Bucket = spec.bucket;
  const keyOf = (name: string) => `${spec.prefix}/${name}`;

  async function ask<T>(permission: AwsPermission, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      if (abortSignal.aborted)
        throw new AppError("unavailable", `The bucket ${Bucket} did not answer in time.`, {
          remedy: TRIED_AGAIN,
          cause: thrown,
        });
      throw classifyBucketError(thrown, permission, spec);
    }
  }

  async function* versionsBelow(Prefix: string): AsyncGenerator<HeadVersion> {
    let from: { KeyMarker?: string; VersionIdMarker?: string } = {};
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const command = new ListObjectVersionsCommand({ Bucket, Prefix, ...from });
      const answer = await ask(HEADS_BUCKET_PERMISSIONS.list, () => s3.send(command, { abortSignal }));
      const toVersion = (isMarker: boolean) => (one: { Key?: string; VersionId?: string }) => ({
        name: (one.Key ?? "").slice(spec.prefix.length + 1),
        versionId: one.VersionId ?? "",
        isMarker,
      });
      yield* (answer.Versions ?? []).map(toVersion(false));
      yield* (answer.DeleteMarkers ?? []).map(toVersion(true));
      if (answer.IsTruncated !== true) return;
      const { NextKeyMarker, NextVersionIdMarker } = answer;
      from = {
        ...(NextKeyMarker === undefined ? {} : { KeyMarker: NextKeyMarker }),
        ...(NextVersionIdMarker === undefined ? {} : { VersionIdMarker: NextVersionIdMarker }),
      };
    }
    throw new AppError(
      "limit_reached",
      `s3://${Bucket}/${Prefix} has more than ${MOST_PAGES},000 versions to look at.`,
    );
  }

  const get = async ({ name, versionId }: HeadVersion) => {
    const command = new GetObjectCommand({ Bucket, Key: keyOf(name), VersionId: versionId });
    const answer = await ask(HEADS_BUCKET_PERMISSIONS.get, async () => {
      const { Body } = await s3.send(command, { abortSignal });
      return Body?.transformToByteArray();
    });
    return answer ?? new Uint8Array();
  };

  async function hasBytes({ name, content }: HeadObject): Promise<boolean> {
    for await (const version of versionsBelow(keyOf(name)))
      if (!version.isMarker && version.name === name && Buffer.from(content).equals(await get(version))) return true;
    return false;
  }

  return {
    async put(object, now) {
      const command = putCommand(spec, object, now);
      const isNew = await ask(HEADS_BUCKET_PERMISSIONS.put, () =>
        s3.send(command, { abortSignal }).then(isThere, taken),
      );
      if (!isNew && !(await hasBytes(object)))
        throw new AppError("conflict", `s3://${Bucket}/${keyOf(object.name)} is not what Bursar published.`, {
          remedy:
            "Look who wrote it: another installation with the same prefix, or somebody who forges heads of the log.",
        });
    },
    versions: () => versionsBelow(`${spec.prefix}/`),
    get,
    close: () => clients.close(),
  };
}

/** Whether heads may be put with their lock, listed and read: asked without anything being put, for what is sent does not fit its checksum. */
export async function checkHeadsBucket(
  spec: HeadsBucketSpec,
  gate: RequestGate,
  abortSignal: AbortSignal,
): Promise<CheckResult[]> {
  const clients = await openAwsClients(spec, gate, abortSignal);
  const { bucket: Bucket, prefix } = spec;
  try {
    const s3 = clients.open(
      "s3",
      spec.region,
      (settings) => new S3Client({ ...settings, forcePathStyle: spec.endpoint !== undefined }),
    );
    const step = (what: string, permission: AwsPermission, work: () => Promise<unknown>) =>
      checkStep(what, () =>
        work().catch((thrown: unknown) => {
          throw classifyBucketError(thrown, permission, spec);
        }),
      );
    const object = { name: CHECK_NAME, content: Buffer.from("check"), type: "text/plain" };
    const {
      ObjectLockMode: _mode,
      ObjectLockRetainUntilDate: _until,
      ...unlocked
    } = putCommand(spec, object, new Date()).input;
    const tryPutting = (input: PutObjectCommand["input"]) =>
      s3.send(new PutObjectCommand({ ...input, ContentMD5: OTHER_MD5 }), { abortSignal }).catch(badDigestAsNull);
    const put = await step(`Put an object in ${Bucket}`, HEADS_BUCKET_PERMISSIONS.put, () => tryPutting(unlocked));
    // Whoever may not put may not lock either; one line says so.
    const locked = () =>
      step(`Lock an object in ${Bucket}`, HEADS_BUCKET_PERMISSIONS.lock, () =>
        tryPutting(putCommand(spec, object, new Date()).input),
      );
    let first: { Key?: string; VersionId?: string } | undefined;
    const list = await step(`Versions in ${Bucket}`, HEADS_BUCKET_PERMISSIONS.list, async () => {
      const command = new ListObjectVersionsCommand({ Bucket, Prefix: `${prefix}/`, MaxKeys: 1 });
      first = (await s3.send(command, { abortSignal })).Versions?.[0];
    });
    const results = put.ok ? [put, await locked(), list] : [put, list];
    const { Key, VersionId } = first ?? {};
    // Of what is not there S3 says that it may not be read.
    if (Key === undefined || VersionId === undefined) return results;
    const command = new GetObjectCommand({ Bucket, Key, VersionId });
    return [
      ...results,
      await step(`A version in ${Bucket}`, HEADS_BUCKET_PERMISSIONS.get, () => s3.send(command, { abortSignal })),
    ];
  } finally {
    clients.close();
  }
}

/** The MD5 of nothing, which no object that is put here is. */
const OTHER_MD5 = createHash("md5").digest("base64");

/** With Object Lock S3 takes nothing without a checksum, which the SDK computes. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
function putCommand({ bucket, prefix, lock }: HeadsBucketSpec, { name, content, type }: HeadObject, now: Date) {
  return new PutObjectCommand({
    Bucket: bucket,
    Key: `${prefix}/${name}`,
    Body: content,
    ContentType: type,
    ChecksumAlgorithm: "SHA256",
    IfNoneMatch: "*",
    ObjectLockMode: lock.mode,
    ObjectLockRetainUntilDate: new Date(now.getTime() + lock.days * DAY_MS),
  });
}

const isThere = () => true;

function taken(thrown: unknown): false {
  if (nameOf(thrown) === "PreconditionFailed") return false;
  throw thrown;
}

function badDigestAsNull(thrown: unknown): null {
  if (nameOf(thrown) === "BadDigest") return null;
  throw thrown;
}

function classifyBucketError(thrown: unknown, permission: AwsPermission, { bucket }: HeadsBucketSpec): AppError {
  const cause = { cause: thrown };
  if (isDenied(thrown)) return denied(permission, bucket, thrown);
  const name = nameOf(thrown);
  if (name === "NoSuchBucket" || name === "PermanentRedirect" || name === "AuthorizationHeaderMalformed")
    return new AppError("invalid_config", `There is no bucket ${bucket} in the region of audit.heads.s3 (${name}).`, {
      ...cause,
      remedy: "Check bucket, region and endpoint of audit.heads.s3 in bursar.yaml.",
    });
  if (name === "InvalidRequest")
    return new AppError("invalid_config", `The bucket ${bucket} locks no objects (${name}).`, {
      ...cause,
      remedy: "Switch Object Lock on for the bucket, or name one that has it in audit.heads.s3.",
    });
  const error = classifyAwsError(thrown, permission);
  const remedy = error.code === "invalid_config" ? "Check audit.heads.s3 in bursar.yaml." : TRIED_AGAIN;
  return new AppError(error.code, error.message, { ...cause, remedy });
}

/** Putting needs two permissions, and S3 says in words only which one is missing. */
function denied(permission: AwsPermission, bucket: string, cause: unknown): AppError {
  const { put, lock } = HEADS_BUCKET_PERMISSIONS;
  const needed = permission === put ? `${statementOf(put)} and ${statementOf(lock)}` : statementOf(permission);
  return new AppError(
    "denied",
    `AWS does not allow ${permission.action} in ${bucket}, which is needed for ${permission.why}.`,
    {
      cause,
      remedy: `Add to the policy of the role of audit.heads.s3, and let the bucket's own policy allow it: ${needed}`,
    },
  );
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : "";
}
