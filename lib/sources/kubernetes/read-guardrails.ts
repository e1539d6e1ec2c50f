import type {
  ByNamespaceName,
  ClusterGuardrails,
  ConfigMapItem,
  PodTemplateItem,
} from "#lib/sources/cluster-guardrails.ts";
import type { ClusterInventory, RoleBindingItem } from "#lib/sources/cluster-inventory.ts";
import {
  bareObject,
  roleBindingObject,
  serviceAccountObject,
  type Metadata,
} from "#lib/sources/kubernetes/api-types.ts";
import { instantOf } from "#lib/sources/kubernetes/instant.ts";
import type { Discovery } from "#lib/sources/kubernetes/discover.ts";
import { valuesAt, type ByNamespace, type KindReader } from "#lib/sources/kubernetes/kind-reader.ts";
import { KINDS } from "#lib/sources/kubernetes/kinds.ts";
import type { EvidenceReading } from "#lib/sources/kubernetes/read-evidence.ts";
import {
  evaluationsOf,
  placeOf,
  readReports,
  scansOfWorkload,
  type ReportedCluster,
} from "#lib/sources/kubernetes/read-reports.ts";
import type { DescribedCronJob, LabelledWorkload } from "#lib/sources/kubernetes/read-workloads.ts";

/** Every namespace has one, made by the cluster itself. */
const OWN_CONFIG_MAP = "kube-root-ca.crt";

/** What is read of a cluster before its guardrails, and what they are completed by. */
type KnownCluster = {
  cluster: ClusterInventory["cluster"];
  heads: readonly { name: string; uid: string }[];
  workloads: ByNamespace<LabelledWorkload>;
  cronJobs: ByNamespace<DescribedCronJob>;
  serviceAccounts: Awaited<ReturnType<typeof readServiceAccounts>>;
  evidence: EvidenceReading;
};

/** What checks look at, and what others have judged: whatever is not part of the inventory itself. */
export async function readGuardrails(
  reader: KindReader,
  discovery: Discovery,
  known: KnownCluster,
): Promise<ClusterGuardrails> {
  const [clusterBindings, configMaps, reports] = await Promise.all([
    readClusterBindings(reader),
    readConfigMaps(reader),
    readReports(reader, discovery),
  ]);
  const { cluster, heads, evidence } = known;
  const templates = templatesOf(known);
  const reported: ReportedCluster = {
    key: cluster.key,
    accountId: cluster.accountId,
    namespaces: new Map(heads.map(({ name, uid }) => [name, uid])),
    workloads: new Map(
      [...(templates ?? [])].flatMap(([namespace, some]) =>
        some.map(({ kind, name, uid }) => [placeOf(namespace, kind, name), uid] as const),
      ),
    ),
  };
  const { results, scans, notServed, unread } = reports;
  return {
    clusterBindings,
    configMaps,
    templates,
    defaultTokens: known.serviceAccounts?.defaultTokens ?? null,
    applications: evidence.applicationsKnown
      ? evidence.applications.map(({ uid, name, namespace, into, syncStatus }) => ({
          uid,
          name,
          namespace,
          into,
          syncStatus,
        }))
      : null,
    scans: scans && scansOfWorkload(scans, reported),
    reports: { ...evaluationsOf(results, reported), notServed, unread },
  };
}

function templatesOf({ workloads, cronJobs }: KnownCluster): ByNamespaceName<PodTemplateItem[]> {
  if (workloads === null || cronJobs === null) return null;
  const all = new Map<string, PodTemplateItem[]>();
  for (const kind of [workloads, cronJobs])
    for (const [namespace, some] of kind)
      valuesAt(all, namespace).push(...some.flatMap(({ template }) => template ?? []));
  return all;
}

/** Bindings that hold in the whole cluster. */
function readClusterBindings(reader: KindReader): Promise<RoleBindingItem[] | null> {
  return reader.all(KINDS.clusterRoleBindings, roleBindingObject, ({ metadata, roleRef, subjects }) => ({
    name: metadata.name,
    createdAt: instantOf(metadata.creationTimestamp),
    role: roleRef.name,
    kind: roleRef.kind,
    subjects: (subjects ?? []).map(({ kind, name, namespace }) => ({ kind, name, namespace: namespace ?? null })),
  }));
}

/** How many service accounts each namespace has, and whether the one called "default" hands out its token by itself. */
export async function readServiceAccounts(
  reader: KindReader,
): Promise<{ counts: ReadonlyMap<string, number>; defaultTokens: ReadonlyMap<string, boolean> } | null> {
  return reader.fold(KINDS.serviceAccounts, serviceAccountObject, () => {
    const counts = new Map<string, number>();
    const defaultTokens = new Map<string, boolean>();
    return {
      add: ({ metadata, automountServiceAccountToken }) => {
        const namespace = metadata.namespace ?? "";
        counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
        if (metadata.name === "default") defaultTokens.set(namespace, automountServiceAccountToken !== false);
      },
      result: () => ({ counts, defaultTokens }),
    };
  });
}

/**
 * Config maps with the names of their keys. Only metadata are asked for, so that no value leaves the cluster: who wrote which key stands
 * in the managed fields.
 */
function readConfigMaps(reader: KindReader): Promise<ByNamespaceName<ConfigMapItem[]>> {
  return reader.fold(
    KINDS.configMaps,
    bareObject,
    () => {
      const maps = new Map<string, ConfigMapItem[]>();
      return {
        add: ({ metadata }) => {
          if (metadata.name !== OWN_CONFIG_MAP)
            valuesAt(maps, metadata.namespace ?? "").push({ name: metadata.name, keys: keysOf(metadata) });
        },
        result: () => maps,
      };
    },
    { metadataOnly: true },
  );
}

/** {"f:data": {".": {}, "f:log.level": {}}} in what any manager has written. */
function keysOf({ managedFields }: Metadata): string[] | null {
  if (!managedFields || managedFields.length === 0) return null;
  const keys = managedFields.flatMap(({ fieldsV1 }) =>
    [fieldsV1?.["f:data"], fieldsV1?.["f:binaryData"]].flatMap((part) =>
      typeof part === "object" && part !== null ? Object.keys(part) : [],
    ),
  );
  return [...new Set(keys.flatMap((key) => (key.startsWith("f:") ? key.slice(2) : [])))].toSorted();
}
