import type { Kind } from "#demo/kubernetes/kinds.ts";
import { kindNamed } from "#demo/kubernetes/kinds.ts";
import { instantText, type JsonObject, type KubernetesObject, objectAt, textAt } from "#demo/kubernetes/object.ts";
import type { Store } from "#demo/kubernetes/store.ts";
import { daemonWorkload } from "#demo/kubernetes/render-workloads.ts";
import { waveOf } from "#demo/kubernetes/usage-wave.ts";
import type { Workload } from "#demo/estate/namespaces-content.ts";
import type { PlannedNamespace } from "#demo/estate/namespaces.ts";

const PODS = kindNamed("", "pods");
const NODES = kindNamed("", "nodes");

/** What the metrics server measured just now: an object of metrics.k8s.io for each running pod or each node. */
export function metricsOf(
  store: Store,
  kind: Kind,
  lives: readonly PlannedNamespace[],
  now: Date,
): readonly KubernetesObject[] {
  const workloads = new Map(
    lives.flatMap(({ name, workloads: list }) =>
      list.map((workload) => [`${name}/${workload.name}`, workload] as const),
    ),
  );
  const pods = store
    .list(PODS)
    .filter(({ status }) => objectAt(status).phase === "Running")
    .map((pod) => ({ pod, usage: usageOf(pod, workloads, now) }));
  if (kind.resource === "pods")
    return pods.map(({ pod, usage }) =>
      measured(pod, now, { containers: [{ name: pod.metadata.labels?.app ?? "main", usage: quantities(usage) }] }),
    );
  return store.list(NODES).map((node) => {
    const own = pods.filter(({ pod }) => textAt(objectAt(pod.spec), "nodeName") === node.metadata.name);
    const sum = own.reduce(
      (total, { usage }) => ({ cpuMilli: total.cpuMilli + usage.cpuMilli, memoryMi: total.memoryMi + usage.memoryMi }),
      { cpuMilli: 60, memoryMi: 700 },
    );
    return measured(node, now, { usage: quantities(sum) });
  });
}

type Usage = { cpuMilli: number; memoryMi: number };

function usageOf(pod: KubernetesObject, workloads: ReadonlyMap<string, Workload>, now: Date): Usage {
  const { namespace = "", name, labels = {} } = pod.metadata;
  const app = labels.app ?? "";
  const workload = workloads.get(`${namespace}/${app}`) ?? daemonWorkload(app);
  const wave = waveOf(`${namespace}/${name}`);
  const seconds = now.getTime() / 1000;
  return {
    cpuMilli: workload.cpuUsedMilli * wave.cpuFactor(seconds),
    memoryMi: workload.memoryUsedMi * wave.memoryFactor(seconds),
  };
}

function quantities({ cpuMilli, memoryMi }: Usage): JsonObject {
  return { cpu: `${Math.round(cpuMilli * 1_000_000)}n`, memory: `${Math.round(memoryMi * 1024)}Ki` };
}

function measured({ metadata }: KubernetesObject, now: Date, rest: JsonObject): KubernetesObject {
  const { name, namespace, labels, uid } = metadata;
  return {
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid,
      resourceVersion: "",
      creationTimestamp: instantText(now),
      ...(labels === undefined ? {} : { labels }),
    },
    timestamp: instantText(now),
    window: "15.02s",
    ...rest,
  };
}
