import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { AppError } from "#lib/errors.ts";
import { openAwsClients, type AwsClients } from "#lib/sources/aws/client.ts";
import type { AwsConnection } from "#lib/sources/aws/connection.ts";
import { REPORT_BUCKET_PERMISSIONS } from "#lib/sources/aws/permissions.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import { fingerprintOf } from "#lib/sources/focus/fingerprint.ts";
import { parseS3Location } from "#lib/sources/focus/s3-file-store.ts";
import { formatOf, inParts, isReport, MAX_FILES, type ReportEnding } from "#lib/sources/report-files/report-name.ts";
import type { OfferedSlice, SourceFile } from "#lib/sources/source.ts";

/** A thousand keys each. Whatever else lies below the prefix is listed as well. */
const MAX_PAGES = 50;
const MAX_BYTES = 256 * 1024 * 1024;

export type ReportBucket = AwsConnection & { region: string; bucket: string; prefix: string };
type Asked = { gate: RequestGate; signal: AbortSignal };

/**
 * The reports below a prefix of a bucket, one slice for each of its folders, known by the versions that the storage gives them.
 * @throws AppError "invalid_config" where there is none, "denied" naming the permission that is missing.
 */
export async function planBucketReports(
  spec: ReportBucket,
  endings: readonly ReportEnding[],
  asked: Asked,
): Promise<OfferedSlice[]> {
  const base = spec.prefix.split("/").filter(Boolean).join("/");
  const root = base === "" ? "" : `${base}/`;
  const files = await withClients(spec, asked, (clients, s3) => listReports(clients, s3, spec.bucket, root, endings));
  if (files.length === 0)
    throw new AppError(
      "invalid_config",
      `There is no ${endings.map((ending) => `*.${ending}`).join(" or ")} at s3://${spec.bucket}/${base}.`,
      {
        remedy: "Check the source's bucket and prefix in bursar.yaml.",
        place: { file: `s3://${spec.bucket}/${base}` },
      },
    );
  return inParts(files).map(([period, own]) => ({ period, files: own, fingerprint: fingerprintOf(own) }));
}

/** Text of each report in exactly the version that was listed, oldest name first. @throws AppError "bad_data" where it was replaced. */
export async function* readBucketReports(
  spec: ReportBucket,
  slice: OfferedSlice,
  asked: Asked,
): AsyncGenerator<{ file: SourceFile; text: string }> {
  const clients = await openAwsClients(spec, asked.gate, asked.signal);
  try {
    const s3 = openStorage(clients, spec);
    for (const file of slice.files.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
      yield { file, text: await readObject(clients, s3, file) };
  } finally {
    clients.close();
  }
}

async function withClients<T>(
  spec: ReportBucket,
  { gate, signal }: Asked,
  work: (clients: AwsClients, s3: S3Client) => Promise<T>,
): Promise<T> {
  const clients = await openAwsClients(spec, gate, signal);
  try {
    return await work(clients, openStorage(clients, spec));
  } finally {
    clients.close();
  }
}

function openStorage(clients: AwsClients, spec: ReportBucket): S3Client {
  return clients.open(
    "s3",
    spec.region,
    (settings) => new S3Client({ ...settings, forcePathStyle: spec.endpoint !== undefined }),
  );
}

async function listReports(
  clients: AwsClients,
  s3: S3Client,
  bucket: string,
  root: string,
  endings: readonly ReportEnding[],
): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const sent = token === undefined ? {} : { ContinuationToken: token };
    const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: root, ...sent });
    const answer = await clients.attempt(REPORT_BUCKET_PERMISSIONS.list, (options) => s3.send(command, options));
    for (const { Key = "", ETag = "", Size = 0 } of answer.Contents ?? []) {
      const name = Key.slice(root.length);
      if (!isReport(name, endings)) continue;
      files.push({ name, location: `s3://${bucket}/${Key}`, size: Size, version: ETag, format: formatOf(name) });
    }
    if (files.length > MAX_FILES)
      throw new AppError("limit_reached", `There are more than ${MAX_FILES} reports at s3://${bucket}/${root}.`);
    token = answer.NextContinuationToken;
    // A page may be empty and still have a next one.
    if (!token) return files;
  }
  throw new AppError("limit_reached", `There are more than ${MAX_PAGES},000 objects below s3://${bucket}/${root}.`, {
    remedy: "Set the source's prefix to the folder of the reports.",
  });
}

async function readObject(clients: AwsClients, s3: S3Client, file: SourceFile): Promise<string> {
  const at = parseS3Location(file.location);
  if (file.size > MAX_BYTES)
    throw new AppError("limit_reached", `${file.location} is larger than 256 MiB.`, { place: { file: file.name } });
  const command = new GetObjectCommand({ Bucket: at?.bucket, Key: at?.key, IfMatch: file.version });
  const answer = await clients.attempt(REPORT_BUCKET_PERMISSIONS.get, (options) =>
    s3.send(command, options).catch(goneAsNull),
  );
  if (answer === null)
    throw new AppError("bad_data", `${file.name} was replaced while it was read.`, {
      remedy: "Nothing needs to be done: the next pull reads the new file.",
      place: { file: file.name },
    });
  return (await answer.Body?.transformToString("utf8")) ?? "";
}

/** What is gone and what has another version by now are the same to whoever wanted the one that was listed. */
function goneAsNull(thrown: unknown): null {
  if (thrown instanceof Error && ["NoSuchKey", "NotFound", "PreconditionFailed"].includes(thrown.name)) return null;
  throw thrown;
}
