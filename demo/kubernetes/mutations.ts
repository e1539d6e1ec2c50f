import { randomUUID } from "node:crypto";
import { pruneUnknown, readBody, refuseContentType, refuseName, withDefaults } from "#demo/kubernetes/admission.ts";
import type { Controllers } from "#demo/kubernetes/controllers.ts";
import { type Kind, kindNamed } from "#demo/kubernetes/kinds.ts";
import { fieldsOf, managerOf, withManager } from "#demo/kubernetes/managed-fields.ts";
import {
  instantText,
  isJsonObject,
  type Json,
  type JsonObject,
  type KubernetesObject,
  objectAt,
  textAt,
  textMap,
} from "#demo/kubernetes/object.ts";
import type { Parameters } from "#demo/kubernetes/parameters.ts";
import {
  jsonPatch,
  mergePatch,
  PATCH_TYPES,
  readApplyPatch,
  refuseApplyConflicts,
  strategicMergePatch,
} from "#demo/kubernetes/patches.ts";
import { alreadyExists, badRequest, conflict, forbidden, invalid, notFound } from "#demo/kubernetes/status.ts";
import type { Store } from "#demo/kubernetes/store.ts";

/** A write as it was asked for. */
export type Write = {
  kind: Kind;
  namespace: string | undefined;
  name: string;
  parameters: Parameters;
  body: string;
  contentType: string | undefined;
  userAgent: string | undefined;
};

export type World = { store: Store; controllers: Controllers; clock: () => Date };
export type Written = { object: KubernetesObject; created: boolean; warnings: string[] };

const NAMESPACES = kindNamed("", "namespaces");

export function create(world: World, write: Write): Written {
  const { kind, namespace, parameters } = write;
  refuseContentType(write.contentType);
  const read = pruneUnknown(readBody(write.body, kind), kind, parameters.text("fieldValidation"));
  const object = newObject(world, write, withDefaults(kind, read.body));
  refuseNamespace(world.store, kind, namespace, object.metadata.name);
  if (world.store.get(kind, namespace, object.metadata.name)) throw alreadyExists(kind, object.metadata.name);
  if (parameters.isDryRun()) return { object, created: true, warnings: read.warnings };
  const stored = world.store.put(kind, object);
  afterWrite(world, kind, stored);
  return { object: stored, created: true, warnings: read.warnings };
}

