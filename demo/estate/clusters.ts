import type { CloudAccount } from "#demo/estate/accounts.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { randomFor, uuidOf } from "#demo/estate/random.ts";

export type Distribution = "eks" | "aks" | "gke" | "rancher";

/** What is installed in a cluster, beside Kubernetes itself. */
export type ClusterFeature =
  | "prometheus"
  | "metrics-server"
  | "argo-cd"
  | "flux"
  | "capsule"
  | "rancher"
  | "openshift-origin"
  | "policy-reports"
  | "trivy"
  | "operators";

export type NodePool = {
  name: string;
  instanceType: string;
  vCpu: number;
  memoryGib: number;
  gpu: number;
  capacityType: "on-demand" | "spot";
  /** Of ten nodes without a GPU so many. */
  tenths: number;
};

export type Cluster = {
  name: string;
  distribution: Distribution;
  version: string;
  account: CloudAccount;
  region: string;
  zones: readonly string[];
  /** Whose account it runs in; null where the account is everybody's. */
  ownerTeam: string | null;
  features: readonly ClusterFeature[];
  nodePools: readonly NodePool[];
  /** Namespaces that are there today, those of the system included. */
  namespaces: number;
  /** Resource id under which the cost rows bill the control plane; null where the estate has no such row. */
  controlPlaneResourceId: string | null;
  /** Machines, volumes and balancers of its account that the cost rows bill, by their resource ids. */
  billedMachines: readonly { resourceId: string; zone: string }[];
  billedVolumes: readonly string[];
  billedBalancers: readonly string[];
};

export type ClusterNode = {
  name: string;
  providerId: string;
  pool: NodePool;
  zone: string;
  /** ISO instant. */
  created: string;
};

type Plan = Pick<Cluster, "name" | "distribution" | "region" | "namespaces"> & {
  account: string;
  features: readonly ClusterFeature[];
};

const REGIONS: Record<Distribution, string> = {
  eks: "eu-central-1",
  rancher: "eu-central-1",
  aks: "westeurope",
  gke: "europe-west3",
};
const VERSIONS: Record<Distribution, string> = {
  eks: "v1.32.9-eks-113cf36",
  rancher: "v1.32.9+rke2r1",
  aks: "v1.32.9",
  gke: "v1.32.9-gke.1239000",
};
const EVERYWHERE: readonly ClusterFeature[] = ["metrics-server", "policy-reports", "trivy"];
const GITOPS: readonly ClusterFeature[] = ["prometheus", "argo-cd"];

const PLANS: readonly Plan[] = [
  plan("shared-eks-prod", "eks", "shared-eks-prod", 110, [...GITOPS, "operators"]),
  plan("shared-eks-nonprod", "eks", "shared-eks-nonprod", 110, [...GITOPS, "capsule"]),
  plan("policy-core-prod", "eks", "policy-core-prod", 25, [...GITOPS, "operators"]),
  plan("motor-claims-prod", "eks", "motor-claims-prod", 25, GITOPS),
  plan("quote-engine-prod", "eks", "quote-engine-prod", 25, GITOPS),
  plan("life-policy-prod", "eks", "life-policy-prod", 25, ["prometheus", "flux"]),
  plan("crm-prod", "aks", "hvn-crm-prod", 30, ["flux"]),
  plan("workplace-prod", "aks", "hvn-workplace-prod", 60, ["prometheus", "capsule", "openshift-origin"]),
  plan("regulatory-prod", "aks", "hvn-regulatory-prod", 20, ["openshift-origin"]),
  plan("analytics-gke", "gke", "hvn-analytics-prod", 50, ["prometheus", "flux", "operators"]),
  plan("claims-insight-gke", "gke", "hvn-claims-insight", 30, GITOPS),
  plan("rancher-tools", "rancher", "shared-services", 90, ["prometheus", "rancher"]),
];

const PODS_OF_A_NODE = 24;
const FEWEST_NODES = 3;
/** How much of a node's CPU and memory is asked for, at most, on average. */
const FILLED = 0.62;

function plan(
  name: string,
  distribution: Distribution,
  account: string,
  namespaces: number,
  features: readonly ClusterFeature[],
): Plan {
  return {
    name,
    distribution,
    account,
    region: REGIONS[distribution],
    namespaces,
    features: [...EVERYWHERE, ...features],
  };
}

/** The 12 clusters: 6 of EKS, 3 of AKS, 2 of GKE, and one that Rancher runs on EC2. */
export function clustersOf(estate: Pick<Estate, "accounts" | "streams">): Cluster[] {
  return PLANS.map(({ account: accountName, ...rest }) => {
    const account = estate.accounts.find(({ name }) => name === accountName);
    if (!account) throw new RangeError(`There is no account ${accountName}.`);
    const zones = zonesOf(rest.distribution, rest.region);
    const billed = (pattern: RegExp) =>
      estate.streams
        .filter((stream) => stream.account === account && pattern.test(stream.offer.code))
        .flatMap(({ stretches }) => {
          const line = stretches[0]?.line;
          return line?.resourceId
            ? [{ resourceId: line.resourceId, zone: line.availabilityZone ?? zones[0] ?? "" }]
            : [];
        });
    return {
      ...rest,
      version: VERSIONS[rest.distribution],
      account,
      zones,
      ownerTeam: account.team,
      nodePools: nodePoolsOf(rest.distribution, rest.features),
      // On plain machines nobody bills a control plane.
      controlPlaneResourceId: rest.distribution === "rancher" ? null : (billed(/^(eks|aks)$/)[0]?.resourceId ?? null),
      billedMachines: billed(/^(ec2-m6i|vm-d4s|gce-n2)$/).filter(
        ({ zone }) => rest.distribution === "gke" || rest.distribution === "aks" || zone.startsWith(rest.region),
      ),
      billedVolumes: billed(/^ebs-gp3$/).map(({ resourceId }) => resourceId),
      billedBalancers: billed(/^elb$/).map(({ resourceId }) => resourceId),
    };
  });
}

