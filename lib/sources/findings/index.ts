import { toAppError } from "#lib/errors.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import type { EvaluationReading } from "#lib/sources/evaluation-reading.ts";
import { parseFindings, type Finding } from "#lib/sources/findings/parse-findings.ts";
import type { FindingsSpec } from "#lib/sources/findings/spec.ts";
import { standingResults } from "#lib/sources/findings/standing-results.ts";
import { planBucketReports, readBucketReports, type ReportBucket } from "#lib/sources/report-files/bucket-reports.ts";
import { planReports, readReports } from "#lib/sources/report-files/list-reports.ts";
import { toReading } from "#lib/sources/report-files/reported-result.ts";
import type { CheckResult, OfferedSlice } from "#lib/sources/source.ts";

export type { FindingsSpec } from "#lib/sources/findings/spec.ts";

const ENDINGS = ["json", "jsonl", "ndjson"] as const;

/** How a bucket is asked; unused where the findings are in a folder. */
export type AskFindings = { gate: RequestGate; signal: AbortSignal };

/** One slice for each folder below the path, or below the prefix of the bucket. */
export function planFindings(spec: FindingsSpec, asked: AskFindings): Promise<OfferedSlice[]> {
  const bucket = bucketOf(spec);
  return bucket === null ? planReports(spec.path ?? "", ENDINGS) : planBucketReports(bucket, ENDINGS, asked);
}

/** All findings of a slice's files. @throws AppError "bad_data" with file and place where one cannot be read. */
export async function readFindings(
  spec: FindingsSpec,
  slice: OfferedSlice,
  { now, ...asked }: AskFindings & { now: Date },
): Promise<EvaluationReading> {
  const bucket = bucketOf(spec);
  const findings: Finding[] = [];
  for await (const { file, text } of bucket === null ? readReports(slice) : readBucketReports(bucket, slice, asked))
    for (const finding of parseFindings(file.name, text)) findings.push(finding);
  return toReading(standingResults(findings), { now, maxAgeDays: spec.maxAgeDays });
}

/** Can the files be listed, and does each hold findings? Never throws for what it checks. */
export async function checkFindings(spec: FindingsSpec, asked: AskFindings & { now: Date }): Promise<CheckResult[]> {
  const what = `Findings at ${spec.path ?? `s3://${spec.bucket}/${spec.prefix}`}`;
  try {
    for (const slice of await planFindings(spec, asked)) await readFindings(spec, slice, asked);
    return [{ what, ok: true, error: null }];
  } catch (thrown) {
    return [{ what, ok: false, error: toAppError(thrown).toJSON() }];
  }
}

function bucketOf({ bucket, region, ...spec }: FindingsSpec): ReportBucket | null {
  return bucket === undefined ? null : { ...spec, bucket, region: region ?? "" };
}
