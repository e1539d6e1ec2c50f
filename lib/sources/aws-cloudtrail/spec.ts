import { z } from "zod";
import { awsConnection, refuseHalfKeys } from "#lib/sources/aws/connection.ts";
import { sourceSettings } from "#lib/sources/source-settings.ts";

/** The settings of a source that reads a trail, as bursar.yaml has them under `sources.<name>`. */
export const cloudTrailSpec = z
  .strictObject({
    kind: z.literal("aws-cloudtrail"),
    ...awsConnection,
    region: z.string().min(1).describe("Where the bucket is; without one, where events are looked up."),
    bucket: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "must be the name of a bucket, without s3://")
      .optional()
      .describe("Where the trail writes its log files. Without it CloudTrail itself is asked (LookupEvents)."),
    prefix: z.string().default("").describe("The prefix that the trail was given, before AWSLogs/."),
    organizationId: z
      .string()
      .regex(/^o-[a-z0-9]{10,32}$/, "must be the id of an organisation")
      .optional()
      .describe("Of an organisation's trail, which writes below AWSLogs/<id>/."),
    regions: z
      .array(z.string().min(1))
      .max(40)
      .default([])
      .describe("Without a bucket: where events are looked up; `region` alone where absent."),
    accountRole: z
      .string()
      .regex(/^[\w+=,.@/-]+$/, "must be the name of a role, with its path where it has one")
      .optional()
      .describe("Without a bucket: name of the role that is assumed in each of the accounts."),
    accounts: z
      .array(z.string().regex(/^\d{12}$/, "must be the 12 digits of an account"))
      .max(500)
      .default([])
      .describe("Without a bucket: the accounts of accountRole; the credentials' own account where absent."),
    days: z
      .number()
      .int()
      .min(1)
      .max(4_000)
      .default(90)
      .describe("How far back the first look goes; without a bucket no further than 90."),
    lateDays: z.number().int().min(1).max(60).default(14).describe("How late a log file may come and still be found."),
    title: sourceSettings.title,
    schedule: sourceSettings.schedule,
  })
  // An external id is for the role of each account as well.
  .superRefine(({ roleArn, accountRole, ...spec }, context) =>
    refuseHalfKeys(
      { ...spec, ...(roleArn === undefined && accountRole === undefined ? {} : { roleArn: "given" }) },
      context,
    ),
  )
  .superRefine((spec, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if (spec.bucket !== undefined) {
      for (const name of ["regions", "accounts"] as const)
        if (spec[name].length > 0) refuse(name, `the bucket itself says which ${name} it has`);
      if (spec.accountRole !== undefined) refuse("accountRole", "a bucket is read with one role, roleArn");
      return;
    }
    if (spec.prefix !== "") refuse("prefix", "a prefix is for a bucket");
    if (spec.organizationId !== undefined) refuse("organizationId", "an organisation's trail needs its bucket");
    if ((spec.accountRole === undefined) !== (spec.accounts.length === 0))
      refuse("accounts", "accountRole and accounts belong together");
    if (spec.accountRole !== undefined && spec.roleArn !== undefined)
      refuse("roleArn", "an accountRole is assumed directly, without another role before it");
  });

export type CloudTrailSpec = z.infer<typeof cloudTrailSpec>;
export type TrailBucketSpec = CloudTrailSpec & { bucket: string };

export function hasBucket(spec: CloudTrailSpec): spec is TrailBucketSpec {
  return spec.bucket !== undefined;
}
