import { z } from "zod";
import { AppError } from "#lib/errors.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import { podObject, type PodObject } from "#lib/sources/kubernetes/api-types.ts";
import { openKubernetes, type KubernetesClient } from "#lib/sources/kubernetes/client.ts";
import { KINDS, type ListedKind } from "#lib/sources/kubernetes/kinds.ts";
import { foldList } from "#lib/sources/kubernetes/list-pages.ts";
import { parseGib, parseQuantity } from "#lib/sources/kubernetes/quantity.ts";
import { requestsOf } from "#lib/sources/kubernetes/read-pods.ts";
import type { ClusterAccess } from "#lib/sources/kubernetes/spec.ts";

/** What a namespace asks for and uses on a node at one instant. Null = the metrics API does not tell. */
export type UsageSample = {
  namespace: string;
  /** "" = not placed yet. */
  node: string;
  cpuRequested: number;
  cpuUsed: number | null;
  memoryRequested: number;
  memoryUsed: number | null;
  gpuRequested: number;
  pods: number;
};

/** Cores and GiB by "namespace/pod". */
type PodUse = ReadonlyMap<string, { cpuCores: number; memoryGib: number }>;

const POD_METRICS: ListedKind = {
  group: "metrics.k8s.io",
  version: "v1beta1",
  resource: "pods",
  why: "what pods use",
};

const podMetrics = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  containers: z.array(z.object({ usage: z.record(z.string(), z.string()) })),
});

/**
 * One sample of a cluster: its running pods, and what the metrics API measured of them. A metrics API that is not there, or may not be
 * asked, leaves use unknown; that a pod is missing from it, too, because it is a few seconds behind.
 *
 * @throws AppError as the client does where pods may not be listed.
 */
export async function sampleUsage(
  cluster: ClusterAccess,
  gate: RequestGate,
  { pageSize, signal }: { pageSize: number; signal: AbortSignal },
): Promise<UsageSample[]> {
  const client = await openKubernetes(cluster, gate, signal);
  try {
    const used = await readPodUse(client, pageSize);
    return await foldList(client, KINDS.pods, sampledPod, () => samplesOf(used), { pageSize });
  } finally {
    await client.close();
  }
}

const sampledPod = podObject.extend({ spec: podObject.shape.spec.and(z.object({ nodeName: z.string().nullish() })) });
type SampledPod = PodObject & { spec: { nodeName?: string | null | undefined } };

async function readPodUse(client: KubernetesClient, pageSize: number): Promise<PodUse | null> {
  try {
    return await foldList(
      client,
      POD_METRICS,
      podMetrics,
      () => {
        const used = new Map<string, { cpuCores: number; memoryGib: number }>();
        return {
          add: ({ metadata, containers }) => {
            const add = (read: (usage: Record<string, string>) => number | null) =>
              containers.reduce((total, { usage }) => total + (read(usage) ?? 0), 0);
            used.set(`${metadata.namespace}/${metadata.name}`, {
              cpuCores: add((usage) => parseQuantity(usage["cpu"])),
              memoryGib: add((usage) => parseGib(usage["memory"])),
            });
          },
          result: () => used,
        };
      },
      { pageSize },
    );
  } catch (thrown) {
    if (thrown instanceof AppError && ["denied", "not_found", "unavailable"].includes(thrown.code)) return null;
    throw thrown;
  }
}

function samplesOf(used: PodUse | null): { add(pod: SampledPod): void; result(): UsageSample[] } {
  const samples = new Map<string, UsageSample>();
  return {
    add: ({ metadata: { name, namespace }, spec, status }) => {
      if (status?.phase !== "Running") return;
      const node = spec.nodeName ?? "";
      const key = `${namespace}/${node}`;
      const sample = samples.get(key) ?? {
        namespace,
        node,
        cpuRequested: 0,
        cpuUsed: 0,
        memoryRequested: 0,
        memoryUsed: 0,
        gpuRequested: 0,
        pods: 0,
      };
      samples.set(key, sample);
      const { cpuCores, memoryGib, gpus } = requestsOf(spec);
      sample.cpuRequested += cpuCores;
      sample.memoryRequested += memoryGib;
      sample.gpuRequested += gpus;
      sample.pods += 1;
      const own = used?.get(`${namespace}/${name}`);
      // What is unknown of one pod is unknown of the sum.
      sample.cpuUsed = own === undefined || sample.cpuUsed === null ? null : sample.cpuUsed + own.cpuCores;
      sample.memoryUsed = own === undefined || sample.memoryUsed === null ? null : sample.memoryUsed + own.memoryGib;
    },
    result: () => [...samples.values()],
  };
}
