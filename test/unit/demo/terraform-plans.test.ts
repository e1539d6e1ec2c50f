import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createEstate } from "#demo/estate/estate.ts";
import { TERRAFORM_PLANTS } from "#demo/estate/terraform-plans.ts";
import { planSourceOf, writeTerraformPlans } from "#demo/exports/terraform-plans.ts";
import { day } from "#lib/domain/period.ts";
import { judge } from "#lib/policies/drift-age/policy.ts";
import { policySettings } from "#lib/services/policies/policy-settings.ts";
import { planTerraformPlans, readTerraformPlans } from "#lib/sources/terraform-plan/index.ts";
import { terraformPlanSpec } from "#lib/sources/terraform-plan/spec.ts";

// The first hours of a day are the hardest: nothing may be of a time that is yet to come.
const NOW = new Date("2026-11-20T00:10:00Z");
const estate = createEstate({ seed: "halvern", today: day("2026-11-20"), months: 4, scale: 0.03 });
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bursar-plans-"));
  await writeTerraformPlans(folder, estate);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function verdictsIn(account: string): Promise<string[]> {
  const spec = terraformPlanSpec.parse(planSourceOf(folder));
  const slice = (await planTerraformPlans(spec)).find(({ period }) => period === account);
  if (!slice) throw new Error(`There is no plan of ${account}.`);
  const resources = await readTerraformPlans(spec, slice, NOW);
  const { id } = estate.accounts.find(({ name }) => name === account) ?? {};
  expect(new Set(resources.map(({ change }) => change.accountId))).toEqual(new Set([id]));
  return resources
    .map(({ isDrifted, driftedSince }) => judge({ isDrifted, driftedSince }, { now: NOW, settings: policySettings() }))
    .map(({ verdict, note }) => `${verdict}: ${note}`)
    .toSorted();
}

test("the demo's workspaces pass, fail, are drifted but not for long, and are unknown, each as planted", async () => {
  const { clean, drifting, recent, unplanned } = TERRAFORM_PLANTS;
  expect(new Set(await verdictsIn(clean))).toEqual(new Set(["pass: It is as declared."]));
  const [failing, ...others] = await verdictsIn(drifting.account);
  expect(failing).toBe("fail: It has not been as declared since 2026-10-27, longer than 7 days.");
  expect(new Set(others)).toEqual(new Set(["pass: It is as declared."]));
  expect(await verdictsIn(recent.account)).toContain(
    "pass: It has not been as declared since 2026-11-17, at most 7 days.",
  );
  expect(new Set(await verdictsIn(unplanned.account))).toEqual(
    new Set(["unknown: Whether it is as declared is not known."]),
  );
});
