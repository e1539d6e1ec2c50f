import type { ComputeAmounts, PodTotals } from "#lib/sources/cluster-inventory.ts";
import { podObject, type PodContainer, type PodObject, type PodSpec } from "#lib/sources/kubernetes/api-types.ts";
import type { KindReader } from "#lib/sources/kubernetes/kind-reader.ts";
import { KINDS } from "#lib/sources/kubernetes/kinds.ts";
import { parseGib, parseQuantity } from "#lib/sources/kubernetes/quantity.ts";

/** Whole devices, as the vendors' plugins offer them. Slices and shares of a device are not counted as devices. */
const GPU_RESOURCES = ["nvidia.com/gpu", "amd.com/gpu", "gpu.intel.com/i915", "gpu.intel.com/xe"];
export const NO_PODS: PodTotals = {
  total: 0,
  running: 0,
  pending: 0,
  requests: { cpuCores: 0, memoryGib: 0, gpus: 0 },
};

/** What is kept of the pods: sums by namespace, and the claims on volumes that some pod uses. It does not grow with their number. */
export type PodReading = {
  totals: ReadonlyMap<string, PodTotals>;
  usedClaims: ReadonlyMap<string, ReadonlySet<string>>;
};

export function readPods(reader: KindReader): Promise<PodReading | null> {
  return reader.fold(KINDS.pods, podObject, () => {
    const totals = new Map<string, PodTotals>();
    const usedClaims = new Map<string, Set<string>>();
    return {
      add: (pod) => {
        addPod(totals, pod);
        addClaims(usedClaims, pod);
      },
      result: () => ({ totals, usedClaims }),
    };
  });
}

function addPod(totals: Map<string, PodTotals>, { metadata: { namespace }, spec, status }: PodObject): void {
  let sums = totals.get(namespace);
  if (sums === undefined) {
    sums = { ...NO_PODS, requests: { ...NO_PODS.requests } };
    totals.set(namespace, sums);
  }
  sums.total += 1;
  const phase = status?.phase ?? "Unknown";
  if (phase === "Running") sums.running += 1;
  if (phase === "Pending") sums.pending += 1;
  // One that has ended holds nothing any more.
  if (phase !== "Running" && phase !== "Pending") return;
  const { cpuCores, memoryGib, gpus } = requestsOf(spec);
  sums.requests.cpuCores += cpuCores;
  sums.requests.memoryGib += memoryGib;
  sums.requests.gpus += gpus;
}

/** A pod with a finished phase still holds its claims until it is deleted, so that every pod counts. */
function addClaims(usedClaims: Map<string, Set<string>>, { metadata, spec }: PodObject): void {
  for (const { name, persistentVolumeClaim, ephemeral } of spec.volumes ?? []) {
    // The claim of an ephemeral volume is called after its pod.
    const claim = persistentVolumeClaim?.claimName ?? (ephemeral ? `${metadata.name}-${name}` : null);
    if (claim === null) continue;
    const used = usedClaims.get(metadata.namespace) ?? new Set<string>();
    usedClaims.set(metadata.namespace, used.add(claim));
  }
}

/**
 * What the scheduler sets aside for a pod: that of its containers and sidecars together, or that of the largest step of its start,
 * whichever is more, and the overhead of its runtime. What is asked for the pod as a whole stands instead of the sum.
 * https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
export function requestsOf({ containers, initContainers, overhead, resources }: PodSpec): ComputeAmounts {
  if (!initContainers && !overhead && !resources && containers.length === 1 && containers[0] !== undefined)
    return amountsOf(containers[0].resources?.requests);
  let sidecars: ComputeAmounts = { cpuCores: 0, memoryGib: 0, gpus: 0 };
  let starting = sidecars;
  for (const container of initContainers ?? []) {
    const own = requestsOfContainer(container);
    starting = largest(starting, sum(sidecars, own));
    if (container.restartPolicy === "Always") sidecars = sum(sidecars, own);
  }
  const running = containers.map(requestsOfContainer).reduce(sum, sidecars);
  const together = largest(running, starting);
  const asked = resources?.requests;
  const whole = asked
    ? {
        cpuCores: parseQuantity(asked["cpu"]) ?? together.cpuCores,
        memoryGib: parseGib(asked["memory"]) ?? together.memoryGib,
        gpus: together.gpus,
      }
    : together;
  return sum(whole, amountsOf(overhead));
}

function requestsOfContainer({ resources }: PodContainer): ComputeAmounts {
  return amountsOf(resources?.requests);
}

/** Cores, memory and devices of a list of resources; what is not named is none. */
export function amountsOf(quantities: Readonly<Record<string, string | number>> | null | undefined): ComputeAmounts {
  if (!quantities) return { cpuCores: 0, memoryGib: 0, gpus: 0 };
  let gpus = 0;
  for (const resource of GPU_RESOURCES) gpus += parseQuantity(quantities[resource]) ?? 0;
  return { cpuCores: parseQuantity(quantities["cpu"]) ?? 0, memoryGib: parseGib(quantities["memory"]) ?? 0, gpus };
}

function sum(left: ComputeAmounts, right: ComputeAmounts): ComputeAmounts {
  return {
    cpuCores: left.cpuCores + right.cpuCores,
    memoryGib: left.memoryGib + right.memoryGib,
    gpus: left.gpus + right.gpus,
  };
}

function largest(left: ComputeAmounts, right: ComputeAmounts): ComputeAmounts {
  return {
    cpuCores: Math.max(left.cpuCores, right.cpuCores),
    memoryGib: Math.max(left.memoryGib, right.memoryGib),
    gpus: Math.max(left.gpus, right.gpus),
  };
}
