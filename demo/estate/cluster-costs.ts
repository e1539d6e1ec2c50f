import type { Day } from "#lib/domain/period.ts";
import type { Calendar } from "#demo/estate/calendar.ts";
import type { CloudAccount } from "#demo/estate/accounts.ts";
import { nodeSku, SKUS, type Sku } from "#demo/estate/cluster-skus.ts";
import type { Cluster, NodePool } from "#demo/estate/clusters.ts";
import { dayFactors } from "#demo/estate/calendar.ts";
import { isActive } from "#demo/estate/accounts.ts";
import type { Charge, Line } from "#demo/estate/line.ts";
import type { LineBook, Place } from "#demo/estate/line-book.ts";
import type { PlannedCluster, PlannedNamespace } from "#demo/estate/namespaces.ts";
import { uuidOf } from "#demo/estate/random.ts";
import { PROVIDERS, type SourceKey } from "#demo/estate/services.ts";
import { chargeOf } from "#demo/estate/streams.ts";
import type { PlantedOwner } from "#demo/estate/tagging.ts";

/** What a cluster is charged by the day: a control plane, machines, disks, balancers and traffic, under its own tags. */
export type ClusterLine = {
  line: Line;
  account: CloudAccount;
  cluster: string;
  /** Of a whole day, in 10^-4 units. */
  dailyQuantity: number;
  /** Half-open; null = always. */
  from: Day | null;
  to: Day | null;
};

const TEN_THOUSANDTHS = 10_000;
/** Of one thing that runs all day, in 10^-4 units. */
export const HOURS = 24 * TEN_THOUSANDTHS;
const GB_MONTH_DAYS = 30;
const TRAFFIC_GB_OF_A_NODE = 14;
/**
 * The charges of the 12 clusters, beside everything else that the estate buys: machines that another row bills already are not charged
 * again, and nothing else changes. They are their account's, as every row is that no tag gives to a team.
 */
export function clusterLinesOf(seed: string, clusters: readonly PlannedCluster[], book: LineBook): ClusterLine[] {
  return clusters.flatMap((cluster) => {
    const { account } = cluster;
    const skus = SKUS[account.provider];
    const owner = ownerOf(account);
    const add = (
      offer: Sku,
      resource: { id: string; name: string; zone?: string },
      quantity: number,
      tags: Record<string, string> = {},
      life: { from: Day | null; to: Day | null } = { from: null, to: null },
    ): ClusterLine => ({
      account,
      cluster: cluster.name,
      dailyQuantity: Math.round(quantity),
      ...life,
      line: book.usage(
        account,
        { ...ANY_OFFER, ...offer, provider: account.provider },
        placeOf(cluster, resource),
        { ...clusterTags(cluster), ...tags },
        owner,
      ),
    });
    return [
      // On plain machines nobody bills a control plane.
      ...(cluster.distribution === "rancher" ? [] : [add(skus.plane, planeOf(cluster), HOURS)]),
      ...machinesOf(cluster).map(({ pool, resource, count }) => add(nodeSku(skus.node, pool), resource, count * HOURS)),
      ...cluster.lives.flatMap((life) => disksOf(seed, cluster, life, skus.disk, add)),
      ...cluster.lives.flatMap((life) => balancersOf(cluster, life, skus.balancer, add)),
      add(
        skus.traffic,
        { id: trafficIdOf(cluster), name: `${cluster.name}-nat` },
        cluster.nodes.length * TRAFFIC_GB_OF_A_NODE * TEN_THOUSANDTHS,
      ),
    ];
  });
}

/** What a day of the clusters costs at one source. A day that is not over is charged as far as it is. */
export function clusterChargesOf(
  lines: readonly ClusterLine[],
  source: SourceKey,
  day: Day,
  calendar: Calendar,
): Charge[] {
  const { partial } = dayFactors(calendar, day);
  return lines
    .filter(
      ({ line, account, from, to }) =>
        line.source === source && isActive(account, day) && (from === null || from <= day) && (to === null || day < to),
    )
    .map(({ line, dailyQuantity }) => chargeOf(line, day, Math.round((dailyQuantity * partial) / TEN_THOUSANDTHS)));
}

export const ANY_OFFER = {
  weight: 0,
  weekendPercent: 100,
  monthEndPercent: 100,
  covered: null,
  environments: [],
} as const;

export function ownerOf(account: CloudAccount): PlantedOwner {
  if (account.team !== null) return { kind: "team", team: account.team };
  return account.pool === null ? { kind: "nobody" } : { kind: "pool", pool: account.pool };
}

function clusterTags({ name, distribution }: Cluster): Record<string, string> {
  if (distribution === "aks") return { "aks-managed-cluster-name": name };
  if (distribution === "gke") return { "goog-k8s-cluster-name": name };
  if (distribution === "rancher") return { [`kubernetes.io/cluster/${name}`]: "owned" };
  return { "aws:eks:cluster-name": name, [`kubernetes.io/cluster/${name}`]: "owned" };
}

function placeOf(
  { account, region, distribution }: Cluster,
  { id, name, zone }: { id: string; name: string; zone?: string },
): Place {
  const [regionId, regionName] = PROVIDERS[account.provider].regions.find(([key]) => key === region) ?? [
    region,
    region,
  ];
  return {
    regionId,
    regionName,
    availabilityZone: zone !== undefined && distribution !== "aks" && distribution !== "gke" ? zone : null,
    resourceId: id,
    resourceName: name,
  };
}

