import { z } from "zod";
import { sourceSettings } from "#lib/sources/source-settings.ts";

/** The settings of a source of baselines, as bursar.yaml has them under `sources.<name>`. */
export const baselineSpec = z.strictObject({
  kind: z.literal("baseline"),
  path: z
    .string()
    .min(1)
    .describe(
      "A file, or a folder with its sub folders, of results: XCCDF (*.xml), InSpec and Ansible's JSON callback (*.json).",
    ),
  changedTask: z
    .enum(["fail", "pass"])
    .default("fail")
    .describe(
      "What an Ansible task says that changed something: fail where playbooks are run in check mode, pass where they put right what they find.",
    ),
  maxAgeDays: z
    .number()
    .int()
    .min(1)
    .max(400)
    .default(35)
    .describe("What was last looked at longer ago is unknown: a host that is no longer scanned leaves no pass behind."),
  title: sourceSettings.title,
  schedule: sourceSettings.schedule,
});

export type BaselineSpec = z.infer<typeof baselineSpec>;
