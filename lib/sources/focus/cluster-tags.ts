import { ecsClusterName } from "#lib/sources/cluster-costs.ts";

/** What the tags of a charge say about a cluster. */
export type ClusterTags = {
  /** As the provider calls the cluster. */
  clusterName: string;
  /** The namespace, or the service of an ECS cluster; null where the charge is no single one's. */
  namespace: string | null;
};

/** Keys that hold a cluster's name, the most telling first, in lower case. */
const CLUSTER_KEYS = [
  "aws:eks:cluster-name",
  "eks:cluster-name",
  "alpha.eksctl.io/cluster-name",
  "aws:ecs:clustername",
  "goog-k8s-cluster-name",
  "aks-managed-cluster-name",
  "kubernetescluster",
] as const;
/** EKS, kops and Rancher write the name into the key, with "owned" or "shared" as its value. */
const NAME_IN_KEY = "kubernetes.io/cluster/";

const NAMESPACE_KEYS = [
  "aws:eks:namespace",
  "k8s-namespace",
  // What the storage drivers write on the disks that they make.
  "kubernetes.io/created-for/pvc/namespace",
  "kubernetes.io-created-for-pvc-namespace",
  "kubernetes-io-created-for-pvc-namespace",
] as const;
/** "namespace/name" of the service that a balancer was made for. */
const SERVICE_KEYS = ["kubernetes.io/service-name", "kubernetes.io-service-name", "k8s-azure-service"] as const;
/** What Google's cost allocation writes where it knows no namespace: "kube:unallocated", "goog-k8s-unknown". */
const NO_NAMESPACE = /^(kube:|goog-k8s-)/;
/** Exports of tags that people wrote put this in front. */
const PREFIX = /^user[:_]/;

/**
 * Which cluster, and which namespace of it, a charge's tags name; null where they name none. Keys are compared without case.
 *
 * https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html
 * https://cloud.google.com/kubernetes-engine/docs/how-to/cost-allocations
 */
export function recogniseClusterTags(tags: Readonly<Record<string, string>>): ClusterTags | null {
  const byKey = new Map(
    Object.entries(tags).map(([key, value]) => [key.trim().toLowerCase().replace(PREFIX, ""), value.trim()]),
  );
  const first = (keys: readonly string[]) => keys.map((key) => byKey.get(key)).find((value) => value) ?? null;
  const clusterName = first(CLUSTER_KEYS) ?? nameInKey(tags);
  if (clusterName === null) return null;
  const ecsCluster = first(["aws:ecs:clustername"]);
  const ecsService = first(["aws:ecs:servicename"]);
  if (ecsCluster !== null && ecsCluster === clusterName)
    return {
      clusterName: ecsClusterName(lastSegment(ecsCluster)),
      namespace: ecsService === null ? null : lastSegment(ecsService),
    };
  const named = first(NAMESPACE_KEYS) ?? first(SERVICE_KEYS)?.split("/")[0] ?? null;
  return { clusterName: lastSegment(clusterName), namespace: named && !NO_NAMESPACE.test(named) ? named : null };
}

/** Tags as JSON text, an object or a list of key and value, as an object. Anything else has none. */
export function parseTags(text: string): Record<string, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    return {};
  }
  if (typeof parsed !== "object" || parsed === null) return {};
  const entries = Array.isArray(parsed) ? parsed.map(keyAndValue) : Object.entries(parsed);
  return Object.fromEntries(
    entries.flatMap(([key, value]) => (typeof value === "string" ? [[String(key), value]] : [])),
  );
}

function keyAndValue(entry: unknown): [unknown, unknown] {
  const { key, Key, value, Value } = Object(entry) as Record<string, unknown>;
  return [key ?? Key, value ?? Value];
}

/** ECS names its clusters and services by their ARNs as well. */
function lastSegment(name: string): string {
  return name.split("/").at(-1) ?? name;
}

function nameInKey(tags: Readonly<Record<string, string>>): string | null {
  const key = Object.keys(tags).find((candidate) => candidate.replace(PREFIX, "").startsWith(NAME_IN_KEY));
  return key?.replace(PREFIX, "").slice(NAME_IN_KEY.length) || null;
}
