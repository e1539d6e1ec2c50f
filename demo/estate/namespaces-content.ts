import type { Cluster } from "#demo/estate/clusters.ts";
import type { Random } from "#demo/estate/random.ts";

export type Workload = {
  kind: "Deployment" | "StatefulSet" | "CronJob" | "Job";
  name: string;
  image: string;
  replicas: number;
  /** Of one pod. Null where the pods ask for nothing, which is what hides idle cost. */
  cpuRequestMilli: number | null;
  memoryRequestMi: number | null;
  gpu: number;
  /** What one pod uses on average. */
  cpuUsedMilli: number;
  memoryUsedMi: number;
  networkBytesPerSecond: number;
  rolledOutDaysAgo: number;
  /** Of a cron job. */
  schedule: string | null;
  /** Of a cron job, and of a job that is done. */
  lastRunDaysAgo: number | null;
};

export type Volume = { name: string; sizeGi: number; usedGi: number };
export type ServicePlan = {
  name: string;
  type: "ClusterIP" | "LoadBalancer";
  hasEndpoints: boolean;
  workload: string | null;
};
export type CustomResource = {
  group: "postgresql.cnpg.io" | "kafka.strimzi.io";
  kind: "Cluster" | "KafkaTopic";
  name: string;
};

/** What lives in a namespace, as numbers; the servers render it. */
export type Content = {
  workloads: Workload[];
  volumes: Volume[];
  services: ServicePlan[];
  customResources: CustomResource[];
  hasIngress: boolean;
  hasQuota: boolean;
  hasLimits: boolean;
  hasNetworkPolicy: boolean;
  hasAutoscaler: boolean;
  isTerminating: boolean;
};

const NAMES = ["api", "web", "worker", "consumer", "scheduler", "cache", "frontend", "importer", "mailer", "rules"];
const MOST_WORKLOADS = 6;

export function emptyContent(): Content {
  return {
    workloads: [],
    volumes: [],
    services: [],
    customResources: [],
    hasIngress: false,
    hasQuota: false,
    hasLimits: false,
    hasNetworkPolicy: false,
    hasAutoscaler: false,
    isTerminating: false,
  };
}

/** The content of a namespace in use with about `pods` pods, at least one. */
export function contentOf(random: Random, pods: number, cluster: Cluster): Content {
  const target = Math.max(1, Math.round(pods));
  const count = Math.min(MOST_WORKLOADS, 1 + random.below(Math.min(MOST_WORKLOADS, target)));
  const names = NAMES.slice(random.below(NAMES.length - MOST_WORKLOADS + 1));
  const workloads = Array.from({ length: count }, (_, index) => {
    const replicas = Math.floor(target / count) + (index < target % count ? 1 : 0);
    return workloadOf(random, names[index] ?? `part-${index}`, replicas, cluster);
  });
  if (random.perMille(220)) workloads.push(cronJobOf(random, "nightly", "30 2 * * *", 0));
  const stateful = workloads.filter(({ kind }) => kind === "StatefulSet");
  const volumes = stateful.flatMap(({ name, replicas }) =>
    Array.from({ length: replicas }, (_, index) => {
      const sizeGi = random.pick([10, 20, 50, 100, 200]);
      return {
        name: `data-${name}-${index}`,
        sizeGi,
        usedGi: Math.round(sizeGi * (0.1 + random.below(70) / 100) * 10) / 10,
      };
    }),
  );
  const hasIngress = random.perMille(450);
  return {
    ...emptyContent(),
    workloads,
    volumes,
    services: workloads
      .filter(({ kind }) => kind !== "CronJob")
      .map(({ name }, index) => ({
        name,
        type: index === 0 && !hasIngress && random.perMille(120) ? "LoadBalancer" : "ClusterIP",
        hasEndpoints: true,
        workload: name,
      })),
    hasIngress,
    hasQuota: random.perMille(600),
    hasLimits: random.perMille(400),
    hasNetworkPolicy: random.perMille(350),
    hasAutoscaler: random.perMille(250),
  };
}

function workloadOf(random: Random, name: string, replicas: number, cluster: Cluster): Workload {
  const cpu = random.pick([50, 100, 100, 250, 250, 500, 1000]);
  const memory = random.pick([64, 128, 256, 256, 512, 1024, 2048]);
  const asks = !random.perMille(120);
  return {
    kind: random.perMille(140) ? "StatefulSet" : "Deployment",
    name,
    image: `registry.halvern.example/${name}:1.${random.below(40)}.${random.below(10)}`,
    replicas,
    cpuRequestMilli: asks ? cpu : null,
    memoryRequestMi: asks ? memory : null,
    gpu: cluster.features.includes("operators") && random.perMille(60) && replicas <= 2 ? 1 : 0,
    // Most ask for far more than they use, a few use more than they ask for.
    cpuUsedMilli: Math.max(2, Math.round((cpu * (5 + random.below(random.perMille(80) ? 180 : 55))) / 100)),
    memoryUsedMi: Math.max(8, Math.round((memory * (25 + random.below(70))) / 100)),
    networkBytesPerSecond: 500 + random.below(60_000),
    rolledOutDaysAgo: random.below(60),
    schedule: null,
    lastRunDaysAgo: null,
  };
}

export function cronJobOf(random: Random, name: string, schedule: string, lastRunDaysAgo: number): Workload {
  return {
    kind: "CronJob",
    name,
    image: `registry.halvern.example/${name}:2.${random.below(20)}.0`,
    replicas: 0,
    cpuRequestMilli: 500,
    memoryRequestMi: 512,
    gpu: 0,
    cpuUsedMilli: 0,
    memoryUsedMi: 0,
    networkBytesPerSecond: 0,
    rolledOutDaysAgo: 90 + random.below(100),
    schedule,
    lastRunDaysAgo,
  };
}
