import type { Amount } from "#lib/domain/money.ts";

/** What a node's cost is divided by, in this order wherever they stand side by side. */
export const RESOURCES = ["cpuCores", "memoryGib", "gpus"] as const;
export type Resource = (typeof RESOURCES)[number];

/** The bases that a cluster's cost is split in. */
export const BILL_BASES = ["billed", "effective"] as const;
export type BillBasis = (typeof BILL_BASES)[number];

/** Amounts in the cluster's one currency, of at most 12 decimals. */
export type BillAmounts = Record<BillBasis, Amount>;

/** What one unit of each resource costs for an hour, in proportion to the others; only the proportions count. */
export type ResourceRates = Record<Resource, number>;

/** What the provider charged for one node in one hour, and what it holds. */
export type NodeCost = BillAmounts & {
  node: string;
  /** "on-demand", "spot", "reserved" and the like, for those who read the result: the cost itself carries the node's own rate. */
  capacityType: string;
  /** Null = unknown: then what was asked of it counts as its size, and none of it is idle. */
  capacity: Record<Resource, number | null>;
  /** Null = the method's own. */
  rates: ResourceRates | null;
};

/** A charge for the cluster that is not a node's. */
export type OtherCost = BillAmounts & {
  kind: "control-plane" | "volume" | "balancer" | "traffic" | "other";
  /** Index of the namespace that it belongs to; null = overhead of the cluster. */
  namespace: number | null;
};

/**
 * What namespaces asked for and used in the hour, one row for a namespace on a node, by columns: a day of a large
 * installation has millions of rows. Averages over the hour in cores, GiB and GPUs; NaN = not observed.
 */
export type UseColumns = {
  count: number;
  /** Index into the hour's namespaces. */
  namespace: ArrayLike<number>;
  /** Index into the hour's nodes; -1 = not known. */
  node: ArrayLike<number>;
  readings: Record<Resource, ReadingColumns>;
};

/** `larger` is the average of the larger of both over the samples; NaN = the larger of the two averages. */
export type ReadingColumns = { requested: ArrayLike<number>; used: ArrayLike<number>; larger: ArrayLike<number> };

/** One cluster in one hour. */
export type ClusterHour = {
  namespaces: readonly string[];
  nodes: readonly NodeCost[];
  others: readonly OtherCost[];
  uses: UseColumns;
  /** False where nothing was observed in this hour, or not on every node: then what no row accounts for is unobserved, not idle. */
  isObserved: boolean;
};

/** How the parts are found; see `rates.ts` and `row-amount.ts` for the formulas. */
export type BillMethod = "opencost" | "aws-split-cost" | "requests";

/** How the cost of shared namespaces (kube-system, monitoring, ingress) reaches the others. Weights are relative, by namespace. */
export type SharingMethod = "even" | "by-use" | { weights: Readonly<Record<string, Amount>> };

export type BillSettings = {
  method: BillMethod;
  /** Idle capacity is kept apart, spread over the namespaces by what they use, or carried by the owner of the cluster. */
  idle: "separate" | "by-use" | "owner";
  /** Where "by-use" spreads idle capacity: among those who use the same node, or all of the cluster. */
  idlePer: "node" | "cluster";
  shared: { names: readonly string[]; how: SharingMethod };
};
