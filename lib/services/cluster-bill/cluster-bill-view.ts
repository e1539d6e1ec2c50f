import type { BillBasis, BillMethod, Resource } from "#lib/domain/cluster-bill/cluster-hour.ts";
import type { ResourceEfficiency } from "#lib/domain/efficiency/judge-efficiency.ts";
import type { Amount } from "#lib/domain/money.ts";
import type { Day } from "#lib/domain/period.ts";

/** What is asked of a cluster's bill. Half-open UTC days. */
export type ClusterBillQuery = {
  clusterKey: string;
  from: Day;
  to: Day;
  basis: BillBasis;
  /** Read what was known at this instant; null = now. */
  asOf: Date | null;
};

/** What a charge of a cluster is for. */
export type ClusterCostKind = "control-plane" | "node" | "volume" | "balancer" | "traffic" | "other";

/** namespaces | shared | overhead | idle | unobserved, and the provider's bill at the right edge. Amounts in the section's currency. */
export type ClusterBar = {
  /** Direct cost of the namespaces, with the idle capacity that is spread over them where the settings say so. */
  namespaces: Amount;
  /** What shared namespaces cost, carried by the others. */
  shared: Amount;
  /** Charges of the cluster that belong to no node and no namespace. */
  overhead: Amount;
  /** Capacity that nobody asked for or used, as far as it is not spread. */
  idle: Amount;
  /** Capacity of which is not known whether anybody used it. */
  unobserved: Amount;
  /** The sum of the five. */
  total: Amount;
  /** What the provider billed, summed from the cost rows by another way. */
  controlTotal: Amount;
  /** total − controlTotal; "0" = agrees to the last decimal. */
  difference: Amount;
  /** Days of the cost that are not split yet: their cost is missing from `total`, and the difference says how much. */
  unsplitDays: Day[];
};

export type ClusterNamespaceRow = {
  namespace: string;
  /** Null where the inventory does not know this namespace: the life is then told by its name alone. */
  uid: string | null;
  /** Team key of the owner; null = nobody is known. */
  teamKey: string | null;
  isShared: boolean;
  amount: Amount;
  direct: Amount;
  idle: Amount;
  shared: Amount;
  /** What it had before the others took it over; "0" where it is no shared namespace. No part of any sum. */
  given: Amount;
  /** Of the section's total, percent with one decimal. */
  sharePercent: string | null;
  /** Average over the observed hours; null = not known. */
  use: Record<Resource, { requested: number | null; used: number | null }>;
  /** Of the resources together: used ÷ requested of CPU; null = not known. */
  cpuEfficiency: number | null;
  memoryEfficiency: number | null;
  /** Hours of the range in which its use was observed. */
  observedHours: number;
  /** Amount per day; null = not split. */
  spark: (Amount | null)[];
};

/** Nodes of one pool, instance type and capacity type together: what they cost, and what they hold. */
export type ClusterNodePoolCost = {
  /** "" where the inventory does not tell. */
  pool: string;
  instanceType: string | null;
  capacityType: string | null;
  /** Machines that were billed, on the day with the most. */
  nodes: number;
  amount: Amount;
  sharePercent: string | null;
};

/** One stretch of settings of a cluster. The first stretch that no `validFrom` begins is the default. */
export type ClusterMethodView = {
  /** Null = Bursar's default, which nobody has saved. */
  id: number | null;
  method: BillMethod;
  idle: "separate" | "by-use" | "owner";
  idlePer: "node" | "cluster";
  shared: { names: string[]; how: "even" | "by-use" | { weights: Record<string, Amount> } };
  /** First day that it counts for; null = from the beginning. */
  validFrom: Day | null;
  savedBy: string | null;
  savedAt: string | null;
};

