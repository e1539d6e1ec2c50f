import type { Day } from "#lib/domain/period.ts";
import type { ClusterStanding, Money, SprawlGroup } from "#lib/services/sprawl/sprawl-view.ts";
import type { OwnerView } from "#lib/services/ownership/owner-view.ts";

/** Nodes of one pool, instance type and capacity type together. Cores, GiB and devices as decimal texts. */
export type NodePoolView = {
  name: string;
  instanceType: string | null;
  capacityType: "spot" | "on-demand" | null;
  nodes: number;
  ready: number;
  zones: string[];
  cpuCores: string;
  memoryGib: string;
  gpus: string;
};

export type NodeView = {
  uid: string;
  name: string;
  pool: string;
  providerId: string | null;
  instanceType: string | null;
  capacityType: "spot" | "on-demand" | null;
  zone: string | null;
  cpuCores: string;
  memoryGib: string;
  gpus: string;
  createdAt: string | null;
  kubeletVersion: string | null;
  isReady: boolean | null;
};

/** A stretch of time in which the cluster was not looked at, or not in whole. */
export type ObservationGap = { from: string; to: string | null; reason: string };

/** The cluster page beside its bill, which services/cluster-bill reads. */
export type ClusterView = {
  asOf: string | null;
  standing: ClusterStanding;
  sourceKey: string;
  version: string | null;
  region: string | null;
  accountId: string | null;
  accountName: string | null;
  uid: string | null;
  firstSeenAt: string;
  /** Of the account that it runs in. */
  owner: OwnerView;
  /** Null where nodes may not be listed. */
  nodePools: NodePoolView[] | null;
  nodes: NodeView[] | null;
  /** Of the last 30 days; newest first. */
  gaps: ObservationGap[];
  counts: { namespaces: number; unused: number; asleep: number; unknown: number; unowned: number; pods: number | null };
  teams: SprawlGroup[];
  costs: Money[];
  costRange: { from: Day; to: Day } | null;
};
