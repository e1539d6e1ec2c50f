import { type Kind, kindsWith } from "#demo/kubernetes/kinds.ts";
import { fieldsOf, withManager } from "#demo/kubernetes/managed-fields.ts";
import type { KubernetesObject } from "#demo/kubernetes/object.ts";
import type { ObjectParts, Rendering } from "#demo/kubernetes/rendering.ts";
import { renderCustomResources } from "#demo/kubernetes/render-custom.ts";
import { renderNamespace } from "#demo/kubernetes/render-namespace.ts";
import { renderNodes } from "#demo/kubernetes/render-nodes.ts";
import { renderWorkloads } from "#demo/kubernetes/render-workloads.ts";
import type { Store } from "#demo/kubernetes/store.ts";
import type { Estate } from "#demo/estate/estate.ts";
import type { PlannedCluster } from "#demo/estate/namespaces.ts";
import { uuidOf } from "#demo/estate/random.ts";

/** Fills an empty store with what is in the cluster at `now`. */
export function renderCluster(store: Store, estate: Estate, cluster: PlannedCluster, now: Date): void {
  const served = new Set(kindsWith(cluster.features));
  const living = cluster.lives.filter(
    ({ created, deleted }) =>
      Date.parse(created) <= now.getTime() && (deleted === null || now.getTime() < Date.parse(deleted)),
  );
  const rendering: Rendering = {
    estate,
    cluster,
    living,
    now,
    add: (kind, parts) => {
      const object = objectOf(estate.seed, cluster.name, kind, parts);
      return served.has(kind) ? store.put(kind, object) : object;
    },
  };
  const nodes = renderNodes(rendering);
  for (const namespace of living) {
    renderNamespace(rendering, namespace);
    renderWorkloads(rendering, namespace, nodes);
  }
  renderCustomResources(rendering);
}

/** The uid of an object that is given none. */
export function identityOf(
  seed: string,
  cluster: string,
  { group, resource }: Kind,
  { namespace, name, created }: Pick<ObjectParts, "namespace" | "name" | "created">,
): string {
  return uuidOf(seed, cluster, group, resource, namespace ?? "", name, created);
}

function objectOf(seed: string, cluster: string, kind: Kind, parts: ObjectParts): KubernetesObject {
  const { name, namespace, created, uid, labels, annotations, owners, finalizers, deletionTimestamp, manager } = parts;
  const identity = uid ?? identityOf(seed, cluster, kind, parts);
  const object: KubernetesObject = {
    metadata: {
      name,
      ...(parts.generateName === undefined ? {} : { generateName: parts.generateName }),
      ...(namespace === undefined ? {} : { namespace }),
      uid: identity,
      resourceVersion: "",
      ...(parts.generation === undefined ? {} : { generation: parts.generation }),
      creationTimestamp: created,
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp, deletionGracePeriodSeconds: 0 }),
      ...(labels === undefined || Object.keys(labels).length === 0 ? {} : { labels }),
      ...(annotations === undefined || Object.keys(annotations).length === 0 ? {} : { annotations }),
      ...(owners === undefined ? {} : { ownerReferences: owners }),
      ...(finalizers === undefined ? {} : { finalizers }),
    },
    ...parts.rest,
  };
  if (manager === undefined) return object;
  return withManager(object, kind, { manager, operation: "Update", time: created, fields: fieldsOf(object) });
}