export type ClusterBillSection = {
  currency: string;
  bar: ClusterBar;
  days: Day[];
  /** One value a day; null = nothing was billed or the day is not split. */
  trend: { kind: "namespaces" | "shared" | "overhead" | "idle" | "unobserved"; values: (Amount | null)[] }[];
  /** Largest first. */
  namespaces: ClusterNamespaceRow[];
  /** What was billed, by what it is for; largest first. */
  kinds: { kind: ClusterCostKind; amount: Amount; resources: number; sharePercent: string | null }[];
  nodePools: ClusterNodePoolCost[];
};

export type ClusterBillView = {
  clusterKey: string;
  asOf: string | null;
  from: Day;
  to: Day;
  basis: BillBasis;
  /** Largest currency first; empty where nothing was billed. */
  sections: ClusterBillSection[];
  /** The settings that the days were split by, newest first. */
  methods: ClusterMethodView[];
  /** Whose the idle capacity is where the settings say "owner": team key; null = unknown or not asked. */
  idleOwner: string | null;
  /** Whole sentences: gaps, and what was done about them. Each once, with the days that it holds for. */
  notes: { text: string; days: number }[];
  /** How old this is: the newest split that was read. */
  splitAt: string | null;
  /** Hours of the range in which use was observed, and all of them. */
  observedHours: number;
  hours: number;
  may: { changeMethod: boolean };
};

export type NamespaceCostQuery = {
  clusterKey: string;
  /** A life by its uid; null = every life under the name. */
  uid: string | null;
  namespace: string;
  from: Day;
  to: Day;
  basis: BillBasis;
  asOf: Date | null;
};

/** What a namespace's direct cost is for. What nodes cost is divided by the method's own proportions. */
export const NAMESPACE_COST_RESOURCES = ["cpu", "memory", "gpu", "volume", "balancer", "traffic", "other"] as const;
export type NamespaceCostResource = (typeof NAMESPACE_COST_RESOURCES)[number];

export type NamespaceCostSection = {
  currency: string;
  total: Amount;
  direct: Amount;
  idle: Amount;
  shared: Amount;
  /** Σ of these = direct. Only those that are not zero. */
  resources: { resource: NamespaceCostResource; amount: Amount }[];
  days: Day[];
  /** By day; null = not split. */
  trend: { kind: "direct" | "idle" | "shared"; values: (Amount | null)[] }[];
  resourceTrend: { resource: NamespaceCostResource; values: (Amount | null)[] }[];
};

/** Use against requests by hour; gaps are null. */
export type UsageSeries = {
  /** Instants at which the hours start, ISO 8601, without holes. */
  hours: string[];
  cpu: { requested: (number | null)[]; used: (number | null)[] };
  memory: { requested: (number | null)[]; used: (number | null)[] };
  gpu: { requested: (number | null)[]; used: (number | null)[] };
  /** Bytes in the hour, received and sent together. */
  networkBytes: (number | null)[];
  volumeGib: (number | null)[];
  pods: (number | null)[];
};

export type NamespaceCostView = {
  clusterKey: string;
  namespace: string;
  uid: string | null;
  asOf: string | null;
  from: Day;
  to: Day;
  basis: BillBasis;
  sections: NamespaceCostSection[];
  method: ClusterMethodView;
  /** Of the range, at most 31 days of it; null where nothing was observed. */
  usage: UsageSeries | null;
  /** Null where nothing was observed. */
  efficiency: EfficiencyView | null;
  lastActiveAt: string | null;
  splitAt: string | null;
};

export type EfficiencyView = {
  resources: ResourceEfficiency[];
  /** Sum of the savings that are known, in the period. */
  saving: Amount | null;
  currency: string | null;
};

/** Efficiency of everything that a team owns in the clusters. */
export type TeamEfficiencyView = {
  teamKey: string;
  from: Day;
  to: Day;
  cpu: number | null;
  memory: number | null;
  gpu: number | null;
  /** By currency. */
  savings: { currency: string; amount: Amount }[];
  /** The largest saving first. */
  namespaces: { clusterKey: string; namespace: string; uid: string | null; efficiency: EfficiencyView }[];
};
