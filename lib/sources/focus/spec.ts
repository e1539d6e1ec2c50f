import { z } from "zod";
import { sourceSettings } from "#lib/sources/source-settings.ts";

const bucketName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "must be the name of a bucket, without s3://");

const filesLayout = z.strictObject({
  kind: z.literal("focus"),
  layout: z.literal("files"),
  path: z
    .string()
    .min(1)
    .describe("A file, a folder (searched through with its sub folders) or a glob of *.csv, *.csv.gz and *.parquet."),
  ...sourceSettings,
});

/** Where a tree that a cloud's export writes is kept: a folder, or a bucket that speaks the S3 protocol. */
const exportTree = {
  kind: z.literal("focus"),
  path: z.string().min(1).optional().describe("A folder with the same tree as the bucket."),
  bucket: bucketName.optional(),
  prefix: z.string().default("").describe("The folder of the export inside the bucket."),
  region: z.string().min(1).optional(),
  endpoint: z.url().optional().describe("For a storage service that speaks S3 but is not Amazon's."),
  accessKeyId: z.string().min(1).optional(),
  secretAccessKey: z.string().min(1).optional(),
  sessionToken: z.string().min(1).optional(),
  ...sourceSettings,
};

const awsLayout = z.strictObject({ ...exportTree, layout: z.literal("aws-data-exports") });
const azureLayout = z.strictObject({ ...exportTree, layout: z.literal("azure-exports") });

/** The settings of a source of FOCUS files, as bursar.yaml has them under `sources.<name>`. */
export const focusSpec = z
  .discriminatedUnion("layout", [filesLayout, awsLayout, azureLayout])
  .superRefine((spec, context) => {
    if (spec.layout === "files") return;
    if ((spec.path === undefined) === (spec.bucket === undefined))
      context.addIssue({ code: "custom", path: ["bucket"], message: "give either a bucket or a path, not both" });
    if ((spec.accessKeyId === undefined) !== (spec.secretAccessKey === undefined))
      context.addIssue({
        code: "custom",
        path: ["secretAccessKey"],
        message: "accessKeyId and secretAccessKey belong together",
      });
  });

export type FocusSpec = z.infer<typeof focusSpec>;

/** The layouts that a cloud's export writes, with a manifest. */
export type ExportTreeSpec = Exclude<FocusSpec, { layout: "files" }>;
