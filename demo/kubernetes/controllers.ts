import { randomUUID } from "node:crypto";
import { type Kind, kindNamed, KINDS } from "#demo/kubernetes/kinds.ts";
import { fieldsOf, withManager } from "#demo/kubernetes/managed-fields.ts";
import {
  instantText,
  isJsonObject,
  type JsonObject,
  type KubernetesObject,
  objectAt,
  type OwnerReference,
  textMap,
} from "#demo/kubernetes/object.ts";
import type { Store } from "#demo/kubernetes/store.ts";

/** What goes on in a cluster by itself: namespaces end, deployments make pods, what nobody owns any more is removed. */
export type Controllers = {
  namespaceDeleted(name: string): void;
  deploymentChanged(namespace: string, name: string): void;
  /** Removes what belongs to the object, or makes it belong to nobody. */
  ownerDeleted(owner: KubernetesObject, policy: string): void;
  podDeleted(namespace: string, name: string): void;
  stop(): void;
};

const NAMESPACES = kindNamed("", "namespaces");
const PODS = kindNamed("", "pods");
const VOLUMES = kindNamed("", "persistentvolumes");
const DEPLOYMENTS = kindNamed("apps", "deployments");
const REPLICA_SETS = kindNamed("apps", "replicasets");
const MOST_PODS_OF_A_DEPLOYMENT = 500;
const MANAGER = "kube-controller-manager";

export function createControllers(store: Store, clock: () => Date, terminationMs: number): Controllers {
  const timers = new Set<NodeJS.Timeout>();
  const later = (action: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      action();
    }, terminationMs);
    timers.add(timer);
  };
  const now = () => instantText(clock());

  const controllers: Controllers = {
    namespaceDeleted: (name) => later(() => finishNamespace(store, name, now())),
    podDeleted: (namespace, name) => later(() => void store.remove(PODS, namespace, name)),
    deploymentChanged: (namespace, name) => {
      const deployment = store.get(DEPLOYMENTS, namespace, name);
      if (deployment) scale(store, deployment, now(), (pod) => controllers.podDeleted(namespace, pod));
    },
    ownerDeleted: (owner, policy) => {
      if (policy === "Orphan") return orphan(store, owner);
      later(() => removeDependents(store, owner));
    },
    stop: () => {
      for (const timer of timers) clearTimeout(timer);
    },
  };
  return controllers;
}

/** Everything in it goes, unless a finalizer holds it; then the namespace stays and says so. */
function finishNamespace(store: Store, name: string, time: string): void {
  const namespace = store.get(NAMESPACES, undefined, name);
  if (!namespace?.metadata.deletionTimestamp) return;
  let held = 0;
  for (const kind of KINDS.filter((one) => one.namespaced)) {
    for (const object of store.list(kind).filter(({ metadata }) => metadata.namespace === name)) {
      if (holdingFinalizers(object).length > 0) held += 1;
      else removeWithVolume(store, kind, object);
    }
  }
  const stored = store.put(NAMESPACES, withConditions(namespace, held, time));
  if (held === 0 && holdingFinalizers(stored).length === 0) store.remove(NAMESPACES, undefined, name);
}

/** Finalizers that keep an object. Those of Kubernetes itself are taken off by its controllers as soon as nothing uses it. */
export function holdingFinalizers({ metadata: { finalizers = [] } }: KubernetesObject): string[] {
  return finalizers.filter((finalizer) => !finalizer.startsWith("kubernetes.io/"));
}

/** A claim takes its volume along: the demo's volumes are all of the reclaim policy Delete. */
export function removeWithVolume(store: Store, kind: Kind, object: KubernetesObject): void {
  store.remove(kind, object.metadata.namespace, object.metadata.name);
  const volume = kind.resource === "persistentvolumeclaims" ? objectAt(object.spec).volumeName : undefined;
  if (typeof volume === "string") store.remove(VOLUMES, undefined, volume);
}

