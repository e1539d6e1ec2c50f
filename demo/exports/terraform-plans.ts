import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { nightlyPlans, type NightlyPlan } from "#demo/estate/terraform-plans.ts";
import type { Estate } from "#demo/estate/estate.ts";

export const PLAN_SOURCE = "terraform-plans";

/** When the plans of a night were made. */
const PLANNED_TIME = "01:30:00";

/** Writes `<folder>/<workspace>/<day>.json`: what `terraform show -json` says of each night's plan. */
export async function writeTerraformPlans(folder: string, estate: Estate): Promise<void> {
  for (const plan of nightlyPlans(estate)) {
    await mkdir(join(folder, plan.workspace), { recursive: true });
    await writeFile(join(folder, plan.workspace, `${plan.day}.json`), JSON.stringify(documentOf(plan)));
  }
}

/** How whoever plans each night would configure it. */
export function planSourceOf(folder: string): object {
  return { kind: "terraform-plan", title: "Plans of Terraform", path: folder };
}

/** https://developer.hashicorp.com/terraform/internals/json-format */
function documentOf({ day, hasError, resources }: NightlyPlan): object {
  return {
    format_version: "1.2",
    terraform_version: "1.13.4",
    timestamp: `${day}T${PLANNED_TIME}Z`,
    applyable: resources.some(({ isDrifted }) => isDrifted),
    complete: !hasError,
    errored: hasError,
    resource_drift: resources.filter(({ isDrifted }) => isDrifted).map((one) => changeOf(one, "outside")),
    resource_changes: resources.map((one) => changeOf(one, "planned")),
  };
}

/** Outside of Terraform a tag was added; rolling out would take it away again. */
function changeOf({ type, name, arn, isDrifted }: NightlyPlan["resources"][0], how: "outside" | "planned"): object {
  const declared = { arn, tags: {} };
  const found = isDrifted ? { arn, tags: { migration: "by hand" } } : declared;
  const [before, after] = how === "outside" ? [declared, found] : [found, declared];
  return {
    address: `${type}.${name}`,
    mode: "managed",
    type,
    name,
    change: { actions: [isDrifted ? "update" : "no-op"], before, after, after_unknown: {} },
  };
}
