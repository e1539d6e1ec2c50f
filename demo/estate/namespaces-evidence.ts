import type { Cluster } from "#demo/estate/clusters.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { ORGANISATION } from "#demo/estate/organisation.ts";
import { LEAVER, mailOf, type Person } from "#demo/estate/people.ts";
import { type Random, uuidOf } from "#demo/estate/random.ts";

/** How an owner can be read from a namespace, or why not. */
export type EvidenceKind =
  | "label"
  | "label-former-name"
  | "annotation"
  | "mail-annotation"
  | "argo-cd"
  | "flux"
  | "capsule"
  | "rancher-creator"
  | "rancher-project"
  | "openshift-requester"
  | "role-binding-group"
  | "role-binding-person"
  | "leaver"
  | "managed-fields"
  | "account"
  | "system"
  | "unknown-person"
  | "none";

export type BindingSubject = { role: "admin" | "edit" | "view"; kind: "User" | "Group"; name: string };

/** What a namespace says about its owner, and who that really is. */
export type Claim = {
  ownerTeam: string | null;
  evidence: EvidenceKind;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  bindings: BindingSubject[];
  /** Field manager of its first write. */
  manager: string;
  /** Capsule tenant, Argo CD application and Flux kustomization, where one is behind it. */
  tenant: string | null;
  application: string | null;
  kustomization: string | null;
};

export const LABEL_PREFIX = ORGANISATION.mailDomain;
/** Keys that name a team, and keys that name a mail. */
export const TEAM_LABEL_KEYS = ["team", "team", `${LABEL_PREFIX}/team`, "app.kubernetes.io/part-of-team", "owner-team"];
export const OWNER_ANNOTATION_KEYS = [`${LABEL_PREFIX}/owner`, "contact", "owner"];
/** Left before the directory was kept: the mail resolves to nobody. */
const STRANGER = "g.moorland@brightcover.example";

/** The directory's group of a team, as role bindings and tenants name it. */
export function groupOf(team: string): string {
  return `team-${team}`;
}

/** Where a team keeps what Argo CD and Flux roll out. */
export function repositoryOf(team: string): string {
  return `https://git.${ORGANISATION.mailDomain}/${team}/deploy.git`;
}

/** Rancher's name of a person who signs in through the directory. */
export function rancherUserOf(mail: string): string {
  return `u-${uuidOf("rancher-user", mail).replaceAll("-", "").slice(0, 10)}`;
}

/** Rancher's name of a team's project. */
export function rancherProjectOf(team: string): string {
  return `p-${uuidOf("rancher-project", team).replaceAll("-", "").slice(0, 5)}`;
}

/** Kinds of evidence in the proportions of the cluster's habits. */
export function evidenceMixOf(cluster: Cluster): EvidenceKind[] {
  const has = (feature: Cluster["features"][number]) => cluster.features.includes(feature);
  const shares: [EvidenceKind, number][] = [
    ["label", 26],
    ["label-former-name", 4],
    ["annotation", 8],
    ["mail-annotation", 8],
    ["argo-cd", has("argo-cd") ? 24 : 0],
    ["flux", has("flux") ? 24 : 0],
    ["capsule", has("capsule") ? 20 : 0],
    ["rancher-creator", has("rancher") ? 34 : 0],
    ["rancher-project", has("rancher") ? 22 : 0],
    ["openshift-requester", has("openshift-origin") ? 14 : 0],
    ["role-binding-group", 10],
    ["role-binding-person", 7],
    ["leaver", 1],
    ["managed-fields", 1],
    [cluster.ownerTeam === null ? "none" : "account", cluster.ownerTeam === null ? 5 : 10],
    ["unknown-person", cluster.ownerTeam === null ? 2 : 0],
  ];
  return shares.flatMap(([kind, share]) => Array.from({ length: share }, () => kind));
}

export type ClaimContext = {
  estate: Estate;
  cluster: Cluster;
  team: string;
  name: string;
  evidence: EvidenceKind;
  created: string;
  random: Random;
};