function zonesOf(distribution: Distribution, region: string): string[] {
  if (distribution === "aks") return ["1", "2", "3"].map((zone) => `${region}-${zone}`);
  return ["a", "b", "c"].map((zone) => (distribution === "gke" ? `${region}-${zone}` : `${region}${zone}`));
}

function nodePoolsOf(distribution: Distribution, features: readonly ClusterFeature[]): NodePool[] {
  const types = {
    eks: ["m6i.2xlarge", "r6i.xlarge", "g5.2xlarge"],
    rancher: ["m6i.2xlarge", "m6i.2xlarge", "g5.2xlarge"],
    aks: ["Standard_D4s_v5", "Standard_E4s_v5", "Standard_NC8as_T4_v3"],
    gke: ["n2-standard-8", "n2-highmem-4", "g2-standard-8"],
  }[distribution];
  const small = distribution === "aks" ? 4 : 8;
  const hasGpu = features.includes("operators");
  return [
    {
      name: "general",
      instanceType: types[0] ?? "",
      vCpu: small,
      memoryGib: small * 4,
      gpu: 0,
      capacityType: "on-demand",
      tenths: 6,
    },
    {
      name: "batch-spot",
      instanceType: types[1] ?? "",
      vCpu: 4,
      memoryGib: 32,
      gpu: 0,
      capacityType: "spot",
      tenths: 4,
    },
    ...(hasGpu
      ? [
          {
            name: "gpu",
            instanceType: types[2] ?? "",
            vCpu: 8,
            memoryGib: 32,
            gpu: 1,
            capacityType: "on-demand" as const,
            tenths: 0,
          },
        ]
      : []),
  ];
}

/** What the pods of a cluster ask for, all together. */
export type ClusterNeed = { pods: number; cpuMilli: number; memoryMi: number; gpus: number };

/** The nodes for what is asked for, a third of them idle. Those that the cost rows bill come first and carry the rows' own ids. */
export function nodesOf(seed: string, cluster: Cluster, need: ClusterNeed, today: string): ClusterNode[] {
  const plain = cluster.nodePools.filter(({ gpu }) => gpu === 0);
  const perTen = plain.flatMap((pool) => Array.from({ length: pool.tenths }, () => pool));
  const average = (of: (pool: NodePool) => number) => perTen.reduce((sum, pool) => sum + of(pool), 0) / perTen.length;
  const count = Math.max(
    FEWEST_NODES,
    Math.ceil(need.pods / PODS_OF_A_NODE),
    Math.ceil(need.cpuMilli / (average(({ vCpu }) => vCpu) * 1_000 * FILLED)),
    Math.ceil(need.memoryMi / (average(({ memoryGib }) => memoryGib) * 1_024 * FILLED)),
  );
  const gpuPool = cluster.nodePools.find(({ gpu }) => gpu > 0);
  const gpuNodes = gpuPool ? Math.ceil(need.gpus / gpuPool.gpu) : 0;
  return Array.from({ length: count + gpuNodes }, (_, index) => {
    const random = randomFor(seed, "node", cluster.name, String(index));
    const billed = cluster.billedMachines[index];
    const pool = index >= count ? gpuPool : billed ? plain[0] : perTen[(index * 7) % perTen.length];
    if (!pool) throw new RangeError(`${cluster.name} has no node pool.`);
    const zone = billed?.zone || (cluster.zones[index % cluster.zones.length] ?? "");
    const days = pool.capacityType === "spot" ? random.below(6) : random.below(90);
    const created = new Date(Date.parse(`${today}T05:00:00Z`) - days * 86_400_000 - random.below(86_400) * 1000);
    return {
      name: nodeName(cluster, index),
      providerId: providerIdOf(cluster, zone, index, billed?.resourceId ?? null),
      pool,
      zone,
      created: created.toISOString().replace(/\.\d+Z$/, "Z"),
    };
  });
}

function nodeName(cluster: Cluster, index: number): string {
  if (cluster.distribution === "aks") return `aks-general-${cluster.name}-vmss${index.toString(36).padStart(6, "0")}`;
  if (cluster.distribution === "gke")
    return `gke-${cluster.name}-general-${uuidOf(cluster.name, String(index)).slice(0, 8)}`;
  return `ip-10-${40 + (cluster.name.length % 8)}-${Math.floor(index / 250)}-${(index % 250) + 4}.${cluster.region}.compute.internal`;
}

function providerIdOf(cluster: Cluster, zone: string, index: number, resourceId: string | null): string {
  const last = resourceId?.split("/").at(-1);
  if (cluster.distribution === "aks") {
    const group = `${cluster.account.id}/resourceGroups/mc_rg-${cluster.account.name}_${cluster.name}_${cluster.region}`;
    return `azure://${resourceId ?? `${group}/providers/Microsoft.Compute/virtualMachineScaleSets/aks-general-vmss/virtualMachines/${index}`}`;
  }
  if (cluster.distribution === "gke") return `gce://${cluster.account.id}/${zone}/${last ?? nodeName(cluster, index)}`;
  return `aws:///${zone}/${last ?? `i-0${uuidOf("instance", cluster.name, String(index)).replaceAll("-", "").slice(0, 16)}`}`;
}
