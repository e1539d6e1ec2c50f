import type { ClusterInventory, NamespaceInventory, NodeItem } from "#lib/sources/cluster-inventory.ts";

type Row = Record<string, unknown>;

export const CLUSTER_VALUES = ["provider", "version", "region", "account_id", "uid"];
export const NODE_VALUES = [
  "name",
  "provider_id",
  "instance_type",
  "capacity_type",
  "region",
  "zone",
  "node_pool",
  "cpu_cores",
  "memory_gib",
  "gpus",
  "allocatable",
  "created_at",
  "machine_image",
  "kubelet_version",
  "is_ready",
];
export const NAMESPACE_VALUES = ["name", "phase", "created_at", "deletion_at", "finalizers", "labels", "annotations"];

export function clusterRow({ cluster }: ClusterInventory): Row {
  return {
    cluster_key: cluster.key,
    provider: cluster.provider,
    version: cluster.version,
    region: cluster.region,
    account_id: cluster.accountId,
    uid: cluster.uid,
  };
}

export function nodeRow(node: NodeItem): Row {
  return {
    uid: node.uid,
    name: node.name,
    provider_id: node.providerId,
    instance_type: node.instanceType,
    capacity_type: node.capacityType,
    region: node.region,
    zone: node.zone,
    node_pool: node.nodePool,
    cpu_cores: node.cpuCores,
    memory_gib: node.memoryGib,
    gpus: node.gpus,
    allocatable: node.allocatable,
    created_at: node.createdAt,
    machine_image: node.machineImage,
    kubelet_version: node.kubeletVersion,
    is_ready: node.isReady,
  };
}

export function namespaceRow(namespace: NamespaceInventory): Row {
  return {
    uid: namespace.uid,
    name: namespace.name,
    phase: namespace.phase,
    created_at: namespace.createdAt,
    deletion_at: namespace.deletionTimestamp,
    finalizers: namespace.finalizers,
    labels: namespace.labels,
    annotations: namespace.annotations,
  };
}
