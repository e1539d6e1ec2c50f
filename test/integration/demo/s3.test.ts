import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { DEMO_CREDENTIALS, type S3Server, startS3 } from "#demo/aws/s3.ts";

const BUCKET = "invoices";
const BODY = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
const KEYS = [
  "a b/ü+ö=1.txt",
  ...Array.from({ length: 12 }, (_, index) => `data/P=${String(index).padStart(2, "0")}/part.bin`),
  "readme.txt",
];

let root = "";
let server: S3Server;
let client: S3Client;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "bursar-s3-"));
  await mkdir(join(root, "empty"), { recursive: true });
  for (const key of KEYS) {
    await mkdir(join(root, BUCKET, key, ".."), { recursive: true });
    await writeFile(join(root, BUCKET, key), key);
  }
  await writeFile(join(root, BUCKET, ".draft"), "not an object");
  await writeFile(join(root, BUCKET, "large.bin"), BODY);
  server = await startS3({ root });
  client = clientWith(DEMO_CREDENTIALS.secretAccessKey);
});

afterEach(() => {
  server.faults.clear();
});

afterAll(async () => {
  client.destroy();
  await server.close();
  await rm(root, { recursive: true, force: true });
});

function clientWith(secretAccessKey: string, accessKeyId = DEMO_CREDENTIALS.accessKeyId, maxAttempts = 1): S3Client {
  return new S3Client({
    endpoint: server.url,
    region: "eu-central-1",
    forcePathStyle: true,
    maxAttempts,
    credentials: { accessKeyId, secretAccessKey },
  });
}

async function failureOf(
  promise: Promise<unknown>,
): Promise<{ name: string; status: number | undefined; requestId: string | undefined }> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof S3ServiceException)) throw new Error("It did not fail with an S3 error.", { cause: error });
  return { name: error.name, status: error.$metadata.httpStatusCode, requestId: error.$metadata.requestId };
}

const get = (key: string, more: { Range?: string; IfMatch?: string; IfNoneMatch?: string } = {}) =>
  client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key, ...more }));

test("buckets, their region and their existence are told", async () => {
  const { Buckets } = await client.send(new ListBucketsCommand({}));
  expect(Buckets?.map(({ Name }) => Name)).toEqual(["empty", BUCKET]);
  expect((await client.send(new GetBucketLocationCommand({ Bucket: BUCKET }))).LocationConstraint).toBe("eu-central-1");
  expect((await client.send(new HeadBucketCommand({ Bucket: BUCKET }))).$metadata.httpStatusCode).toBe(200);
});

test("an object comes whole, with its MD5 as its entity tag", async () => {
  const answer = await get("large.bin");
  expect(Buffer.from((await answer.Body?.transformToByteArray()) ?? [])).toEqual(BODY);
  expect(answer.ETag).toBe(`"${createHash("md5").update(BODY).digest("hex")}"`);
  const head = await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: "large.bin" }));
  expect([head.ContentLength, head.ETag, head.LastModified]).toEqual([BODY.length, answer.ETag, answer.LastModified]);
});

test("keys with blanks, umlauts and signs are signed and found", async () => {
  for (const key of KEYS) expect(await (await get(key)).Body?.transformToString()).toBe(key);
});

test("ranges are answered as asked, and one beyond the end is refused", async () => {
  const middle = await get("large.bin", { Range: "bytes=1000-1999" });
  expect(middle.ContentRange).toBe(`bytes 1000-1999/${BODY.length}`);
  expect(Buffer.from((await middle.Body?.transformToByteArray()) ?? [])).toEqual(BODY.subarray(1000, 2000));
  const last = await get("large.bin", { Range: "bytes=-8" });
  expect(Buffer.from((await last.Body?.transformToByteArray()) ?? [])).toEqual(BODY.subarray(-8));
  const rest = await get("large.bin", { Range: `bytes=${BODY.length - 5}-` });
  expect(rest.ContentLength).toBe(5);
  expect(await failureOf(get("large.bin", { Range: `bytes=${BODY.length}-` }))).toMatchObject({
    name: "InvalidRange",
    status: 416,
  });
});

test("preconditions tell a changed object from the same one", async () => {
  await writeFile(join(root, BUCKET, "changing.txt"), "first");
  const first = (await get("changing.txt")).ETag ?? "";
  expect(await (await get("changing.txt", { IfMatch: first })).Body?.transformToString()).toBe("first");
  expect(await failureOf(get("changing.txt", { IfNoneMatch: first }))).toMatchObject({ status: 304 });
  await writeFile(join(root, BUCKET, ".next"), "other");
  await rename(join(root, BUCKET, ".next"), join(root, BUCKET, "changing.txt"));
  expect(await failureOf(get("changing.txt", { IfMatch: first }))).toMatchObject({
    name: "PreconditionFailed",
    status: 412,
  });
  expect(await (await get("changing.txt", { IfNoneMatch: first })).Body?.transformToString()).toBe("other");
  await rm(join(root, BUCKET, "changing.txt"));
});

