import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { FileHandle } from "node:fs/promises";
import { createFaultPlan, type Faults, type PlannedFault } from "#demo/aws/faults.ts";
import { listObjects, preconditionOf, rangeOf } from "#demo/aws/s3-requests.ts";
import {
  bucketLocationXml,
  listBucketsXml,
  listObjectsXml,
  S3Error,
  sendError,
  sendXml,
} from "#demo/aws/s3-answers.ts";
import { createBuckets, type S3Buckets, type S3Object } from "#demo/aws/s3-bucket.ts";
import { type AwsCredentials, refuseSignature } from "#demo/aws/signature.ts";

export type S3Operation =
  | "ListBuckets"
  | "GetBucketLocation"
  | "HeadBucket"
  | "ListObjectsV2"
  | "GetObject"
  | "HeadObject"
  | "Unknown";

/** One request as it was answered, for tests that ask what a client really did. */
export type S3RequestLog = {
  operation: S3Operation;
  bucket: string;
  key: string;
  /** The raw query string. */
  query: string;
  range: string | null;
  status: number;
  errorCode: string | null;
  requestId: string;
};

export type S3ServerOptions = {
  /** Folder whose sub-folders are the buckets. */
  root: string;
  /** 0 or absent = any free one. */
  port?: number;
  credentials?: readonly AwsCredentials[];
  region?: string;
};

export type S3Server = {
  port: number;
  url: string;
  requests: S3RequestLog[];
  faults: Faults;
  close(): Promise<void>;
};

export const DEMO_CREDENTIALS: AwsCredentials = { accessKeyId: "demo", secretAccessKey: "demo-secret" };
const DEFAULT_REGION = "eu-central-1";
/** A demo may run for days; only the newest requests are kept. */
const MAXIMUM_LOGGED_REQUESTS = 10_000;

