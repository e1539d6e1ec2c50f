import type { EvaluatedResource } from "#lib/sources/evaluation-reading.ts";
import type { ClusterInventory } from "#lib/sources/cluster-inventory.ts";

type Identified = { uid: string; name: string };

/** The things of one cluster as evaluations name them. */
export type ClusterResources = {
  itself: EvaluatedResource;
  ofNamespace(namespace: Identified): EvaluatedResource;
  ofNode(node: Identified & { region: string | null }): EvaluatedResource;
  ofWorkload(namespace: Identified, workload: Identified & { kind: string }): EvaluatedResource;
  /** An application is where it rolls out to; one that rolls out elsewhere is nobody's here. */
  ofApplication(application: Identified & { into: string | null }): EvaluatedResource;
};

export function clusterResources(
  { key, accountId, region }: ClusterInventory["cluster"],
  namespaces: readonly Identified[] = [],
): ClusterResources {
  const uidOf = new Map(namespaces.map(({ name, uid }) => [name, uid]));
  const resource = (kind: string, { uid, name }: Identified, namespaceUid: string | null): EvaluatedResource => ({
    kind,
    key: `${key} ${uid}`,
    name,
    accountId,
    region,
    clusterKey: key,
    namespaceUid,
    environment: null,
  });
  return {
    itself: { ...resource("Cluster", { uid: "", name: key }, null), key },
    ofNamespace: (namespace) => resource("Namespace", namespace, namespace.uid),
    ofNode: (node) => resource("Node", node, null),
    ofWorkload: (namespace, workload) => resource(workload.kind, workload, namespace.uid),
    ofApplication: (application) =>
      resource("Application", application, application.into === null ? null : (uidOf.get(application.into) ?? null)),
  };
}
