import { z } from "zod";
import { PROTECTED_NAMES } from "#lib/domain/dormancy/veto.ts";
import { awsConnection, refuseHalfKeys } from "#lib/sources/aws/connection.ts";
import { sourceSettings } from "#lib/sources/source-settings.ts";
import { usageServerSpec } from "#lib/sources/usage/server-spec.ts";

/** An EKS cluster by a token of its role. Without an address EKS is asked for it and for the certificate authority. */
const eksAccess = z
  .strictObject({
    clusterName: z.string().min(1).describe("As EKS calls it; the token is valid for this cluster only."),
    server: z.url().optional().describe("Address of its API server; what EKS tells where absent."),
    certificateAuthority: z
      .string()
      .min(1)
      .optional()
      .describe("Its certificate authority, PEM in base64; what EKS tells where absent."),
    ...awsConnection,
    region: z.string().min(1).describe("Where the cluster is; STS is asked there as well."),
  })
  .superRefine(refuseHalfKeys);

const clusterAccess = z
  .strictObject({
    key: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]*$/i, "must be letters, digits, dots and dashes")
      .describe("What Bursar calls the cluster. It stays the same for as long as the cluster is the same."),
    kubeconfig: z.string().min(1).optional().describe("Path of a kubeconfig file."),
    context: z.string().min(1).optional().describe("A context of the kubeconfig; its current one where absent."),
    inCluster: z.literal(true).optional().describe("The cluster that Bursar itself runs in."),
    eks: eksAccess.optional(),
    provider: z.enum(["eks", "aks", "gke", "rancher", "other"]).optional().describe("What its nodes say where absent."),
    account: z.string().min(1).optional().describe("Account, subscription or project that is billed for it."),
    region: z.string().min(1).optional().describe("What its nodes say where absent."),
    prometheus: usageServerSpec
      .optional()
      .describe("Its Prometheus, Thanos or AMP: the base address, or that with what signing in takes."),
    openCost: usageServerSpec.optional().describe("Its OpenCost, in the same way."),
    ec2: z
      .strictObject(awsConnection)
      .superRefine(refuseHalfKeys)
      .optional()
      .describe(
        "Asks EC2 which images its nodes were made from, and when those were made: {} by the connection of eks, or one of its own.",
      ),
    rancherCluster: z
      .string()
      .min(1)
      .optional()
      .describe("Key of the cluster that Rancher itself runs in, where its users and projects are read."),
  })
  .superRefine((cluster, context) => {
    const ways = [cluster.kubeconfig, cluster.inCluster, cluster.eks].filter((way) => way !== undefined);
    if (ways.length !== 1)
      context.addIssue({ code: "custom", path: ["kubeconfig"], message: "name one of kubeconfig, inCluster and eks" });
    const isPlaced = [cluster.ec2?.region, cluster.eks?.region, cluster.region].some((region) => region !== undefined);
    if (cluster.ec2 !== undefined && !isPlaced)
      context.addIssue({ code: "custom", path: ["ec2", "region"], message: "say in which region EC2 is asked" });
    if (cluster.context !== undefined && cluster.kubeconfig === undefined)
      context.addIssue({ code: "custom", path: ["context"], message: "a context is one of a kubeconfig" });
  });

export type ClusterAccess = z.infer<typeof clusterAccess>;

const patterns = z.array(z.string().min(1)).max(100);

/** The settings of a source that reads clusters, as bursar.yaml has them under `sources.<name>`. Patterns know `*`. */
export const kubernetesSpec = z
  .strictObject({
    kind: z.literal("kubernetes"),
    clusters: z.array(clusterAccess).min(1).max(1000),
    ownerLabels: patterns
      .default(["team", "*/team", "owner", "*/owner", "owner-team", "*/owner-team", "app.kubernetes.io/part-of-team"])
      .describe("Labels of namespaces that name an owner."),
    ownerAnnotations: patterns
      .default(["team", "*/team", "owner", "*/owner", "owner-team", "*/owner-team", "contact", "*/contact"])
      .describe("Annotations of namespaces that name an owner."),
    ownerGroups: patterns
      .default(["team-*"])
      .describe("How groups of role bindings and tenants are called; the team is what * stands for."),
    keptAnnotations: patterns.default([]).describe("Annotations that are kept beside those that Bursar needs."),
    protectedNamespaces: patterns.default([...PROTECTED_NAMES]).describe("Namespaces that are never called unused."),
    protectedLabels: z
      .array(z.strictObject({ key: z.string().min(1), value: z.string().optional() }))
      .default([{ key: "bursar.io/keep" }])
      .describe("Labels whose namespaces are never called unused."),
    ignoredCustomResources: patterns
      .default([
        "*.wgpolicyk8s.io",
        "*.reports.kyverno.io",
        "*.openreports.io",
        "*.aquasecurity.github.io",
        "*.cilium.io",
      ])
      .describe("Custom resources, as plural.group, that say nothing about use: reports, and records of each pod."),
    catalog: z
      .strictObject({
        files: z.array(z.string().min(1)).default([]).describe("Paths of catalog-info.yaml files."),
        url: z.url().optional().describe("Base address of Backstage; its catalog is asked for entities."),
        token: z.string().min(1).optional(),
      })
      .optional()
      .describe("A Backstage catalog, which says who owns what runs in a namespace."),
    pageSize: z.int().min(1).max(5000).default(500).describe("Objects asked for at once."),
    title: sourceSettings.title,
    schedule: sourceSettings.schedule,
  })
  .superRefine(({ clusters }, context) => {
    for (const [index, { key, rancherCluster }] of clusters.entries()) {
      if (clusters.findIndex((other) => other.key === key) !== index)
        context.addIssue({ code: "custom", path: ["clusters", index, "key"], message: "two clusters have this key" });
      if (rancherCluster !== undefined && !clusters.some((other) => other.key === rancherCluster))
        context.addIssue({
          code: "custom",
          path: ["clusters", index, "rancherCluster"],
          message: "no cluster of this source has this key",
        });
    }
  });

export type KubernetesSpec = z.infer<typeof kubernetesSpec>;
