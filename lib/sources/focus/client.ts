import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { Readable } from "node:stream";
import { AppError } from "#lib/errors.ts";
import type { ExportTreeSpec } from "#lib/sources/focus/spec.ts";

/** Tries of one request, the first included; the SDK waits longer before each and only repeats what may succeed. */
const MAX_ATTEMPTS = 4;
/** Listing asks for the folders of months only: 1,000 a page, so that ten pages are eight centuries. */
const MAX_LIST_PAGES = 10;
const CONNECT_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 120_000;

export type ObjectState = { size: number; version: string };

/** The four requests that this source makes, with errors classified. Keys are whole keys. */
export type ObjectClient = {
  readonly bucket: string;
  /** Names of the "folders" directly below a prefix that ends with "/". */
  listFolders(prefix: string): Promise<string[]>;
  /** Null where there is no such object. */
  head(key: string): Promise<ObjectState | null>;
  /** Throws AppError("bad_data") where the object no longer has the version. */
  assertVersion(key: string, version: string): Promise<void>;
  /** Body of the object in exactly this version. Null where there is no such object; throws "bad_data" where it has another version. */
  get(key: string, version: string | null): Promise<{ body: Readable; state: ObjectState } | null>;
  close(): void;
};

/** A client for the bucket of a source. Without keys in the settings the SDK's own chain finds credentials. */
export function createObjectClient(spec: ExportTreeSpec, signal?: AbortSignal): ObjectClient {
  const bucket = spec.bucket ?? "";
  const s3 = new S3Client({
    region: spec.region ?? process.env["AWS_REGION"] ?? "us-east-1",
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
    ...(spec.endpoint === undefined ? {} : { endpoint: spec.endpoint, forcePathStyle: true }),
    ...(spec.accessKeyId === undefined || spec.secretAccessKey === undefined
      ? {}
      : {
          credentials: {
            accessKeyId: spec.accessKeyId,
            secretAccessKey: spec.secretAccessKey,
            ...(spec.sessionToken === undefined ? {} : { sessionToken: spec.sessionToken }),
          },
        }),
  });
  const abort = signal === undefined ? {} : { abortSignal: signal };

  async function attempt<T>(action: S3Action, key: string, work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (thrown) {
      signal?.throwIfAborted();
      throw classifyS3Error(thrown, action, bucket, key);
    }
  }

  const head = (key: string): Promise<ObjectState | null> =>
    attempt("s3:GetObject", key, async () => {
      const answer = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), abort).catch(absentAsNull);
      return answer === null ? null : { size: answer.ContentLength ?? 0, version: answer.ETag ?? "" };
    });

  return {
    bucket,
    head,
    listFolders: (prefix) => attempt("s3:ListBucket", prefix, () => listFolders(s3, bucket, prefix, abort)),
    assertVersion: (key, version) =>
      attempt("s3:GetObject", key, async () => {
        await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key, IfMatch: version }), abort);
      }),
    get: (key, version) =>
      attempt("s3:GetObject", key, async () => {
        const request = new GetObjectCommand({
          Bucket: bucket,
          Key: key,
          ...(version === null ? {} : { IfMatch: version }),
        });
        const answer = await s3.send(request, abort).catch(absentAsNull);
        if (answer === null) return null;
        if (!(answer.Body instanceof Readable))
          throw new AppError("unavailable", `The storage sent no content for ${key}.`);
        return { body: answer.Body, state: { size: answer.ContentLength ?? 0, version: answer.ETag ?? "" } };
      }),
    close: () => s3.destroy(),
  };
}

async function listFolders(
  s3: S3Client,
  bucket: string,
  prefix: string,
  abort: { abortSignal?: AbortSignal },
): Promise<string[]> {
  const folders: string[] = [];
  let token: string | undefined;
  for (let page = 0; page < MAX_LIST_PAGES; page += 1) {
    const answer = await s3.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        Delimiter: "/",
        ...(token === undefined ? {} : { ContinuationToken: token }),
      }),
      abort,
    );
    for (const { Prefix } of answer.CommonPrefixes ?? []) if (Prefix) folders.push(Prefix.slice(prefix.length, -1));
    token = answer.NextContinuationToken;
    // A page may be empty and still have a next one.
    if (!token) return folders;
  }
  throw new AppError(
    "limit_reached",
    `There are more than ${MAX_LIST_PAGES},000 folders below s3://${bucket}/${prefix}.`,
    {
      remedy: "Set the source's prefix to the folder of one export.",
    },
  );
}

type S3Action = "s3:GetObject" | "s3:ListBucket";

function absentAsNull(thrown: unknown): null {
  if (thrown instanceof S3ServiceException && (thrown.name === "NoSuchKey" || thrown.name === "NotFound")) return null;
  throw thrown;
}

const CONFIG_ERRORS = [
  "NoSuchBucket",
  "PermanentRedirect",
  "AuthorizationHeaderMalformed",
  "IllegalLocationConstraintException",
  "InvalidBucketName",
  "CredentialsProviderError",
  "InvalidAccessKeyId",
  "SignatureDoesNotMatch",
  "ExpiredToken",
  "InvalidToken",
];
const THROTTLES = [
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
  "RequestLimitExceeded",
  "ServiceUnavailable",
];

/** The one place where errors of the storage get their class: by the SDK's name and the HTTP status. */
export function classifyS3Error(thrown: unknown, action: S3Action, bucket: string, key: string): AppError {
  if (thrown instanceof AppError) return thrown;
  const name = thrown instanceof Error ? thrown.name : "";
  const status = thrown instanceof S3ServiceException ? (thrown.$metadata.httpStatusCode ?? 0) : 0;
  const object = `s3://${bucket}/${key}`;
  const options = { cause: thrown, place: { file: object } };
  if (status === 412 || name === "PreconditionFailed")
    return new AppError("bad_data", `${object} was replaced while it was read.`, {
      ...options,
      remedy: "Nothing needs to be done: the next pull reads the new delivery.",
    });
  if (CONFIG_ERRORS.includes(name) || status === 301)
    return new AppError(
      "invalid_config",
      `${object} cannot be opened with the source's settings (${name || status}).`,
      {
        ...options,
        remedy: "Check bucket, region, endpoint and credentials of the source in bursar.yaml.",
      },
    );
  if (status === 401 || status === 403) {
    const resource = action === "s3:ListBucket" ? `arn:aws:s3:::${bucket}` : `arn:aws:s3:::${bucket}/${key}`;
    return new AppError(
      "denied",
      `Reading ${object} is not allowed: the permission ${action} on ${resource} is missing.`,
      {
        ...options,
        remedy: `Allow ${action} on ${resource} to the role that Bursar runs as.`,
      },
    );
  }
  if (status === 429 || THROTTLES.includes(name))
    return new AppError("throttled", `The storage asked to slow down while ${object} was read.`, {
      ...options,
      remedy: "The next pull tries again.",
    });
  if (status === 404) return new AppError("bad_data", `${object} is not there.`, options);
  return new AppError("unavailable", `The storage did not answer for ${object} (${name || "no answer"}).`, {
    ...options,
    remedy: "Check that the endpoint can be reached from here; the next pull tries again.",
  });
}
