import { randomBytes } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createFaultPlan, type FaultPlan, type Faults, type PlannedFault } from "#demo/aws/faults.ts";
import { createIdentities, denialMessage, type Identities, isAllowed } from "#demo/aws/identities.ts";
import { closeServer, listen } from "#demo/aws/loopback.ts";
import { LOCK_OPERATIONS, sendVersion, serveLocked, setVersionHeaders, type LockOperation } from "#demo/aws/s3-lock.ts";
import { listObjects } from "#demo/aws/s3-requests.ts";
import { sendObject } from "#demo/aws/s3-send-object.ts";
import {
  bucketLocationXml,
  listBucketsXml,
  listObjectsXml,
  S3Error,
  sendError,
  sendXml,
} from "#demo/aws/s3-answers.ts";
import { createBuckets, type S3Buckets } from "#demo/aws/s3-bucket.ts";
import { isLockedBucket, openLockedBucket } from "#demo/aws/s3-versions.ts";
import { type AwsCredentials, verifySignature } from "#demo/aws/signature.ts";

export type S3Operation =
  | "ListBuckets"
  | "GetBucketLocation"
  | "HeadBucket"
  | "ListObjectsV2"
  | "GetObject"
  | "HeadObject"
  | LockOperation
  | "Unknown";

/** One request as it was answered, for tests that ask what a client really did. */
export type S3RequestLog = {
  operation: S3Operation;
  /** IAM actions that it needs: "s3:PutObject". */
  actions: string[];
  bucket: string;
  key: string;
  /** The raw query string. */
  query: string;
  range: string | null;
  status: number;
  errorCode: string | null;
  requestId: string;
  /** Account of the caller; "" where nobody was recognised. */
  account: string;
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
export const DEFAULT_REGION = "eu-central-1";
/** A demo may run for days; only the newest requests are kept. */
const MAXIMUM_LOGGED_REQUESTS = 10_000;

/** Account of the permanent credentials where S3 stands alone and no organisation says another. */
const LONE_ACCOUNT = "111111111111";

/**
 * Serves folders as S3 buckets over the real wire protocol: path-style addresses, SigV4 checked for real. Buckets are only read, but for those with
 * Object Lock. Loopback only.
 */
export async function startS3(options: S3ServerOptions): Promise<S3Server> {
  const plan = createFaultPlan();
  const requests = createRequestLog();
  const credentials = options.credentials ?? [DEMO_CREDENTIALS];
  const answerS3 = createS3Handler({
    root: options.root,
    region: options.region ?? DEFAULT_REGION,
    identities: createIdentities({ account: LONE_ACCOUNT, credentials, roles: [], now: () => new Date() }),
    plan,
    take: (operation, path) => plan.take({ service: "s3", operation, path }),
    log: requests.add,
  });
  const server = createServer((request, response) => void answerS3(request, response));
  const port = await listen(server, options.port ?? 0);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    requests: requests.entries,
    faults: plan.faults,
    close: () => closeServer(server),
  };
}

/** The newest requests, and how one is added. */
export function createRequestLog(): { entries: S3RequestLog[]; add(entry: S3RequestLog): void } {
  const entries: S3RequestLog[] = [];
  return {
    entries,
    add: (entry) => {
      entries.push(entry);
      if (entries.length > MAXIMUM_LOGGED_REQUESTS) entries.shift();
    },
  };
}

export type S3Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export type S3HandlerOptions = {
  root: string;
  region: string;
  identities: Identities;
  plan: FaultPlan;
  take(operation: string, path: string): PlannedFault;
  log(entry: S3RequestLog): void;
};

/** S3 as one of the services of a server. */
export function createS3Handler({ root, ...around }: S3HandlerOptions): S3Handler {
  const buckets = createBuckets(root);
  return (request, response) => answer(request, response, { root, buckets, ...around });
}

type Surroundings = S3HandlerOptions & { buckets: S3Buckets };

/** IAM action of each operation. */
const ACTIONS: Record<Exclude<S3Operation, "Unknown">, string> = {
  ListBuckets: "s3:ListAllMyBuckets",
  GetBucketLocation: "s3:GetBucketLocation",
  HeadBucket: "s3:ListBucket",
  ListObjectsV2: "s3:ListBucket",
  GetObject: "s3:GetObject",
  HeadObject: "s3:GetObject",
  PutObject: "s3:PutObject",
  DeleteObject: "s3:DeleteObject",
  ListObjectVersions: "s3:ListBucketVersions",
  GetObjectLockConfiguration: "s3:GetBucketObjectLockConfiguration",
};

/** Those that a request needs: of an object's version other ones, and of headers further ones. */
function actionsOf({ operation, url }: Asked, headers: IncomingHttpHeaders): string[] {
  if (operation === "Unknown") return [];
  const isOfVersion = url.searchParams.has("versionId");
  return [
    `${ACTIONS[operation]}${isOfVersion ? "Version" : ""}`,
    ...(headers["x-amz-object-lock-mode"] === undefined ? [] : ["s3:PutObjectRetention"]),
    ...(headers["x-amz-bypass-governance-retention"] === undefined ? [] : ["s3:BypassGovernanceRetention"]),
  ];
}

