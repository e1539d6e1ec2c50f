import { expiredToken, INCONSISTENT, readContinueToken, writeContinueToken } from "#demo/kubernetes/continue-token.ts";
import type { Kind } from "#demo/kubernetes/kinds.ts";
import type { Parameters } from "#demo/kubernetes/parameters.ts";
import { badRequest } from "#demo/kubernetes/status.ts";

/** How much a bench reads. Everything is spread evenly over the clusters. */
export type SyntheticSize = { clusters: number; namespaces: number; pods: number };

/** A cluster whose lists are written from templates, page by page: nothing is stored. */
export type SyntheticCluster = {
  name: string;
  /** A page as JSON; null for a kind that the cluster has none of. */
  page(kind: Kind, namespace: string | undefined, parameters: Parameters): string | null;
  compact(): void;
};

const FIRST_REVISION = 500_000_000;
const CREATED = "2026-01-15T08:00:00Z";
const PODS_OF_A_NODE = 50;
/** Digits of the numbers in names, so that their order is that of their keys. */
const DIGITS = 6;

type List = {
  count: number;
  /** Half-open positions of what is in a namespace. */
  within(namespace: string): readonly [from: number, to: number];
  keyAt(index: number): string;
  /** Position of the first key that is not before this one. */
  indexOf(key: string): number;
  itemAt(index: number): string;
};

export function createSyntheticClusters(size: SyntheticSize): SyntheticCluster[] {
  return Array.from({ length: size.clusters }, (_, index) =>
    createSyntheticCluster(
      `synthetic-${String(index + 1).padStart(3, "0")}`,
      share(size.namespaces, size.clusters, index),
      share(size.pods, size.clusters, index),
    ),
  );
}

/** So that the parts of a whole are the whole. */
function share(total: number, parts: number, index: number): number {
  return Math.floor(total / parts) + (index < total % parts ? 1 : 0);
}

function createSyntheticCluster(name: string, namespaces: number, pods: number): SyntheticCluster {
  const lists: Record<string, List> = {
    namespaces: namespaceList(name, namespaces),
    pods: podList(name, namespaces, pods),
    nodes: nodeList(name, Math.max(1, Math.ceil(pods / PODS_OF_A_NODE))),
  };
  let revision = FIRST_REVISION;
  return {
    name,
    compact: () => void (revision += 1000),
    page: (kind, namespace, parameters) => {
      const list = kind.group === "" ? lists[kind.resource] : undefined;
      return list ? pageOf(list, kind, namespace, parameters, revision) : null;
    },
  };
}

function pageOf(
  list: List,
  kind: Kind,
  namespace: string | undefined,
  parameters: Parameters,
  revision: number,
): string {
  if (parameters.has("labelSelector") || parameters.has("fieldSelector"))
    throw badRequest("a synthetic cluster knows no selectors");
  const [from, to] = namespace === undefined ? [0, list.count] : list.within(namespace);
  let start = from;
  if (parameters.has("continue")) {
    const token = readContinueToken(parameters.text("continue"));
    if (token.revision !== revision && token.revision !== INCONSISTENT) throw expiredToken(token.start);
    start = list.indexOf(namespace === undefined ? token.start : `${namespace}/${token.start}`);
  }
  const end = Math.min(to, start + (parameters.whole("limit") || list.count));
  const items: string[] = [];
  for (let index = start; index < end; index += 1) items.push(list.itemAt(index));
  const key = list.keyAt(end - 1);
  const next =
    end >= to
      ? ""
      : `,"continue":"${writeContinueToken({ revision, start: `${namespace === undefined ? key : key.slice(namespace.length + 1)}\u0000` })}","remainingItemCount":${to - end}`;
  return `{"kind":"${kind.kind}List","apiVersion":"v1","metadata":{"resourceVersion":"${revision}"${next}},"items":[${items.join(",")}]}`;
}

function numbered(index: number): string {
  return String(index).padStart(DIGITS, "0");
}

function uuid(prefix: string, cluster: string, number: string): string {
  return `${prefix}${cluster.slice(-3)}0000-0000-4000-8000-${number.padStart(12, "0")}`;
}

