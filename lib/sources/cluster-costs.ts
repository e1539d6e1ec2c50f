import type { Amount } from "#lib/domain/money.ts";

/** By what charges are known to be a cluster's. */
export type ClusterIdentities = {
  /** What tags and resource ids call a cluster, in the account given or in any; what nobody names here keeps the name that it has there. */
  names: { name: string; account: string | null; clusterKey: string }[];
  /** Machines and disks by resourceTail of their id. They say more than tags, which may be old. */
  resources: { tail: string; clusterKey: string; kind: "node" | "volume"; namespace: string | null }[];
};

/**
 * By what a machine's provider id and a charge's resource id are compared: their last part, in lower case. Azure bills the machines of a
 * scale set under the set, and names sets alike in every resource group, so that its ids are compared whole, without the instance.
 */
export function resourceTail(id: string): string {
  const path = id.toLowerCase().replace(/^[a-z]+:\/\/(?=\/)/, "");
  if (path.startsWith("/subscriptions/")) return path.replace(/\/virtualmachines\/\d+$/, "");
  return path.split("/").at(-1) ?? path;
}

/** ECS and EKS may each have a cluster of one name in one account, so that those of ECS are told apart by this. */
export function ecsClusterName(name: string): string {
  return `ecs:${name}`;
}

/** What charges of clusters add up to, summed over the line items themselves. */
export type ClusterControlTotal = {
  clusterKey: string;
  currency: string;
  billed: Amount;
  effective: Amount;
  lineItems: number;
};

/**
 * Left by a reading of line items in the table `cluster_cost(cluster_key VARCHAR, starts_at TIMESTAMP, hours INTEGER, kind, resource_id,
 * namespace, account, currency VARCHAR, billed, effective DECIMAL(38,12), line_items INTEGER)` of its connection, where any charge was
 * recognised as a cluster's. Charge periods are whole hours, within the billing period.
 */
export type ClusterCostReading = { totals: ClusterControlTotal[] };
