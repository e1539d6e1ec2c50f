import { compileGlob } from "#lib/domain/glob.ts";
import { CLAIM_ORIGINS, readOwnerText, type ClaimOrigin, type NamedOwner } from "#lib/domain/ownership/claim.ts";
import type { DatedClaim } from "#lib/domain/ownership/dated-claim.ts";
import { gitOpsClaims, type GitOpsEvidence } from "#lib/domain/ownership/gitops-claims.ts";
import { bindingClaims, ownersOfGroups, personOfUser, type RoleBinding } from "#lib/domain/ownership/subject-claims.ts";

/** What is known of a namespace, as far as it may say whose it is. */
export type ClaimedNamespace = {
  name: string;
  createdAt: Date | null;
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
  /** Who has written which labels and annotations, and when last. */
  managers: readonly {
    manager: string;
    time: Date | null;
    labels: readonly string[];
    annotations: readonly string[];
  }[];
  /** Capsule tenants that the namespace refers to as its owners. */
  tenants: readonly string[];
  /** Null where they may not be read. */
  bindings: readonly RoleBinding[] | null;
};

/** What other systems' records in the cluster say. What may not be read is empty: it then leads to no claim. */
export type ClusterEvidence = GitOpsEvidence & {
  /** Of a Backstage catalog, those that are about this cluster, by the namespaces that they run in. */
  entities: ReadonlyMap<string, readonly { reference: string; owner: NamedOwner }[]>;
  /** Owners of Capsule's tenants, by the tenant's name. */
  tenants: ReadonlyMap<string, readonly { kind: string; name: string }[]>;
  /** Mail of a user of Rancher, by the user's id. */
  rancherUsers: ReadonlyMap<string, string>;
  /** Rancher's projects, by their ids without the cluster. */
  rancherProjects: ReadonlyMap<string, { displayName: string; labels: Readonly<Record<string, string>> }>;
};

/** Patterns in which `*` stands for any characters. */
export type ClaimSettings = {
  ownerLabels: readonly string[];
  ownerAnnotations: readonly string[];
  /** How groups are called; the team is what `*` stands for. */
  ownerGroups: readonly string[];
};

const CREATOR = "field.cattle.io/creatorId";
const PROJECT = "field.cattle.io/projectId";
/** Rancher's own projects say that nobody has chosen one. */
const RANCHER_OWN_PROJECTS = ["default", "system"];
const REQUESTER = "openshift.io/requester";
const TENANT = "capsule.clastix.io/tenant";
const SUBNAMESPACE_OF = "hnc.x-k8s.io/subnamespace-of";
const HNC_PARENT = /^(.+)\.tree\.hnc\.x-k8s\.io\/depth$/;
const VIRTUAL_CLUSTER_NAMESPACE = "vcluster.loft.sh/vcluster-namespace";
const PLATFORM_PROJECT = "loft.sh/project";
/** Parents of parents that are asked; it also ends a circle. */
const MOST_PARENTS = 10;
/** Clients that anybody may have used: that they wrote says nothing about who did. */
const COMMON_CLIENTS =
  /^(kubectl\b|kubectl-|helm\b|terraform|pulumi|kube-|argocd|argo|flux|kustomize-controller|helm-controller|rancher|capsule|mozilla|python|go-http|okhttp|java|k9s|lens|openshift|cluster-policy-controller|unknown|before-first-apply|node-fetch|agent|manager|controller)/i;

/**
 * The claims about each of a cluster's namespaces, by their names: all that is written on them, what other systems keep about them,
 * and what is said of the namespaces that contain them. Pure; which of them counts is for resolveOwner. Claims that are made of
 * the whole cluster, such as the tags of its account, are not among them.
 */
export function claimsOfNamespaces(
  namespaces: readonly ClaimedNamespace[],
  evidence: ClusterEvidence,
  settings: ClaimSettings,
): Map<string, DatedClaim[]> {
  const isOwnerLabel = anyOf(settings.ownerLabels);
  const isOwnerAnnotation = anyOf(settings.ownerAnnotations);
  const ownClaims = (namespace: ClaimedNamespace): DatedClaim[] => [
    ...markClaims(namespace, "label", isOwnerLabel),
    ...markClaims(namespace, "annotation", isOwnerAnnotation),
    ...(evidence.entities.get(namespace.name) ?? []).map(({ reference, owner }) =>
      claim("backstage", owner, reference, null),
    ),
    ...gitOpsClaims(namespace, evidence),
    ...tenantClaims(namespace, evidence, settings),
    ...rancherClaims(namespace, evidence, isOwnerLabel),
    ...requesterClaims(namespace),
    ...bindingClaims(namespace.bindings ?? [], evidence.rancherUsers, settings.ownerGroups),
    ...clientClaims(namespace),
    ...textClaim("namespace-name", namespace.name, "", namespace.createdAt),
  ];
  const own = new Map(namespaces.map((namespace) => [namespace.name, ownClaims(namespace)]));
  const byName = new Map(namespaces.map((namespace) => [namespace.name, namespace]));
  return new Map(
    namespaces.map((namespace) => [
      namespace.name,
      [...(own.get(namespace.name) ?? []), ...containerClaims(namespace, byName, own)],
    ]),
  );
}

/** Labels or annotations that name an owner, since their writer's last change at the latest. */
function markClaims(
  namespace: ClaimedNamespace,
  origin: "label" | "annotation",
  isWanted: (key: string) => boolean,
): DatedClaim[] {
  const field = origin === "label" ? "labels" : "annotations";
  return Object.entries(namespace[field])
    .filter(([key]) => isWanted(key))
    .flatMap(([key, value]) => {
      const writer = namespace.managers.find((manager) => manager[field].includes(key));
      return textClaim(origin, value, key, writer?.time ?? null);
    });
}

