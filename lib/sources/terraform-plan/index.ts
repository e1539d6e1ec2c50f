import { toAppError } from "#lib/errors.ts";
import { planReports, readReports } from "#lib/sources/report-files/list-reports.ts";
import type { CheckResult, OfferedSlice } from "#lib/sources/source.ts";
import { readWorkspace, type PlannedResource } from "#lib/sources/terraform-plan/normalize.ts";
import { parsePlan, type ParsedPlan } from "#lib/sources/terraform-plan/parse-plan.ts";
import type { TerraformPlanSpec } from "#lib/sources/terraform-plan/spec.ts";

export type { PlannedResource } from "#lib/sources/terraform-plan/normalize.ts";
export type { TerraformPlanSpec } from "#lib/sources/terraform-plan/spec.ts";

/** One slice for each folder below the path. */
export function planTerraformPlans(spec: TerraformPlanSpec): Promise<OfferedSlice[]> {
  return planReports(spec.path, ["json"]);
}

/** The resources of a slice's workspaces. @throws AppError "bad_data" with the file where one is no plan. */
export async function readTerraformPlans(
  spec: TerraformPlanSpec,
  slice: OfferedSlice,
  now: Date,
): Promise<PlannedResource[]> {
  const workspaces = new Map<string, ParsedPlan[]>();
  for await (const { file, text } of readReports(slice)) {
    const workspace = workspaceOf(file.name);
    workspaces.set(workspace, [...(workspaces.get(workspace) ?? []), parsePlan(file.name, text)]);
  }
  return [...workspaces].flatMap(([workspace, plans]) =>
    readWorkspace(workspace, plans, { now, maxAgeDays: spec.maxAgeDays }),
  );
}

/** Can the files be listed, and is each of them a plan? Never throws for what it checks. */
export async function checkTerraformPlans(spec: TerraformPlanSpec, now: Date): Promise<CheckResult[]> {
  const what = `Plans of Terraform at ${spec.path}`;
  try {
    for (const slice of await planTerraformPlans(spec)) await readTerraformPlans(spec, slice, now);
    return [{ what, ok: true, error: null }];
  } catch (thrown) {
    return [{ what, ok: false, error: toAppError(thrown).toJSON() }];
  }
}

/** The folder that a plan lies in; a plan that lies in the path itself is a workspace of its own. */
function workspaceOf(name: string): string {
  const end = name.lastIndexOf("/");
  return end === -1 ? name.replace(/\.[^.]+$/, "") : name.slice(0, end);
}
