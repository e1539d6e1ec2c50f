import { pruneUnknown, readBody, refuseContentType } from "#demo/kubernetes/admission.ts";
import { afterWrite, found, STALE, type World, type Write } from "#demo/kubernetes/mutations.ts";
import { type JsonObject, type KubernetesObject, objectAt, textAt, textMap } from "#demo/kubernetes/object.ts";
import { jsonPatch, PATCH_TYPES } from "#demo/kubernetes/patches.ts";
import { badRequest, conflict, invalid } from "#demo/kubernetes/status.ts";

/** The Scale of a workload. */
export function scaleOf({ metadata, spec, status }: KubernetesObject): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const replicas = objectAt(spec).replicas;
  const current = objectAt(status).replicas;
  const selector = Object.entries(textMap(objectAt(spec, "selector", "matchLabels")));
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace: namespace ?? "", uid, resourceVersion, creationTimestamp },
    // Zero is left out, as Go leaves it out.
    spec: typeof replicas === "number" && replicas > 0 ? { replicas } : {},
    status: {
      replicas: typeof current === "number" ? current : 0,
      selector: selector.map(([key, value]) => `${key}=${value}`).join(","),
    },
  };
}

/** Sets the replicas of a workload through its Scale, by patch or by update. */
export function rescale(world: World, write: Write): JsonObject {
  const { kind, name, parameters } = write;
  const current = found(world.store, write);
  const body = readScaleBody(write);
  const uid = textAt(objectAt(body, "metadata"), "uid");
  const version = textAt(objectAt(body, "metadata"), "resourceVersion");
  if (uid !== "" && uid !== current.metadata.uid) throw conflict(kind, name, STALE);
  if (version !== "" && version !== current.metadata.resourceVersion) throw conflict(kind, name, STALE);
  const replicas = objectAt(body, "spec").replicas ?? 0;
  if (typeof replicas !== "number" || replicas < 0)
    throw invalid({ kind: "Scale", group: "autoscaling" }, name, [
      {
        reason: "FieldValueInvalid",
        field: "spec.replicas",
        message: `Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`,
      },
    ]);
  const generation = (current.metadata.generation ?? 1) + 1;
  const changed: KubernetesObject = {
    ...current,
    metadata: { ...current.metadata, generation },
    spec: { ...current.spec, replicas },
  };
  if (parameters.isDryRun()) return scaleOf(changed);
  const stored = world.store.put(kind, changed);
  afterWrite(world, kind, stored);
  return scaleOf(stored);
}

function readScaleBody(write: Write): JsonObject {
  const scale = { kind: "Scale", group: "autoscaling", version: "v1" };
  refuseContentType(write.contentType, ["application/json", ...PATCH_TYPES.slice(0, 3)]);
  if (write.contentType?.startsWith("application/json-patch")) {
    let given: unknown;
    try {
      given = JSON.parse(write.body);
    } catch {
      throw badRequest("error decoding patch: unexpected end of JSON input");
    }
    return jsonPatch({ metadata: {}, spec: { replicas: 0 } }, given);
  }
  return pruneUnknown(readBody(write.body, scale), scale, write.parameters.text("fieldValidation")).body;
}