/** What is written on the namespace so that its owner can be found in the way of `evidence`. */
export function claimOf(context: ClaimContext): Claim {
  const { cluster, team, evidence, random, estate } = context;
  const ownerTeam =
    evidence === "none" || evidence === "unknown-person" || evidence === "system"
      ? null
      : evidence === "account"
        ? cluster.ownerTeam
        : evidence === "leaver"
          ? LEAVER.team
          : team;
  const blank: Claim = {
    ownerTeam,
    evidence,
    labels: {},
    annotations: {},
    bindings: [],
    manager: random.pick(["kubectl-create", "kubectl-client-side-apply", "terraform", "helm"]),
    tenant: null,
    application: null,
    kustomization: null,
  };
  const claim = { ...blank, ...partsOf(context, () => personOf(estate, team, random)) };
  // One in thirty carries a second, weaker claim for another team: what wins is still the explicit one.
  if ((evidence === "label" || evidence === "argo-cd") && random.perMille(33))
    claim.bindings = [...claim.bindings, { role: "view", kind: "Group", name: groupOf(random.pick(estate.teams).key) }];
  return claim;
}

function partsOf(context: ClaimContext, person: () => Person): Partial<Claim> {
  const { team, name, evidence, random, estate, cluster } = context;
  switch (evidence) {
    case "label":
      return { labels: { [random.pick(TEAM_LABEL_KEYS)]: team } };
    case "label-former-name":
      return { labels: { team: estate.teams.find(({ key }) => key === team)?.aliases[0] ?? team } };
    case "annotation":
      return { annotations: { [`${LABEL_PREFIX}/team`]: team } };
    case "mail-annotation":
      return { annotations: { [random.pick(OWNER_ANNOTATION_KEYS)]: person().mail } };
    case "argo-cd":
      return {
        ...(random.perMille(600)
          ? { annotations: { "argocd.argoproj.io/tracking-id": `${name}:/Namespace:${name}/${name}` } }
          : { labels: { "argocd.argoproj.io/instance": name } }),
        application: name,
        manager: "argocd-controller",
      };
    case "flux":
      return {
        labels: {
          "kustomize.toolkit.fluxcd.io/name": `${team}-apps`,
          "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
        },
        kustomization: `${team}-apps`,
        manager: "kustomize-controller",
      };
    case "capsule":
      return { labels: { "capsule.clastix.io/tenant": team }, tenant: team, manager: "capsule" };
    case "rancher-creator":
      return {
        annotations: {
          "field.cattle.io/creatorId": rancherUserOf(person().mail),
          "field.cattle.io/projectId": `${RANCHER_CLUSTER_ID}:${rancherProjectOf("default")}`,
          "lifecycle.cattle.io/create.namespace-auth": "true",
        },
        labels: { "field.cattle.io/projectId": rancherProjectOf("default") },
        manager: "rancher",
      };
    case "rancher-project":
      return {
        annotations: { "field.cattle.io/projectId": `${RANCHER_CLUSTER_ID}:${rancherProjectOf(team)}` },
        labels: { "field.cattle.io/projectId": rancherProjectOf(team) },
        manager: "rancher",
      };
    case "openshift-requester":
      return { annotations: { "openshift.io/requester": person().mail, "openshift.io/display-name": name } };
    case "role-binding-group":
      return { bindings: [{ role: "admin", kind: "Group", name: groupOf(team) }] };
    case "role-binding-person":
      return { bindings: [{ role: "admin", kind: "User", name: person().mail }] };
    case "leaver":
      return cluster.features.includes("openshift-origin")
        ? { annotations: { "openshift.io/requester": mailOf(LEAVER.name) } }
        : { bindings: [{ role: "admin", kind: "User", name: mailOf(LEAVER.name) }] };
    case "managed-fields":
      return { manager: `${team}-deployer` };
    case "unknown-person":
      return { annotations: { contact: STRANGER } };
    case "account":
    case "system":
    case "none":
      return {};
  }
}

export const RANCHER_CLUSTER_ID = "c-m-7x2kq9lp";

function personOf(estate: Estate, team: string, random: Random): Person {
  return random.pick(estate.people.filter((person) => person.team === team && person.activeTo === null));
}
