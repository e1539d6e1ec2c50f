import type { ClusterNode } from "#demo/estate/clusters.ts";
import type { Workload } from "#demo/estate/namespaces-content.ts";

/** What runs on every node, beside the namespaces' own workloads. */
export const DAEMON_SETS = ["kube-proxy", "node-agent", "csi-node"] as const;
export const DAEMON_REQUEST = { cpuMilli: 100, memoryMi: 128 } as const;
/** What a kubelet keeps for itself. */
export const KUBELET_RESERVED = { cpuMilli: 80, memoryKi: 1_000_000 } as const;
const MOST_PODS_OF_A_NODE = 58;

type Free = { node: ClusterNode; cpuMilli: number; memoryMi: number; gpus: number; pods: number };
type Housed = { uid: string; workloads: readonly Workload[] };

/** Where each pod runs, by "uid/workload/index". */
export type Placement = ReadonlyMap<string, ClusterNode>;

export function placementKey(uid: string, workload: string, index: number): string {
  return `${uid}/${workload}/${index}`;
}

/**
 * Puts every pod on a node that has room for what it asks for, one node after the other, as a scheduler would: no node
 * has more asked of it than it has.
 *
 * @throws RangeError where there are too few nodes.
 */
export function placePods(nodes: readonly ClusterNode[], namespaces: readonly Housed[]): Placement {
  const frees = nodes.map((node): Free => ({
    node,
    cpuMilli: node.pool.vCpu * 1_000 - KUBELET_RESERVED.cpuMilli - DAEMON_SETS.length * DAEMON_REQUEST.cpuMilli,
    memoryMi:
      node.pool.memoryGib * 1_024 - KUBELET_RESERVED.memoryKi / 1_024 - DAEMON_SETS.length * DAEMON_REQUEST.memoryMi,
    gpus: node.pool.gpu,
    pods: MOST_PODS_OF_A_NODE - DAEMON_SETS.length,
  }));
  const placement = new Map<string, ClusterNode>();
  let next = 0;
  const pods = namespaces.flatMap(({ uid, workloads }) =>
    workloads.flatMap((workload) =>
      Array.from({ length: workload.replicas }, (_, index) => ({
        workload,
        key: placementKey(uid, workload.name, index),
      })),
    ),
  );
  for (const { workload, key } of pods) {
    const { cpuRequestMilli, memoryRequestMi, gpu } = workload;
    const [cpuMilli, memoryMi] = [cpuRequestMilli ?? 0, memoryRequestMi ?? 0];
    const fits = (free: Free) =>
      free.cpuMilli >= cpuMilli &&
      free.memoryMi >= memoryMi &&
      free.pods > 0 &&
      // Nodes with a GPU are for those who need one.
      (gpu > 0 ? free.gpus >= gpu : free.node.pool.gpu === 0);
    // Once around the nodes.
    for (let tried = 0; tried < frees.length && !placement.has(key); tried += 1) {
      const free = frees[(next + tried) % frees.length];
      if (!free || !fits(free)) continue;
      free.cpuMilli -= cpuMilli;
      free.memoryMi -= memoryMi;
      free.gpus -= gpu;
      free.pods -= 1;
      placement.set(key, free.node);
    }
    if (!placement.has(key)) throw new RangeError(`There is no room for ${key}.`);
    next += 1;
  }
  return placement;
}
