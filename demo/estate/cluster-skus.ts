import type { Provider } from "#demo/estate/accounts.ts";
import type { NodePool } from "#demo/estate/clusters.ts";
import type { ServiceOffer } from "#demo/estate/services.ts";

const SPOT_PERCENT = 34;
/** Public prices of an hour, in millionths of the provider's billing currency. */
const HOURLY_MICROS: Record<string, number> = {
  "m6i.2xlarge": 460_000,
  "r6i.xlarge": 304_000,
  "g5.2xlarge": 1_516_000,
  Standard_D4s_v5: 230_000,
  Standard_E4s_v5: 304_000,
  Standard_NC8as_T4_v3: 904_000,
  "n2-standard-8": 472_000,
  "n2-highmem-4": 318_000,
  "g2-standard-8": 1_042_000,
};

export type Sku = Pick<
  ServiceOffer,
  "code" | "name" | "category" | "subcategory" | "meter" | "unit" | "priceMicros" | "resourceType"
>;

/** How each provider calls and prices what a cluster is made of. */
export const SKUS: Record<Provider, Record<"plane" | "node" | "disk" | "balancer" | "traffic", Sku>> = {
  AWS: {
    plane: sku(
      "k8s-plane",
      "Amazon Elastic Kubernetes Service",
      "Compute",
      "Containers",
      "AmazonEKS-Hours:perCluster",
      "Hours",
      100_000,
      "Cluster",
    ),
    node: sku(
      "k8s-node",
      "Amazon Elastic Compute Cloud",
      "Compute",
      "Virtual Machines",
      "BoxUsage",
      "Hours",
      0,
      "Instance",
    ),
    disk: sku(
      "k8s-disk",
      "Amazon Elastic Block Store",
      "Storage",
      "Block Storage",
      "EBS:VolumeUsage.gp3",
      "GB-Month",
      95_200,
      "Volume",
    ),
    balancer: sku(
      "k8s-lb",
      "Elastic Load Balancing",
      "Networking",
      "Load Balancing",
      "LoadBalancerUsage",
      "Hours",
      27_000,
      "Load Balancer",
    ),
    traffic: sku(
      "k8s-nat",
      "Amazon Virtual Private Cloud",
      "Networking",
      "Network Connectivity",
      "NatGateway-Bytes",
      "GB",
      52_000,
      "NAT Gateway",
    ),
  },
  Microsoft: {
    plane: sku(
      "k8s-plane",
      "Azure Kubernetes Service",
      "Compute",
      "Containers",
      "Standard Uptime SLA",
      "Hours",
      92_000,
      "Managed Cluster",
    ),
    node: sku(
      "k8s-node",
      "Virtual Machines",
      "Compute",
      "Virtual Machines",
      "VM",
      "Hours",
      0,
      "Virtual machine scale set",
    ),
    disk: sku("k8s-disk", "Storage", "Storage", "Block Storage", "Premium SSD v2", "GB-Month", 88_000, "Disk"),
    balancer: sku(
      "k8s-lb",
      "Load Balancer",
      "Networking",
      "Load Balancing",
      "Standard rules",
      "Hours",
      23_000,
      "Load balancer",
    ),
    traffic: sku(
      "k8s-nat",
      "Bandwidth",
      "Networking",
      "Network Connectivity",
      "Standard data transfer out",
      "GB",
      46_000,
      "Data transfer",
    ),
  },
  "Google Cloud": {
    plane: sku(
      "k8s-plane",
      "Kubernetes Engine",
      "Compute",
      "Containers",
      "Cluster management fee",
      "Hours",
      92_000,
      "Cluster",
    ),
    node: sku("k8s-node", "Compute Engine", "Compute", "Virtual Machines", "Instance", "Hours", 0, "Instance"),
    disk: sku(
      "k8s-disk",
      "Compute Engine",
      "Storage",
      "Block Storage",
      "Balanced PD capacity",
      "GB-Month",
      96_000,
      "Disk",
    ),
    balancer: sku(
      "k8s-lb",
      "Networking",
      "Networking",
      "Load Balancing",
      "Forwarding rule",
      "Hours",
      25_000,
      "Forwarding Rule",
    ),
    traffic: sku(
      "k8s-nat",
      "Networking",
      "Networking",
      "Network Connectivity",
      "Cloud NAT data processing",
      "GB",
      42_000,
      "NAT Gateway",
    ),
  },
};

function sku(
  code: string,
  name: string,
  category: string,
  subcategory: string,
  meter: string,
  unit: string,
  priceMicros: number,
  resourceType: string,
): Sku {
  return { code, name, category, subcategory, meter, unit, priceMicros, resourceType };
}

/** A machine of a pool, at its public price of an hour or what is left of that for one that can be taken away. */
export function nodeSku(offer: Sku, pool: NodePool): Sku {
  const hourly = HOURLY_MICROS[pool.instanceType] ?? 0;
  const isSpot = pool.capacityType === "spot";
  return {
    ...offer,
    meter: `${isSpot ? "SpotUsage" : offer.meter}:${pool.instanceType}`,
    priceMicros: isSpot ? Math.round((hourly * SPOT_PERCENT) / 100) : hourly,
  };
}
