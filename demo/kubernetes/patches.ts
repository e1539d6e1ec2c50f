import { parse } from "yaml";
import { isJsonObject, type Json, type JsonObject, type ManagedField } from "#demo/kubernetes/object.ts";
import { badRequest, invalid, StatusError } from "#demo/kubernetes/status.ts";

export const PATCH_TYPES = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
];

/** RFC 7396: maps are merged, null removes, everything else replaces. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  const merged: JsonObject = isJsonObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

/** Like a merge patch, but lists of named things are merged by name, as for containers. */
export function strategicMergePatch(target: Json | undefined, patch: Json): Json {
  if (Array.isArray(patch) && Array.isArray(target) && patch.every((entry) => isJsonObject(entry) && "name" in entry)) {
    const merged = [...target];
    for (const entry of patch.filter(isJsonObject)) {
      const index = merged.findIndex((one) => isJsonObject(one) && one.name === entry.name);
      if (index < 0) merged.push(entry);
      else merged[index] = strategicMergePatch(merged[index], entry);
    }
    return merged;
  }
  if (!isJsonObject(patch)) return patch;
  const merged: JsonObject = isJsonObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = strategicMergePatch(merged[key], value);
  }
  return merged;
}

/** RFC 6902 with add, replace, remove and test. */
export function jsonPatch(target: JsonObject, operations: unknown): JsonObject {
  if (!Array.isArray(operations))
    throw badRequest("json: cannot unmarshal object into Go value of type jsonpatch.Patch");
  const result: JsonObject = structuredClone(target);
  for (const operation of operations) {
    if (!isJsonObject(operation) || typeof operation.path !== "string")
      throw badRequest("error decoding patch: missing path");
    applyOperation(result, operation, operation.path);
  }
  return result;
}

function applyOperation(root: JsonObject, operation: JsonObject, path: string): void {
  const keys = path
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  const last = keys.pop() ?? "";
  const missing = () =>
    invalid({ kind: "", group: "" }, "", [
      {
        reason: "FieldValueInvalid",
        field: "patch",
        message: `${String(operation.op)} operation does not apply: doc is missing path: "${path}": missing value`,
      },
    ]);
  let parent: Json | undefined = root;
  for (const key of keys)
    parent = Array.isArray(parent) ? parent[Number(key)] : isJsonObject(parent) ? parent[key] : undefined;
  if (Array.isArray(parent)) {
    const index = last === "-" ? parent.length : Number(last);
    if (operation.op === "add") parent.splice(index, 0, operation.value ?? null);
    else if (index >= parent.length) throw missing();
    else if (operation.op === "remove") parent.splice(index, 1);
    else if (operation.op === "replace") parent[index] = operation.value ?? null;
    return;
  }
  if (!isJsonObject(parent)) throw missing();
  if (operation.op === "add") parent[last] = operation.value ?? null;
  else if (!Object.hasOwn(parent, last)) throw missing();
  else if (operation.op === "remove") delete parent[last];
  else if (operation.op === "replace") parent[last] = operation.value ?? null;
  else if (operation.op === "test" && JSON.stringify(parent[last]) !== JSON.stringify(operation.value))
    throw new StatusError("Invalid", `the server rejected our request due to an error in our request`, {});
}

/** The body of an apply patch: YAML, of which JSON is a part. */
export function readApplyPatch(text: string): JsonObject {
  let value: unknown;
  try {
    value = parse(text);
  } catch {
    throw badRequest("error decoding YAML: yaml: could not find expected ':'");
  }
  if (!isJsonObject(value)) throw badRequest("error decoding YAML: object expected");
  return value;
}

/** @throws StatusError 409 where another manager holds a label or annotation that would get another value. */
export function refuseApplyConflicts(
  current: JsonObject,
  applied: JsonObject,
  managers: readonly ManagedField[],
  manager: string,
): void {
  const conflicts: { field: string; message: string }[] = [];
  for (const map of ["labels", "annotations"] as const) {
    for (const [key, value] of Object.entries(mapIn(applied, map))) {
      const present = mapIn(current, map)[key];
      if (present === undefined || present === value) continue;
      const holder = managers.find(
        (field) =>
          field.manager !== manager &&
          `f:${key}` in mapIn({ metadata: field.fieldsV1["f:metadata"] ?? {} }, `f:${map}`),
      );
      if (holder)
        conflicts.push({
          field: `.metadata.${map}.${key}`,
          message: `conflict with "${holder.manager}" using ${holder.apiVersion}`,
        });
    }
  }
  if (conflicts.length === 0) return;
  const list = conflicts.map(({ field, message }) => `${message}: ${field}`).join("\n");
  throw new StatusError(
    "Conflict",
    `Apply failed with ${conflicts.length} conflict${conflicts.length === 1 ? "" : "s"}: ${list}`,
    { causes: conflicts.map((cause) => ({ reason: "FieldManagerConflict", ...cause })) },
  );
}

function mapIn(object: JsonObject, key: string): JsonObject {
  const metadata = object.metadata;
  const map = isJsonObject(metadata) ? metadata[key] : undefined;
  return isJsonObject(map) ? map : {};
}
