import { groupVersionOf, type Kind } from "#demo/kubernetes/kinds.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  type KubernetesObject,
  type ManagedField,
} from "#demo/kubernetes/object.ts";

const NOT_TRACKED = new Set(["apiVersion", "kind", "metadata", "status"]);
const TRACKED_METADATA = ["annotations", "finalizers", "generateName", "labels", "ownerReferences"] as const;

/** The FieldsV1 of what an object says: which fields, never their values. */
export function fieldsOf(object: JsonObject | KubernetesObject): JsonObject {
  const fields: JsonObject = {};
  const metadata: JsonObject = {};
  const said: JsonObject = isJsonObject(object.metadata) ? object.metadata : {};
  for (const key of TRACKED_METADATA) {
    const value = said[key];
    if (value !== undefined && value !== null) metadata[`f:${key}`] = fieldSet(value);
  }
  if (Object.keys(metadata).length > 0) fields["f:metadata"] = metadata;
  for (const [key, value] of Object.entries(object))
    if (!NOT_TRACKED.has(key) && isJsonObject(value)) {
      const inner = Object.fromEntries(Object.entries(value).map(([name, entry]) => [`f:${name}`, fieldSet(entry)]));
      fields[`f:${key}`] = inner;
    }
  return fields;
}

function fieldSet(value: Json): JsonObject {
  if (Array.isArray(value)) {
    const named = value.filter(isJsonObject);
    const keyed = named.map((entry) => (entry.uid === undefined ? "name" : "uid"));
    return Object.fromEntries(
      named.map((entry, index) => {
        const key = keyed[index] ?? "name";
        const inner = Object.entries(entry).map(([name, field]) => [`f:${name}`, fieldSet(field)]);
        return [`k:${JSON.stringify({ [key]: entry[key] ?? null })}`, Object.fromEntries([[".", {}], ...inner])];
      }),
    );
  }
  if (!isJsonObject(value)) return {};
  const inner = Object.entries(value).map(([name, field]) => [`f:${name}`, fieldSet(field)] as const);
  return Object.fromEntries([[".", {}], ...inner]);
}

/** One write's entry, taking the place of the same manager's earlier one. */
export function withManager(
  object: KubernetesObject,
  kind: Kind,
  write: {
    manager: string;
    operation: ManagedField["operation"];
    time: string;
    fields: JsonObject;
    subresource?: string;
  },
): KubernetesObject {
  const { manager, operation, time, fields, subresource } = write;
  const others = (object.metadata.managedFields ?? []).filter(
    (field) => field.manager !== manager || field.operation !== operation || field.subresource !== subresource,
  );
  const entry: ManagedField = {
    manager,
    operation,
    apiVersion: groupVersionOf(kind),
    time,
    fieldsType: "FieldsV1",
    fieldsV1: fields,
    ...(subresource === undefined ? {} : { subresource }),
  };
  const managedFields = operation === "Apply" ? [entry, ...others] : [...others, entry];
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

/** Who writes: the parameter, or the client's name, "kubectl" of "kubectl/v1.32". */
export function managerOf(parameter: string, userAgent: string | undefined): string {
  return parameter || (userAgent ?? "unknown").split("/")[0] || "unknown";
}