type Asked = { operation: S3Operation; bucket: string; key: string; url: URL };

async function answer(request: IncomingMessage, response: ServerResponse, around: Surroundings): Promise<void> {
  const requestId = randomBytes(8).toString("hex").toUpperCase();
  response.setHeader("x-amz-request-id", requestId);
  response.setHeader("x-amz-id-2", randomBytes(24).toString("base64"));
  response.setHeader("server", "AmazonS3");
  let asked: Asked = { operation: "Unknown", bucket: "", key: "", url: new URL("http://localhost/") };
  let errorCode: string | null = null;
  let account = "";
  let isLogged = false;
  // Logged before the last byte leaves, so that a client that has its answer finds its request in the log.
  const log = () => {
    if (isLogged) return;
    isLogged = true;
    const { operation, bucket, key, url } = asked;
    around.log({
      operation,
      actions: actionsOf(asked, request.headers),
      bucket,
      key,
      query: url.search.slice(1),
      range: request.headers.range ?? null,
      status: response.statusCode,
      errorCode,
      requestId,
      account,
    });
  };
  try {
    asked = askedFor(request);
    const path = asked.bucket === "" ? "" : `${asked.bucket}/${asked.key}`;
    const fault = around.take(asked.operation, path);
    if (fault.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, fault.latencyMs));
    const signature = verifySignature(request, {
      findKey: around.identities.findKey,
      now: new Date(),
      body: null,
      service: "s3",
      regions: null,
    });
    if (signature.code !== null)
      throw new S3Error(
        signature.code,
        signature.message,
        signature.canonicalRequest === null ? {} : { CanonicalRequest: signature.canonicalRequest },
      );
    account = around.identities.callerOf(signature.accessKeyId)?.account ?? "";
    if (fault.throttled) throw new S3Error("SlowDown", "Please reduce your request rate.");
    if (fault.denied) throw new S3Error("AccessDenied", "Access Denied");
    authorise(asked, request.headers, signature.accessKeyId, around);
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

function authorise(
  asked: Asked,
  headers: IncomingHttpHeaders,
  accessKeyId: string,
  { identities, plan }: Surroundings,
): void {
  const caller = identities.callerOf(accessKeyId);
  if (!caller) return;
  const denied = actionsOf(asked, headers).find(
    (action) => !isAllowed(caller.policy, action) || plan.isActionDenied(action),
  );
  if (denied === undefined) return;
  const { bucket, key } = asked;
  const resource = bucket === "" ? "*" : `arn:aws:s3:::${bucket}${key === "" ? "" : `/${key}`}`;
  throw new S3Error("AccessDenied", denialMessage(caller, denied, `"${resource}"`));
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
  if (method === "PUT") return key === "" || query.size > 1 ? "Unknown" : "PutObject";
  if (method === "DELETE") return key === "" ? "Unknown" : "DeleteObject";
  if (method !== "GET") return "Unknown";
  if (bucket === "") return "ListBuckets";
  if (key !== "") return "GetObject";
  if (query.has("location")) return "GetBucketLocation";
  if (query.has("versions")) return "ListObjectVersions";
  if (query.has("object-lock")) return "GetObjectLockConfiguration";
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
      `The demo's S3 server has these operations: ${Object.keys(ACTIONS).join(", ")}.`,
    );
  if (operation === "ListBuckets") return sendXml(response, 200, listBucketsXml(await around.buckets.list()));
  if (!(await around.buckets.exists(bucket)))
    throw new S3Error("NoSuchBucket", "The specified bucket does not exist", { BucketName: bucket });
  response.setHeader("x-amz-bucket-region", around.region);
  if (operation === "HeadBucket") return void response.writeHead(200, { "content-length": 0 }).end();
  if (operation === "GetBucketLocation") return sendXml(response, 200, bucketLocationXml(around.region));
  if (operation === "ListObjectsV2")
    return sendXml(response, 200, listObjectsXml(await listObjects(around.buckets, bucket, asked.url.searchParams)));
  const locked = isLockedBucket(around.root, bucket) ? openLockedBucket(around.root, bucket) : null;
  if (LOCK_OPERATIONS.includes(operation)) return serveLocked(request, response, asked, locked);
  const versionId = asked.url.searchParams.get("versionId");
  const version = versionId === null ? locked?.current(key) : locked?.find(key, versionId);
  if (versionId !== null) {
    if (!version) throw new S3Error("NoSuchVersion", "The specified version does not exist.", { Key: key });
    return sendVersion(request, response, version);
  }
  if (version) setVersionHeaders(request, response, version);
  const object = await around.buckets.open(bucket, key);
  if (!object) throw new S3Error("NoSuchKey", "The specified key does not exist.", { Key: key });
  try {
    await sendObject(request, response, object, fault.cutAfterBytes, log);
  } finally {
    await object.file.close();
  }
}
