import { z } from "zod";
import { awsConnection, refuseHalfKeys } from "#lib/sources/aws/connection.ts";
import { sourceSettings } from "#lib/sources/source-settings.ts";

/** The settings of a source of findings, as bursar.yaml has them under `sources.<name>`. */
export const findingsSpec = z
  .strictObject({
    kind: z.literal("findings"),
    ...awsConnection,
    path: z
      .string()
      .min(1)
      .optional()
      .describe("A file, or a folder with its sub folders, of OCSF or ASFF findings: *.json, *.jsonl, *.ndjson."),
    bucket: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "must be the name of a bucket, without s3://")
      .optional()
      .describe("A bucket with such files, in place of a path; its region is to be given as well."),
    prefix: z.string().default("").describe("The folder of the findings inside the bucket."),
    maxAgeDays: z
      .number()
      .int()
      .min(1)
      .max(400)
      .default(35)
      .describe("What was last looked at longer ago is unknown: a scanner that has stopped leaves no pass behind."),
    title: sourceSettings.title,
    schedule: sourceSettings.schedule,
  })
  .superRefine(refuseHalfKeys)
  .superRefine((spec, context) => {
    if ((spec.path === undefined) === (spec.bucket === undefined))
      context.addIssue({ code: "custom", path: ["bucket"], message: "give either a bucket or a path, not both" });
    if (spec.bucket !== undefined && spec.region === undefined)
      context.addIssue({ code: "custom", path: ["region"], message: "say where the bucket is" });
  });

export type FindingsSpec = z.infer<typeof findingsSpec>;
