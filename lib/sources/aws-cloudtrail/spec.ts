import { z } from "zod";
import { awsConnection, refuseHalfKeys } from "#lib/sources/aws/connection.ts";
import { sourceSettings } from "#lib/sources/source-settings.ts";

/** The settings of a source that reads a trail's log files, as bursar.yaml has them under `sources.<name>`. */
export const cloudTrailSpec = z
  .strictObject({
    kind: z.literal("aws-cloudtrail"),
    ...awsConnection,
    region: z.string().min(1).describe("Where the bucket is."),
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "must be the name of a bucket, without s3://"),
    prefix: z.string().default("").describe("The prefix that the trail was given, before AWSLogs/."),
    organizationId: z
      .string()
      .regex(/^o-[a-z0-9]{10,32}$/, "must be the id of an organisation")
      .optional()
      .describe("Of an organisation's trail, which writes below AWSLogs/<id>/."),
    days: z.number().int().min(1).max(4_000).default(90).describe("How far back the first look goes."),
    lateDays: z.number().int().min(1).max(60).default(14).describe("How late a log file may come and still be found."),
    title: sourceSettings.title,
    schedule: sourceSettings.schedule,
  })
  .superRefine(refuseHalfKeys);

export type CloudTrailSpec = z.infer<typeof cloudTrailSpec>;
