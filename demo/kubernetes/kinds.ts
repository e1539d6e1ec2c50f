import type { ClusterFeature } from "#demo/estate/clusters.ts";

export type Verb = "create" | "delete" | "deletecollection" | "get" | "list" | "patch" | "update" | "watch";

/** A kind of object that a cluster serves. */
export type Kind = {
  /** "" = core. */
  group: string;
  version: string;
  /** Plural name, as in paths. */
  resource: string;
  singular: string;
  kind: string;
  namespaced: boolean;
  verbs: readonly Verb[];
  shortNames: readonly string[];
  categories: readonly string[];
  subresources: readonly Subresource[];
  /** Field selectors beside metadata.name and metadata.namespace. */
  fields: readonly string[];
  /** Defined by a CustomResourceDefinition. */
  custom: boolean;
  /** Only where this is installed. */
  feature: ClusterFeature | null;
};

export type Subresource = { name: string; kind: string; group: string; version: string; verbs: readonly Verb[] };

const ALL_VERBS: readonly Verb[] = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const READ_ONLY: readonly Verb[] = ["get", "list"];
const CREATE_ONLY: readonly Verb[] = ["create"];
/** Namespaces cannot be deleted as a collection. */
const SINGLY: readonly Verb[] = ["create", "delete", "get", "list", "patch", "update", "watch"];

/** group/version | resource | Kind | n(amespaced) or c(luster) | short names | categories | subresources | field selectors | feature */
const TABLE = `
v1                             | configmaps                      | ConfigMap                      | n | cm          |     |                 |                                     |
v1                             | endpoints                       | Endpoints                      | n | ep          |     |                 |                                     |
v1                             | events                          | Event                          | n | ev          |     |                 | type,reason,involvedObject.kind,involvedObject.name,involvedObject.namespace,involvedObject.uid |
v1                             | limitranges                     | LimitRange                     | n | limits      |     |                 |                                     |
v1                             | namespaces                      | Namespace                      | c | ns          |     | finalize,status | status.phase                        |
v1                             | nodes                           | Node                           | c | no          |     | status          | spec.unschedulable                  |
v1                             | persistentvolumeclaims          | PersistentVolumeClaim          | n | pvc         |     | status          |                                     |
v1                             | persistentvolumes               | PersistentVolume               | c | pv          |     | status          |                                     |
v1                             | pods                            | Pod                            | n | po          | all | eviction,status | spec.nodeName,spec.restartPolicy,spec.schedulerName,spec.serviceAccountName,status.phase,status.podIP,status.nominatedNodeName |
v1                             | resourcequotas                  | ResourceQuota                  | n | quota       |     | status          |                                     |
v1                             | secrets                         | Secret                         | n |             |     |                 | type                                |
v1                             | serviceaccounts                 | ServiceAccount                 | n | sa          |     |                 |                                     |
v1                             | services                        | Service                        | n | svc         | all | status          | spec.clusterIP,spec.type            |
apps/v1                        | daemonsets                      | DaemonSet                      | n | ds          | all | status          |                                     |
apps/v1                        | deployments                     | Deployment                     | n | deploy      | all | scale,status    |                                     |
apps/v1                        | replicasets                     | ReplicaSet                     | n | rs          | all | scale,status    | status.replicas                     |
apps/v1                        | statefulsets                    | StatefulSet                    | n | sts         | all | scale,status    |                                     |
batch/v1                       | cronjobs                        | CronJob                        | n | cj          | all | status          |                                     |
batch/v1                       | jobs                            | Job                            | n |             | all | status          | status.successful                   |
autoscaling/v2                 | horizontalpodautoscalers        | HorizontalPodAutoscaler        | n | hpa         | all | status          |                                     |
networking.k8s.io/v1           | ingresses                       | Ingress                        | n | ing         |     | status          |                                     |
networking.k8s.io/v1           | networkpolicies                 | NetworkPolicy                  | n | netpol      |     |                 |                                     |
discovery.k8s.io/v1            | endpointslices                  | EndpointSlice                  | n |             |     |                 |                                     |
rbac.authorization.k8s.io/v1   | clusterrolebindings             | ClusterRoleBinding             | c |             |     |                 |                                     |
rbac.authorization.k8s.io/v1   | clusterroles                    | ClusterRole                    | c |             |     |                 |                                     |
rbac.authorization.k8s.io/v1   | rolebindings                    | RoleBinding                    | n |             |     |                 |                                     |
rbac.authorization.k8s.io/v1   | roles                           | Role                           | n |             |     |                 |                                     |
authorization.k8s.io/v1        | selfsubjectaccessreviews        | SelfSubjectAccessReview        | c |             |     |                 |                                     |
authorization.k8s.io/v1        | selfsubjectrulesreviews         | SelfSubjectRulesReview         | c |             |     |                 |                                     |
apiextensions.k8s.io/v1        | customresourcedefinitions       | CustomResourceDefinition       | c | crd,crds    |     | status          |                                     |
metrics.k8s.io/v1beta1         | nodes                           | NodeMetrics                    | c |             |     |                 |                                     | metrics-server
metrics.k8s.io/v1beta1         | pods                            | PodMetrics                     | n |             |     |                 |                                     | metrics-server
wgpolicyk8s.io/v1alpha2        | clusterpolicyreports            | ClusterPolicyReport            | c | cpolr       |     |                 |                                     | policy-reports
wgpolicyk8s.io/v1alpha2        | policyreports                   | PolicyReport                   | n | polr        |     |                 |                                     | policy-reports
aquasecurity.github.io/v1alpha1 | vulnerabilityreports           | VulnerabilityReport            | n | vuln        | all |                 |                                     | trivy
aquasecurity.github.io/v1alpha1 | configauditreports             | ConfigAuditReport              | n | configaudit | all |                 |                                     | trivy
management.cattle.io/v3        | users                           | User                           | c |             |     |                 |                                     | rancher
management.cattle.io/v3        | projects                        | Project                        | n |             |     |                 |                                     | rancher
capsule.clastix.io/v1beta2     | tenants                         | Tenant                         | c | tnt         |     |                 |                                     | capsule
argoproj.io/v1alpha1           | applications                    | Application                    | n | app,apps    |     |                 |                                     | argo-cd
kustomize.toolkit.fluxcd.io/v1 | kustomizations                  | Kustomization                  | n | ks          |     |                 |                                     | flux
source.toolkit.fluxcd.io/v1    | gitrepositories                 | GitRepository                  | n | gitrepo     |     |                 |                                     | flux
postgresql.cnpg.io/v1          | clusters                        | Cluster                        | n |             |     |                 |                                     | operators
kafka.strimzi.io/v1beta2       | kafkatopics                     | KafkaTopic                     | n | kt          |     |                 |                                     | operators
`;
const CUSTOM =
  /^(wgpolicyk8s|aquasecurity|management\.cattle|capsule|argoproj|kustomize|source\.toolkit|postgresql|kafka)/;
