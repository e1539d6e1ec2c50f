import { expiredToken, INCONSISTENT, readContinueToken, writeContinueToken } from "#demo/kubernetes/continue-token.ts";
import type { Kind } from "#demo/kubernetes/kinds.ts";
import { keyOf, type KubernetesObject } from "#demo/kubernetes/object.ts";
import type { Parameters } from "#demo/kubernetes/parameters.ts";
import { type Matcher, parseFieldSelector, parseLabelSelector } from "#demo/kubernetes/selectors.ts";
import { badRequest, invalid } from "#demo/kubernetes/status.ts";
import type { Store } from "#demo/kubernetes/store.ts";

export type ListMeta = { resourceVersion: string; continue?: string; remainingItemCount?: number };
export type Page = { metadata: ListMeta; items: KubernetesObject[] };

/**
 * One page of a list. With a selector the last page may be empty although the page before had a token, and nothing
 * says how many remain: an API server only knows that there are more keys.
 */
export function listPage(store: Store, kind: Kind, namespace: string | undefined, parameters: Parameters): Page {
  const matches = selectorOf(kind, parameters);
  const limit = parameters.whole("limit") ?? 0;
  const token = parameters.text("continue");
  if (token !== "" && !["", "0"].includes(parameters.text("resourceVersion")))
    throw badRequest("specifying resource version is not allowed when using continue");
  refuseMatch(kind, parameters);
  const { objects, revision, start } = token === "" ? firstPage(store, kind) : laterPage(store, kind, token);
  const end = namespace === undefined ? objects.length : firstIndexFrom(objects, `${namespace}0`);
  const from = firstIndexFrom(objects, start || (namespace === undefined ? "" : `${namespace}/`));
  const items: KubernetesObject[] = [];
  let index = from;
  for (; index < end && (limit === 0 || items.length < limit); index += 1) {
    const object = objects[index];
    if (object && matches(object)) items.push(object);
  }
  const last = objects[index - 1];
  if (index >= end || !last) return { metadata: { resourceVersion: String(revision) }, items };
  // Also after an inconsistent continuation: from there on the pages are of one revision again.
  if (store.held(kind, revision) === null) store.hold(kind);
  const key = keyOf(last.metadata.namespace, last.metadata.name);
  return {
    metadata: {
      resourceVersion: String(revision),
      continue: writeContinueToken({
        revision,
        start: `${namespace === undefined ? key : last.metadata.name}\u0000`,
      }),
      ...(parameters.has("labelSelector") || parameters.has("fieldSelector")
        ? {}
        : { remainingItemCount: end - index }),
    },
    items,
  };

  function firstPage(from: Store, of: Kind) {
    return { objects: from.list(of), revision: from.revision(), start: "" };
  }

  function laterPage(from: Store, of: Kind, text: string) {
    const continuation = readContinueToken(text);
    // Within a namespace the token holds the bare name.
    const key = namespace === undefined ? continuation.start : `${namespace}/${continuation.start}`;
    if (continuation.revision === INCONSISTENT) return { ...firstPage(from, of), start: key };
    const held = from.held(of, continuation.revision);
    if (!held) throw expiredToken(continuation.start);
    return { objects: held, revision: continuation.revision, start: key };
  }
}

export function selectorOf(kind: Kind, parameters: Parameters): Matcher {
  const labels = parseLabelSelector(parameters.text("labelSelector"));
  const fields = parseFieldSelector(parameters.text("fieldSelector"), kind);
  return (object) => labels(object) && fields(object);
}

function refuseMatch(kind: Kind, parameters: Parameters): void {
  const match = parameters.text("resourceVersionMatch");
  if (match === "") return;
  const cause = (message: string) =>
    invalid({ kind: "ListOptions", group: "meta.k8s.io" }, "", [
      { reason: "FieldValueInvalid", field: "resourceVersionMatch", message },
    ]);
  if (!["Exact", "NotOlderThan"].includes(match))
    throw cause(`Unsupported value: "${match}": supported values: "Exact", "NotOlderThan"`);
  if (parameters.text("resourceVersion") === "")
    throw cause("Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided");
  if (kind.resource !== "" && match === "Exact" && parameters.text("resourceVersion") === "0")
    throw cause('Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
}

/** Position of the first object whose key is not before `key`. */
function firstIndexFrom(objects: readonly KubernetesObject[], key: string): number {
  let low = 0;
  let high = objects.length;
  // Halving: at most 32 rounds for any array.
  while (low < high) {
    const middle = (low + high) >>> 1;
    const object = objects[middle];
    if (object && keyOf(object.metadata.namespace, object.metadata.name) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
