import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
  type PutObjectCommandInput,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEMO_CREDENTIALS, type S3Server, startS3 } from "#demo/aws/s3.ts";
import { makeLockedBucket } from "#demo/aws/s3-versions.ts";

const Bucket = "kept";
const LATER = new Date(Date.now() + 86_400_000);

let root = "";
let server: S3Server;
let client: S3Client;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "bursar-lock-"));
  makeLockedBucket(root, Bucket);
  await mkdir(join(root, "plain"));
  server = await startS3({ root });
  client = new S3Client({
    endpoint: server.url,
    region: "eu-central-1",
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: DEMO_CREDENTIALS,
  });
});
afterAll(async () => {
  client.destroy();
  await server.close();
  await rm(root, { recursive: true, force: true });
});

const put = (Key: string, Body: string, more: Partial<PutObjectCommandInput> = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const locked = (ObjectLockMode: "GOVERNANCE" | "COMPLIANCE", ObjectLockRetainUntilDate = LATER) =>
  ({ ObjectLockMode, ObjectLockRetainUntilDate, ChecksumAlgorithm: "SHA256" }) as const;
const read = async (Key: string, VersionId?: string) =>
  (await client.send(new GetObjectCommand({ Bucket, Key, VersionId }))).Body?.transformToString();

test("what is put over a locked object is a further version, and the first one stays", async () => {
  const first = await put("a/1.json", "first", locked("COMPLIANCE"));
  const second = await put("a/1.json", "second");
  expect(await read("a/1.json")).toBe("second");
  expect(await read("a/1.json", first.VersionId)).toBe("first");
  const head = await client.send(
    new HeadObjectCommand({ Bucket, Key: "a/1.json", VersionId: first.VersionId, ChecksumMode: "ENABLED" }),
  );
  expect(head).toMatchObject({
    ObjectLockMode: "COMPLIANCE",
    ObjectLockRetainUntilDate: LATER,
    ChecksumSHA256: createHash("sha256").update("first").digest("base64"),
  });
  const { Versions } = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix: "a/" }));
  expect(Versions?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
    [second.VersionId, true],
    [first.VersionId, false],
  ]);
});

test("a locked version is deleted by nobody, a governed one by whoever may bypass it, and a marker only hides", async () => {
  const remove = (Key: string, VersionId: string | undefined, BypassGovernanceRetention?: boolean) =>
    client.send(new DeleteObjectCommand({ Bucket, Key, VersionId, BypassGovernanceRetention }));
  const compliance = await put("b/1", "kept", locked("COMPLIANCE"));
  const governance = await put("b/2", "kept", locked("GOVERNANCE"));
  await expect(remove("b/1", compliance.VersionId)).rejects.toMatchObject({ name: "AccessDenied" });
  await expect(remove("b/1", compliance.VersionId, true)).rejects.toMatchObject({ name: "AccessDenied" });
  await expect(remove("b/2", governance.VersionId)).rejects.toMatchObject({ name: "AccessDenied" });
  await remove("b/2", governance.VersionId, true);
  await expect(read("b/2", governance.VersionId)).rejects.toMatchObject({ name: "NoSuchVersion" });
  expect(await remove("b/1", undefined)).toMatchObject({ DeleteMarker: true });
  await expect(read("b/1")).rejects.toMatchObject({ name: "NoSuchKey" });
  expect(await read("b/1", compliance.VersionId)).toBe("kept");
  const { Versions, DeleteMarkers } = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix: "b/" }));
  expect([Versions?.length, DeleteMarkers?.length]).toEqual([1, 1]);
  const { Contents } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: "b/" }));
  expect(Contents).toBeUndefined();
});

test("a lock needs a checksum that fits, a time to come and a bucket that has it", async () => {
  const lock = locked("COMPLIANCE");
  await expect(put("c", "text", { ...lock, ContentMD5: "AAAAAAAAAAAAAAAAAAAAAA==" })).rejects.toMatchObject({
    name: "BadDigest",
  });
  await expect(put("c", "text", locked("COMPLIANCE", new Date(0)))).rejects.toMatchObject({ name: "InvalidArgument" });
  await expect(put("c", "text", { ...lock, Bucket: "plain" })).rejects.toMatchObject({ name: "InvalidRequest" });
  await expect(put("c", "text", { Bucket: "plain" })).rejects.toMatchObject({ name: "NotImplemented" });
  await expect(read("c")).rejects.toMatchObject({ name: "NoSuchKey" });
  await put("c", "text", { IfNoneMatch: "*" });
  await expect(put("c", "other", { IfNoneMatch: "*" })).rejects.toMatchObject({ name: "PreconditionFailed" });
  expect(await read("c")).toBe("text");
  const configuration = (bucket: string) =>
    client
      .send(new GetObjectLockConfigurationCommand({ Bucket: bucket }))
      .then((answer) => answer.ObjectLockConfiguration);
  expect(await configuration(Bucket)).toEqual({ ObjectLockEnabled: "Enabled" });
  await expect(configuration("plain")).rejects.toMatchObject({ name: "ObjectLockConfigurationNotFoundError" });
});

test("versions are listed page by page, and none is left out", async () => {
  for (const n of [1, 2, 3, 4, 5]) await put(`d/${n % 2}`, `${n}`);
  const found: unknown[] = [];
  let from: { KeyMarker?: string; VersionIdMarker?: string } = {};
  for (let isMore = true; isMore;) {
    const page = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix: "d/", MaxKeys: 2, ...from }));
    found.push(...(page.Versions ?? []).map(({ Key }) => Key));
    from = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    isMore = page.IsTruncated === true;
  }
  expect(found).toEqual(["d/0", "d/0", "d/1", "d/1", "d/1"]);
});
