import { hash } from "node:crypto";
import { z } from "zod";
import { personOf } from "#lib/domain/trail/person-of.ts";
import type { ActorKind, Outcome, TrailEvent, VerbClass } from "#lib/domain/trail/trail-event.ts";

const user = z.looseObject({
  // Of whoever could not be authenticated Kubernetes writes nothing: "user":{}.
  username: z.string().nullish(),
  groups: z.array(z.string()).nullish(),
  extra: z.record(z.string(), z.array(z.string())).nullish(),
});

/** One event of `audit.k8s.io/v1`, as far as it is understood. */
export const auditEvent = z.looseObject({
  // Items of an EventList have neither.
  kind: z.literal("Event").nullish(),
  apiVersion: z.literal("audit.k8s.io/v1").nullish(),
  auditID: z.string().min(1),
  stage: z.enum(["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"]),
  verb: z.string(),
  requestURI: z.string(),
  user: user,
  impersonatedUser: user.nullish(),
  sourceIPs: z.array(z.string()).nullish(),
  objectRef: z
    .looseObject({
      resource: z.string().nullish(),
      subresource: z.string().nullish(),
      namespace: z.string().nullish(),
      name: z.string().nullish(),
      apiGroup: z.string().nullish(),
    })
    .nullish(),
  responseStatus: z.looseObject({ code: z.number().nullish() }).nullish(),
  requestReceivedTimestamp: z.iso.datetime(),
  stageTimestamp: z.string().nullish(),
  annotations: z.record(z.string(), z.string()).nullish(),
});
export type AuditEvent = z.infer<typeof auditEvent>;

const KEY_HASH_DIGITS = 24;
const READ_VERBS = new Set(["get", "list", "watch"]);
/** What is in the group of roles and bindings, admission and certificates decides who may do what. */
const ADMIN_GROUPS = new Set(["rbac.authorization.k8s.io", "admissionregistration.k8s.io", "certificates.k8s.io"]);

/**
 * One audit event as an event of the trail. Who acted is the impersonated user where a proxy such as Rancher acted for somebody; the proxy
 * stands in the record.
 */
export function toTrailEvent(sourceKey: string, clusterKey: string, event: AuditEvent, body: Uint8Array): TrailEvent {
  const { username, extra } = event.impersonatedUser ?? event.user;
  const actor = username || UNAUTHENTICATED;
  const { resource, subresource, namespace, name, apiGroup } = event.objectRef ?? {};
  const kind = resource ? [resource, subresource].filter(Boolean).join("/") : null;
  return {
    occurredAt: new Date(event.requestReceivedTimestamp),
    sourceKey,
    eventKey: keyOf(event),
    actor,
    actorKind: actorKindOf(actor),
    person: personOf(actor, extra ?? null),
    teamKey: null,
    action: kind ? `${event.verb} ${kind}` : `${event.verb} ${event.requestURI.split("?")[0] ?? ""}`,
    verbClass: verbClassOf(event.verb, resource ?? "", apiGroup ?? ""),
    resource: kind && name ? `${kind}/${name}` : (kind ?? ""),
    accountId: null,
    clusterKey,
    // A namespace is its own namespace: whoever looks for what befell it finds its making and its end.
    namespace: namespace ?? (resource === "namespaces" ? (name ?? null) : null),
    region: null,
    outcome: outcomeOf(event),
    sourceAddress: event.sourceIPs?.join(", ") || null,
    mfa: null,
    body,
  };
}

/**
 * auditID with its stage, since an event is told once for each stage, and the hash of what else tells requests apart: the API server takes the auditID from a
 * header of whoever asks (Audit-ID), who could make two requests of one millisecond pass for one.
 */
function keyOf(event: AuditEvent): string {
  const { auditID, stage, requestReceivedTimestamp, stageTimestamp, user, impersonatedUser } = event;
  const times = [requestReceivedTimestamp, stageTimestamp];
  const who = [user.username, impersonatedUser?.username, event.sourceIPs];
  const request = JSON.stringify([times, who, event.verb, event.requestURI]);
  return `${auditID}/${stage}/${hash("sha256", request).slice(0, KEY_HASH_DIGITS)}`;
}

/** Who asked with no credentials that hold.  */
const UNAUTHENTICATED = "not authenticated";

function actorKindOf(username: string): ActorKind {
  if (username.startsWith("system:serviceaccount:")) return "service";
  if (username === "system:anonymous" || username === UNAUTHENTICATED) return "unknown";
  return username.startsWith("system:") ? "system" : "user";
}

function verbClassOf(verb: string, resource: string, apiGroup: string): VerbClass {
  if (READ_VERBS.has(verb)) return "read";
  const isAdmin =
    ADMIN_GROUPS.has(apiGroup) || resource === "serviceaccounts" || verb === "impersonate" || verb === "bind";
  return isAdmin ? "admin" : "write";
}

function outcomeOf({ responseStatus, annotations }: AuditEvent): Outcome {
  const code = responseStatus?.code ?? 200;
  if (annotations?.["authorization.k8s.io/decision"] === "forbid" || code === 401 || code === 403) return "denied";
  return code >= 400 ? "failure" : "success";
}
