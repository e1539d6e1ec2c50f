import { waveOf } from "#demo/kubernetes/usage-wave.ts";
import { daemonWorkload } from "#demo/kubernetes/render-workloads.ts";
import { DAEMON_SETS } from "#demo/estate/namespaces-placement.ts";
import type { PlannedCluster, PlannedNamespace } from "#demo/estate/namespaces.ts";
import { startOf, type Day } from "#lib/domain/period.ts";

const HOUR_SECONDS = 3_600;
const MILLI = 1_000;
const MI_PER_GIB = 1_024;
/** What cAdvisor counts as sent beside what was received, as the demo's Prometheus has it. */
const NETWORK_PARTS = 1.6;
/** How busy the demo's accelerators are on average. */
const GPU_BUSY = 0.45;

/** What one namespace asks for and uses together, on average. */
type Use = {
  cpuRequested: number;
  cpuUsed: number;
  memoryRequested: number;
  memoryUsed: number;
  gpus: number;
  bytesPerSecond: number;
  pods: number;
};

/** A row of usage without the uid's meaning: what the demo's metrics would have said of a namespace in an hour, over all nodes. */
export type UsedHour = { hour: number; namespace: string; uid: string; node: string } & Record<
  | "cpuRequested"
  | "cpuUsed"
  | "cpuLarger"
  | "memoryRequested"
  | "memoryUsed"
  | "memoryLarger"
  | "gpuRequested"
  | "gpuUsed"
  | "gpuLarger"
  | "networkBytes"
  | "volumeGib"
  | "pods",
  number | null
>;

/**
 * The hours of a cluster's day, one row to a namespace: by nodes they would be a dozen times as many, which the demo's start has no time
 * for. Where metrics are sampled, network and volumes are unknown.
 */
export function usedHours(cluster: PlannedCluster, day: Day, hours: readonly number[]): UsedHour[] {
  const isScraped = cluster.features.includes("prometheus");
  const start = startOf(day).getTime() / MILLI;
  const running = cluster.lives.flatMap((life) => {
    const use = useOf(cluster, life);
    return use.pods === 0 && (!isScraped || life.volumes.length === 0) ? [] : [{ life, use, wave: waveOf(life.uid) }];
  });
  return hours.flatMap((hour) => {
    const from = start + hour * HOUR_SECONDS;
    return running.flatMap(({ life, use, wave }) => {
      const isThere = Date.parse(life.created) / MILLI <= from && !(endOf(life.deleted) < from + HOUR_SECONDS);
      if (!isThere) return [];
      const isQuiet = life.dormantSince !== null && endOf(`${life.dormantSince}T09:30:00Z`) <= from;
      const part = isQuiet ? 0 : (wave.cpuIntegral(from + HOUR_SECONDS) - wave.cpuIntegral(from)) / HOUR_SECONDS;
      const memoryPart = isQuiet ? 0 : wave.memoryFactor(from + HOUR_SECONDS / 2);
      const asked = isQuiet ? 0 : 1;
      const volumeGib = life.volumes.reduce((total, { usedGi }) => total + usedGi, 0);
      return [
        {
          hour,
          namespace: life.name,
          uid: life.uid,
          node: "",
          cpuRequested: use.cpuRequested * asked,
          cpuUsed: use.cpuUsed * part,
          cpuLarger: null,
          memoryRequested: use.memoryRequested * asked,
          memoryUsed: use.memoryUsed * memoryPart,
          memoryLarger: null,
          gpuRequested: use.gpus * asked,
          gpuUsed: isScraped ? use.gpus * GPU_BUSY * part : null,
          gpuLarger: null,
          networkBytes: isScraped ? use.bytesPerSecond * NETWORK_PARTS * part * HOUR_SECONDS : null,
          volumeGib: isScraped ? volumeGib : null,
          pods: use.pods * asked,
        },
      ];
    });
  });
}

function endOf(instant: string | null): number {
  return instant === null ? Number.POSITIVE_INFINITY : Date.parse(instant) / MILLI;
}

function useOf(cluster: PlannedCluster, life: PlannedNamespace): Use {
  const daemons =
    life.name === "kube-system"
      ? DAEMON_SETS.map((name) => ({ ...daemonWorkload(name), replicas: cluster.nodes.length }))
      : [];
  const use: Use = {
    cpuRequested: 0,
    cpuUsed: 0,
    memoryRequested: 0,
    memoryUsed: 0,
    gpus: 0,
    bytesPerSecond: 0,
    pods: 0,
  };
  for (const {
    replicas,
    schedule,
    cpuRequestMilli,
    memoryRequestMi,
    cpuUsedMilli,
    memoryUsedMi,
    gpu,
    networkBytesPerSecond,
  } of [...life.workloads, ...daemons]) {
    if (schedule !== null) continue;
    use.cpuRequested += (replicas * (cpuRequestMilli ?? 0)) / MILLI;
    use.cpuUsed += (replicas * cpuUsedMilli) / MILLI;
    use.memoryRequested += (replicas * (memoryRequestMi ?? 0)) / MI_PER_GIB;
    use.memoryUsed += (replicas * memoryUsedMi) / MI_PER_GIB;
    use.gpus += replicas * gpu;
    use.bytesPerSecond += replicas * networkBytesPerSecond;
    use.pods += replicas;
  }
  return use;
}
