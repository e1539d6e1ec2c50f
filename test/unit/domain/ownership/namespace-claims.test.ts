import { expect, test } from "vitest";
import {
  claimsOfNamespaces,
  type ClaimedNamespace,
  type ClusterEvidence,
  type ClaimSettings,
} from "#lib/domain/ownership/namespace-claims.ts";
import { gitOpsManagers } from "#lib/domain/ownership/gitops-claims.ts";

const CREATED = new Date("2026-01-15T08:00:00Z");
const WRITTEN = new Date("2026-03-01T08:00:00Z");
const SETTINGS: ClaimSettings = {
  ownerLabels: ["team", "*/team"],
  ownerAnnotations: ["*/owner", "contact"],
  ownerGroups: ["team-*"],
};
const NOTHING: ClusterEvidence = {
  entities: new Map(),
  applications: [],
  fluxReleases: new Map(),
  tenants: new Map(),
  rancherUsers: new Map(),
  rancherProjects: new Map(),
};

function namespace(parts: Partial<ClaimedNamespace> = {}): ClaimedNamespace {
  const blank = { labels: {}, annotations: {}, managers: [], tenants: [], bindings: [] };
  return { name: "n1", createdAt: CREATED, ...blank, ...parts };
}

/** "origin kind value (detail)" of each claim but that of the name, which every namespace has. */
function claimsOf(
  parts: Partial<ClaimedNamespace>,
  evidence: Partial<ClusterEvidence> = {},
  others: ClaimedNamespace[] = [],
) {
  const own = namespace(parts);
  const claims = claimsOfNamespaces([own, ...others], { ...NOTHING, ...evidence }, SETTINGS).get(own.name) ?? [];
  return claims
    .filter(({ origin }) => origin !== "namespace-name")
    .map(({ origin, names, detail }) => `${origin} ${names.kind} ${names.value} (${detail})`);
}

test("labels and annotations that name an owner are claims by any of the patterns, the others are none", () => {
  const labels = { team: "claims", "example.com/team": "Claims", app: "claims" };
  const annotations = { "example.com/owner": "Alice@example.com", contact: "group:default/claims", description: "x" };
  expect(claimsOf({ labels, annotations })).toEqual([
    "label team claims (team)",
    "label team Claims (example.com/team)",
    "annotation mail alice@example.com (example.com/owner)",
    "annotation team claims (contact)",
  ]);
});

test("a mark holds since its writer's last change at the latest, and since nobody knows when without one", () => {
  const managers = [{ manager: "kubectl", time: WRITTEN, labels: ["team"], annotations: [] }];
  const claims = claimsOfNamespaces(
    [namespace({ labels: { team: "claims", "a/team": "claims" }, managers })],
    NOTHING,
    SETTINGS,
  ).get("n1");
  expect(claims?.filter(({ origin }) => origin === "label").map(({ from }) => from)).toEqual([WRITTEN, null]);
});

test("Argo CD's tracking id leads to the repository of its application, wherever the application is", () => {
  const applications = [
    { name: "claims", namespace: "argocd", into: null, repositories: ["https://git.example.com/claims/deploy"] },
    { name: "claims", namespace: "elsewhere", into: null, repositories: ["https://git.example.com/other"] },
  ];
  const tracked = (id: string) => claimsOf({ annotations: { "argocd.argoproj.io/tracking-id": id } }, { applications });
  expect(tracked("elsewhere_claims:/Namespace:n1/n1")).toEqual([
    "gitops repository https://git.example.com/other (Argo CD application elsewhere/claims)",
  ]);
  expect(tracked("claims:/Namespace:n1/n1")).toHaveLength(2);
});

test("a tracking id that was copied from another object is no claim", () => {
  const applications = [
    { name: "claims", namespace: "argocd", into: null, repositories: ["https://git.example.com/x"] },
  ];
  const annotations = { "argocd.argoproj.io/tracking-id": "claims:apps/Deployment:other/web" };
  expect(claimsOf({ annotations }, { applications })).toEqual([]);
});

