import { gitOpsManagers } from "#lib/domain/ownership/gitops-claims.ts";
import { claimsOfNamespaces, type ClusterEvidence } from "#lib/domain/ownership/namespace-claims.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import type {
  ClusterInventory,
  NamespaceInventory,
  UnknownKind,
  WorkloadItem,
} from "#lib/sources/cluster-inventory.ts";
import type { CatalogEntity } from "#lib/sources/kubernetes/catalog.ts";
import { openKubernetes } from "#lib/sources/kubernetes/client.ts";
import { discover, type Discovery } from "#lib/sources/kubernetes/discover.ts";
import { kindReader, type ByNamespace, type KindReader } from "#lib/sources/kubernetes/kind-reader.ts";
import { KINDS } from "#lib/sources/kubernetes/kinds.ts";
import {
  readLimitRanges,
  readNetworkPolicies,
  readQuotas,
  readRoleBindings,
  readServices,
  readVolumes,
} from "#lib/sources/kubernetes/read-contents.ts";
import { readCustomResources } from "#lib/sources/kubernetes/read-custom-resources.ts";
import { readGuardrails, readServiceAccounts } from "#lib/sources/kubernetes/read-guardrails.ts";
import { readEvidence, type EvidenceReading, type RancherReading } from "#lib/sources/kubernetes/read-evidence.ts";
import { claimedNamespace, readNamespaces, type NamespaceHead } from "#lib/sources/kubernetes/read-namespaces.ts";
import { clusterFacts, readNodes } from "#lib/sources/kubernetes/read-nodes.ts";
import { withMachineImages } from "#lib/sources/kubernetes/node-images.ts";
import { NO_PODS, readPods } from "#lib/sources/kubernetes/read-pods.ts";
import {
  countObjects,
  readCronJobs,
  readJobs,
  readWorkloads,
  type LabelledWorkload,
} from "#lib/sources/kubernetes/read-workloads.ts";
import type { ClusterAccess, KubernetesSpec } from "#lib/sources/kubernetes/spec.ts";

const OLDEST_NAMESPACE = "kube-system";

export type ClusterReadOptions = {
  gate: RequestGate;
  signal: AbortSignal;
  catalog?: readonly CatalogEntity[];
  /** Of the cluster that Rancher runs in, where that is another one. */
  rancher?: RancherReading | null;
};

/**
 * Reads one cluster: all namespaces with what is in them and what says whose they are, and the nodes. Kinds are read page by page,
 * a few at a time; of pods only sums are kept.
 *
 * @returns what may not be read, or could not be, as null, and under `unknown` with the rule that is missing. Where namespaces
 *   could not be listed there are none and `complete` is false: nothing may be taken for deleted then.
 * @throws AppError "unavailable" where the cluster cannot be reached, "invalid_config" where it does not accept the credentials.
 */
export async function readCluster(
  spec: KubernetesSpec,
  access: ClusterAccess,
  { gate, signal, catalog = [], rancher = null }: ClusterReadOptions,
): Promise<ClusterInventory> {
  const client = await openKubernetes(access, gate, signal);
  try {
    const discovery = await discover(client);
    const reader = kindReader(client, spec.pageSize);
    const [heads, nodes] = await Promise.all([
      readNamespaces(reader, spec),
      readNodes(reader).then((read) => withMachineImages(access, read, reader.unknown, { gate, signal })),
    ]);
    const uid = heads?.find(({ name }) => name === OLDEST_NAMESPACE)?.uid ?? null;
    const cluster = { ...clusterFacts(access, discovery.version, nodes), uid };
    const inventory = (namespaces: NamespaceInventory[]): ClusterInventory => ({
      cluster,
      nodes,
      namespaces,
      unknown: eachOnce(reader.unknown),
      complete: heads !== null,
      guardrails: null,
    });
    if (heads === null) return inventory([]);
    const contents = await readContents(reader, discovery, spec);
    const evidence = {
      ...contents.evidence,
      ...rancher,
      entities: entitiesOf(catalog, access.key, contents.workloads),
    };
    const guardrails = await readGuardrails(reader, discovery, { cluster, heads, ...contents });
    return { ...inventory(assemble(heads, contents, evidence, spec)), guardrails };
  } finally {
    await client.close();
  }
}

