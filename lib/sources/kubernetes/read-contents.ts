import type { NetworkPolicyItem, RoleBindingItem, ServiceItem, VolumeItem } from "#lib/sources/cluster-inventory.ts";
import {
  bareObject,
  claimObject,
  endpointSliceObject,
  networkPolicyObject,
  quotaObject,
  roleBindingObject,
  serviceObject,
  volumeObject,
} from "#lib/sources/kubernetes/api-types.ts";
import { instantOf } from "#lib/sources/kubernetes/instant.ts";
import type { ByNamespace, KindReader } from "#lib/sources/kubernetes/kind-reader.ts";
import { KINDS } from "#lib/sources/kubernetes/kinds.ts";
import { parseGib } from "#lib/sources/kubernetes/quantity.ts";

const SERVICE_OF_SLICE = "kubernetes.io/service-name";

/** Services with whether something stands behind them. */
export async function readServices(reader: KindReader): Promise<ByNamespace<ServiceItem>> {
  const [services, backed] = await Promise.all([
    reader.group(KINDS.services, serviceObject, ({ metadata, spec }) => ({
      name: metadata.name,
      namespace: metadata.namespace ?? "",
      type: spec.type ?? "ClusterIP",
    })),
    readBackedServices(reader),
  ]);
  return mapValues(services, ({ name, namespace, type }) => ({
    name,
    type,
    hasEndpoints: backed === null ? null : backed.has(`${namespace}/${name}`),
    isLoadBalancer: type === "LoadBalancer",
  }));
}

/** "namespace/service" of all with an endpoint that is ready; the API says that no answer about that means it is. */
function readBackedServices(reader: KindReader): Promise<ReadonlySet<string> | null> {
  return reader.fold(KINDS.endpointSlices, endpointSliceObject, () => {
    const backed = new Set<string>();
    return {
      add: ({ metadata: { namespace, labels }, endpoints }) => {
        const service = labels?.[SERVICE_OF_SLICE];
        if (service !== undefined && (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false))
          backed.add(`${namespace ?? ""}/${service}`);
      },
      result: () => backed,
    };
  });
}

/** @param usedClaims by namespace; null where pods could not be read. */
export async function readVolumes(
  reader: KindReader,
  usedClaims: Promise<ReadonlyMap<string, ReadonlySet<string>> | null>,
): Promise<ByNamespace<VolumeItem>> {
  const [claims, disks, used] = await Promise.all([
    reader.group(KINDS.claims, claimObject, (claim) => claim),
    reader.all(KINDS.volumes, volumeObject, ({ metadata, spec }) => {
      const disk =
        spec.csi?.volumeHandle ??
        spec.awsElasticBlockStore?.volumeID ??
        spec.azureDisk?.diskURI ??
        spec.gcePersistentDisk?.pdName;
      return disk === undefined ? null : ([metadata.name, disk] as const);
    }),
    usedClaims,
  ]);
  const diskOf = new Map(disks ?? []);
  return mapValues(claims, ({ metadata, spec, status }) => ({
    claim: metadata.name,
    phase: status?.phase ?? "Unknown",
    gib: parseGib(status?.capacity?.["storage"]) ?? parseGib(spec.resources?.requests?.["storage"]),
    storageClass: spec.storageClassName ?? null,
    volumeId: diskOf.get(spec.volumeName ?? "") ?? null,
    isUsedByPod: used === null ? null : (used.get(metadata.namespace ?? "")?.has(metadata.name) ?? false),
  }));
}

export function readQuotas(reader: KindReader): Promise<ByNamespace<{ name: string; hard: Record<string, string> }>> {
  return reader.group(KINDS.quotas, quotaObject, ({ metadata, spec }) => ({
    name: metadata.name,
    hard: Object.fromEntries(Object.entries(spec?.hard ?? {}).map(([key, value]) => [key, String(value)])),
  }));
}

export function readLimitRanges(reader: KindReader): Promise<ByNamespace<{ name: string }>> {
  return reader.group(KINDS.limitRanges, bareObject, ({ metadata: { name } }) => ({ name }));
}

export function readNetworkPolicies(reader: KindReader): Promise<ByNamespace<NetworkPolicyItem>> {
  return reader.group(KINDS.networkPolicies, networkPolicyObject, ({ metadata: { name }, spec }) => {
    const { matchLabels, matchExpressions } = spec?.podSelector ?? {};
    const coversAll = Object.keys(matchLabels ?? {}).length + (matchExpressions ?? []).length === 0;
    // Where no type is named a policy is about what comes in.
    const isAboutIngress = spec?.policyTypes?.includes("Ingress") ?? true;
    return { name, isDefaultDeny: coversAll && isAboutIngress && (spec?.ingress ?? []).length === 0 };
  });
}

export function readRoleBindings(reader: KindReader): Promise<ByNamespace<RoleBindingItem>> {
  return reader.group(KINDS.roleBindings, roleBindingObject, ({ metadata, roleRef, subjects }) => ({
    name: metadata.name,
    createdAt: instantOf(metadata.creationTimestamp),
    role: roleRef.name,
    kind: roleRef.kind,
    subjects: (subjects ?? []).map(({ kind, name, namespace }) => ({ kind, name, namespace: namespace ?? null })),
  }));
}

function mapValues<Value, Result>(values: ByNamespace<Value>, convert: (value: Value) => Result): ByNamespace<Result> {
  return values && new Map([...values].map(([namespace, some]) => [namespace, some.map(convert)]));
}