function withConditions(namespace: KubernetesObject, held: number, time: string): KubernetesObject {
  const condition = (type: string, failed: boolean, reason: string, message: string): JsonObject => ({
    type,
    status: failed ? "True" : "False",
    lastTransitionTime: time,
    reason,
    message,
  });
  const remaining = held > 0;
  const conditions = [
    condition(
      "NamespaceDeletionDiscoveryFailure",
      false,
      "ResourcesDiscovered",
      "All resources successfully discovered",
    ),
    condition(
      "NamespaceDeletionGroupVersionParsingFailure",
      false,
      "ParsedGroupVersions",
      "All legacy kube types successfully parsed",
    ),
    condition(
      "NamespaceDeletionContentFailure",
      false,
      "ContentDeleted",
      "All content successfully deleted, may be waiting on finalization",
    ),
    condition(
      "NamespaceContentRemaining",
      remaining,
      remaining ? "SomeResourcesRemain" : "ContentRemoved",
      remaining ? `Some resources are remaining: ${held} resource instances` : "All content successfully removed",
    ),
    condition(
      "NamespaceFinalizersRemaining",
      remaining,
      remaining ? "SomeFinalizersRemain" : "ContentHasNoFinalizers",
      remaining
        ? `Some content in the namespace has finalizers remaining: ${held} resource instances`
        : "All content-preserving finalizers finished",
    ),
  ];
  const status: JsonObject = { phase: "Terminating", conditions };
  const keyed = Object.fromEntries(
    conditions.map(({ type }) => [
      `k:${JSON.stringify({ type: type ?? "" })}`,
      { ".": {}, "f:lastTransitionTime": {}, "f:message": {}, "f:reason": {}, "f:status": {}, "f:type": {} },
    ]),
  );
  const fields = { "f:status": { "f:conditions": { ".": {}, ...keyed } } };
  return withManager({ ...namespace, status }, NAMESPACES, {
    manager: MANAGER,
    operation: "Update",
    time,
    fields,
    subresource: "status",
  });
}

/** Makes or ends pods until there are as many as the deployment wants. */
function scale(store: Store, deployment: KubernetesObject, time: string, endPod: (name: string) => void): void {
  const namespace = deployment.metadata.namespace ?? "";
  const spec = objectAt(deployment.spec);
  const wanted = Math.min(typeof spec.replicas === "number" ? spec.replicas : 1, MOST_PODS_OF_A_DEPLOYMENT);
  const replicaSet = ownedBy(store, REPLICA_SETS, deployment)[0] ?? makeReplicaSet(store, deployment, time);
  const pods = ownedBy(store, PODS, replicaSet).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  for (let index = pods.length; index < wanted; index += 1) makePod(store, replicaSet, time);
  for (const pod of pods.slice(wanted)) {
    const metadata = { ...pod.metadata, deletionTimestamp: time, deletionGracePeriodSeconds: 0 };
    store.put(PODS, { ...pod, metadata });
    endPod(pod.metadata.name);
  }
  const replicas = { replicas: wanted, fullyLabeledReplicas: wanted, observedGeneration: 1 };
  store.put(REPLICA_SETS, { ...replicaSet, spec: { ...replicaSet.spec, replicas: wanted }, status: replicas });
  store.put(DEPLOYMENTS, {
    ...deployment,
    status: {
      ...(wanted === 0 ? {} : { replicas: wanted, updatedReplicas: wanted }),
      observedGeneration: deployment.metadata.generation ?? 1,
    },
  });
  if (namespace === "") throw new RangeError("A deployment is in a namespace.");
}

function ownedBy(store: Store, kind: Kind, { metadata: { namespace, uid } }: KubernetesObject): KubernetesObject[] {
  return store
    .list(kind)
    .filter(
      ({ metadata }) =>
        metadata.namespace === namespace && metadata.ownerReferences?.some((owner) => owner.uid === uid),
    );
}

