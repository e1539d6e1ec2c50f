import { type Identity, identityOf, type RoleName } from "#demo/kubernetes/access.ts";
import { type Controllers, createControllers } from "#demo/kubernetes/controllers.ts";
import { discoveryOf } from "#demo/kubernetes/discovery.ts";
import { type Kind, kindNamed, kindsWith } from "#demo/kubernetes/kinds.ts";
import { tokenOf } from "#demo/kubernetes/kubeconfig.ts";
import type { PrometheusServer } from "#demo/kubernetes/prometheus.ts";
import { createPrometheus } from "#demo/kubernetes/prometheus.ts";
import { renderCluster } from "#demo/kubernetes/render-cluster.ts";
import { createStore, type Store } from "#demo/kubernetes/store.ts";
import type { SyntheticCluster } from "#demo/kubernetes/synthetic.ts";
import type { ClusterFeature } from "#demo/estate/clusters.ts";
import type { Estate } from "#demo/estate/estate.ts";
import type { PlannedCluster, PlannedNamespace } from "#demo/estate/namespaces.ts";
import { uuidOf } from "#demo/estate/random.ts";

/** A cluster as the server holds it. */
export type ServedCluster = {
  name: string;
  kinds: readonly Kind[];
  discovery: ReturnType<typeof discoveryOf>;
  /** By token. */
  identities: Map<string, Identity>;
  /** Filled when it is first asked for. */
  store(): Store;
  controllers(): Controllers;
  lives: readonly PlannedNamespace[];
  prometheus: PrometheusServer | null;
  synthetic: SyntheticCluster | null;
  stop(): void;
};

const ROLES: readonly RoleName[] = ["reader", "cleaner", "admin", "nobody"];
const BASE = ["default", "kube-node-lease", "kube-public", "kube-system"];
const DEFAULT_VERSION = "v1.32.9";

type Parts = {
  name: string;
  version: string;
  features: readonly ClusterFeature[];
  clock: () => Date;
  terminationMs: number;
  fill(store: Store): void;
  lives?: readonly PlannedNamespace[];
  prometheus?: PrometheusServer;
  synthetic?: SyntheticCluster;
};

/** A cluster of the estate. */
export function serveEstateCluster(
  estate: Estate,
  cluster: PlannedCluster,
  clock: () => Date,
  terminationMs: number,
): ServedCluster {
  return serve({
    name: cluster.name,
    version: cluster.version,
    features: cluster.features,
    clock,
    terminationMs,
    fill: (store) => renderCluster(store, estate, cluster, clock()),
    lives: cluster.lives,
    ...(cluster.features.includes("prometheus")
      ? { prometheus: createPrometheus(cluster, estate.calendar.today, clock) }
      : {}),
  });
}

/** A cluster with nothing in it but what every cluster has, and no extensions. */
export function serveEmptyCluster(name: string, clock: () => Date, terminationMs: number): ServedCluster {
  const fill = (store: Store) => {
    for (const namespace of BASE)
      store.put(kindNamed("", "namespaces"), {
        metadata: {
          name: namespace,
          uid: uuidOf("empty", name, namespace),
          resourceVersion: "",
          creationTimestamp: "2026-01-15T08:00:00Z",
          labels: { "kubernetes.io/metadata.name": namespace },
          managedFields: [
            {
              manager: "kube-apiserver",
              operation: "Update",
              apiVersion: "v1",
              time: "2026-01-15T08:00:00Z",
              fieldsType: "FieldsV1",
              fieldsV1: { "f:metadata": { "f:labels": { ".": {}, "f:kubernetes.io/metadata.name": {} } } },
            },
          ],
        },
        spec: { finalizers: ["kubernetes"] },
        status: { phase: "Active" },
      });
  };
  return serve({ name, version: DEFAULT_VERSION, features: [], clock, terminationMs, fill });
}

export function serveSyntheticCluster(synthetic: SyntheticCluster, clock: () => Date): ServedCluster {
  const { name } = synthetic;
  return serve({ name, version: DEFAULT_VERSION, features: [], clock, terminationMs: 0, fill: () => {}, synthetic });
}

function serve(parts: Parts): ServedCluster {
  const { name, version, features, clock, terminationMs, fill } = parts;
  const kinds = kindsWith(features);
  let store: Store | null = null;
  let controllers: Controllers | null = null;
  const filled = () => {
    if (store !== null) return store;
    store = createStore();
    fill(store);
    // Whatever was there at the start is no change that a watch could ask for.
    store.compact();
    return store;
  };
  return {
    name,
    kinds,
    discovery: discoveryOf(kinds, version),
    identities: new Map(ROLES.map((role) => [tokenOf(name, role), identityOf(role)])),
    store: filled,
    controllers: () => (controllers ??= createControllers(filled(), clock, terminationMs)),
    lives: parts.lives ?? [],
    prometheus: parts.prometheus ?? null,
    synthetic: parts.synthetic ?? null,
    stop: () => controllers?.stop(),
  };
}
