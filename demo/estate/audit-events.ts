import { addDays } from "#lib/domain/period.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { mailOf, type Person } from "#demo/estate/people.ts";
import { rancherUserOf } from "#demo/estate/namespaces-evidence.ts";
import { type PlannedCluster, type PlannedNamespace, plannedClusters } from "#demo/estate/namespaces.ts";
import { type Random, randomFor, uuidOf } from "#demo/estate/random.ts";

/** The audit log of one cluster: events of audit.k8s.io/v1, the oldest first. */
export type AuditLog = { cluster: string; events: AuditRecord[] };
export type AuditRecord = { requestReceivedTimestamp: string; [field: string]: unknown };

/** How far back the logs go, and how many clusters have one. */
const KEPT_DAYS = 390;
const LOGGED_CLUSTERS = 6;
/** Namespaces of a cluster in which people changed something lately, and how often. */
const BUSY_NAMESPACES = 12;
const CHANGES = 12;

/** What only the trail knows of: made and deleted by people between two looks. */
export const SHORT_LIVED = {
  name: "motor-claims-migration",
  maker: mailOf("Lena Marbach"),
  deleter: mailOf("Tom Ruhland"),
  madeDaysAgo: 12,
  deletedDaysAgo: 3,
} as const;

/** Evidence whose owner's own people made the namespace by hand. */
const MADE_BY_HAND = new Set<string>([
  "label",
  "label-former-name",
  "annotation",
  "mail-annotation",
  "openshift-requester",
  "role-binding-group",
  "role-binding-person",
  "managed-fields",
]);

/** Where that namespace was. */
export function shortLivedCluster(estate: Estate): string {
  return plannedClusters(estate)[0]?.name ?? "";
}

/** The audit logs of some clusters, in agreement with what was planted in them: who made, deleted and changed what. */
export function auditLogsOf(estate: Estate): AuditLog[] {
  return plannedClusters(estate)
    .slice(0, LOGGED_CLUSTERS)
    .map((cluster, index) => ({
      cluster: cluster.name,
      events: [...eventsOf(estate, cluster), ...(index === 0 ? shortLived(estate) : [])].toSorted((a, b) =>
        a.requestReceivedTimestamp < b.requestReceivedTimestamp ? -1 : 1,
      ),
    }));
}

function eventsOf(estate: Estate, cluster: PlannedCluster): AuditRecord[] {
  const random = randomFor(estate.seed, "audit", cluster.name);
  const since = `${addDays(estate.calendar.today, -KEPT_DAYS)}T00:00:00Z`;
  const now = `${estate.calendar.today}T00:00:00Z`;
  const lives = cluster.lives.filter(({ isSystem }) => !isSystem);
  const made = lives.filter(({ created }) => created >= since);
  const gone = lives.filter(({ deleted }) => deleted !== null && deleted >= since && deleted < now);
  const busy = lives.filter(({ deleted, dormant, trap }) => deleted === null && !dormant && trap === null);
  return [
    ...made.map((namespace) => making(estate, namespace, random)),
    ...gone.map((namespace) => ending(estate, namespace, random)),
    ...busy.slice(0, BUSY_NAMESPACES).flatMap((namespace) => changes(estate, namespace, random)),
  ];
}

/** Who would do it: one of the team that it is really of. */
function personFor(estate: Estate, { ownerTeam, earlier }: PlannedNamespace, random: Random): Person | null {
  const team = earlier?.ownerTeam ?? ownerTeam;
  const people = estate.people.filter((person) => person.team === team && person.activeTo === null);
  return people.length === 0 ? null : random.pick(people);
}

function making(estate: Estate, namespace: PlannedNamespace, random: Random): AuditRecord {
  const { name, uid, created, evidence } = namespace;
  const person = personFor(estate, namespace, random);
  return record(uuidOf("audit", "made", uid), created, random, {
    ...makerOf(evidence, person),
    verb: "create",
    requestURI: "/api/v1/namespaces",
    objectRef: { resource: "namespaces", name, apiVersion: "v1" },
    responseStatus: { metadata: {}, code: 201 },
    responseObject: { kind: "Namespace", apiVersion: "v1", metadata: { name, uid, creationTimestamp: created } },
  });
}

function makerOf(evidence: string, person: Person | null): Record<string, unknown> {
  if (person && MADE_BY_HAND.has(evidence)) return byPerson(person.mail);
  if (person && evidence === "rancher-creator")
    return {
      user: serviceAccount("cattle-system", "rancher"),
      impersonatedUser: {
        username: rancherUserOf(person.mail),
        groups: ["system:authenticated"],
        extra: { username: [person.mail], principalid: [`local://${rancherUserOf(person.mail)}`] },
      },
    };
  if (evidence === "argo-cd") return { user: serviceAccount("argocd", "argocd-application-controller") };
  if (evidence === "flux") return { user: serviceAccount("flux-system", "kustomize-controller") };
  return { user: serviceAccount("ci", "deployer") };
}

