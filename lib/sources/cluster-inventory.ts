import type { DatedClaim } from "#lib/domain/ownership/dated-claim.ts";
import type { ClusterGuardrails } from "#lib/sources/cluster-guardrails.ts";

export type ClusterProvider = "ecs" | "eks" | "aks" | "gke" | "rancher" | "other";

/** A cluster as it stood when it was read. Null is unknown, and never reads as "none". */
export type ClusterInventory = {
  cluster: {
    /** The cluster's name in bursar.yaml. */
    key: string;
    provider: ClusterProvider;
    /** Of the API server: "v1.33.1"; null where it does not tell. */
    version: string | null;
    region: string | null;
    /** The account, subscription or project that is billed for it. */
    accountId: string | null;
    /** Uid of its namespace kube-system, which is as old as the cluster; null where that may not be read. */
    uid: string | null;
  };
  /** Null where nodes may not be listed. */
  nodes: NodeItem[] | null;
  /** Empty where namespaces could not be listed; then `complete` is false. */
  namespaces: NamespaceInventory[];
  /** Each kind that could not be read, and what depends on it is null in every namespace. */
  unknown: UnknownKind[];
  /** True where every namespace was listed: only then one that is missing is gone. */
  complete: boolean;
  /** What checks look at beside that; null where namespaces could not be listed. */
  guardrails: ClusterGuardrails | null;
};

export type UnknownKind = {
  /** Resource and group, as RBAC names them: "pods", "deployments.apps". */
  kind: string;
  /** "not-served": nobody has installed it here, although what was asked needs it. */
  reason: "denied" | "failed" | "not-served";
  /** The rule to add to the ClusterRole of the source, as a line of YAML, or the statements for its role of AWS; null where permission is not what is missing. */
  rbacLine: string | null;
  message: string;
};

/** Cores, GiB (2^30 bytes) and devices. */
export type ComputeAmounts = { cpuCores: number; memoryGib: number; gpus: number };

export type NodeItem = ComputeAmounts & {
  name: string;
  uid: string;
  /** "aws:///eu-central-1a/i-0123456789abcdef0"; null where the cluster does not tell it. */
  providerId: string | null;
  instanceType: string | null;
  capacityType: "spot" | "on-demand" | null;
  region: string | null;
  zone: string | null;
  nodePool: string | null;
  /** What pods may ask for: less than the node has. */
  allocatable: ComputeAmounts & { pods: number };
  createdAt: Date | null;
  machineImage: string | null;
  /** The provider's own id of the image ("ami-0123456789abcdef0"); null where the cluster does not tell it. */
  machineImageId: string | null;
  /** When that image was made; null where neither the cluster nor its provider tells it. */
  machineImageCreatedAt: Date | null;
  kubeletVersion: string | null;
  isReady: boolean | null;
};

/** One life of a namespace, or of a service of ECS: made again under the same name, it has another uid. */
export type NamespaceInventory = {
  uid: string;
  name: string;
  /** "Active", "Terminating". */
  phase: string;
  createdAt: Date | null;
  deletionTimestamp: Date | null;
  finalizers: string[];
  labels: Record<string, string>;
  /** Those that claims, vetoes and guardrails look at, and those that the settings name. */
  annotations: Record<string, string>;
  managers: FieldManager[];
  /** GitOps that would bring it back: "Argo CD application claims". Null where applications could not be read. */
  managedBy: string[] | null;
  pods: PodTotals | null;
  /** Null where one of their kinds could not be read. */
  workloads: WorkloadItem[] | null;
  jobs: JobItem[] | null;
  cronJobs: CronJobItem[] | null;
  services: ServiceItem[] | null;
  ingresses: number | null;
  volumes: VolumeItem[] | null;
  quotas: { name: string; hard: Record<string, string> }[] | null;
  limitRanges: { name: string }[] | null;
  networkPolicies: NetworkPolicyItem[] | null;
  roleBindings: RoleBindingItem[] | null;
  serviceAccounts: number | null;
  /** Null where the definitions, or the objects of one of them, could not be read. */
  customResources: CustomResourceCount[] | null;
  /** What names an owner, by everything that could be read. */
  claims: DatedClaim[];
};

export type FieldManager = { manager: string; operation: string; time: Date | null };

export type PodTotals = {
  total: number;
  running: number;
  pending: number;
  /** Of the pods that are running or pending. */
  requests: ComputeAmounts;
};

export type WorkloadItem = {
  /** "Service": one of ECS. */
  kind: "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Service";
  name: string;
  uid: string;
  desired: number;
  ready: number;
  images: string[];
  /** When its newest replica set was made, it last progressed, or its template was last written; null where nothing tells. */
  lastRolloutAt: Date | null;
  /** Raised by each change of what it asks for; null where the cluster does not tell it. */
  generation: number | null;
  /** GitOps, Helm or an operator, by name: "Argo CD application claims"; null where nothing says so. */
  managedBy: string | null;
  /** Paused. */
  isSuspended: boolean;
};

export type JobItem = {
  name: string;
  /** Null where none of its pods has finished. */
  lastFinishedAt: Date | null;
  startedAt: Date | null;
  /** Pods of it that run. */
  active: number;
  /** The cron job that made it. */
  cronJob: string | null;
};

export type CronJobItem = {
  name: string;
  schedule: string;
  /** IANA name; null = that of the cluster's controller. */
  timeZone: string | null;
  suspended: boolean;
  lastScheduledAt: Date | null;
  lastSuccessfulAt: Date | null;
  managedBy: string | null;
};

export type ServiceItem = {
  name: string;
  type: string;
  /** Null where endpoint slices could not be read. */
  hasEndpoints: boolean | null;
  isLoadBalancer: boolean;
};

export type VolumeItem = {
  claim: string;
  phase: string;
  /** What is provided, else what is asked for. */
  gib: number | null;
  storageClass: string | null;
  /** The provider's own id of the disk; null where it is not bound, or volumes could not be read. */
  volumeId: string | null;
  /** Null where pods could not be read. */
  isUsedByPod: boolean | null;
};

export type NetworkPolicyItem = { name: string; isDefaultDeny: boolean };

export type RoleBindingItem = {
  name: string;
  createdAt: Date | null;
  /** What it grants, and whether that is a "Role" of the namespace or a "ClusterRole". */
  role: string;
  kind: string;
  subjects: { kind: string; name: string; namespace: string | null }[];
};

/** Custom resources of one kind. `managedBy` names those that write them: their operators, or GitOps. */
export type CustomResourceCount = {
  group: string;
  kind: string;
  count: number;
  names: string[];
  managedBy: string | null;
};