test("an application that deploys into the namespace counts without a mark on it, and would bring it back", () => {
  const applications = [
    { name: "claims", namespace: "argocd", into: "n1", repositories: ["git@example.com:claims.git"] },
  ];
  expect(claimsOf({}, { applications })).toEqual([
    "gitops repository git@example.com:claims.git (Argo CD application argocd/claims)",
  ]);
  expect(gitOpsManagers(namespace(), { ...NOTHING, applications })).toEqual(["Argo CD application claims"]);
  expect(gitOpsManagers(namespace({ name: "n2" }), { ...NOTHING, applications })).toEqual([]);
});

test("Flux's labels lead to the repository of the kustomization or release", () => {
  const fluxReleases = new Map([
    ["kustomization flux-system/claims-apps", ["https://git.example.com/claims/deploy"]],
    ["release apps/web", ["https://git.example.com/web"]],
  ]);
  const labels = {
    "kustomize.toolkit.fluxcd.io/name": "claims-apps",
    "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
    "helm.toolkit.fluxcd.io/name": "web",
    "helm.toolkit.fluxcd.io/namespace": "apps",
  };
  expect(claimsOf({ labels }, { fluxReleases })).toEqual([
    "gitops repository https://git.example.com/claims/deploy (Flux kustomization flux-system/claims-apps)",
    "gitops repository https://git.example.com/web (Flux release apps/web)",
  ]);
});

test("a Capsule tenant is a claim by its name and by its owners", () => {
  const tenants = new Map([
    [
      "claims-tenant",
      [
        { kind: "Group", name: "team-claims" },
        { kind: "User", name: "bob@example.com" },
      ],
    ],
  ]);
  const expected = [
    "capsule-tenant team claims-tenant (tenant claims-tenant)",
    "capsule-tenant team claims (tenant claims-tenant of Group team-claims)",
    "capsule-tenant mail bob@example.com (tenant claims-tenant of User bob@example.com)",
  ];
  expect(claimsOf({ tenants: ["claims-tenant"] }, { tenants })).toEqual(expected);
  expect(claimsOf({ labels: { "capsule.clastix.io/tenant": "claims-tenant" } }, { tenants })).toEqual(expected);
});

test("Rancher's creator is resolved to a mail, and stays visible where that fails", () => {
  const annotations = { "field.cattle.io/creatorId": "u-abc12" };
  const rancherUsers = new Map([["u-abc12", "alice@example.com"]]);
  expect(claimsOf({ annotations }, { rancherUsers })).toEqual(["rancher-creator mail alice@example.com (u-abc12)"]);
  expect(claimsOf({ annotations })).toEqual(["rancher-creator team u-abc12 (u-abc12)"]);
});

test("Rancher's project is a claim by its title, except for the projects that Rancher makes itself", () => {
  const project = (displayName: string, labels = {}) =>
    claimsOf(
      { annotations: { "field.cattle.io/projectId": "c-1:p-1" } },
      { rancherProjects: new Map([["p-1", { displayName, labels }]]) },
    );
  expect(project("Claims")).toEqual(["rancher-project team Claims (p-1)"]);
  expect(project("Default")).toEqual([]);
  expect(project("Default", { team: "claims" })).toEqual(["rancher-project team claims (label team of p-1)"]);
});

test("OpenShift's requester is whoever asked, unless that was the system", () => {
  const requester = (value: string) => claimsOf({ annotations: { "openshift.io/requester": value } });
  expect(requester("alice@example.com")).toEqual([
    "openshift-requester mail alice@example.com (openshift.io/requester)",
  ]);
  expect(requester("system:admin")).toEqual([]);
});

