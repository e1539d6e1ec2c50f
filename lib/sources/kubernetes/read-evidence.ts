import type { ClusterEvidence } from "#lib/domain/ownership/namespace-claims.ts";
import type { SyncedApplication } from "#lib/sources/cluster-guardrails.ts";
import {
  applicationObject,
  gitRepositoryObject,
  helmReleaseObject,
  kustomizationObject,
  rancherProjectObject,
  rancherUserObject,
  tenantObject,
  type Metadata,
} from "#lib/sources/kubernetes/api-types.ts";
import type { CustomKind, Discovery } from "#lib/sources/kubernetes/discover.ts";
import type { KindReader } from "#lib/sources/kubernetes/kind-reader.ts";
import { EVIDENCE_KINDS, nameOf, type ListedKind } from "#lib/sources/kubernetes/kinds.ts";

/** How Argo CD calls the cluster that it runs in. */
const OWN_CLUSTER = ["https://kubernetes.default.svc", "in-cluster"];
/** "keycloakoidc_user://alice@example.com": how Rancher notes who signed in. */
const MAIL_OF_PRINCIPAL = /^[^:]*:\/\/([^\s@/]+@[^\s@/]+\.[^\s@/]+)$/;

/** What extensions keep; `applicationsKnown` is false where those of Argo CD are there and could not be read. */
export type EvidenceReading = Omit<ClusterEvidence, "entities" | "applications"> & {
  applications: ReadApplication[];
  applicationsKnown: boolean;
};
type ReadApplication = ClusterEvidence["applications"][number] & SyncedApplication;
export type RancherReading = Pick<ClusterEvidence, "rancherUsers" | "rancherProjects">;

/** Reads what is installed; what is not is empty, and what may not be read is empty and in the reader's `unknown`. */
export async function readEvidence(reader: KindReader, discovery: Discovery): Promise<EvidenceReading> {
  const served = (kind: ListedKind) => servedKind(discovery, kind);
  const [applications, tenants, fluxReleases, rancher] = await Promise.all([
    ifServed(served(EVIDENCE_KINDS.argoApplications), (kind) => readApplications(reader, kind)),
    ifServed(served(EVIDENCE_KINDS.capsuleTenants), (kind) =>
      reader.all(kind, tenantObject, ({ metadata, spec }) => [metadata.name, spec.owners ?? []] as const),
    ),
    readFluxReleases(reader, discovery),
    readRancher(reader, discovery),
  ]);
  return {
    applications: [...(applications ?? [])],
    applicationsKnown: applications !== null,
    tenants: new Map(tenants ?? []),
    fluxReleases,
    ...rancher,
  };
}

/** Users and projects of Rancher, which are in the cluster that Rancher itself runs in. */
export async function readRancher(reader: KindReader, discovery: Discovery): Promise<RancherReading> {
  const [users, projects] = await Promise.all([
    ifServed(servedKind(discovery, EVIDENCE_KINDS.rancherUsers), (kind) =>
      reader.all(kind, rancherUserObject, ({ metadata, username, principalIds }) => {
        const known = (principalIds ?? []).flatMap((principal) => MAIL_OF_PRINCIPAL.exec(principal)?.[1] ?? []);
        const mail = known[0] ?? (username?.includes("@") ? username : undefined);
        return mail === undefined ? null : ([metadata.name, mail] as const);
      }),
    ),
    ifServed(servedKind(discovery, EVIDENCE_KINDS.rancherProjects), (kind) =>
      reader.all(kind, rancherProjectObject, ({ metadata, spec }) => {
        const labels = { ...metadata.annotations, ...metadata.labels };
        return [metadata.name, { displayName: spec.displayName ?? metadata.name, labels }] as const;
      }),
    ),
  ]);
  return { rancherUsers: new Map(users ?? []), rancherProjects: new Map(projects ?? []) };
}

function readApplications(reader: KindReader, kind: ListedKind): Promise<ReadApplication[] | null> {
  return reader.all(kind, applicationObject, ({ metadata, spec, status }) => {
    const { server, name, namespace } = spec.destination ?? {};
    const isHere = OWN_CLUSTER.includes(server ?? "") || OWN_CLUSTER.includes(name ?? "");
    const sources = [...(spec.source ? [spec.source] : []), ...(spec.sources ?? [])];
    return {
      uid: metadata.uid ?? "",
      name: metadata.name,
      namespace: metadata.namespace ?? "",
      syncStatus: status?.sync?.status ?? null,
      into: isHere ? (namespace ?? null) : null,
      // A chart's repository is its publisher's, not that of whoever runs it.
      repositories: sources.flatMap(({ repoURL, path, chart }) =>
        repoURL && !chart ? [placeInRepository(repoURL, path)] : [],
      ),
    };
  });
}

async function readFluxReleases(reader: KindReader, discovery: Discovery): Promise<Map<string, string[]>> {
  const [repositories, kustomizations, releases] = await Promise.all([
    ifServed(servedKind(discovery, EVIDENCE_KINDS.fluxRepositories), (kind) =>
      reader.all(kind, gitRepositoryObject, ({ metadata, spec }) => [placeOf(metadata), spec.url] as const),
    ),
    ifServed(servedKind(discovery, EVIDENCE_KINDS.fluxKustomizations), (kind) =>
      reader.all(kind, kustomizationObject, ({ metadata, spec: { path, sourceRef } }) => ({
        mark: `kustomization ${placeOf(metadata)}`,
        source:
          sourceRef.kind === "GitRepository" ? `${sourceRef.namespace ?? metadata.namespace}/${sourceRef.name}` : "",
        path: path ?? "",
      })),
    ),
    ifServed(servedKind(discovery, EVIDENCE_KINDS.fluxReleases), (kind) =>
      reader.all(kind, helmReleaseObject, ({ metadata, spec }) => {
        const { chart, sourceRef } = spec.chart?.spec ?? {};
        if (sourceRef?.kind !== "GitRepository") return null;
        const source = `${sourceRef.namespace ?? metadata.namespace}/${sourceRef.name}`;
        return { mark: `release ${placeOf(metadata)}`, source, path: chart ?? "" };
      }),
    ),
  ]);
  const urlOf = new Map(repositories ?? []);
  return new Map(
    [...(kustomizations ?? []), ...(releases ?? [])].flatMap(({ mark, source, path }) => {
      const url = urlOf.get(source);
      return url === undefined ? [] : [[mark, [placeInRepository(url, path)]] as const];
    }),
  );
}

/** A folder of a repository, so that a directory may give the folders of one repository to different teams. */
function placeInRepository(url: string, path: string | null | undefined): string {
  const folder = (path ?? "").replace(/^\.?\/+/, "").replace(/\/+$/, "");
  return folder === "" || folder === "." ? url : `${url.replace(/\/+$/, "").replace(/\.git$/, "")}/${folder}`;
}

function placeOf({ namespace, name }: Metadata): string {
  return `${namespace ?? ""}/${name}`;
}

/** The kind in the version that the cluster serves; null where it is not installed. */
export function servedKind({ customKinds }: Discovery, kind: ListedKind): ListedKind | null {
  const found: CustomKind | undefined = customKinds.find((one) => nameOf(one) === nameOf(kind));
  return found === undefined ? null : { ...kind, version: found.version };
}

/** What is not installed has nothing: an empty list, which is known. */
async function ifServed<Value>(
  kind: ListedKind | null,
  read: (kind: ListedKind) => Promise<readonly Value[] | null>,
): Promise<readonly Value[] | null> {
  return kind === null ? [] : read(kind);
}
