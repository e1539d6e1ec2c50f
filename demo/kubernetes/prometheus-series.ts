import { daemonWorkload } from "#demo/kubernetes/render-workloads.ts";
import { waveOf } from "#demo/kubernetes/usage-wave.ts";
import type { Workload } from "#demo/estate/namespaces-content.ts";
import type { PlannedCluster, PlannedNamespace } from "#demo/estate/namespaces.ts";
import { DAEMON_SETS, placementKey } from "#demo/estate/namespaces-placement.ts";
import { uuidOf } from "#demo/estate/random.ts";

export type Labels = Record<string, string>;

/** One time series. Instants are seconds since 1970. */
export type Series = {
  labels: Labels;
  /** First and last moment at which it was scraped; null = still. */
  from: number;
  to: number | null;
  valueAt(seconds: number): number;
};

const MI = 1_048_576;
const GI = 1_073_741_824;
const FAR_PAST_REPLICAS = 2;

/** What is scraped in a cluster, made metric by metric when it is asked for. */
export function seriesOf(cluster: PlannedCluster): (metric: string) => readonly Series[] {
  const known = new Map<string, readonly Series[]>();
  let pods: readonly PodLife[] | null = null;
  return (metric) => {
    const found = known.get(metric);
    if (found) return found;
    pods ??= [...cluster.lives.flatMap((life) => podLives(cluster, life)), ...daemonPods(cluster)];
    const made = METRICS[metric]?.(pods, cluster) ?? [];
    known.set(metric, made);
    return made;
  };
}

export function metricNames(): string[] {
  return Object.keys(METRICS);
}

type PodLife = {
  labels: { namespace: string; pod: string; container: string; node: string };
  workload: Workload;
  from: number;
  to: number | null;
};

function podLives(cluster: PlannedCluster, life: PlannedNamespace): PodLife[] {
  const from = Date.parse(life.created) / 1000;
  const ended = life.deleted ?? (life.dormantSince === null ? null : `${life.dormantSince}T09:30:00Z`);
  const to = ended === null ? null : Date.parse(ended) / 1000;
  // What is asleep today had pods before; of what is left only its numbers are known.
  const slept = life.dormantSince === null ? life.workloads : life.workloads.map(inUse);
  const workloads =
    slept.length === 0 && life.dormantSince !== null ? [{ ...daemonWorkload("app"), replicas: 1 }] : slept;
  return workloads.flatMap((workload) =>
    workload.schedule !== null
      ? []
      : Array.from({ length: workload.replicas }, (_, index) => ({
          labels: {
            namespace: life.name,
            pod: podName(life, workload, index),
            container: workload.name,
            node: nodeOf(cluster, life, workload, index),
          },
          workload,
          from,
          to,
        })),
  );
}

/** Where it runs; of what is gone only that it ran somewhere. */
function nodeOf(cluster: PlannedCluster, life: PlannedNamespace, workload: Workload, index: number): string {
  const placed = cluster.placement.get(placementKey(life.uid, workload.name, index));
  return (placed ?? cluster.nodes[(index * 5 + life.name.length) % cluster.nodes.length])?.name ?? "";
}

/** As it was before it fell asleep. */
function inUse(workload: Workload): Workload {
  return {
    ...workload,
    replicas: FAR_PAST_REPLICAS,
    cpuUsedMilli: Math.max(20, workload.cpuUsedMilli),
    memoryUsedMi: Math.max(64, workload.memoryUsedMi),
    networkBytesPerSecond: Math.max(500, workload.networkBytesPerSecond),
  };
}

function podName(life: PlannedNamespace, { name, kind }: Workload, index: number): string {
  if (kind === "StatefulSet") return `${name}-${index}`;
  const hash = uuidOf(life.uid, name).replaceAll("-", "").slice(0, 9);
  return `${name}-${hash}-${uuidOf(life.uid, name, String(index)).slice(0, 5)}`;
}

function daemonPods(cluster: PlannedCluster): PodLife[] {
  const system = cluster.lives.find(({ name }) => name === "kube-system");
  if (!system) return [];
  return cluster.nodes.flatMap((node) =>
    DAEMON_SETS.map((name) => ({
      labels: {
        namespace: "kube-system",
        pod: `${name}-${uuidOf(node.name, name).slice(0, 5)}`,
        container: name,
        node: node.name,
      },
      workload: daemonWorkload(name),
      from: Date.parse(system.created) / 1000,
      to: null,
    })),
  );
}

type Maker = (pods: readonly PodLife[], cluster: PlannedCluster) => Series[];

const KUBELET = { job: "kubelet", instance: "10.40.0.4:10250" };
const STATE_METRICS = { job: "kube-state-metrics", instance: "10.40.1.8:8080" };

/** cAdvisor also reports each pod as a whole, under an empty container: who sums without excluding it counts twice. */
function perContainer(pods: readonly PodLife[], metric: string, value: (pod: PodLife) => Series["valueAt"]): Series[] {
  return pods.flatMap((pod) => {
    const valueAt = value(pod);
    const { from, to, labels } = pod;
    const common = { __name__: metric, ...KUBELET, ...labels };
    return [
      { labels: common, from, to, valueAt },
      { labels: { ...common, container: "" }, from, to, valueAt },
    ];
  });
}

