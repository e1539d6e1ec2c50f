import { z } from "zod";
import { sourceSettings } from "#lib/sources/source-settings.ts";

/** The settings of a source of Terraform plans, as bursar.yaml has them under `sources.<name>`. */
export const terraformPlanSpec = z.strictObject({
  kind: z.literal("terraform-plan"),
  path: z
    .string()
    .min(1)
    .describe(
      "A folder with what `terraform show -json` wrote of plans of the branch that is rolled out, a folder for each workspace.",
    ),
  maxAgeDays: z
    .number()
    .int()
    .min(1)
    .max(400)
    .default(7)
    .describe(
      "What was last planned longer ago is unknown: a workspace that is no longer planned leaves no pass behind.",
    ),
  title: sourceSettings.title,
  schedule: sourceSettings.schedule,
});

export type TerraformPlanSpec = z.infer<typeof terraformPlanSpec>;
