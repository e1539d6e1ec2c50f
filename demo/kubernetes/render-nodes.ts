import { daysBefore, RENDERED, type Rendering } from "#demo/kubernetes/rendering.ts";
import type { JsonObject, KubernetesObject } from "#demo/kubernetes/object.ts";
import type { Cluster, ClusterNode } from "#demo/estate/clusters.ts";
import { administratorsOf, BOTTLEROCKET_CLUSTER, machineImageOf } from "#demo/estate/guardrails.ts";
import { KUBELET_RESERVED } from "#demo/estate/namespaces-placement.ts";

const CAPACITY_LABELS = {
  eks: { key: "eks.amazonaws.com/capacityType", "on-demand": "ON_DEMAND", spot: "SPOT" },
  rancher: { key: "node.halvern.example/capacity", "on-demand": "on-demand", spot: "spot" },
  aks: { key: "kubernetes.azure.com/scalesetpriority", "on-demand": "regular", spot: "spot" },
  gke: { key: "cloud.google.com/gke-spot", "on-demand": "false", spot: "true" },
} as const;
const POOL_LABELS = {
  eks: "eks.amazonaws.com/nodegroup",
  rancher: "rke.cattle.io/machine-pool",
  aks: "kubernetes.azure.com/agentpool",
  gke: "cloud.google.com/gke-nodepool",
} as const;

/** Nodes, the roles that come with a cluster, and nothing else that is cluster-wide. */
export function renderNodes(rendering: Rendering): KubernetesObject[] {
  const { cluster, add } = rendering;
  renderRoles(rendering);
  return cluster.nodes.map((node) =>
    add(RENDERED.node, {
      name: node.name,
      created: node.created,
      labels: { ...labelsOf(cluster, node), ...imageLabelOf(rendering, node) },
      annotations: { "volumes.kubernetes.io/controller-managed-attach-detach": "true" },
      manager: "kubelet",
      rest: {
        spec: {
          providerID: node.providerId,
          ...(node.pool.gpu === 0 ? {} : { taints: [{ key: "nvidia.com/gpu", value: "true", effect: "NoSchedule" }] }),
        },
        status: statusOf(cluster, node, osImageOf(rendering, node)),
      },
    }),
  );
}

function labelsOf(cluster: Cluster, { name, pool, zone }: ClusterNode): Record<string, string> {
  const capacity = CAPACITY_LABELS[cluster.distribution];
  return {
    "kubernetes.io/arch": "amd64",
    "kubernetes.io/hostname": name,
    "kubernetes.io/os": "linux",
    "node.kubernetes.io/instance-type": pool.instanceType,
    "topology.kubernetes.io/region": cluster.region,
    "topology.kubernetes.io/zone": zone,
    [POOL_LABELS[cluster.distribution]]: pool.name,
    [capacity.key]: capacity[pool.capacityType],
  };
}

/** As each provider names the image that a node was made from: EKS by its id, AKS by a version that is a day, the others not at all. */
function imageLabelOf({ cluster, now }: Rendering, node: ClusterNode): Record<string, string> {
  const { id, createdDaysAgo } = machineImageOf(cluster, node);
  if (cluster.distribution === "eks") return { "eks.amazonaws.com/nodegroup-image": id };
  if (cluster.distribution !== "aks") return {};
  const [year = "", month = "", day = ""] = daysBefore(now, createdDaysAgo).slice(0, 10).split("-");
  return { "kubernetes.azure.com/node-image-version": `AKSUbuntu-2204gen2containerd-${year}${month}.${day}.0` };
}

function osImageOf({ cluster, now }: Rendering, node: ClusterNode): string {
  if (cluster.distribution === "gke") return "Container-Optimized OS from Google";
  if (cluster.distribution === "aks") return "Ubuntu 22.04.5 LTS";
  if (cluster.name === BOTTLEROCKET_CLUSTER) return "Bottlerocket OS 1.49.0 (aws-k8s-1.32)";
  const made = daysBefore(now, machineImageOf(cluster, node).createdDaysAgo).slice(0, 10).replaceAll("-", "");
  return `Amazon Linux 2023.9.${made}`;
}

function statusOf(cluster: Cluster, { name, pool }: ClusterNode, osImage: string): JsonObject {
  const memoryKi = pool.memoryGib * 1024 * 1024;
  const shared = { "ephemeral-storage": "83873772Ki", "hugepages-2Mi": "0", pods: "58" };
  const gpu: Record<string, string> = pool.gpu === 0 ? {} : { "nvidia.com/gpu": String(pool.gpu) };
  return {
    capacity: { cpu: String(pool.vCpu), memory: `${memoryKi}Ki`, ...shared, ...gpu },
    allocatable: {
      cpu: `${pool.vCpu * 1000 - KUBELET_RESERVED.cpuMilli}m`,
      memory: `${memoryKi - KUBELET_RESERVED.memoryKi}Ki`,
      ...shared,
      ...gpu,
    },
    conditions: [{ type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" }],
    addresses: [
      { type: "InternalIP", address: "10.40.0.4" },
      { type: "Hostname", address: name },
    ],
    nodeInfo: {
      architecture: "amd64",
      operatingSystem: "linux",
      kubeletVersion: cluster.version,
      containerRuntimeVersion: "containerd://2.0.5",
      osImage,
      kernelVersion: "6.12.40",
      kubeProxyVersion: cluster.version,
      machineID: name,
      systemUUID: name,
      bootID: name,
    },
  };
}

function renderRoles({ cluster, add }: Rendering): void {
  const created = cluster.lives.find(({ name }) => name === "kube-system")?.created ?? "2024-01-01T00:00:00Z";
  const all = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };
  const read = { apiGroups: ["", "apps", "batch"], resources: ["*"], verbs: ["get", "list", "watch"] };
  const write = { ...read, verbs: ["create", "delete", "get", "list", "patch", "update", "watch"] };
  const roles = [
    ["cluster-admin", all],
    ["admin", write],
    ["edit", write],
    ["view", read],
  ] as const;
  for (const [name, rule] of roles)
    add(RENDERED.clusterRole, {
      name,
      created,
      labels: { "kubernetes.io/bootstrapping": "rbac-defaults" },
      rest: {
        rules: [{ ...rule, apiGroups: [...rule.apiGroups], resources: [...rule.resources], verbs: [...rule.verbs] }],
      },
    });
  const bindings = [
    { name: "cluster-admin", role: "cluster-admin", group: "system:masters" },
    { name: "platform-admins", role: "cluster-admin", group: `team-${cluster.ownerTeam ?? "cloud-platform"}` },
  ];
  for (const { binding, kind, name, namespace } of administratorsOf(cluster))
    add(RENDERED.clusterRoleBinding, {
      name: binding,
      created,
      rest: {
        subjects: [
          namespace === null ? { kind, apiGroup: "rbac.authorization.k8s.io", name } : { kind, name, namespace },
        ],
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
      },
    });
  for (const { name, role, group } of bindings)
    add(RENDERED.clusterRoleBinding, {
      name,
      created,
      rest: {
        subjects: [{ kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: group }],
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
      },
    });
}