test("of role bindings those who administer count, else those who may change something, never those who look", () => {
  const binding = (role: string, ...subjects: [kind: string, name: string][]) => ({
    name: role,
    role,
    createdAt: WRITTEN,
    subjects: subjects.map(([kind, name]) => ({ kind, name })),
  });
  const edit = binding("edit", ["User", "oidc:bob@example.com"]);
  const view = binding("view", ["Group", "team-quotes"], ["User", "carol@example.com"]);
  expect(claimsOf({ bindings: [edit, view] })).toEqual([
    "role-binding mail bob@example.com (edit: User oidc:bob@example.com as edit)",
  ]);
  expect(claimsOf({ bindings: [edit, view, binding("admin", ["Group", "team-claims"])] })).toEqual([
    "role-binding team claims (admin: Group team-claims as admin)",
  ]);
  expect(
    claimsOf({ bindings: [binding("admin", ["ServiceAccount", "deployer"], ["Group", "system:masters"])] }),
  ).toEqual([]);
  expect(claimsOf({ bindings: null })).toEqual([]);
});

test("a client's name is a claim only where it is not one that anybody uses", () => {
  const managers = ["kubectl-create", "helm", "terraform", "argocd-controller", "claims-deployer"].map((manager) => ({
    manager,
    time: WRITTEN,
    labels: [],
    annotations: [],
  }));
  expect(claimsOf({ managers })).toEqual(["managed-fields team claims (claims-deployer)"]);
});

test("entities of the catalog are claims where they run", () => {
  const entities = new Map([
    ["n1", [{ reference: "component:default/api", owner: { kind: "team", value: "claims" } as const }]],
  ]);
  expect(claimsOf({}, { entities })).toEqual(["backstage team claims (component:default/api)"]);
});

test("a child of HNC has what says who owns its parent, not what hints at it or who made it", () => {
  const parent = namespace({
    name: "claims",
    labels: { team: "claims" },
    annotations: { "openshift.io/requester": "alice@example.com" },
    bindings: [{ name: "b", role: "admin", createdAt: null, subjects: [{ kind: "Group", name: "team-quotes" }] }],
  });
  const grandparent = namespace({ name: "root", labels: { team: "platform" } });
  const annotations = { "hnc.x-k8s.io/subnamespace-of": "claims" };
  expect(claimsOf({ annotations }, {}, [parent, grandparent])).toEqual(["hnc team claims (claims: label team)"]);
  const labels = {
    "root.tree.hnc.x-k8s.io/depth": "2",
    "claims.tree.hnc.x-k8s.io/depth": "1",
    "n1.tree.hnc.x-k8s.io/depth": "0",
  };
  expect(claimsOf({ labels }, {}, [parent, grandparent])).toEqual(["hnc team claims (claims: label team)"]);
});

test("a parent that says nothing passes on what its own parent says, and a circle of parents ends", () => {
  const below = (name: string, parent: string, labels = {}) =>
    namespace({ name, labels, annotations: { "hnc.x-k8s.io/subnamespace-of": parent } });
  expect(
    claimsOf(below("n1", "p1"), {}, [below("p1", "p2"), namespace({ name: "p2", labels: { team: "claims" } })]),
  ).toEqual(["hnc team claims (p2: label team)"]);
  expect(claimsOf(below("n1", "p1"), {}, [below("p1", "p2"), below("p2", "p1")])).toEqual([]);
});

test("a namespace of a virtual cluster belongs to whoever owns the one that the virtual cluster runs in", () => {
  const host = namespace({ name: "vc-claims", labels: { team: "claims" } });
  expect(claimsOf({ labels: { "vcluster.loft.sh/vcluster-namespace": "vc-claims" } }, {}, [host])).toEqual([
    "vcluster team claims (vc-claims: label team)",
  ]);
});

test("every namespace has its name as a claim, of which nobody is sure", () => {
  const claims = claimsOfNamespaces([namespace({ name: "claims-api-prod" })], NOTHING, SETTINGS).get("claims-api-prod");
  expect(claims).toEqual([
    {
      origin: "namespace-name",
      names: { kind: "team", value: "claims-api-prod" },
      detail: "",
      inherited: false,
      from: CREATED,
    },
  ]);
});
