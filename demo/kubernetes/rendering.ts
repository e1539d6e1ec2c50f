import { type Kind, kindNamed } from "#demo/kubernetes/kinds.ts";
import type { JsonObject, KubernetesObject, OwnerReference } from "#demo/kubernetes/object.ts";
import type { Estate } from "#demo/estate/estate.ts";
import type { PlannedCluster, PlannedNamespace } from "#demo/estate/namespaces.ts";

/** What the parts of an object's rendering have in common. */
export type Rendering = {
  estate: Estate;
  cluster: PlannedCluster;
  /** The namespaces that are there at `now`. */
  living: readonly PlannedNamespace[];
  now: Date;
  add(kind: Kind, parts: ObjectParts): KubernetesObject;
};

export type ObjectParts = {
  name: string;
  namespace?: string;
  /** ISO instant. */
  created: string;
  uid?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  owners?: OwnerReference[];
  finalizers?: string[];
  deletionTimestamp?: string;
  generateName?: string;
  generation?: number;
  /** Field manager of the first write; absent = no managed fields are kept. */
  manager?: string;
  /** Everything beside the metadata. */
  rest: JsonObject;
};

/** Looks a kind up once; the table is the same for every cluster. */
export const RENDERED = {
  namespace: kindNamed("", "namespaces"),
  node: kindNamed("", "nodes"),
  pod: kindNamed("", "pods"),
  service: kindNamed("", "services"),
  endpoints: kindNamed("", "endpoints"),
  endpointSlice: kindNamed("discovery.k8s.io", "endpointslices"),
  volume: kindNamed("", "persistentvolumes"),
  claim: kindNamed("", "persistentvolumeclaims"),
  quota: kindNamed("", "resourcequotas"),
  limits: kindNamed("", "limitranges"),
  configMap: kindNamed("", "configmaps"),
  serviceAccount: kindNamed("", "serviceaccounts"),
  event: kindNamed("", "events"),
  deployment: kindNamed("apps", "deployments"),
  replicaSet: kindNamed("apps", "replicasets"),
  statefulSet: kindNamed("apps", "statefulsets"),
  daemonSet: kindNamed("apps", "daemonsets"),
  job: kindNamed("batch", "jobs"),
  cronJob: kindNamed("batch", "cronjobs"),
  autoscaler: kindNamed("autoscaling", "horizontalpodautoscalers"),
  ingress: kindNamed("networking.k8s.io", "ingresses"),
  networkPolicy: kindNamed("networking.k8s.io", "networkpolicies"),
  role: kindNamed("rbac.authorization.k8s.io", "roles"),
  roleBinding: kindNamed("rbac.authorization.k8s.io", "rolebindings"),
  clusterRole: kindNamed("rbac.authorization.k8s.io", "clusterroles"),
  clusterRoleBinding: kindNamed("rbac.authorization.k8s.io", "clusterrolebindings"),
  definition: kindNamed("apiextensions.k8s.io", "customresourcedefinitions"),
} as const;

/** An instant so many days before another. */
export function daysBefore(now: Date, days: number): string {
  return new Date(now.getTime() - days * 86_400_000).toISOString().replace(/\.\d+Z$/, "Z");
}

/** The later of two instants, as texts of the same form. */
export function later(left: string, right: string): string {
  return left > right ? left : right;
}

export function controllerOf(apiVersion: string, kind: string, { metadata }: KubernetesObject): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true };
}