function tenantClaims(
  { labels, tenants, createdAt }: ClaimedNamespace,
  evidence: ClusterEvidence,
  { ownerGroups }: ClaimSettings,
): DatedClaim[] {
  const label = labels[TENANT];
  const names = [...new Set([...(label === undefined ? [] : [label]), ...tenants])];
  return names.flatMap((name) => [
    ...textClaim("capsule-tenant", name, `tenant ${name}`, createdAt),
    ...ownersOfGroups(evidence.tenants.get(name) ?? [], evidence.rancherUsers, ownerGroups).map(
      ({ names: owner, subject }) => claim("capsule-tenant", owner, `tenant ${name} of ${subject}`, createdAt),
    ),
  ]);
}

function rancherClaims(
  { labels, annotations, createdAt }: ClaimedNamespace,
  { rancherUsers, rancherProjects }: ClusterEvidence,
  isOwnerLabel: (key: string) => boolean,
): DatedClaim[] {
  const claims: DatedClaim[] = [];
  const creator = annotations[CREATOR];
  if (creator !== undefined && creator !== "")
    claims.push(claim("rancher-creator", personOfUser(creator, rancherUsers), creator, createdAt));
  const id = (annotations[PROJECT] ?? labels[PROJECT])?.split(":").at(-1);
  const project = id === undefined ? undefined : rancherProjects.get(id);
  if (id === undefined || project === undefined) return claims;
  const tagged = Object.entries(project.labels).filter(([key]) => isOwnerLabel(key));
  for (const [key, value] of tagged) claims.push(...textClaim("rancher-project", value, `label ${key} of ${id}`, null));
  if (!RANCHER_OWN_PROJECTS.includes(project.displayName.toLowerCase()))
    claims.push(...textClaim("rancher-project", project.displayName, id, null));
  return claims;
}

function requesterClaims({ annotations, createdAt }: ClaimedNamespace): DatedClaim[] {
  const requester = annotations[REQUESTER] ?? "";
  // The system makes projects for itself too.
  if (requester.startsWith("system:")) return [];
  return textClaim("openshift-requester", requester, REQUESTER, createdAt);
}

function clientClaims({ managers }: ClaimedNamespace): DatedClaim[] {
  return managers
    .filter(({ manager }) => !COMMON_CLIENTS.test(manager))
    .flatMap(({ manager, time }) =>
      textClaim("managed-fields", manager.replace(/-(deployer|pipeline|ci|cd)$/, ""), manager, time),
    );
}

/**
 * What is said of the namespace that this one is a part of: HNC's parent, or that of the virtual cluster. Only what says who owns
 * that one, and not weakly: a hint about the parent is none about the child.
 */
function containerClaims(
  namespace: ClaimedNamespace,
  byName: ReadonlyMap<string, ClaimedNamespace>,
  own: ReadonlyMap<string, readonly DatedClaim[]>,
): DatedClaim[] {
  const claims: DatedClaim[] = [];
  const project = namespace.labels[PLATFORM_PROJECT];
  if (project !== undefined) claims.push(...textClaim("vcluster", project, PLATFORM_PROJECT, null));
  let inner: ClaimedNamespace | undefined = namespace;
  for (let depth = 0; depth < MOST_PARENTS && inner !== undefined; depth += 1) {
    const container = containerOf(inner);
    if (container === null || container.name === namespace.name) return claims;
    for (const said of own.get(container.name) ?? []) {
      const { strength, speaksOf } = CLAIM_ORIGINS[said.origin];
      if (strength === "weak" || speaksOf === "maker") continue;
      const detail = `${container.name}: ${said.origin}${said.detail === "" ? "" : ` ${said.detail}`}`;
      claims.push(claim(container.origin, said.names, detail, said.from));
    }
    // The nearest that says anything counts; those above it would only dispute what was changed on purpose.
    if (claims.some(({ origin }) => origin === container.origin)) return claims;
    inner = byName.get(container.name);
  }
  return claims;
}

function containerOf({
  name,
  labels,
  annotations,
}: ClaimedNamespace): { origin: "hnc" | "vcluster"; name: string } | null {
  const host = labels[VIRTUAL_CLUSTER_NAMESPACE];
  if (host !== undefined && host !== name) return { origin: "vcluster", name: host };
  const parent = annotations[SUBNAMESPACE_OF] ?? nearestParent(name, labels);
  return parent === null ? null : { origin: "hnc", name: parent };
}

/** HNC labels a namespace with all those above it and their distance. */
function nearestParent(name: string, labels: Readonly<Record<string, string>>): string | null {
  const above = Object.entries(labels)
    .map(([key, depth]) => ({ parent: HNC_PARENT.exec(key)?.[1], depth: Number(depth) }))
    .filter(({ parent, depth }) => parent !== undefined && parent !== name && depth > 0);
  return above.toSorted((left, right) => left.depth - right.depth)[0]?.parent ?? null;
}

function anyOf(patterns: readonly string[]): (text: string) => boolean {
  const compiled = patterns.map(compileGlob);
  return (text) => compiled.some((matches) => matches(text));
}

function textClaim(origin: ClaimOrigin, text: string, detail: string, from: Date | null): DatedClaim[] {
  const names = readOwnerText(text);
  return names === null ? [] : [claim(origin, names, detail, from)];
}

function claim(origin: ClaimOrigin, names: NamedOwner, detail: string, from: Date | null): DatedClaim {
  return { origin, names, detail, inherited: false, from };
}