function newObject(
  world: World,
  { kind, namespace, parameters, userAgent }: Write,
  body: JsonObject,
): KubernetesObject {
  const metadata = objectAt(body, "metadata");
  const prefix = textAt(metadata, "generateName");
  const name = textAt(metadata, "name") || (prefix === "" ? "" : `${prefix}${randomUUID().slice(0, 5)}`);
  refuseName(kind, name);
  const given = textAt(metadata, "namespace");
  if (namespace !== undefined && given !== "" && given !== namespace)
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  const labels = textMap(metadata.labels);
  const annotations = textMap(metadata.annotations);
  const finalizers = Array.isArray(metadata.finalizers) ? metadata.finalizers.map(String) : [];
  if (kind === NAMESPACES) labels["kubernetes.io/metadata.name"] = name;
  const time = instantText(world.clock());
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...rest } = body;
  const object: KubernetesObject = {
    metadata: {
      name,
      ...(prefix === "" ? {} : { generateName: prefix }),
      ...(namespace === undefined ? {} : { namespace }),
      uid: randomUUID(),
      resourceVersion: "",
      ...(kind.group === "apps" ? { generation: 1 } : {}),
      creationTimestamp: time,
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ...(finalizers.length === 0 ? {} : { finalizers }),
    },
    ...rest,
    ...(kind === NAMESPACES ? { spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" } } : {}),
    ...(kind.resource === "resourcequotas" ? { status: {} } : {}),
  };
  return withManager(object, kind, {
    manager: managerOf(parameters.text("fieldManager"), userAgent),
    operation: "Update",
    time,
    fields: fieldsOf(object),
  });
}

function refuseNamespace(store: Store, kind: Kind, namespace: string | undefined, name: string): void {
  if (namespace === undefined) return;
  const found = store.get(NAMESPACES, undefined, namespace);
  if (!found) throw notFound(NAMESPACES, namespace);
  if (found.metadata.deletionTimestamp)
    throw forbidden(
      kind,
      name,
      `unable to create new content in namespace ${namespace} because it is being terminated`,
      [
        {
          reason: "NamespaceTerminating",
          message: `namespace ${namespace} is being terminated`,
          field: "metadata.namespace",
        },
      ],
    );
}

/** What the cluster does by itself after a write. */
export function afterWrite({ controllers }: World, kind: Kind, { metadata }: KubernetesObject): void {
  if (kind.resource === "deployments") controllers.deploymentChanged(metadata.namespace ?? "", metadata.name);
}

export function update(world: World, write: Write): Written {
  const { kind, name, parameters } = write;
  refuseContentType(write.contentType);
  const read = pruneUnknown(readBody(write.body, kind), kind, parameters.text("fieldValidation"));
  const current = found(world.store, write);
  const metadata = objectAt(read.body, "metadata");
  if (textAt(metadata, "name") !== name)
    throw badRequest(
      `the name of the object (${textAt(metadata, "name")}) does not match the name on the URL (${name})`,
    );
  const version = textAt(metadata, "resourceVersion");
  if (version !== "" && version !== current.metadata.resourceVersion) throw conflict(kind, name, STALE);
  return { ...replace(world, write, current, read.body, "Update"), warnings: read.warnings };
}

export const STALE = "the object has been modified; please apply your changes to the latest version and try again";

export function patch(world: World, write: Write): Written {
  const { kind, name, parameters, body } = write;
  const type = refuseContentType(
    write.contentType,
    kind.custom ? PATCH_TYPES.filter((one) => !one.includes("strategic")) : PATCH_TYPES,
  );
  if (type === "application/apply-patch+yaml") return apply(world, write);
  const current = found(world.store, write);
  let given: unknown;
  try {
    given = JSON.parse(body);
  } catch {
    throw badRequest("error decoding patch: unexpected end of JSON input");
  }
  const before = wireForm(current);
  const after =
    type === "application/json-patch+json"
      ? jsonPatch(before, given)
      : (type === "application/merge-patch+json" ? mergePatch : strategicMergePatch)(before, jsonOf(given));
  if (!isJsonObject(after)) throw badRequest("error decoding patch: object expected");
  const read = pruneUnknown(after, kind, parameters.text("fieldValidation"));
  const version = textAt(objectAt(after, "metadata"), "resourceVersion");
  if (version !== current.metadata.resourceVersion) throw conflict(kind, name, STALE);
  return { ...replace(world, write, current, read.body, "Update"), warnings: read.warnings };
}

function jsonOf(value: unknown): Json {
  if (!isJsonObject(value)) throw badRequest("json: cannot unmarshal into Go value of type map[string]interface {}");
  return value;
}

/** An object as the body of a request, for patches to work on. */
function wireForm({ metadata, ...rest }: KubernetesObject): JsonObject {
  const clone: unknown = JSON.parse(JSON.stringify({ ...rest, metadata }));
  return isJsonObject(clone) ? clone : {};
}

function apply(world: World, write: Write): Written {
  const { kind, namespace, name, parameters } = write;
  const manager = parameters.text("fieldManager");
  if (manager === "")
    throw invalid({ kind: "PatchOptions", group: "meta.k8s.io" }, "", [
      { reason: "FieldValueRequired", field: "fieldManager", message: "Required value: is required for apply patch" },
    ]);
  const read = pruneUnknown(readApplyPatch(write.body), kind, parameters.text("fieldValidation"));
  const current = world.store.get(kind, namespace, name);
  if (!current) {
    const json = JSON.stringify({ ...read.body, metadata: { ...objectAt(read.body, "metadata"), name } });
    return create(world, { ...write, body: json, contentType: "application/json" });
  }
  const before = wireForm(current);
  if (!parameters.flag("force")) refuseApplyConflicts(before, read.body, current.metadata.managedFields ?? [], manager);
  const after = strategicMergePatch(before, read.body);
  if (!isJsonObject(after)) throw badRequest("object expected");
  return { ...replace(world, write, current, after, "Apply", fieldsOf(read.body)), warnings: read.warnings };
}

function replace(
  world: World,
  write: Write,
  current: KubernetesObject,
  body: JsonObject,
  operation: "Update" | "Apply",
  applied?: JsonObject,
): { object: KubernetesObject; created: boolean } {
  const { kind, parameters, userAgent } = write;
  const metadata = objectAt(body, "metadata");
  const { labels: _labels, annotations: _annotations, finalizers: _finalizers, ...fixed } = current.metadata;
  const labels = textMap(metadata.labels);
  const annotations = textMap(metadata.annotations);
  const finalizers = Array.isArray(metadata.finalizers) ? metadata.finalizers.map(String) : [];
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...rest } = body;
  const changed: KubernetesObject = {
    ...current,
    ...rest,
    metadata: {
      ...fixed,
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ...(finalizers.length === 0 ? {} : { finalizers }),
    },
  };
  // A write that changes nothing makes no new revision.
  if (JSON.stringify(changed) === JSON.stringify(current)) return { object: current, created: false };
  const object = withManager(changed, kind, {
    manager: managerOf(parameters.text("fieldManager"), userAgent),
    operation,
    time: instantText(world.clock()),
    fields: applied ?? fieldsOf(changed),
  });
  if (parameters.isDryRun()) return { object, created: false };
  const stored = world.store.put(kind, object);
  if (stored.metadata.deletionTimestamp && finalizers.length === 0) {
    if (kind === NAMESPACES) world.controllers.namespaceDeleted(stored.metadata.name);
    else world.store.remove(kind, stored.metadata.namespace, stored.metadata.name);
  } else afterWrite(world, kind, stored);
  return { object: stored, created: false };
}

export function found(
  store: Store,
  { kind, namespace, name }: Pick<Write, "kind" | "namespace" | "name">,
): KubernetesObject {
  const object = store.get(kind, namespace, name);
  if (!object) throw notFound(kind, name);
  return object;
}
