import { type DeleteOptions, readDeleteOptions } from "#demo/kubernetes/admission.ts";
import { holdingFinalizers, removeWithVolume } from "#demo/kubernetes/controllers.ts";
import { type Kind, kindNamed } from "#demo/kubernetes/kinds.ts";
import { selectorOf } from "#demo/kubernetes/listing.ts";
import { found, type World, type Write } from "#demo/kubernetes/mutations.ts";
import { instantText, type KubernetesObject } from "#demo/kubernetes/object.ts";
import { conflict, forbidden } from "#demo/kubernetes/status.ts";

const NAMESPACES = kindNamed("", "namespaces");
/** An API server refuses to delete these. */
const IMMORTAL = new Set(["default", "kube-system", "kube-public"]);

/** What is answered: the object where it goes on for a while, else null, which stands for a Status of success. */
export type Removed = { object: KubernetesObject; isGone: boolean };

export function remove(world: World, write: Write): Removed {
  const { kind, name, parameters } = write;
  const options = readDeleteOptions(write.body);
  const current = found(world.store, write);
  refusePreconditions(kind, current, options);
  const isDryRun = options.isDryRun || parameters.isDryRun();
  if (kind === NAMESPACES) return { object: removeNamespace(world, current, isDryRun), isGone: false };
  const time = instantText(world.clock());
  const policy = parameters.text("propagationPolicy") || options.propagationPolicy || "Background";
  const isHeld = holdingFinalizers(current).length > 0 || policy === "Foreground";
  if (kind.resource !== "pods" && !isHeld) {
    if (!isDryRun) {
      removeWithVolume(world.store, kind, current);
      world.controllers.ownerDeleted(current, policy);
    }
    return { object: current, isGone: true };
  }
  const seconds =
    options.gracePeriodSeconds ?? parameters.whole("gracePeriodSeconds") ?? (kind.resource === "pods" ? 30 : 0);
  const finalizers = [
    ...(current.metadata.finalizers ?? []),
    ...(policy === "Foreground" ? ["foregroundDeletion"] : []),
  ];
  const marked: KubernetesObject = {
    ...current,
    metadata: {
      ...current.metadata,
      deletionTimestamp: current.metadata.deletionTimestamp ?? time,
      deletionGracePeriodSeconds: seconds,
      ...(finalizers.length === 0 ? {} : { finalizers: [...new Set(finalizers)] }),
    },
  };
  if (isDryRun) return { object: marked, isGone: false };
  const stored = world.store.put(kind, marked);
  if (kind.resource === "pods") world.controllers.podDeleted(current.metadata.namespace ?? "", name);
  if (policy === "Foreground") world.controllers.ownerDeleted(current, policy);
  return { object: stored, isGone: false };
}

/** A namespace keeps its revision when it is marked: what changes is its phase, by the same write. */
function removeNamespace(world: World, current: KubernetesObject, isDryRun: boolean): KubernetesObject {
  const { name } = current.metadata;
  if (IMMORTAL.has(name)) throw forbidden(NAMESPACES, name, "this namespace may not be deleted");
  if (current.metadata.deletionTimestamp)
    throw conflict(
      NAMESPACES,
      name,
      "The system is ensuring all content is removed from this namespace.  Upon completion, this namespace will automatically be purged by the system.",
    );
  const marked: KubernetesObject = {
    ...current,
    metadata: { ...current.metadata, deletionTimestamp: instantText(world.clock()) },
    status: { ...current.status, phase: "Terminating" },
  };
  if (isDryRun) return marked;
  const stored = world.store.put(NAMESPACES, marked);
  world.controllers.namespaceDeleted(name);
  return stored;
}

function refusePreconditions(
  kind: Kind,
  { metadata }: KubernetesObject,
  { uid, resourceVersion }: DeleteOptions,
): void {
  const failed = (what: string, given: string, actual: string) =>
    conflict(
      kind,
      metadata.name,
      `Precondition failed: ${what} in precondition: ${given}, ${what} in object meta: ${actual}`,
    );
  if (uid !== "" && uid !== metadata.uid) throw failed("UID", uid, metadata.uid);
  if (resourceVersion !== "" && resourceVersion !== metadata.resourceVersion)
    throw failed("ResourceVersion", resourceVersion, metadata.resourceVersion);
}

/** Removes what the selectors name, and returns what was there. */
export function removeCollection(world: World, write: Write): KubernetesObject[] {
  const { kind, namespace, parameters } = write;
  const matches = selectorOf(kind, parameters);
  return world.store
    .list(kind)
    .filter((object) => (namespace === undefined || object.metadata.namespace === namespace) && matches(object))
    .map(
      (object) => remove(world, { ...write, name: object.metadata.name, namespace: object.metadata.namespace }).object,
    );
}