/** Serves folders as S3 buckets over the real wire protocol: path-style addresses, read operations, SigV4 checked for real. Loopback only. */
export async function startS3(options: S3ServerOptions): Promise<S3Server> {
  const buckets = createBuckets(options.root);
  const plan = createFaultPlan();
  const requests: S3RequestLog[] = [];
  const server = createServer((request, response) => {
    void answer(request, response, {
      buckets,
      credentials: options.credentials ?? [DEMO_CREDENTIALS],
      region: options.region ?? DEFAULT_REGION,
      take: plan.take,
      log: (entry) => {
        requests.push(entry);
        if (requests.length > MAXIMUM_LOGGED_REQUESTS) requests.shift();
      },
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The S3 server has no port.");
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    requests,
    faults: plan.faults,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

type Surroundings = {
  buckets: S3Buckets;
  credentials: readonly AwsCredentials[];
  region: string;
  take(operation: string, path: string): PlannedFault;
  log(entry: S3RequestLog): void;
};

type Asked = { operation: S3Operation; bucket: string; key: string; url: URL };

async function answer(request: IncomingMessage, response: ServerResponse, around: Surroundings): Promise<void> {
  const requestId = randomBytes(8).toString("hex").toUpperCase();
  response.setHeader("x-amz-request-id", requestId);
  response.setHeader("x-amz-id-2", randomBytes(24).toString("base64"));
  response.setHeader("server", "AmazonS3");
  let asked: Asked = { operation: "Unknown", bucket: "", key: "", url: new URL("http://localhost/") };
  let errorCode: string | null = null;
  let isLogged = false;
  // Logged before the last byte leaves, so that a client that has its answer finds its request in the log.
  const log = () => {
    if (isLogged) return;
    isLogged = true;
    const { operation, bucket, key, url } = asked;
    around.log({
      operation,
      bucket,
      key,
      query: url.search.slice(1),
      range: request.headers.range ?? null,
      status: response.statusCode,
      errorCode,
      requestId,
    });
  };
  try {
    asked = askedFor(request);
    const path = asked.bucket === "" ? "" : `${asked.bucket}/${asked.key}`;
    const fault = around.take(asked.operation, path);
    if (fault.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, fault.latencyMs));
    const refusal = refuseSignature(request, around.credentials, new Date());
    if (refusal)
      throw new S3Error(
        refusal.code,
        refusal.message,
        refusal.canonicalRequest === null ? {} : { CanonicalRequest: refusal.canonicalRequest },
      );
    if (fault.throttled) throw new S3Error("SlowDown", "Please reduce your request rate.");
    if (fault.denied) throw new S3Error("AccessDenied", "Access Denied");
    await serve(request, response, asked, fault, around, log);
  } catch (error) {
    const known =
      error instanceof S3Error
        ? error
        : new S3Error("InternalError", "We encountered an internal error. Please try again.");
    errorCode = known.code;
    if (response.headersSent) response.destroy();
    else sendError(response, known, asked.url.pathname, requestId, request.method === "HEAD");
  }
  log();
}

function askedFor(request: IncomingMessage): Asked {
  const url = new URL(request.url ?? "/", "http://localhost");
  const [bucket = "", ...rest] = decode(url.pathname.slice(1)).split("/");
  const key = rest.join("/");
  return { operation: operationOf(request.method ?? "", bucket, key, url.searchParams), bucket, key, url };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new S3Error("InvalidArgument", "The path is not properly encoded.");
  }
}

function operationOf(method: string, bucket: string, key: string, query: URLSearchParams): S3Operation {
  if (method === "HEAD") return key === "" ? "HeadBucket" : "HeadObject";
  if (method !== "GET") return "Unknown";
  if (bucket === "") return "ListBuckets";
  if (key !== "") return "GetObject";
  if (query.has("location")) return "GetBucketLocation";
  return query.get("list-type") === "2" ? "ListObjectsV2" : "Unknown";
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  asked: Asked,
  fault: PlannedFault,
  around: Surroundings,
  log: () => void,
): Promise<void> {
  const { operation, bucket, key } = asked;
  if (operation === "Unknown")
    throw new S3Error(
      "NotImplemented",
      "The demo's S3 server only reads: ListBuckets, GetBucketLocation, ListObjectsV2, GetObject, HeadObject.",
    );
  if (operation === "ListBuckets") return sendXml(response, 200, listBucketsXml(await around.buckets.list()));
  if (!(await around.buckets.exists(bucket)))
    throw new S3Error("NoSuchBucket", "The specified bucket does not exist", { BucketName: bucket });
  response.setHeader("x-amz-bucket-region", around.region);
  if (operation === "HeadBucket") return void response.writeHead(200, { "content-length": 0 }).end();
  if (operation === "GetBucketLocation") return sendXml(response, 200, bucketLocationXml(around.region));
  if (operation === "ListObjectsV2")
    return sendXml(response, 200, listObjectsXml(await listObjects(around.buckets, bucket, asked.url.searchParams)));

  const object = await around.buckets.open(bucket, key);
  if (!object) throw new S3Error("NoSuchKey", "The specified key does not exist.", { Key: key });
  try {
    await sendObject(request, response, object, fault.cutAfterBytes, log);
  } finally {
    await object.file.close();
  }
}

async function sendObject(
  request: IncomingMessage,
  response: ServerResponse,
  object: S3Object & { file: FileHandle },
  cutAfterBytes: number | null,
  log: () => void,
): Promise<void> {
  response.setHeader("etag", object.etag);
  response.setHeader("last-modified", object.lastModified.toUTCString());
  if (preconditionOf(request.headers, object) === "not modified") return void response.writeHead(304).end();
  const range = rangeOf(request.headers.range, object.size);
  response.setHeader("accept-ranges", "bytes");
  response.setHeader("content-type", "binary/octet-stream");
  response.setHeader("content-length", range.end - range.start);
  if (range.partial) response.setHeader("content-range", `bytes ${range.start}-${range.end - 1}/${object.size}`);
  response.writeHead(range.partial ? 206 : 200);
  log();
  if (request.method === "HEAD" || range.end === range.start) return void response.end();
  await sendBytes(response, object.file, range.start, range.end, cutAfterBytes);
}

/** Sends [start, end) of the file; where it is to be cut, breaks the connection after so many bytes. */
async function sendBytes(
  response: ServerResponse,
  file: FileHandle,
  start: number,
  end: number,
  cutAfterBytes: number | null,
): Promise<void> {
  const stop = cutAfterBytes === null ? end : Math.min(end, start + cutAfterBytes);
  if (stop > start) {
    for await (const chunk of file.createReadStream({ start, end: stop - 1, autoClose: false })) {
      if (response.destroyed) return;
      if (!response.write(chunk as Buffer)) await drained(response);
    }
  }
  if (stop === end) return void response.end();
  // Unlike destroy(), this lets the bytes that were written leave first.
  response.socket?.destroySoon();
}

/** Waits until the client has taken what was sent, or has gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const proceed = () => {
      response.off("drain", proceed).off("close", proceed);
      resolve();
    };
    response.on("drain", proceed).on("close", proceed);
  });
}
