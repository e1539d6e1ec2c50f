import { z } from "zod";
import { awsConnection, refuseHalfKeys } from "#lib/sources/aws/connection.ts";
import { sourceSettings } from "#lib/sources/source-settings.ts";

const SHA256 = /^[0-9a-f]{64}$/;

const auditedCluster = z
  .strictObject({
    key: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "must be of small letters, digits and hyphens")
      .describe("The cluster, by its key in the source that reads it."),
    webhook: z
      .strictObject({
        tokenSha256: z
          .array(z.string().regex(SHA256, "must be the SHA-256 of a token, in small hex digits"))
          .min(1)
          .max(4)
          .describe("SHA-256 of the tokens that its API servers may send; two while one takes the other's place."),
      })
      .optional()
      .describe("Its API servers post their events to /api/v1/kubernetes-audit/<key>."),
    files: z
      .string()
      .min(1)
      .optional()
      .describe("Its audit log: a file, a folder with its sub folders, or a glob; rotated and gzipped ones as well."),
    eksLogs: z
      .strictObject({
        ...awsConnection,
        region: z.string().min(1).describe("Where the cluster is."),
        clusterName: z.string().min(1).max(100).describe("The cluster's name in EKS."),
        days: z
          .number()
          .int()
          .min(1)
          .max(400)
          .default(30)
          .describe("How far back the first look goes; log groups keep them as long as their retention says."),
      })
      .superRefine(refuseHalfKeys)
      .optional()
      .describe("Audit logs that EKS sends to CloudWatch Logs."),
  })
  .refine(
    ({ webhook, files, eksLogs }) => webhook !== undefined || files !== undefined || eksLogs !== undefined,
    "needs a way that its events come: webhook, files or eksLogs",
  );

/** The settings of a source of audit events, as bursar.yaml has them under `sources.<name>`. */
export const kubernetesAuditSpec = z.strictObject({
  kind: z.literal("kubernetes-audit"),
  clusters: z.array(auditedCluster).min(1).max(1_000),
  title: sourceSettings.title,
  schedule: sourceSettings.schedule,
});

export type KubernetesAuditSpec = z.infer<typeof kubernetesAuditSpec>;
export type EksLogs = NonNullable<AuditedCluster["eksLogs"]>;
export type AuditedCluster = KubernetesAuditSpec["clusters"][number];
