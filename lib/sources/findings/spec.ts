import { z } from "zod";
import { sourceSettings } from "#lib/sources/source-settings.ts";

/** The settings of a source of findings, as bursar.yaml has them under `sources.<name>`. */
export const findingsSpec = z.strictObject({
  kind: z.literal("findings"),
  path: z
    .string()
    .min(1)
    .describe("A file, or a folder with its sub folders, of OCSF or ASFF findings: *.json, *.jsonl, *.ndjson."),
  maxAgeDays: z
    .number()
    .int()
    .min(1)
    .max(400)
    .default(35)
    .describe("What was last looked at longer ago is unknown: a scanner that has stopped leaves no pass behind."),
  title: sourceSettings.title,
  schedule: sourceSettings.schedule,
});

export type FindingsSpec = z.infer<typeof findingsSpec>;
