/** A kind of object that is listed, and what is not known without it. */
export type ListedKind = { group: string; version: string; resource: string; why: string };

/** Every kind of Kubernetes itself that the source lists. */
export const KINDS = {
  namespaces: kind("v1", "namespaces", "the namespaces themselves"),
  nodes: kind("v1", "nodes", "nodes, their pools and where the cluster is"),
  pods: kind("v1", "pods", "pods, what they ask for, and which volumes they use"),
  services: kind("v1", "services", "services and load balancers"),
  claims: kind("v1", "persistentvolumeclaims", "which volumes a namespace has"),
  volumes: kind("v1", "persistentvolumes", "which disks of the provider the volumes are"),
  quotas: kind("v1", "resourcequotas", "quotas"),
  limitRanges: kind("v1", "limitranges", "limit ranges"),
  serviceAccounts: kind("v1", "serviceaccounts", "service accounts, and whether their token is mounted"),
  configMaps: kind("v1", "configmaps", "how the keys of config maps are called"),
  deployments: kind("apps/v1", "deployments", "deployments"),
  replicaSets: kind("apps/v1", "replicasets", "when deployments were rolled out"),
  statefulSets: kind("apps/v1", "statefulsets", "stateful sets"),
  daemonSets: kind("apps/v1", "daemonsets", "daemon sets"),
  jobs: kind("batch/v1", "jobs", "jobs and when they ran"),
  cronJobs: kind("batch/v1", "cronjobs", "cron jobs and when they will run"),
  ingresses: kind("networking.k8s.io/v1", "ingresses", "ingresses"),
  networkPolicies: kind("networking.k8s.io/v1", "networkpolicies", "network policies"),
  endpointSlices: kind("discovery.k8s.io/v1", "endpointslices", "which services have endpoints"),
  roleBindings: kind("rbac.authorization.k8s.io/v1", "rolebindings", "who may do what in a namespace"),
  clusterRoleBindings: kind("rbac.authorization.k8s.io/v1", "clusterrolebindings", "who may do what in all of it"),
} as const;

/** What extensions keep that leads to an owner. Listed where they are installed, in the version that is served. */
export const EVIDENCE_KINDS = {
  rancherUsers: kind("management.cattle.io/v3", "users", "who the creators that Rancher notes are"),
  rancherProjects: kind("management.cattle.io/v3", "projects", "what Rancher's projects are called"),
  capsuleTenants: kind("capsule.clastix.io/v1beta2", "tenants", "who owns Capsule's tenants"),
  argoApplications: kind("argoproj.io/v1alpha1", "applications", "the repositories of Argo CD's applications"),
  fluxKustomizations: kind("kustomize.toolkit.fluxcd.io/v1", "kustomizations", "what Flux rolls out from where"),
  fluxReleases: kind("helm.toolkit.fluxcd.io/v2", "helmreleases", "which charts Flux releases from where"),
  fluxRepositories: kind("source.toolkit.fluxcd.io/v1", "gitrepositories", "the repositories that Flux reads"),
} as const;

/** What others have judged there. Listed where they are installed, in the version that is served. */
export const REPORT_KINDS = {
  policyReports: kind("wgpolicyk8s.io/v1alpha2", "policyreports", "what policies say of what is in namespaces"),
  clusterPolicyReports: kind("wgpolicyk8s.io/v1alpha2", "clusterpolicyreports", "what policies say of the cluster"),
  openReports: kind("openreports.io/v1alpha1", "reports", "what policies say of what is in namespaces"),
  openClusterReports: kind("openreports.io/v1alpha1", "clusterreports", "what policies say of the cluster"),
  vulnerabilityReports: kind(
    "aquasecurity.github.io/v1alpha1",
    "vulnerabilityreports",
    "which images have known holes",
  ),
  configAuditReports: kind("aquasecurity.github.io/v1alpha1", "configauditreports", "what Trivy says of workloads"),
} as const;

function kind(groupVersion: string, resource: string, why: string): ListedKind {
  const [group = "", version = ""] = groupVersion.includes("/") ? groupVersion.split("/") : ["", groupVersion];
  return { group, version, resource, why };
}

/** "pods", "deployments.apps": how RBAC and messages name a kind. */
export function nameOf({ group, resource }: Pick<ListedKind, "group" | "resource">): string {
  return group === "" ? resource : `${resource}.${group}`;
}

/** Path of the list of a kind over all namespaces. */
export function pathOf({ group, version, resource }: ListedKind): string {
  return group === "" ? `/api/${version}/${resource}` : `/apis/${group}/${version}/${resource}`;
}

/** The rule to add to the source's ClusterRole, as a line of YAML. */
export function rbacLineOf({ group, resource }: Pick<ListedKind, "group" | "resource">): string {
  return `- { apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["list"] }`;
}
