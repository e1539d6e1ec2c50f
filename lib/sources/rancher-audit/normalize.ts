import { z } from "zod";
import { personOf } from "#lib/domain/trail/person-of.ts";
import type { Outcome, TrailEvent, VerbClass } from "#lib/domain/trail/trail-event.ts";
import { NOWHERE, type RecordNormalizer } from "#lib/sources/event-files/event-file-source.ts";

/** A record of Rancher's API audit log; versions differ in how they call times, addresses and what was done. */
const entry = z.looseObject({
  auditID: z.string().min(1),
  requestURI: z.string(),
  user: z.looseObject({ name: z.string(), extra: z.record(z.string(), z.array(z.string())).nullish() }).nullish(),
  method: z.string().nullish(),
  verb: z.string().nullish(),
  stage: z.string().nullish(),
  stageTimestamp: z.string().nullish(),
  requestTimestamp: z.string().nullish(),
  remoteAddr: z.string().nullish(),
  sourceIPs: z.array(z.string()).nullish(),
  responseCode: z.coerce.number().nullish(),
});

const CLUSTER = /(?:\/k8s\/clusters\/|\/clusters\/|\/(?:projects?|project)\/)(c-[\w-]+|local)\b/;
const NAMESPACE = /\/namespaces\/([^/?:]+)/;
const ADMIN = /\/(users?|tokens?|\w*roles?|\w*roletemplates?|\w*bindings?|authconfigs?|settings?)\b/i;

/**
 * What people did in Rancher.
 *
 * @param clusters the keys of clusters, by Rancher's names of them.
 */
export function rancherAudit(clusters: Readonly<Record<string, string>>): RecordNormalizer {
  return {
    listKey: "items",
    toEvents(record, { sourceKey, body }) {
      const parsed = entry.safeParse(record);
      if (!parsed.success) return null;
      const { auditID, requestURI, user, method, verb, stage, sourceIPs, remoteAddr, responseCode } = parsed.data;
      const occurredAt = instantOf(parsed.data.requestTimestamp ?? parsed.data.stageTimestamp ?? "");
      if (occurredAt === null) return null;
      const [path = ""] = requestURI.split("?");
      const done = (method ?? verb ?? "").toUpperCase();
      const name = user?.name ?? "unknown";
      const event: TrailEvent = {
        ...NOWHERE,
        sourceKey,
        body,
        eventKey: stage ? `${auditID}/${stage}` : auditID,
        occurredAt,
        actor: name,
        actorKind: name.startsWith("system:") ? "system" : user ? "user" : "unknown",
        person: personOf(name, user?.extra ?? null),
        action: `${done} ${path.split("/").slice(0, 4).join("/")}`,
        verbClass: verbClassOf(done, path),
        resource: path,
        clusterKey: clusters[CLUSTER.exec(path)?.[1] ?? ""] ?? null,
        namespace: NAMESPACE.exec(path)?.[1] ?? null,
        outcome: outcomeOf(responseCode ?? 200),
        sourceAddress: sourceIPs?.join(", ") || (remoteAddr?.replace(/:\d+$/, "") ?? null),
      };
      return [event];
    },
  };
}

/** "2026-03-01T10:00:00Z", or "2026-03-01 10:00:00 +0100" as older versions write it. */
function instantOf(text: string): Date | null {
  const at = new Date(text.replace(/^(\S+) (\S+) ([+-]\d{2})(\d{2})$/, "$1T$2$3:$4"));
  return Number.isNaN(at.getTime()) ? null : at;
}

function verbClassOf(method: string, path: string): VerbClass {
  if (method === "GET" || method === "HEAD" || method === "OPTIONS") return "read";
  return ADMIN.test(path) ? "admin" : "write";
}

function outcomeOf(code: number): Outcome {
  if (code === 401 || code === 403) return "denied";
  return code >= 400 ? "failure" : "success";
}
