import { kindNamed, kindsWith, qualifiedResource } from "#demo/kubernetes/kinds.ts";
import { RENDERED, type Rendering } from "#demo/kubernetes/rendering.ts";
import { renderPolicyReports, renderScans } from "#demo/kubernetes/render-reports.ts";
import { guardrailsOf } from "#demo/estate/guardrails.ts";
import {
  groupOf,
  RANCHER_CLUSTER_ID,
  rancherProjectOf,
  rancherUserOf,
  repositoryOf,
} from "#demo/estate/namespaces-evidence.ts";
import { uuidOf } from "#demo/estate/random.ts";

/** Whatever the installed extensions keep in the cluster. */
export function renderCustomResources(rendering: Rendering): void {
  const { cluster } = rendering;
  renderDefinitions(rendering);
  const has = (feature: (typeof cluster.features)[number]) => cluster.features.includes(feature);
  if (has("policy-reports")) renderPolicyReports(rendering);
  if (has("trivy")) renderScans(rendering);
  if (has("rancher")) renderRancher(rendering);
  if (has("capsule")) renderTenants(rendering);
  if (has("argo-cd")) renderApplications(rendering);
  if (has("flux")) renderKustomizations(rendering);
  if (has("operators")) renderOperated(rendering);
}

function renderDefinitions({ cluster, add }: Rendering): void {
  for (const kind of kindsWith(cluster.features).filter(({ custom }) => custom))
    add(RENDERED.definition, {
      name: qualifiedResource(kind),
      created: "2025-01-10T08:00:00Z",
      rest: {
        spec: {
          group: kind.group,
          names: { plural: kind.resource, singular: kind.singular, kind: kind.kind, listKind: `${kind.kind}List` },
          scope: kind.namespaced ? "Namespaced" : "Cluster",
          versions: [{ name: kind.version, served: true, storage: true }],
        },
        status: { acceptedNames: { plural: kind.resource, kind: kind.kind }, storedVersions: [kind.version] },
      },
    });
}

function renderRancher({ estate, add }: Rendering): void {
  for (const { mail, name, activeTo } of estate.people)
    add(kindNamed("management.cattle.io", "users"), {
      name: rancherUserOf(mail),
      created: "2025-02-03T09:00:00Z",
      rest: {
        displayName: name,
        // Somebody who signed in through the directory has no user name of Rancher's own.
        username: "",
        description: "",
        enabled: activeTo === null,
        principalIds: [`keycloakoidc_user://${mail}`, `local://${rancherUserOf(mail)}`],
      },
    });
  const projects = [
    { name: rancherProjectOf("default"), displayName: "Default", creator: null },
    ...estate.teams.map(({ key, name }) => ({
      name: rancherProjectOf(key),
      displayName: name,
      creator: estate.people.find(({ team, isLead }) => team === key && isLead)?.mail ?? null,
    })),
  ];
  for (const { name, displayName, creator } of projects)
    add(kindNamed("management.cattle.io", "projects"), {
      name,
      namespace: RANCHER_CLUSTER_ID,
      created: "2025-02-03T09:30:00Z",
      ...(creator === null ? {} : { annotations: { "field.cattle.io/creatorId": rancherUserOf(creator) } }),
      rest: { spec: { clusterName: RANCHER_CLUSTER_ID, displayName, description: "" } },
    });
}

function renderTenants({ estate, cluster, living, add }: Rendering): void {
  for (const tenant of new Set(living.flatMap((namespace) => namespace.tenant ?? [])))
    add(kindNamed("capsule.clastix.io", "tenants"), {
      name: tenant,
      uid: uuidOf(estate.seed, cluster.name, "tenant", tenant),
      created: "2025-03-01T08:00:00Z",
      rest: {
        spec: { owners: [{ kind: "Group", name: groupOf(tenant) }] },
        status: {
          state: "Active",
          namespaces: living.filter((namespace) => namespace.tenant === tenant).map(({ name }) => name),
        },
      },
    });
}

function renderApplications({ living, add }: Rendering): void {
  for (const namespace of living) {
    if (namespace.application === null || namespace.ownerTeam === null) continue;
    const resources = [
      { kind: "Namespace", name: namespace.name, version: "v1", status: "Synced" },
      ...namespace.workloads.map(({ kind, name }) => ({
        kind,
        name,
        namespace: namespace.name,
        version: "v1",
        status: "Synced",
      })),
    ];
    add(kindNamed("argoproj.io", "applications"), {
      name: namespace.application,
      namespace: "argocd",
      created: namespace.created,
      rest: {
        spec: {
          project: namespace.ownerTeam,
          source: { repoURL: repositoryOf(namespace.ownerTeam), path: namespace.name, targetRevision: "main" },
          destination: { server: "https://kubernetes.default.svc", namespace: namespace.name },
          syncPolicy: { automated: { prune: true, selfHeal: true } },
        },
        status: {
          sync: { status: guardrailsOf(namespace).isOutOfSync ? "OutOfSync" : "Synced" },
          health: { status: "Healthy" },
          resources,
        },
      },
    });
  }
}

function renderKustomizations({ living, add }: Rendering): void {
  const teams = new Map(
    living.flatMap(({ kustomization, ownerTeam }) =>
      kustomization === null || ownerTeam === null ? [] : [[kustomization, ownerTeam] as const],
    ),
  );
  for (const [name, team] of teams) {
    const created = "2025-03-01T08:00:00Z";
    add(kindNamed("kustomize.toolkit.fluxcd.io", "kustomizations"), {
      name,
      namespace: "flux-system",
      created,
      rest: {
        spec: { interval: "10m", path: "./", prune: true, sourceRef: { kind: "GitRepository", name: team } },
        status: { conditions: [{ type: "Ready", status: "True" }] },
      },
    });
    add(kindNamed("source.toolkit.fluxcd.io", "gitrepositories"), {
      name: team,
      namespace: "flux-system",
      created,
      rest: { spec: { interval: "5m", url: repositoryOf(team), ref: { branch: "main" } } },
    });
  }
}

function renderOperated({ living, add }: Rendering): void {
  for (const namespace of living)
    for (const { group, kind, name } of namespace.customResources)
      add(kindNamed(group, kind === "Cluster" ? "clusters" : "kafkatopics"), {
        name,
        namespace: namespace.name,
        created: namespace.created,
        manager: kind === "Cluster" ? "cloudnative-pg" : "strimzi-topic-operator",
        rest: {
          spec: kind === "Cluster" ? { instances: 3, storage: { size: "100Gi" } } : { partitions: 12, replicas: 3 },
          status: { phase: "Healthy", readyInstances: 0 },
        },
      });
}
