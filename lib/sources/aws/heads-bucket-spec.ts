import { z } from "zod";
import { awsConnection, refuseHalfKeys } from "#lib/sources/aws/connection.ts";

/** Object Lock keeps nothing longer: a hundred years. */
const MOST_DAYS = 36_500;

/** `audit.heads.s3` of bursar.yaml: a bucket with Object Lock, and how it is reached. */
export const headsBucketSpec = z
  .strictObject({
    bucket: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "must be the name of a bucket, without s3://")
      .describe("A bucket with Object Lock, best in an account whose administrators do not run Bursar."),
    prefix: z
      .string()
      .regex(/^[^/]+(\/[^/]+)*$/, "must neither begin nor end with a slash")
      .describe("What is written stands below it; no two installations may have the same."),
    ...awsConnection,
    region: z.string().min(1).describe("The region of the bucket."),
    lock: z
      .strictObject({
        mode: z
          .enum(["GOVERNANCE", "COMPLIANCE"])
          .describe("Who may lift it: holders of a special permission, or nobody, the account's root user included."),
        days: z.int().min(1).max(MOST_DAYS).describe("How long each head is locked, from when it is written."),
      })
      .describe("Object Lock of each head and time stamp."),
  })
  .superRefine(refuseHalfKeys);

export type HeadsBucketSpec = z.infer<typeof headsBucketSpec>;
