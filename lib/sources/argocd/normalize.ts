import { z } from "zod";
import { personOf } from "#lib/domain/trail/person-of.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { NOWHERE, type RecordBase, type RecordNormalizer } from "#lib/sources/event-files/event-file-source.ts";

const metadata = z.looseObject({
  name: z.string(),
  namespace: z.string().nullish(),
  uid: z.string().min(1),
  annotations: z.record(z.string(), z.string()).nullish(),
});
/** Where an application is deployed to: a cluster by its address or by its name. */
const destination = z.looseObject({
  server: z.string().nullish(),
  name: z.string().nullish(),
  namespace: z.string().nullish(),
});
type Destination = z.infer<typeof destination>;

/**
 * An event of Kubernetes about an application, whose destination is in its annotations.
 * https://argo-cd.readthedocs.io/en/stable/operator-manual/security/#auditing
 * https://github.com/argoproj/argo-cd/blob/master/util/argo/audit_logger.go
 */
const kubernetesEvent = z.looseObject({
  kind: z.literal("Event"),
  metadata,
  involvedObject: z.looseObject({ kind: z.enum(["Application", "AppProject"]), name: z.string() }),
  reason: z.string(),
  message: z.string().nullish(),
  type: z.string().nullish(),
  count: z.number().nullish(),
  lastTimestamp: z.string().nullish(),
  eventTime: z.string().nullish(),
});

/** An application itself, which keeps its last deployments. */
const application = z.looseObject({
  kind: z.literal("Application"),
  metadata,
  spec: z.looseObject({ destination: destination.nullish() }),
  status: z.looseObject({
    history: z.array(
      z.looseObject({
        id: z.number(),
        deployedAt: z.iso.datetime({ offset: true }),
        initiatedBy: z.looseObject({ username: z.string().nullish(), automated: z.boolean().nullish() }).nullish(),
      }),
    ),
  }),
});

const CONTROLLER = "argocd-application-controller";

/** What Argo CD always calls the cluster that it runs in. */
const OWN_CLUSTER = ["https://kubernetes.default.svc", "in-cluster"];

/** Where in our terms a destination is. */
type Placer = (destination: Destination | null | undefined) => Pick<TrailEvent, "clusterKey" | "namespace">;

/**
 * What Argo CD did, and at whose word: events about applications, and applications with their deployments.
 *
 * @param clusters the keys of clusters, by the address or the name that destinations have.
 */
export function argocd(clusters: Readonly<Record<string, string>>): RecordNormalizer {
  const place = placerOf(clusters);
  return {
    listKey: "items",
    toEvents(record, base) {
      const event = kubernetesEvent.safeParse(record);
      if (event.success) return ofEvent(event.data, base, place);
      const found = application.safeParse(record);
      return found.success ? ofHistory(found.data, base, place) : null;
    },
  };
}

function placerOf(clusters: Readonly<Record<string, string>>): Placer {
  const keys = new Map(Object.entries(clusters).map(([called, key]) => [withoutEnd(called), key]));
  return (to) => {
    const called = [to?.server, to?.name].flatMap((one) => (one ? [withoutEnd(one)] : []));
    const known = called.some((one) => OWN_CLUSTER.includes(one)) ? [...called, ...OWN_CLUSTER] : called;
    const clusterKey = known.flatMap((one) => keys.get(one) ?? [])[0] ?? null;
    return { clusterKey, namespace: to?.namespace || null };
  };
}

/** Addresses with and without a slash at their end are the same to Argo CD. */
function withoutEnd(called: string): string {
  return called.replace(/\/+$/, "");
}

function ofEvent(event: z.infer<typeof kubernetesEvent>, base: RecordBase, place: Placer): TrailEvent[] | null {
  const { involvedObject, reason, message, type, count, metadata: own } = event;
  const occurredAt = new Date(event.lastTimestamp ?? event.eventTime ?? "");
  if (Number.isNaN(occurredAt.getTime())) return null;
  // An event that happens again is counted up; each count is another doing.
  const eventKey = `${own.uid}/${count ?? 1}`;
  const resource = `${involvedObject.kind.toLowerCase()}s/${involvedObject.name}`;
  const outcome = type === "Warning" ? "failure" : "success";
  const { "dest-server": server, "dest-namespace": namespace } = own.annotations ?? {};
  const where = place({ server, namespace });
  return [
    { ...common(base, actorIn(message ?? "")), ...where, eventKey, occurredAt, action: reason, resource, outcome },
  ];
}

/** What a person asked for begins with the person: "ada@example.com initiated sync to 1a2b3c". */
function actorIn(message: string): string {
  const [first = ""] = message.split(" ");
  return /^[\w.+-]+(@[\w.-]+)?$/.test(first) && /^\S+ [a-z]/.test(message) && !/^[A-Z][a-z]+$/.test(first)
    ? first
    : CONTROLLER;
}

function ofHistory(
  { metadata: own, spec, status }: z.infer<typeof application>,
  base: RecordBase,
  place: Placer,
): TrailEvent[] {
  return status.history.map(({ id, deployedAt, initiatedBy }) => ({
    ...common(base, initiatedBy?.username || CONTROLLER),
    eventKey: `${own.uid}/deployment ${id}`,
    occurredAt: new Date(deployedAt),
    action: "Deployed",
    resource: `applications/${own.name}`,
    ...place(spec.destination),
    outcome: "success",
  }));
}

function common({ sourceKey, body }: RecordBase, actor: string) {
  const isController = actor === CONTROLLER;
  return {
    ...NOWHERE,
    sourceKey,
    body,
    actor,
    actorKind: isController ? ("service" as const) : ("user" as const),
    person: isController ? null : personOf(actor, null),
    verbClass: "write" as const,
  };
}