function network(metric: string, part: number): Maker {
  return (pods) =>
    pods.map(({ labels: { namespace, pod, node }, workload, from, to }) => {
      const wave = waveOf(`${namespace}/${pod}`);
      const start = wave.cpuIntegral(from);
      return {
        labels: { __name__: metric, ...KUBELET, namespace, pod, node, interface: "eth0" },
        from,
        to,
        valueAt: (seconds) => workload.networkBytesPerSecond * part * (wave.cpuIntegral(seconds) - start),
      };
    });
}

function constants(
  metric: string,
  valuesOf: (workload: Workload) => readonly (readonly [string, string, number])[],
): Maker {
  return (pods) =>
    pods.flatMap(({ labels, workload, from, to }) =>
      valuesOf(workload).map(([resource, unit, value]) => ({
        labels: { __name__: metric, ...STATE_METRICS, ...labels, resource, unit },
        from,
        to,
        valueAt: () => value,
      })),
    );
}

function volumes(metric: string, value: (volume: { sizeGi: number; usedGi: number }) => number): Maker {
  return (_pods, cluster) =>
    cluster.lives.flatMap((life) =>
      life.volumes.map((volume) => ({
        labels: { __name__: metric, ...KUBELET, namespace: life.name, persistentvolumeclaim: volume.name },
        from: Date.parse(life.created) / 1000,
        to: life.deleted === null ? null : Date.parse(life.deleted) / 1000,
        valueAt: () => Math.round(value(volume) * GI),
      })),
    );
}

const METRICS: Record<string, Maker> = {
  container_cpu_usage_seconds_total: (pods) =>
    perContainer(pods, "container_cpu_usage_seconds_total", ({ labels, workload, from }) => {
      const wave = waveOf(`${labels.namespace}/${labels.pod}`);
      const start = wave.cpuIntegral(from);
      return (seconds) => (workload.cpuUsedMilli / 1000) * (wave.cpuIntegral(seconds) - start);
    }),
  container_memory_working_set_bytes: (pods) =>
    perContainer(pods, "container_memory_working_set_bytes", ({ labels, workload }) => {
      const wave = waveOf(`${labels.namespace}/${labels.pod}`);
      return (seconds) => Math.round(workload.memoryUsedMi * MI * wave.memoryFactor(seconds));
    }),
  container_network_receive_bytes_total: network("container_network_receive_bytes_total", 1),
  container_network_transmit_bytes_total: network("container_network_transmit_bytes_total", 0.6),
  kube_pod_container_resource_requests: constants(
    "kube_pod_container_resource_requests",
    ({ cpuRequestMilli, memoryRequestMi, gpu }) => [
      ...(cpuRequestMilli === null ? [] : [["cpu", "core", cpuRequestMilli / 1000] as const]),
      ...(memoryRequestMi === null ? [] : [["memory", "byte", memoryRequestMi * MI] as const]),
      ...(gpu === 0 ? [] : [["nvidia_com_gpu", "integer", gpu] as const]),
    ],
  ),
  kube_pod_container_resource_limits: constants("kube_pod_container_resource_limits", ({ memoryRequestMi, gpu }) => [
    ...(memoryRequestMi === null ? [] : [["memory", "byte", memoryRequestMi * 2 * MI] as const]),
    ...(gpu === 0 ? [] : [["nvidia_com_gpu", "integer", gpu] as const]),
  ]),
  kube_pod_info: (pods) =>
    pods.map(({ labels: { namespace, pod, node }, workload, from, to }) => ({
      labels: {
        __name__: "kube_pod_info",
        ...STATE_METRICS,
        namespace,
        pod,
        node,
        created_by_kind: workload.kind === "StatefulSet" ? "StatefulSet" : "ReplicaSet",
        created_by_name: workload.name,
      },
      from,
      to,
      valueAt: () => 1,
    })),
  kubelet_volume_stats_used_bytes: volumes("kubelet_volume_stats_used_bytes", ({ usedGi }) => usedGi),
  kubelet_volume_stats_capacity_bytes: volumes("kubelet_volume_stats_capacity_bytes", ({ sizeGi }) => sizeGi),
  DCGM_FI_DEV_GPU_UTIL: (pods) =>
    pods
      .filter(({ workload }) => workload.gpu > 0)
      .map(({ labels, from, to }) => {
        const wave = waveOf(`gpu/${labels.namespace}/${labels.pod}`);
        return {
          labels: { __name__: "DCGM_FI_DEV_GPU_UTIL", job: "dcgm-exporter", ...labels, gpu: "0" },
          from,
          to,
          valueAt: (seconds: number) => Math.round(45 * wave.cpuFactor(seconds)),
        };
      }),
  up: () =>
    ["kubelet", "kube-state-metrics"].map((job) => ({
      labels: { __name__: "up", job, instance: "10.40.0.4:10250" },
      from: 0,
      to: null,
      valueAt: () => 1,
    })),
};
