import type { IncomingMessage, ServerResponse } from "node:http";
import { type Identity, refuseAccess, reviewAccess, reviewRules } from "#demo/kubernetes/access.ts";
import { pruneUnknown, readBody } from "#demo/kubernetes/admission.ts";
import type { PlannedFault } from "#demo/kubernetes/faults.ts";
import { type Kind, groupVersionOf, kindNamed, qualifiedResource } from "#demo/kubernetes/kinds.ts";
import { listPage, selectorOf } from "#demo/kubernetes/listing.ts";
import { expiredToken, readContinueToken } from "#demo/kubernetes/continue-token.ts";
import { fieldsOf, managerOf } from "#demo/kubernetes/managed-fields.ts";
import { metricsOf } from "#demo/kubernetes/metrics.ts";
import { create, found, patch, update, type Write, type World } from "#demo/kubernetes/mutations.ts";
import { remove, removeCollection } from "#demo/kubernetes/removals.ts";
import { rescale, scaleOf } from "#demo/kubernetes/scaling.ts";
import { instantText, type JsonObject, type KubernetesObject, objectAt } from "#demo/kubernetes/object.ts";
import { type Parameters, readParameters } from "#demo/kubernetes/parameters.ts";
import { formOf, renderObject, renderPage } from "#demo/kubernetes/representation.ts";
import type { Asked } from "#demo/kubernetes/request.ts";
import type { ServedCluster } from "#demo/kubernetes/served-cluster.ts";
import { methodNotAllowed, notFound, UnknownPath } from "#demo/kubernetes/status.ts";
import { serveWatch } from "#demo/kubernetes/watching.ts";

export type Answer = { code: number; body: string; warnings?: string[] };

export type Call = {
  cluster: ServedCluster;
  identity: Identity;
  asked: Extract<Asked, { what: "resource" }>;
  query: URLSearchParams;
  body: string;
  request: IncomingMessage;
  response: ServerResponse;
  fault: PlannedFault;
  clock: () => Date;
  bookmarkMs: number;
};

/** Answers a call for a resource; null where a watch answers line by line. @throws StatusError */
export function answerResource(call: Call): Answer | null {
  const { cluster, identity, asked, query, fault } = call;
  const { verb, group, resource, subresource, name } = asked;
  const path = subresource === "" ? resource : `${resource}/${subresource}`;
  // Of a namespace the namespace is the object itself.
  const namespace = asked.namespace ?? (group === "" && resource === "namespaces" && name !== "" ? name : undefined);
  const denied = fault.isForbidden ? { ...identity, rules: [] } : identity;
  refuseAccess(denied, { verb, group, resource: path, namespace, name });
  const kind = cluster.kinds.find(
    (one) => one.group === group && one.version === asked.version && one.resource === resource,
  );
  if (!kind || (!kind.namespaced && asked.namespace !== undefined)) throw new UnknownPath();
  if (subresource !== "") return answerSubresource(call, kind);
  const known: readonly string[] = kind.verbs;
  const lacksNamespace = kind.namespaced && asked.namespace === undefined && (verb === "create" || name !== "");
  if (
    !known.includes(verb) ||
    lacksNamespace ||
    (verb === "create" && name !== "") ||
    (verb === "update" && name === "")
  )
    throw methodNotAllowed();
  if (verb === "patch" && name === "") throw methodNotAllowed();
  const parameters = readParameters(query, verb);
  if (kind.group === "authorization.k8s.io") return json(201, review(call, kind, parameters));
  if (verb === "list" || verb === "watch") return answerMany(call, kind, parameters);
  return answerOne(call, kind, parameters);
}

function json(code: number, value: unknown, warnings: string[] = []): Answer {
  return { code, body: JSON.stringify(value), warnings };
}

function answerMany(call: Call, kind: Kind, parameters: Parameters): Answer | null {
  const { cluster, asked, fault, request, response, clock } = call;
  const { namespace } = asked;
  const form = formOf(request.headers.accept);
  if (asked.verb === "watch") {
    const watched = { kind, namespace, parameters };
    serveWatch(response, cluster.store(), watched, { bookmarkMs: call.bookmarkMs }, (object) =>
      renderObject(kind, object, form, clock()),
    );
    return null;
  }
  if (fault.isExpired) throw expiredToken(readContinueToken(parameters.text("continue")).start);
  if (kind.group === "metrics.k8s.io") return listMetrics(call, kind, parameters);
  const page = cluster.synthetic?.page(kind, namespace, parameters);
  if (page) return { code: 200, body: page };
  return json(200, renderPage(kind, listPage(cluster.store(), kind, namespace, parameters), form, clock()));
}

/** A metrics server answers with everything at once, without revisions or pages. */
function listMetrics({ cluster, asked, clock }: Call, kind: Kind, parameters: Parameters): Answer {
  const matches = selectorOf(kind, parameters);
  const now = clock();
  const items = metricsOf(cluster.store(), kind, cluster.lives, now).filter(
    (object) => (asked.namespace === undefined || object.metadata.namespace === asked.namespace) && matches(object),
  );
  return json(200, {
    kind: `${kind.kind}List`,
    apiVersion: groupVersionOf(kind),
    metadata: {},
    items: items.map(withoutIdentity),
  });
}

function withoutIdentity({ metadata, ...rest }: KubernetesObject): JsonObject {
  const { uid: _uid, resourceVersion: _version, ...kept } = metadata;
  return { ...rest, metadata: { ...kept } as JsonObject };
}

