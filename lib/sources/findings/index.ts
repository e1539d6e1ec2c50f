import { toAppError } from "#lib/errors.ts";
import type { EvaluationReading } from "#lib/sources/evaluation-reading.ts";
import { parseFindings } from "#lib/sources/findings/parse-findings.ts";
import type { FindingsSpec } from "#lib/sources/findings/spec.ts";
import { planReports, readReports } from "#lib/sources/report-files/list-reports.ts";
import { toReading, type ReportedResult } from "#lib/sources/report-files/reported-result.ts";
import type { CheckResult, OfferedSlice } from "#lib/sources/source.ts";

export type { FindingsSpec } from "#lib/sources/findings/spec.ts";

/** One slice for each folder below the path. */
export function planFindings(spec: FindingsSpec): Promise<OfferedSlice[]> {
  return planReports(spec.path, ["json", "jsonl", "ndjson"]);
}

/** All findings of a slice's files. @throws AppError "bad_data" with file and place where one cannot be read. */
export async function readFindings(spec: FindingsSpec, slice: OfferedSlice, now: Date): Promise<EvaluationReading> {
  const results: ReportedResult[] = [];
  for await (const { file, text } of readReports(slice))
    for (const result of parseFindings(file.name, text)) results.push(result);
  return toReading(results, { now, maxAgeDays: spec.maxAgeDays });
}

/** Can the files be listed, and does each hold findings? Never throws for what it checks. */
export async function checkFindings(spec: FindingsSpec, now: Date): Promise<CheckResult[]> {
  const what = `Findings at ${spec.path}`;
  try {
    for (const slice of await planFindings(spec)) await readFindings(spec, slice, now);
    return [{ what, ok: true, error: null }];
  } catch (thrown) {
    return [{ what, ok: false, error: toAppError(thrown).toJSON() }];
  }
}