/** Position from the number behind the last dash of a key; a trailing NUL means the one after. */
function positionOf(key: string): number {
  const isAfter = key.endsWith("\u0000");
  const digits = /\d+$/.exec(isAfter ? key.slice(0, -1) : key)?.[0] ?? "0";
  return Number(digits) + (isAfter ? 1 : 0);
}

function namespaceList(cluster: string, count: number): List {
  const item = (number: string) =>
    `{"metadata":{"name":"ns-${number}","uid":"${uuid("a", cluster, number)}","resourceVersion":"400000000","creationTimestamp":"${CREATED}","labels":{"kubernetes.io/metadata.name":"ns-${number}","team":"team-${number.slice(-2)}"},"managedFields":[{"manager":"kubectl-create","operation":"Update","apiVersion":"v1","time":"${CREATED}","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:labels":{".":{},"f:kubernetes.io/metadata.name":{},"f:team":{}}}}}]},"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}}`;
  return {
    count,
    within: () => [0, 0],
    keyAt: (index) => `ns-${numbered(index)}`,
    indexOf: positionOf,
    itemAt: (index) => item(numbered(index)),
  };
}

function nodeList(cluster: string, count: number): List {
  const item = (number: string) =>
    `{"metadata":{"name":"node-${number}","uid":"${uuid("b", cluster, number)}","resourceVersion":"400000000","creationTimestamp":"${CREATED}","labels":{"kubernetes.io/hostname":"node-${number}","node.kubernetes.io/instance-type":"m6i.2xlarge","topology.kubernetes.io/zone":"eu-central-1a","eks.amazonaws.com/capacityType":"ON_DEMAND"}},"spec":{"providerID":"aws:///eu-central-1a/i-${cluster.slice(-3)}${number}"},"status":{"capacity":{"cpu":"8","memory":"33554432Ki","pods":"58"},"allocatable":{"cpu":"7920m","memory":"32554432Ki","pods":"58"}}}`;
  return {
    count,
    within: () => [0, 0],
    keyAt: (index) => `node-${numbered(index)}`,
    indexOf: positionOf,
    itemAt: (index) => item(numbered(index)),
  };
}

/** The pods of a namespace stand next to each other, as in the order of their keys. */
function podList(cluster: string, namespaces: number, count: number): List {
  const perNamespace = Math.ceil(count / Math.max(1, namespaces));
  const namespaceAt = (index: number) => `ns-${numbered(Math.floor(index / perNamespace))}`;
  const container = `"resources":{"limits":{"memory":"512Mi"},"requests":{"cpu":"250m","memory":"256Mi"}},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent"`;
  const item = (namespace: string, number: string) =>
    `{"metadata":{"name":"web-${number}","generateName":"web-","namespace":"${namespace}","uid":"${uuid("c", cluster, number)}","resourceVersion":"400000000","creationTimestamp":"${CREATED}","labels":{"app":"web","pod-template-hash":"7f89b7556"},"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-7f89b7556","uid":"${uuid("d", cluster, namespace.slice(3))}","controller":true,"blockOwnerDeletion":true}]},"spec":{"containers":[{"name":"web","image":"registry.halvern.example/web:1.4.0",${container}}],"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","serviceAccountName":"default","nodeName":"node-${numbered(Math.floor(Number(number) / PODS_OF_A_NODE))}","schedulerName":"default-scheduler"},"status":{"phase":"Running","startTime":"${CREATED}","qosClass":"Burstable","containerStatuses":[{"name":"web","image":"registry.halvern.example/web:1.4.0","imageID":"","ready":true,"restartCount":0,"started":true,"state":{"running":{"startedAt":"${CREATED}"}}}]}}`;
  return {
    count,
    within: (namespace) => {
      const index = positionOf(namespace);
      return [Math.min(count, index * perNamespace), Math.min(count, (index + 1) * perNamespace)];
    },
    keyAt: (index) => `${namespaceAt(index)}/web-${numbered(index)}`,
    indexOf: positionOf,
    itemAt: (index) => item(namespaceAt(index), numbered(index)),
  };
}