function answerOne(call: Call, kind: Kind, parameters: Parameters): Answer {
  const { cluster, asked, request, clock } = call;
  const form = formOf(request.headers.accept);
  const world: World = { store: cluster.store(), controllers: cluster.controllers(), clock };
  const write = writeOf(call, kind, parameters);
  const render = (object: KubernetesObject) => renderObject(kind, object, form, clock());
  switch (asked.verb) {
    case "get": {
      if (kind.group !== "metrics.k8s.io") return json(200, render(found(world.store, write)));
      const measured = metricsOf(world.store, kind, cluster.lives, clock()).find(
        ({ metadata }) => metadata.name === asked.name && metadata.namespace === asked.namespace,
      );
      if (!measured) throw notFound(kind, asked.name);
      return json(200, { kind: kind.kind, apiVersion: groupVersionOf(kind), ...withoutIdentity(measured) });
    }
    case "create": {
      const { object, warnings } = create(world, write);
      return json(201, render(object), warnings);
    }
    case "update": {
      const { object, warnings } = update(world, write);
      return json(200, render(object), warnings);
    }
    case "patch": {
      const { object, created, warnings } = patch(world, write);
      return json(created ? 201 : 200, render(object), warnings);
    }
    case "delete": {
      const { object, isGone } = remove(world, write);
      return json(200, isGone ? successOf(kind, object) : render(object));
    }
    case "deletecollection": {
      const items = removeCollection(world, write);
      const metadata = { resourceVersion: String(world.store.revision()) };
      return json(200, renderPage(kind, { metadata, items }, form, clock()));
    }
    default:
      throw methodNotAllowed();
  }
}

function writeOf({ asked, body, request }: Call, kind: Kind, parameters: Parameters): Write {
  return {
    kind,
    namespace: asked.namespace,
    name: asked.name,
    parameters,
    body,
    contentType: request.headers["content-type"],
    userAgent: request.headers["user-agent"],
  };
}

function successOf(kind: Kind, { metadata: { name, uid } }: KubernetesObject): JsonObject {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: { name, ...(kind.group === "" ? {} : { group: kind.group }), kind: kind.resource, uid },
  };
}

function answerSubresource(call: Call, kind: Kind): Answer {
  const { asked, cluster, clock, query } = call;
  const { verb, subresource, name } = asked;
  const served = kind.subresources.find((one) => one.name === subresource);
  if (!served || name === "") throw new UnknownPath();
  const allowed: readonly string[] = served.verbs;
  if (!allowed.includes(verb)) throw methodNotAllowed();
  const parameters = readParameters(query, verb);
  const world: World = { store: cluster.store(), controllers: cluster.controllers(), clock };
  const write = writeOf(call, kind, parameters);
  const form = formOf(call.request.headers.accept);
  if (subresource === "eviction") {
    remove(world, { ...write, kind: kindNamed("", "pods"), body: "" });
    return json(201, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 });
  }
  if (verb === "get") {
    const object = found(world.store, write);
    return json(200, subresource === "scale" ? scaleOf(object) : renderObject(kind, object, form, clock()));
  }
  if (subresource === "scale") return json(200, rescale(world, write));
  if (subresource === "finalize") return json(200, finalize(world, write));
  const { object, warnings } = verb === "update" ? update(world, write) : patch(world, write);
  return json(200, renderObject(kind, object, form, clock()), warnings);
}

/** Takes the namespace's own finalizers off, which is how a namespace that hangs is ended by force. */
function finalize(world: World, write: Write): unknown {
  const { kind, name } = write;
  const current = found(world.store, write);
  const spec = objectAt(readBody(write.body, kind), "spec");
  const stored = world.store.put(kind, { ...current, spec });
  const isFree = !Array.isArray(spec.finalizers) || spec.finalizers.length === 0;
  if (isFree && stored.metadata.deletionTimestamp) world.store.remove(kind, undefined, name);
  return renderObject(kind, stored, "object", world.clock());
}

function review(call: Call, kind: Kind, parameters: Parameters): JsonObject {
  const { identity, fault, request, clock } = call;
  const { body } = pruneUnknown(readBody(call.body, kind), kind, parameters.text("fieldValidation"));
  const spec = objectAt(body, "spec");
  const isRules = kind.resource === "selfsubjectrulesreviews";
  const effective = fault.isForbidden ? { ...identity, rules: [] } : identity;
  const managed = {
    manager: managerOf(parameters.text("fieldManager"), request.headers["user-agent"]),
    operation: "Update",
    apiVersion: groupVersionOf(kind),
    time: instantText(clock()),
    fieldsType: "FieldsV1",
    fieldsV1: fieldsOf(body),
  };
  return {
    kind: kind.kind,
    apiVersion: groupVersionOf(kind),
    metadata: { creationTimestamp: null, ...(isRules ? {} : { managedFields: [managed] }) },
    // The API server does not repeat the namespace that rules were asked for.
    spec: isRules ? {} : spec,
    status: isRules ? reviewRules(effective) : reviewAccess(effective, spec),
  };
}

/** How logs and faults name what a call is about. */
export function resourceOf({ group, resource, subresource }: Extract<Asked, { what: "resource" }>): string {
  return `${qualifiedResource({ group, resource })}${subresource === "" ? "" : `/${subresource}`}`;
}
