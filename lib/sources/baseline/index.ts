import { toAppError } from "#lib/errors.ts";
import { broken } from "#lib/sources/baseline/host-result.ts";
import { parseAnsible } from "#lib/sources/baseline/parse-ansible.ts";
import { parseInspec } from "#lib/sources/baseline/parse-inspec.ts";
import { parseXccdf } from "#lib/sources/baseline/parse-xccdf.ts";
import type { BaselineSpec } from "#lib/sources/baseline/spec.ts";
import type { EvaluationReading } from "#lib/sources/evaluation-reading.ts";
import { planReports, readReports } from "#lib/sources/report-files/list-reports.ts";
import { toReading, type ReportedResult } from "#lib/sources/report-files/reported-result.ts";
import type { CheckResult, OfferedSlice } from "#lib/sources/source.ts";

export type { BaselineSpec } from "#lib/sources/baseline/spec.ts";

/** One slice for each folder below the path. */
export function planBaseline(spec: BaselineSpec): Promise<OfferedSlice[]> {
  return planReports(spec.path, ["json", "xml"]);
}

/** All results of a slice's files. @throws AppError "bad_data" with the file where one cannot be read. */
export async function readBaseline(spec: BaselineSpec, slice: OfferedSlice, now: Date): Promise<EvaluationReading> {
  const results: ReportedResult[] = [];
  for await (const { file, text } of readReports(slice))
    for (const result of parseBaseline(file.name, text, spec)) results.push(result);
  return toReading(results, { now, maxAgeDays: spec.maxAgeDays });
}

/** Can the files be listed, and does each hold results? Never throws for what it checks. */
export async function checkBaseline(spec: BaselineSpec, now: Date): Promise<CheckResult[]> {
  const what = `Baselines at ${spec.path}`;
  try {
    for (const slice of await planBaseline(spec)) await readBaseline(spec, slice, now);
    return [{ what, ok: true, error: null }];
  } catch (thrown) {
    return [{ what, ok: false, error: toAppError(thrown).toJSON() }];
  }
}

function parseBaseline(file: string, content: string, { changedTask }: BaselineSpec): ReportedResult[] {
  if (file.toLowerCase().endsWith(".xml")) return parseXccdf(file, content);
  const value = jsonOf(file, content);
  if (typeof value === "object" && value !== null && "plays" in value) return parseAnsible(file, value, changedTask);
  if (typeof value === "object" && value !== null && "profiles" in value) return parseInspec(file, value);
  throw broken(file, "is neither of Ansible's JSON callback nor of InSpec's JSON reporter");
}

function jsonOf(file: string, content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (thrown) {
    throw broken(file, "is not JSON", thrown);
  }
}
