import type { ClusterInventory, ClusterProvider, NodeItem } from "#lib/sources/cluster-inventory.ts";
import { nodeObject, type NodeObject } from "#lib/sources/kubernetes/api-types.ts";
import { instantOf } from "#lib/sources/kubernetes/instant.ts";
import type { KindReader } from "#lib/sources/kubernetes/kind-reader.ts";
import { KINDS } from "#lib/sources/kubernetes/kinds.ts";
import { machineImageOf } from "#lib/sources/kubernetes/machine-image.ts";
import { parseQuantity } from "#lib/sources/kubernetes/quantity.ts";
import { amountsOf } from "#lib/sources/kubernetes/read-pods.ts";
import type { ClusterAccess } from "#lib/sources/kubernetes/spec.ts";

/** Labels that name the pool of a node, the provider's own first. */
const POOL_LABELS = [
  "eks.amazonaws.com/nodegroup",
  "karpenter.sh/nodepool",
  "kubernetes.azure.com/agentpool",
  "agentpool",
  "cloud.google.com/gke-nodepool",
  "rke.cattle.io/machine-pool",
  "node.cluster.x-k8s.io/pool",
];
const CAPACITY_LABELS = [
  "eks.amazonaws.com/capacityType",
  "karpenter.sh/capacity-type",
  "kubernetes.azure.com/scalesetpriority",
  "cloud.google.com/gke-spot",
  "cloud.google.com/gke-preemptible",
  "cloud.google.com/gke-provisioning",
  "node.kubernetes.io/lifecycle",
  "spotinst.io/node-lifecycle",
];
/** Somebody's own label that ends so, where the provider has none. */
const OWN_CAPACITY_LABEL = /\/(capacity|capacity-type|capacitytype|lifecycle)$/i;
const SPOT = ["spot", "preemptible", "true"];
const ON_DEMAND = ["on_demand", "on-demand", "ondemand", "regular", "standard", "normal", "od", "false"];

export function readNodes(reader: KindReader): Promise<NodeItem[] | null> {
  return reader.all(KINDS.nodes, nodeObject, nodeItem);
}

function nodeItem({ metadata, spec, status }: NodeObject): NodeItem {
  const labels = metadata.labels ?? {};
  const first = (keys: readonly string[]) =>
    keys.map((key) => labels[key]).find((value) => value !== undefined) ?? null;
  const ready = (status?.conditions ?? []).find(({ type }) => type === "Ready");
  return {
    ...amountsOf(status?.capacity),
    name: metadata.name,
    uid: metadata.uid ?? "",
    providerId: spec?.providerID ?? null,
    instanceType: first(["node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"]),
    capacityType: capacityOf(labels),
    region: first(["topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region"]),
    zone: first(["topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"]),
    nodePool: first(POOL_LABELS),
    allocatable: {
      ...amountsOf(status?.allocatable),
      pods: parseQuantity(status?.allocatable?.["pods"]) ?? 0,
    },
    createdAt: instantOf(metadata.creationTimestamp),
    machineImage: status?.nodeInfo?.osImage ?? null,
    ...machineImageOf(labels, status?.nodeInfo?.osImage ?? null),
    kubeletVersion: status?.nodeInfo?.kubeletVersion ?? null,
    isReady: ready === undefined || ready.status === "Unknown" ? null : ready.status === "True",
  };
}

/** Spot wherever one label says so: of several that GKE writes only one is true. */
function capacityOf(labels: Readonly<Record<string, string>>): NodeItem["capacityType"] {
  const values = Object.entries(labels)
    .filter(([key]) => CAPACITY_LABELS.includes(key) || OWN_CAPACITY_LABEL.test(key))
    .map(([, value]) => value.toLowerCase());
  if (values.some((value) => SPOT.includes(value))) return "spot";
  return values.some((value) => ON_DEMAND.includes(value)) ? "on-demand" : null;
}

/** What the settings, the nodes and the version say of the cluster as a whole. */
export function clusterFacts(
  access: ClusterAccess,
  version: string,
  nodes: readonly NodeItem[] | null,
): Omit<ClusterInventory["cluster"], "uid"> {
  const regions = new Set((nodes ?? []).flatMap(({ region }) => region ?? []));
  const [onlyRegion] = regions;
  return {
    key: access.key,
    provider: access.provider ?? (access.eks === undefined ? providerOf(version, nodes ?? []) : "eks"),
    version,
    region: access.region ?? access.eks?.region ?? (regions.size === 1 ? (onlyRegion ?? null) : null),
    accountId: access.account ?? accountOfNodes(nodes ?? []),
  };
}

/** The version names the distribution; AKS writes none, so that its machines tell. */
function providerOf(version: string, nodes: readonly NodeItem[]): ClusterProvider {
  if (version.includes("-eks-")) return "eks";
  if (version.includes("-gke.")) return "gke";
  if (/\+(rke2|k3s)/.test(version)) return "rancher";
  return nodes.length > 0 && nodes.every(({ providerId }) => providerId?.startsWith("azure://")) ? "aks" : "other";
}

/** Azure and Google write the subscription and the project into the ids of machines, AWS does not write the account. */
function accountOfNodes(nodes: readonly NodeItem[]): string | null {
  const accounts = new Set(
    nodes.flatMap(({ providerId }) => {
      const found = /^azure:\/\/\/subscriptions\/([^/]+)\/|^gce:\/\/([^/]+)\//.exec(providerId ?? "");
      return found?.[1] ?? found?.[2] ?? [];
    }),
  );
  const [only] = accounts;
  return accounts.size === 1 ? (only ?? null) : null;
}