function ending(estate: Estate, namespace: PlannedNamespace, random: Random): AuditRecord {
  const { name, uid, deleted, created } = namespace;
  const person = personFor(estate, namespace, random);
  return record(uuidOf("audit", "deleted", uid), deleted ?? created, random, {
    ...(person ? byPerson(person.mail) : { user: serviceAccount("ci", "deployer") }),
    verb: "delete",
    requestURI: `/api/v1/namespaces/${name}`,
    objectRef: { resource: "namespaces", namespace: name, name, uid, apiVersion: "v1" },
    responseStatus: { metadata: {}, code: 200 },
  });
}

const VERBS = [
  ["patch", "apps", "deployments", "api"],
  ["update", "", "configmaps", "settings"],
  ["create", "", "pods/exec", "api-0"],
  ["get", "", "secrets", "database"],
  ["delete", "", "pods", "api-0"],
] as const;

/** A month of work by people in a namespace that is in use, some of it refused. */
function changes(estate: Estate, namespace: PlannedNamespace, random: Random): AuditRecord[] {
  const person = personFor(estate, { ...namespace, earlier: null }, random);
  if (!person) return [];
  return Array.from({ length: CHANGES }, (_, number) => {
    const [verb, apiGroup, resource, name] = random.pick(VERBS);
    const at = `${addDays(estate.calendar.today, -1 - random.below(28))}T${hours(6 + random.below(12))}:${hours(random.below(60))}:00Z`;
    const isRefused = random.perMille(60);
    const [kind, subresource] = resource.split("/");
    return record(
      uuidOf("audit", namespace.uid, String(number)),
      at < namespace.created ? namespace.created : at,
      random,
      {
        ...byPerson(person.mail),
        verb,
        requestURI: `/api${apiGroup === "" ? "/v1" : `s/${apiGroup}/v1`}/namespaces/${namespace.name}/${resource}`,
        objectRef: {
          resource: kind,
          ...(subresource ? { subresource } : {}),
          namespace: namespace.name,
          name,
          apiGroup,
        },
        responseStatus: { metadata: {}, code: isRefused ? 403 : 200 },
      },
    );
  });
}

function shortLived(estate: Estate): AuditRecord[] {
  const random = randomFor(estate.seed, "audit", SHORT_LIVED.name);
  const { name } = SHORT_LIVED;
  const uid = uuidOf("audit", name);
  const at = (days: number, time: string) => `${addDays(estate.calendar.today, -days)}T${time}Z`;
  const request = {
    objectRef: { resource: "namespaces", name, apiVersion: "v1" },
    responseStatus: { metadata: {}, code: 200 },
  };
  return [
    record(uuidOf("audit", "made", uid), at(SHORT_LIVED.madeDaysAgo, "07:41:09"), random, {
      ...byPerson(SHORT_LIVED.maker),
      verb: "create",
      requestURI: "/api/v1/namespaces",
      ...request,
      responseStatus: { metadata: {}, code: 201 },
    }),
    record(uuidOf("audit", "deleted", uid), at(SHORT_LIVED.deletedDaysAgo, "16:12:55"), random, {
      ...byPerson(SHORT_LIVED.deleter),
      verb: "delete",
      requestURI: `/api/v1/namespaces/${name}`,
      ...request,
    }),
  ];
}

function record(auditID: string, at: string, random: Random, fields: Record<string, unknown>): AuditRecord {
  const received = at.replace(/(\.\d+)?Z$/, `.${String(100_000 + random.below(900_000))}Z`);
  const { responseStatus } = fields as { responseStatus: { code: number } };
  const isAllowed = responseStatus.code !== 403;
  return {
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    level: "responseObject" in fields ? "RequestResponse" : "Metadata",
    auditID,
    stage: "ResponseComplete",
    sourceIPs: [`198.51.100.${1 + random.below(250)}`],
    userAgent: "kubectl/v1.33.4 (linux/amd64) kubernetes/a1b2c3d",
    ...fields,
    requestReceivedTimestamp: received,
    stageTimestamp: received,
    annotations: { "authorization.k8s.io/decision": isAllowed ? "allow" : "forbid", "authorization.k8s.io/reason": "" },
  };
}

function byPerson(mail: string): Record<string, unknown> {
  return { user: { username: mail, groups: ["system:authenticated"] } };
}

function serviceAccount(namespace: string, name: string): Record<string, unknown> {
  return {
    username: `system:serviceaccount:${namespace}:${name}`,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
  };
}

function hours(number: number): string {
  return String(number).padStart(2, "0");
}