type Contents = Awaited<ReturnType<typeof readContents>>;

async function readContents(reader: KindReader, discovery: Discovery, spec: KubernetesSpec) {
  const pods = readPods(reader);
  const usedClaims = pods.then((reading) => reading?.usedClaims ?? null);
  const [known, workloads, jobs, cronJobs, services, ingresses, volumes] = await Promise.all([
    pods,
    readWorkloads(reader),
    readJobs(reader),
    readCronJobs(reader),
    readServices(reader),
    countObjects(reader, KINDS.ingresses),
    readVolumes(reader, usedClaims),
  ]);
  const [quotas, limitRanges, networkPolicies, roleBindings, serviceAccounts, customResources, evidence] =
    await Promise.all([
      readQuotas(reader),
      readLimitRanges(reader),
      readNetworkPolicies(reader),
      readRoleBindings(reader),
      readServiceAccounts(reader),
      readCustomResources(reader, discovery, spec.ignoredCustomResources),
      readEvidence(reader, discovery),
    ]);
  const inside = { pods: known, jobs, cronJobs, services, ingresses, volumes };
  const around = { quotas, limitRanges, networkPolicies, roleBindings, serviceAccounts };
  return { ...inside, ...around, workloads, customResources, evidence };
}

function assemble(
  heads: readonly NamespaceHead[],
  contents: Contents,
  evidence: EvidenceReading & ClusterEvidence,
  spec: KubernetesSpec,
): NamespaceInventory[] {
  const bindingsOf = (name: string) => listAt(contents.roleBindings, name);
  const claims = claimsOfNamespaces(
    heads.map((head) => claimedNamespace(head, bindingsOf(head.name))),
    evidence,
    spec,
  );
  return heads.map(({ claimed, ...head }) => {
    const { name } = head;
    return {
      ...head,
      managedBy: evidence.applicationsKnown ? gitOpsManagers(claimed, evidence) : null,
      pods: contents.pods && (contents.pods.totals.get(name) ?? NO_PODS),
      workloads: itemsOf(listAt(contents.workloads, name)),
      jobs: listAt(contents.jobs, name),
      cronJobs: listAt(contents.cronJobs, name)?.map(({ item }) => item) ?? null,
      services: listAt(contents.services, name),
      ingresses: contents.ingresses && (contents.ingresses.get(name) ?? 0),
      volumes: listAt(contents.volumes, name),
      quotas: listAt(contents.quotas, name),
      limitRanges: listAt(contents.limitRanges, name),
      networkPolicies: listAt(contents.networkPolicies, name),
      roleBindings: bindingsOf(name),
      serviceAccounts: contents.serviceAccounts && (contents.serviceAccounts.counts.get(name) ?? 0),
      customResources: listAt(contents.customResources, name),
      claims: claims.get(name) ?? [],
    };
  });
}

function itemsOf(workloads: LabelledWorkload[] | null): WorkloadItem[] | null {
  return workloads && workloads.map(({ item }) => item);
}

/** What there is in a namespace; null where it is not known. */
function listAt<Value>(values: ByNamespace<Value>, namespace: string): Value[] | null {
  return values && (values.get(namespace) ?? []);
}

/** Entities of the catalog by the namespaces that they run in: the one that they name, or those where their selector finds workloads. */
function entitiesOf(
  catalog: readonly CatalogEntity[],
  cluster: string,
  workloads: ByNamespace<LabelledWorkload>,
): ClusterEvidence["entities"] {
  const found = new Map<string, CatalogEntity[]>();
  const place = (namespace: string, entity: CatalogEntity) =>
    void found.set(namespace, [...(found.get(namespace) ?? []), entity]);
  for (const entity of catalog) {
    if (entity.cluster !== null && entity.cluster !== cluster) continue;
    const { namespace, matches } = entity;
    if (namespace !== null) place(namespace, entity);
    else if (matches !== null)
      for (const [name, some] of workloads ?? []) if (some.some(({ labels }) => matches(labels))) place(name, entity);
  }
  return found;
}

/** A kind that is needed for two things is unknown once. */
function eachOnce(unknown: readonly UnknownKind[]): UnknownKind[] {
  return [...new Map(unknown.map((one) => [one.kind, one])).values()].toSorted((left, right) =>
    left.kind < right.kind ? -1 : 1,
  );
}