function planeOf({ account, name, region, distribution }: Cluster): { id: string; name: string } {
  if (distribution === "aks")
    return {
      id: `${account.id}/resourceGroups/rg-${account.name}/providers/Microsoft.ContainerService/managedClusters/${name}`,
      name,
    };
  if (distribution === "gke")
    return { id: `//container.googleapis.com/projects/${account.id}/locations/${region}/clusters/${name}`, name };
  return { id: `arn:aws:eks:${region}:${account.id}:cluster/${name}`, name };
}

function trafficIdOf({ account, name, region, distribution }: Cluster): string {
  if (distribution === "aks")
    return `${account.id}/resourceGroups/rg-${account.name}/providers/Microsoft.Network/natGateways/${name}`;
  if (distribution === "gke")
    return `//compute.googleapis.com/projects/${account.id}/regions/${region}/routers/${name}-nat`;
  return `arn:aws:ec2:${region}:${account.id}:natgateway/nat-0${uuidOf("nat", name).replaceAll("-", "").slice(0, 16)}`;
}

type Machines = { pool: NodePool; resource: { id: string; name: string; zone: string }; count: number };

/** Machines that no other row bills. Azure bills a scale set as one. */
function machinesOf({ account, name, region, nodes, billedMachines, distribution }: PlannedCluster): Machines[] {
  const own = nodes.slice(billedMachines.length);
  if (distribution === "aks") {
    const sets = Map.groupBy(
      own,
      (node) => `${node.pool.name} ${node.providerId.replace(/\/virtualMachines\/\d+$/, "")}`,
    );
    return [...sets.values()].flatMap((members) => {
      const [first] = members;
      if (!first) return [];
      const id = first.providerId.replace(/^azure:\/\//, "").replace(/\/virtualMachines\/\d+$/, "");
      return [
        {
          pool: first.pool,
          resource: { id, name: id.split("/").at(-1) ?? name, zone: first.zone },
          count: members.length,
        },
      ];
    });
  }
  return own.map(({ pool, providerId, zone }) => {
    const instance = providerId.split("/").at(-1) ?? "";
    const id =
      distribution === "gke"
        ? `//compute.googleapis.com/projects/${account.id}/zones/${zone}/instances/${instance}`
        : `arn:aws:ec2:${region}:${account.id}:instance/${instance}`;
    return { pool, resource: { id, name: instance, zone }, count: 1 };
  });
}

type Add = (
  offer: Sku,
  resource: { id: string; name: string },
  quantity: number,
  tags: Record<string, string>,
  life: { from: Day | null; to: Day | null },
) => ClusterLine;

function lifeOf({ created, deleted }: PlannedNamespace): { from: Day; to: Day | null } {
  return { from: created.slice(0, 10) as Day, to: deleted === null ? null : (deleted.slice(0, 10) as Day) };
}

function disksOf(seed: string, cluster: PlannedCluster, life: PlannedNamespace, offer: Sku, add: Add): ClusterLine[] {
  return life.volumes.flatMap(({ name, sizeGi }, index) => {
    // The first one is a disk that another row bills.
    if (index === 0 && cluster.billedVolumes.length > 0) return [];
    const disk = `vol-0${uuidOf(seed, cluster.name, "claim", life.uid, name).replaceAll("-", "").slice(0, 16)}`;
    const tags = {
      [pvcTag(cluster, "namespace")]: life.name,
      [pvcTag(cluster, "name")]: name,
    };
    const line = add(
      offer,
      { id: partIdOf(cluster, "disks", "volume", disk), name: disk },
      (sizeGi * TEN_THOUSANDTHS) / GB_MONTH_DAYS,
      tags,
      lifeOf(life),
    );
    return [line];
  });
}

function balancersOf(cluster: PlannedCluster, life: PlannedNamespace, offer: Sku, add: Add): ClusterLine[] {
  return life.services.flatMap(({ name, type }) => {
    if (type !== "LoadBalancer") return [];
    const balancer = `k8s-${uuidOf("balancer", life.uid, name).slice(0, 8)}`;
    const tag = cluster.distribution === "aks" ? "k8s-azure-service" : "kubernetes.io/service-name";
    return [
      add(
        offer,
        { id: partIdOf(cluster, "loadBalancers", "loadbalancer", balancer), name: balancer },
        HOURS,
        { [tag]: `${life.name}/${name}` },
        lifeOf(life),
      ),
    ];
  });
}

/** The storage drivers of Azure and Google may not write slashes into a tag. */
function pvcTag({ distribution }: Cluster, what: "namespace" | "name"): string {
  if (distribution === "aks") return `kubernetes.io-created-for-pvc-${what}`;
  return distribution === "gke" ? `kubernetes-io-created-for-pvc-${what}` : `kubernetes.io/created-for/pvc/${what}`;
}

function partIdOf(
  { account, region, distribution, name }: Cluster,
  collection: string,
  type: string,
  id: string,
): string {
  if (distribution === "aks")
    return `${account.id}/resourceGroups/mc_rg-${account.name}_${name}_${region}/providers/Microsoft.Compute/${collection}/${id}`;
  if (distribution === "gke")
    return `//compute.googleapis.com/projects/${account.id}/regions/${region}/${collection}/${id}`;
  return `arn:aws:${type === "volume" ? "ec2" : "elasticloadbalancing"}:${region}:${account.id}:${type}/${id}`;
}