const REVIEW = /Review$|^Binding$/;

const FEATURES: readonly ClusterFeature[] = [
  "metrics-server",
  "policy-reports",
  "trivy",
  "rancher",
  "capsule",
  "argo-cd",
  "flux",
  "operators",
];

/** Every kind that some cluster of the demo serves. */
export const KINDS: readonly Kind[] = TABLE.trim()
  .split("\n")
  .map((row) => kindOf(row.split("|").map((cell) => cell.trim())));

function kindOf(cells: string[]): Kind {
  const [groupVersion = "", resource = "", kind = "", scope, shortNames = "", categories = "", subresources = ""] =
    cells;
  const [fields = "", feature = ""] = cells.slice(7);
  const [group = "", version = ""] = groupVersion.includes("/") ? groupVersion.split("/") : ["", groupVersion];
  return {
    group,
    version,
    resource,
    singular: kind.toLowerCase(),
    kind,
    namespaced: scope === "n",
    verbs: verbsOf(group, resource, kind),
    shortNames: listOf(shortNames),
    categories: listOf(categories),
    subresources: listOf(subresources).map((name) => subresourceOf(name, kind)),
    fields: listOf(fields),
    custom: CUSTOM.test(group),
    feature: FEATURES.find((known) => known === feature) ?? null,
  };
}

function verbsOf(group: string, resource: string, kind: string): readonly Verb[] {
  if (REVIEW.test(kind)) return CREATE_ONLY;
  if (group === "metrics.k8s.io") return READ_ONLY;
  return group === "" && resource === "namespaces" ? SINGLY : ALL_VERBS;
}

function subresourceOf(name: string, kind: string): Subresource {
  if (name === "scale")
    return { name, kind: "Scale", group: "autoscaling", version: "v1", verbs: ["get", "patch", "update"] };
  if (name === "eviction") return { name, kind: "Eviction", group: "policy", version: "v1", verbs: ["create"] };
  if (name === "finalize") return { name, kind, group: "", version: "", verbs: ["update"] };
  return { name, kind, group: "", version: "", verbs: ["get", "patch", "update"] };
}

function listOf(cell: string): string[] {
  return cell === "" ? [] : cell.split(",");
}

/** The kinds of a cluster in which these features are installed. */
export function kindsWith(features: readonly ClusterFeature[]): Kind[] {
  return KINDS.filter(({ feature }) => feature === null || features.includes(feature));
}

/** "pods", "deployments.apps": how messages and RBAC name a kind. */
export function qualifiedResource({ resource, group }: Pick<Kind, "resource" | "group">): string {
  return group === "" ? resource : `${resource}.${group}`;
}

export function groupVersionOf({ group, version }: Pick<Kind, "group" | "version">): string {
  return group === "" ? version : `${group}/${version}`;
}

/** @throws RangeError where the demo has no such kind. */
export function kindNamed(group: string, resource: string): Kind {
  const found = KINDS.find((kind) => kind.group === group && kind.resource === resource);
  if (!found) throw new RangeError(`The demo has no ${resource} of "${group}".`);
  return found;
}