test("a listing goes on from page to page and leaves nothing out", async () => {
  const keys: (string | undefined)[] = [];
  let pages = 0;
  for await (const page of paginateListObjectsV2({ client, pageSize: 5 }, { Bucket: BUCKET })) {
    keys.push(...(page.Contents ?? []).map(({ Key }) => Key));
    pages += 1;
  }
  expect(keys).toEqual([KEYS[0], ...KEYS.slice(1, -1), "large.bin", "readme.txt"]);
  expect(pages).toBe(3);
});

test("a delimiter makes folders, also across pages, and start-after skips", async () => {
  const list = (more: object) => client.send(new ListObjectsV2Command({ Bucket: BUCKET, ...more }));
  const top = await list({ Delimiter: "/" });
  expect(top.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(["a b/", "data/"]);
  expect(top.Contents?.map(({ Key }) => Key)).toEqual(["large.bin", "readme.txt"]);
  const first = await list({ Prefix: "data/", Delimiter: "/", MaxKeys: 7 });
  const second = await list({ Prefix: "data/", Delimiter: "/", ContinuationToken: first.NextContinuationToken });
  expect([first.KeyCount, first.IsTruncated, second.KeyCount, second.IsTruncated]).toEqual([7, true, 5, false]);
  expect((await list({ StartAfter: "data/P=11/part.bin" })).Contents?.map(({ Key }) => Key)).toEqual([
    "large.bin",
    "readme.txt",
  ]);
  expect((await list({ Prefix: "nothing" })).KeyCount).toBe(0);
  expect((await list({ Prefix: "a b/", EncodingType: "url" })).KeyCount).toBe(1);
});

test("what is not there is named by its code, with a request id", async () => {
  const missing = await failureOf(get("nothing.txt"));
  expect(missing).toMatchObject({ name: "NoSuchKey", status: 404 });
  expect(missing.requestId).toMatch(/^[0-9A-F]{16}$/);
  expect(await failureOf(client.send(new GetObjectCommand({ Bucket: "no-such-bucket", Key: "x" })))).toMatchObject({
    name: "NoSuchBucket",
  });
  expect(await failureOf(client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: "nothing.txt" })))).toMatchObject({
    status: 404,
  });
  expect(await failureOf(get(".draft"))).toMatchObject({ name: "NoSuchKey" });
  expect(await failureOf(get("../empty/x"))).toMatchObject({ status: 404 });
  expect(await failureOf(client.send(new PutObjectCommand({ Bucket: BUCKET, Key: "x", Body: "x" })))).toMatchObject({
    name: "NotImplemented",
  });
});

test("a wrong secret, an unknown key and no signature at all are told apart", async () => {
  expect(await failureOf(clientWith("wrong").send(new ListBucketsCommand({})))).toMatchObject({
    name: "SignatureDoesNotMatch",
    status: 403,
  });
  expect(await failureOf(clientWith("demo-secret", "nobody").send(new ListBucketsCommand({})))).toMatchObject({
    name: "InvalidAccessKeyId",
    status: 403,
  });
  const unsigned = await fetch(`${server.url}/${BUCKET}/readme.txt`);
  expect([unsigned.status, await unsigned.text()]).toEqual([403, expect.stringContaining("<Code>AccessDenied</Code>")]);
});

test("a throttled client that waits and asks again gets its answer", async () => {
  server.faults.throttle(2, { operation: "GetObject" });
  const before = server.requests.length;
  const patient = clientWith(DEMO_CREDENTIALS.secretAccessKey, undefined, 4);
  const answer = await patient.send(new GetObjectCommand({ Bucket: BUCKET, Key: "readme.txt" }));
  expect(await answer.Body?.transformToString()).toBe("readme.txt");
  expect(server.requests.slice(before).map(({ status, errorCode }) => [status, errorCode])).toEqual([
    [503, "SlowDown"],
    [503, "SlowDown"],
    [200, null],
  ]);
  server.faults.throttle(1);
  expect(await failureOf(get("readme.txt"))).toMatchObject({ name: "SlowDown", status: 503 });
});

test("a denied key is denied and its neighbours are not", async () => {
  server.faults.deny(/readme/);
  expect(await failureOf(get("readme.txt"))).toMatchObject({ name: "AccessDenied", status: 403 });
  expect((await get("large.bin")).ContentLength).toBe(BODY.length);
});

test("a broken connection is an error and not a short object", async () => {
  server.faults.cutAfter(100_000);
  const answer = await get("large.bin");
  await expect(answer.Body?.transformToByteArray()).rejects.toThrow(/aborted|closed|ECONNRESET|terminated/i);
  expect((await (await get("large.bin")).Body?.transformToByteArray())?.length).toBe(BODY.length);
});

test("latency delays an answer", async () => {
  server.faults.delay(120);
  const started = performance.now();
  await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: "readme.txt" }));
  expect(performance.now() - started).toBeGreaterThanOrEqual(115);
});

test("every request is logged with what it asked for", async () => {
  await get("readme.txt", { Range: "bytes=0-2" });
  expect(server.requests.at(-1)).toMatchObject({
    operation: "GetObject",
    bucket: BUCKET,
    key: "readme.txt",
    range: "bytes=0-2",
    status: 206,
    errorCode: null,
  });
});