function ownerReference(
  apiVersion: string,
  kind: string,
  { metadata: { name, uid } }: KubernetesObject,
): OwnerReference {
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

function makeReplicaSet(store: Store, deployment: KubernetesObject, time: string): KubernetesObject {
  const hash = randomUUID().replaceAll("-", "").slice(0, 9);
  const { template, selector } = objectAt(deployment.spec);
  const labels = { ...textMap(objectAt(template, "metadata", "labels")), "pod-template-hash": hash };
  return store.put(REPLICA_SETS, {
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      ...(deployment.metadata.namespace === undefined ? {} : { namespace: deployment.metadata.namespace }),
      uid: randomUUID(),
      resourceVersion: "",
      generation: 1,
      creationTimestamp: time,
      labels,
      ownerReferences: [ownerReference("apps/v1", "Deployment", deployment)],
    },
    spec: { replicas: 0, selector: selector ?? {}, template: template ?? {} },
    status: { replicas: 0 },
  });
}

function makePod(store: Store, replicaSet: KubernetesObject, time: string): void {
  const spec = objectAt(replicaSet.spec, "template", "spec");
  const access = `kube-api-access-${randomUUID().slice(0, 5)}`;
  const mount = { name: access, readOnly: true, mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" };
  const containers = Array.isArray(spec.containers) ? spec.containers.filter(isJsonObject) : [];
  const pod: KubernetesObject = {
    metadata: {
      name: `${replicaSet.metadata.name}-${randomUUID().slice(0, 5)}`,
      generateName: `${replicaSet.metadata.name}-`,
      ...(replicaSet.metadata.namespace === undefined ? {} : { namespace: replicaSet.metadata.namespace }),
      uid: randomUUID(),
      resourceVersion: "",
      creationTimestamp: time,
      labels: { ...replicaSet.metadata.labels },
      ownerReferences: [ownerReference("apps/v1", "ReplicaSet", replicaSet)],
    },
    spec: {
      volumes: [serviceAccountVolume(access)],
      ...spec,
      containers: containers.map((container) => ({ ...container, volumeMounts: [mount] })),
      ...POD_DEFAULTS,
    },
    status: { phase: "Pending", qosClass: "Burstable" },
  };
  store.put(PODS, withManager(pod, PODS, { manager: MANAGER, operation: "Update", time, fields: fieldsOf(pod) }));
}

const notReady = (condition: string): JsonObject => ({
  key: `node.kubernetes.io/${condition}`,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds: 300,
});

const POD_DEFAULTS: JsonObject = {
  serviceAccountName: "default",
  serviceAccount: "default",
  tolerations: [notReady("not-ready"), notReady("unreachable")],
  priority: 0,
  enableServiceLinks: true,
  preemptionPolicy: "PreemptLowerPriority",
};

function serviceAccountVolume(name: string): JsonObject {
  const configMap = (map: string, file: string) => ({ configMap: { name: map, items: [{ key: file, path: file }] } });
  const field = { apiVersion: "v1", fieldPath: "metadata.namespace" };
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
        configMap("kube-root-ca.crt", "ca.crt"),
        { downwardAPI: { items: [{ path: "namespace", fieldRef: field }] } },
      ],
      defaultMode: 420,
    },
  };
}

const OWNED_KINDS = [REPLICA_SETS, PODS, kindNamed("batch", "jobs")];

function removeDependents(store: Store, owner: KubernetesObject): void {
  for (const kind of OWNED_KINDS) {
    for (const object of ownedBy(store, kind, owner)) {
      store.remove(kind, object.metadata.namespace, object.metadata.name);
      removeDependents(store, object);
    }
  }
}

function orphan(store: Store, owner: KubernetesObject): void {
  for (const kind of OWNED_KINDS) {
    for (const object of ownedBy(store, kind, owner)) {
      const { ownerReferences, ...metadata } = object.metadata;
      const left = (ownerReferences ?? []).filter(({ uid }) => uid !== owner.metadata.uid);
      store.put(kind, { ...object, metadata: left.length === 0 ? metadata : { ...metadata, ownerReferences: left } });
    }
  }
}
