import { type Kind, groupVersionOf } from "#demo/kubernetes/kinds.ts";
import type { Page } from "#demo/kubernetes/listing.ts";
import { isJsonObject, type JsonObject, type KubernetesObject, objectAt, textAt } from "#demo/kubernetes/object.ts";
import { StatusError } from "#demo/kubernetes/status.ts";

export type Form = "object" | "table" | "metadata";

const NAME_TEXT = "Name must be unique within a namespace. Is required when creating resources.";
const AGE_TEXT = "CreationTimestamp is a timestamp representing the server time when this object was created.";

/** Which form the client would like best. @throws StatusError 406 where it takes no JSON at all. */
export function formOf(accept: string | undefined): Form {
  for (const part of (accept ?? "*/*").split(",")) {
    const [type = "", ...rest] = part
      .trim()
      .split(";")
      .map((piece) => piece.trim());
    if (!["application/json", "*/*", "application/*"].includes(type)) continue;
    const as = rest.find((piece) => piece.startsWith("as="))?.slice(3);
    if (as === undefined) return "object";
    if (!rest.includes("g=meta.k8s.io") || !rest.includes("v=v1")) continue;
    if (as === "Table") return "table";
    if (as === "PartialObjectMetadata" || as === "PartialObjectMetadataList") return "metadata";
  }
  throw new StatusError(
    "NotAcceptable",
    "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch",
  );
}

/** One object as it is answered. */
export function renderObject(kind: Kind, object: KubernetesObject, form: Form, now: Date): unknown {
  if (form === "table") return tableOf(kind, [object], { resourceVersion: object.metadata.resourceVersion }, now);
  if (form === "metadata") return partial(object);
  const { metadata, ...rest } = object;
  return { kind: kind.kind, apiVersion: groupVersionOf(kind), metadata, ...rest };
}

export function renderPage(kind: Kind, { metadata, items }: Page, form: Form, now: Date): unknown {
  if (form === "table") return tableOf(kind, items, { ...metadata }, now);
  if (form === "metadata")
    return {
      kind: "PartialObjectMetadataList",
      apiVersion: "meta.k8s.io/v1",
      metadata,
      items: items.map(partial),
    };
  return {
    kind: `${kind.kind}List`,
    apiVersion: groupVersionOf(kind),
    metadata,
    // Objects of a custom resource name their kind in lists as well, those of Kubernetes do not.
    items: kind.custom ? items.map((object) => renderObject(kind, object, "object", now)) : items,
  };
}

function partial({ metadata }: KubernetesObject): unknown {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
}

type Column = { name: string; cell: (object: KubernetesObject, now: Date) => string | number; description: string };

function tableOf(kind: Kind, items: readonly KubernetesObject[], metadata: object, now: Date): unknown {
  const columns = columnsOf(kind);
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    columnDefinitions: columns.map(({ name, description }) => ({
      name,
      type: name === "Restarts" ? "integer" : "string",
      format: name === "Name" ? "name" : "",
      description,
      priority: 0,
    })),
    rows: items.map((object) => ({ cells: columns.map(({ cell }) => cell(object, now)), object: partial(object) })),
  };
}

function columnsOf(kind: Kind): Column[] {
  const name: Column = { name: "Name", description: NAME_TEXT, cell: ({ metadata }) => metadata.name };
  const age: Column = {
    name: "Age",
    description: AGE_TEXT,
    cell: ({ metadata }, now) => ageText(now.getTime() - Date.parse(metadata.creationTimestamp)),
  };
  const phase: Column = {
    name: "Status",
    description: `The status of the ${kind.singular}`,
    cell: ({ status }) => textAt(objectAt(status), "phase"),
  };
  if (kind.resource === "namespaces") return [name, phase, age];
  if (kind.resource !== "pods" || kind.group !== "") return [name, age];
  const containers = ({ status }: KubernetesObject): JsonObject[] => {
    const list = objectAt(status).containerStatuses;
    return Array.isArray(list) ? list.filter(isJsonObject) : [];
  };
  return [
    name,
    {
      name: "Ready",
      description: "The aggregate readiness state of this pod for accepting traffic.",
      cell: (pod) =>
        `${containers(pod).filter(({ ready }) => ready === true).length}/${Math.max(1, containers(pod).length)}`,
    },
    phase,
    {
      name: "Restarts",
      description: "The number of times the containers in this pod have been restarted.",
      cell: (pod) => containers(pod).reduce((sum, { restartCount }) => sum + Number(restartCount ?? 0), 0),
    },
    age,
  ];
}

/** "3m52s", "26h", "13d": two units while they are small, as kubectl shows ages. */
export function ageText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  if (minutes < 180) return `${minutes}m`;
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  if (hours < 48) return `${hours}h`;
  if (days < 8) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`;
  if (days < 730) return `${days}d`;
  return days < 2920 ? `${Math.floor(days / 365)}y${days % 365}d` : `${Math.floor(days / 365)}y`;
}
