import { compileGlob } from "#lib/domain/glob.ts";
import type { ClaimedNamespace } from "#lib/domain/ownership/namespace-claims.ts";
import type { FieldManager, NamespaceInventory, RoleBindingItem } from "#lib/sources/cluster-inventory.ts";
import { namespaceObject, type ManagedField, type NamespaceObject } from "#lib/sources/kubernetes/api-types.ts";
import { instantOf } from "#lib/sources/kubernetes/instant.ts";
import type { KindReader } from "#lib/sources/kubernetes/kind-reader.ts";
import { KINDS } from "#lib/sources/kubernetes/kinds.ts";
import type { KubernetesSpec } from "#lib/sources/kubernetes/spec.ts";

/** Annotations that claims, vetoes and guardrails look at, whoever runs the cluster. */
const NEEDED_ANNOTATIONS = [
  "argocd.argoproj.io/*",
  "field.cattle.io/*",
  "openshift.io/*",
  "capsule.clastix.io/*",
  "hnc.x-k8s.io/*",
  "*.toolkit.fluxcd.io/*",
  "loft.sh/*",
  "*.loft.sh/*",
  "bursar.io/*",
];

/** The namespace itself, before what is in it, and what claims need of it. */
export type NamespaceHead = Pick<
  NamespaceInventory,
  "uid" | "name" | "phase" | "createdAt" | "deletionTimestamp" | "finalizers" | "labels" | "annotations" | "managers"
> & { claimed: Omit<ClaimedNamespace, "bindings"> };

/** Null where namespaces may not be listed. */
export function readNamespaces(reader: KindReader, spec: KubernetesSpec): Promise<NamespaceHead[] | null> {
  const kept = [...NEEDED_ANNOTATIONS, ...spec.ownerAnnotations, ...spec.keptAnnotations].map(compileGlob);
  const isKept = (key: string) => kept.some((matches) => matches(key));
  return reader.all(KINDS.namespaces, namespaceObject, (object) => headOf(object, isKept));
}

function headOf({ metadata, spec, status }: NamespaceObject, isKept: (key: string) => boolean): NamespaceHead {
  const labels = metadata.labels ?? {};
  const annotations = Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([key]) => isKept(key)));
  const createdAt = instantOf(metadata.creationTimestamp);
  const fields = metadata.managedFields ?? [];
  return {
    uid: metadata.uid ?? "",
    name: metadata.name,
    phase: status?.phase ?? "Active",
    createdAt,
    deletionTimestamp: instantOf(metadata.deletionTimestamp),
    // Those of the specification keep the contents, those of the metadata the object.
    finalizers: [...new Set([...(spec?.finalizers ?? []), ...(metadata.finalizers ?? [])])],
    labels,
    annotations,
    managers: fields.map(fieldManager),
    claimed: {
      name: metadata.name,
      createdAt,
      labels,
      annotations,
      managers: fields.map((field) => ({
        ...fieldManager(field),
        labels: keysOf(field, "f:labels"),
        annotations: keysOf(field, "f:annotations"),
      })),
      tenants: (metadata.ownerReferences ?? []).flatMap(({ apiVersion, kind, name }) =>
        kind === "Tenant" && apiVersion.startsWith("capsule.clastix.io/") ? name : [],
      ),
    },
  };
}

function fieldManager({ manager, operation, time }: ManagedField): FieldManager {
  return { manager: manager ?? "unknown", operation: operation ?? "", time: instantOf(time) };
}

/** Labels or annotations that a manager has set: {"f:metadata": {"f:labels": {".": {}, "f:team": {}}}}. */
function keysOf({ fieldsV1 }: ManagedField, part: string): string[] {
  const metadata = fieldsV1?.["f:metadata"];
  if (typeof metadata !== "object" || metadata === null) return [];
  const fields = Object.entries(metadata).find(([key]) => key === part)?.[1] as unknown;
  if (typeof fields !== "object" || fields === null) return [];
  return Object.keys(fields).flatMap((key) => (key.startsWith("f:") ? key.slice(2) : []));
}

/** What claims look at, with who may do what there. */
export function claimedNamespace(head: NamespaceHead, bindings: readonly RoleBindingItem[] | null): ClaimedNamespace {
  return { ...head.claimed, bindings };
}
