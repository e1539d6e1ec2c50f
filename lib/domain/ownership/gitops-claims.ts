import type { DatedClaim } from "#lib/domain/ownership/dated-claim.ts";

/** What is rolled out into a cluster from repositories. */
export type GitOpsEvidence = {
  /** Argo CD's. `into` is the namespace of this cluster that it deploys into; null = none, or in another cluster. */
  applications: readonly { name: string; namespace: string; into: string | null; repositories: readonly string[] }[];
  /** Flux's kustomizations and Helm releases, by kind, namespace and name: "kustomization flux-system/claims". */
  fluxReleases: ReadonlyMap<string, readonly string[]>;
};

type Marked = {
  name: string;
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
};

const TRACKING_ID = "argocd.argoproj.io/tracking-id";
const INSTANCE = "argocd.argoproj.io/instance";
/** Argo CD's default where nobody has configured another; many others write it too. */
const COMMON_INSTANCE = "app.kubernetes.io/instance";
const FLUX = ["kustomize", "helm"] as const;

/** The repositories that a namespace comes from, or that are deployed into it. The directory gives them to a team. */
export function gitOpsClaims(namespace: Marked, evidence: GitOpsEvidence): DatedClaim[] {
  const applications = applicationsOf(namespace, evidence).flatMap(({ name, namespace: home, repositories }) =>
    repositories.map((repository) => ({ detail: `Argo CD application ${home}/${name}`, repository })),
  );
  const releases = fluxMarks(namespace.labels).flatMap((mark) =>
    (evidence.fluxReleases.get(mark) ?? []).map((repository) => ({ detail: `Flux ${mark}`, repository })),
  );
  return [...applications, ...releases].map(({ detail, repository }) => ({
    origin: "gitops",
    names: { kind: "repository", value: repository },
    detail,
    inherited: false,
    from: null,
  }));
}

/** What would bring a namespace back or keep it as it is, by what is written on it and by what deploys into it. */
export function gitOpsManagers(namespace: Marked, evidence: GitOpsEvidence): string[] {
  const marked = markedManager(namespace);
  const found = applicationsOf(namespace, evidence).map(({ name }) => `Argo CD application ${name}`);
  return [...new Set([...(marked === null ? [] : [marked]), ...found])];
}

/** GitOps that an object says it comes from; null where it says nothing. */
export function markedManager({ labels, annotations }: Omit<Marked, "name">): string | null {
  const application = annotations[TRACKING_ID]?.split(":")[0] ?? labels[INSTANCE];
  if (application !== undefined && application !== "") return `Argo CD application ${application.split("_").at(-1)}`;
  const [mark] = fluxMarks(labels);
  return mark === undefined ? null : `Flux ${mark}`;
}

function applicationsOf(namespace: Marked, { applications }: GitOpsEvidence): GitOpsEvidence["applications"] {
  const named = new Set<string>();
  const tracked = readTrackingId(namespace);
  if (tracked !== null) named.add(tracked);
  for (const key of [INSTANCE, COMMON_INSTANCE]) {
    const name = namespace.labels[key];
    if (name !== undefined) named.add(name);
  }
  return applications.filter(
    ({ name, namespace: home, into }) => named.has(name) || named.has(`${home}_${name}`) || into === namespace.name,
  );
}

/** "claims:/Namespace:claims/claims". One that was copied from another object speaks of that one, and is not taken. */
function readTrackingId({ name, annotations }: Marked): string | null {
  const [application = "", kind, place = ""] = annotations[TRACKING_ID]?.split(":") ?? [];
  return kind === "/Namespace" && place.split("/").at(-1) === name ? application : null;
}

function fluxMarks(labels: Readonly<Record<string, string>>): string[] {
  return FLUX.flatMap((tool) => {
    const name = labels[`${tool}.toolkit.fluxcd.io/name`];
    const home = labels[`${tool}.toolkit.fluxcd.io/namespace`];
    const kind = tool === "kustomize" ? "kustomization" : "release";
    return name === undefined ? [] : [`${kind} ${home ?? "flux-system"}/${name}`];
  });
}
