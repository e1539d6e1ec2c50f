import { groupVersionOf, type Kind } from "#demo/kubernetes/kinds.ts";
import { isJsonObject, type JsonObject, objectAt, textAt } from "#demo/kubernetes/object.ts";
import { badRequest, type Cause, invalid, StatusError } from "#demo/kubernetes/status.ts";

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_MESSAGE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
  "alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN_MESSAGE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end " +
  "with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LONGEST_LABEL = 63;
const METADATA_FIELDS = [
  "name",
  "generateName",
  "namespace",
  "selfLink",
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "labels",
  "annotations",
  "ownerReferences",
  "finalizers",
  "managedFields",
];
/** What a kind knows below its top and its spec; other kinds are taken as they come. */
const KNOWN_FIELDS: Record<string, { top: readonly string[]; spec: readonly string[] }> = {
  Namespace: { top: ["spec", "status"], spec: ["finalizers"] },
  ResourceQuota: { top: ["spec", "status"], spec: ["hard", "scopes", "scopeSelector"] },
  LimitRange: { top: ["spec"], spec: ["limits"] },
  ConfigMap: { top: ["data", "binaryData", "immutable"], spec: [] },
  Deployment: {
    top: ["spec", "status"],
    spec: [
      "replicas",
      "selector",
      "template",
      "strategy",
      "minReadySeconds",
      "revisionHistoryLimit",
      "paused",
      "progressDeadlineSeconds",
    ],
  },
  NetworkPolicy: { top: ["spec"], spec: ["podSelector", "ingress", "egress", "policyTypes"] },
  RoleBinding: { top: ["subjects", "roleRef"], spec: [] },
  Scale: { top: ["spec", "status"], spec: ["replicas"] },
  CronJob: {
    top: ["spec", "status"],
    spec: [
      "schedule",
      "timeZone",
      "startingDeadlineSeconds",
      "concurrencyPolicy",
      "suspend",
      "jobTemplate",
      "successfulJobsHistoryLimit",
      "failedJobsHistoryLimit",
    ],
  },
  SelfSubjectAccessReview: {
    top: ["spec", "status"],
    spec: ["resourceAttributes", "nonResourceAttributes"],
  },
  SelfSubjectRulesReview: { top: ["spec", "status"], spec: ["namespace"] },
};
const DELETE_OPTIONS = [
  "kind",
  "apiVersion",
  "gracePeriodSeconds",
  "preconditions",
  "orphanDependents",
  "propagationPolicy",
  "dryRun",
];

/** @throws StatusError 400 where the body is no JSON or is of another kind. */
export function readBody(text: string, kind: Pick<Kind, "kind" | "group" | "version">): JsonObject {
  const unrecognized = (why: string) =>
    badRequest(`the object provided is unrecognized (must be of type ${kind.kind}): ${why}`);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw unrecognized(
      `couldn't get version/kind; json parse error: unexpected end of JSON input (${text.slice(0, 100)})`,
    );
  }
  if (!isJsonObject(body)) throw unrecognized("couldn't get version/kind; json parse error");
  const apiVersion = textAt(body, "apiVersion") || groupVersionOf(kind);
  const given = textAt(body, "kind") || kind.kind;
  if (apiVersion !== groupVersionOf(kind) || given !== kind.kind)
    throw badRequest(
      `${given} in version "${apiVersion.split("/").at(-1) ?? ""}" cannot be handled as a ${kind.kind}: the API version in the data (${apiVersion}) does not match the expected API version (${groupVersionOf(kind)})`,
    );
  return body;
}

/** The body without fields that the kind does not know, and their names. With Strict validation they are refused. */
export function pruneUnknown(
  body: JsonObject,
  kind: Pick<Kind, "kind" | "version">,
  validation: string,
): { body: JsonObject; warnings: string[] } {
  const known = KNOWN_FIELDS[kind.kind];
  if (!known) return { body, warnings: [] };
  const unknown = [
    ...Object.keys(body).filter((key) => !["apiVersion", "kind", "metadata", ...known.top].includes(key)),
    ...Object.keys(objectAt(body, "metadata"))
      .filter((key) => !METADATA_FIELDS.includes(key))
      .map((key) => `metadata.${key}`),
    ...Object.keys(objectAt(body, "spec"))
      .filter((key) => !known.spec.includes(key))
      .map((key) => `spec.${key}`),
  ].map((path) => `unknown field "${path}"`);
  if (unknown.length > 0 && validation === "Strict")
    throw badRequest(
      `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: strict decoding error: ${unknown.join(", ")}`,
    );
  const pruned: JsonObject = {};
  for (const [key, value] of Object.entries(body)) {
    if (!["apiVersion", "kind", "metadata", ...known.top].includes(key)) continue;
    const fields = key === "metadata" ? METADATA_FIELDS : key === "spec" ? known.spec : null;
    pruned[key] =
      fields !== null && isJsonObject(value)
        ? Object.fromEntries(Object.entries(value).filter(([name]) => fields.includes(name)))
        : value;
  }
  return { body: pruned, warnings: validation === "Ignore" ? [] : unknown };
}

export type DeleteOptions = {
  uid: string;
  resourceVersion: string;
  propagationPolicy: string;
  gracePeriodSeconds: number | null;
  isDryRun: boolean;
};

/**
 * Unlike an API server, an unknown field is refused whatever the validation: a misspelt `preconditions` would delete
 * what it was meant to protect.
 */
export function readDeleteOptions(text: string): DeleteOptions {
  const body = text.trim() === "" ? {} : readBody(text, { kind: "DeleteOptions", group: "", version: "v1" });
  const preconditions = objectAt(body, "preconditions");
  const unknown = [
    ...Object.keys(body).filter((key) => !DELETE_OPTIONS.includes(key)),
    ...Object.keys(preconditions)
      .filter((key) => !["uid", "resourceVersion"].includes(key))
      .map((key) => `preconditions.${key}`),
  ];
  if (unknown.length > 0)
    throw badRequest(`strict decoding error: ${unknown.map((key) => `unknown field "${key}"`).join(", ")}`);
  return {
    uid: textAt(preconditions, "uid"),
    resourceVersion: textAt(preconditions, "resourceVersion"),
    propagationPolicy: textAt(body, "propagationPolicy"),
    gracePeriodSeconds: typeof body.gracePeriodSeconds === "number" ? body.gracePeriodSeconds : null,
    isDryRun: Array.isArray(body.dryRun) && body.dryRun.includes("All"),
  };
}

/** @throws StatusError 422 for a name that the kind cannot have. */
export function refuseName(kind: Kind, name: string): void {
  const isLabel = kind.resource === "namespaces" || kind.resource === "services";
  const cause = (message: string): Cause => ({
    reason: "FieldValueInvalid",
    message: `Invalid value: "${name}": ${message}`,
    field: "metadata.name",
  });
  if (name === "")
    throw invalid(kind, "", [
      {
        reason: "FieldValueRequired",
        message: "Required value: name or generateName is required",
        field: "metadata.name",
      },
    ]);
  // Roles may have colons in their names.
  if (kind.group === "rbac.authorization.k8s.io") return;
  if (isLabel && name.length > LONGEST_LABEL)
    throw invalid(kind, name, [cause(`must be no more than ${LONGEST_LABEL} characters`)]);
  if (!(isLabel ? LABEL : SUBDOMAIN).test(name))
    throw invalid(kind, name, [cause(isLabel ? LABEL_MESSAGE : SUBDOMAIN_MESSAGE)]);
}

const BASIC_TYPES = ["application/json", "application/yaml"];

export function refuseContentType(given: string | undefined, accepted: readonly string[] = BASIC_TYPES): string {
  const type = (given ?? "application/json").split(";")[0]?.trim() ?? "";
  if (accepted.includes(type)) return type;
  throw new StatusError(
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`,
  );
}

/** A pod template with what an API server fills in. */
export function withDefaults(kind: Kind, body: JsonObject): JsonObject {
  if (kind.kind !== "Deployment") return body;
  const spec = objectAt(body, "spec");
  const template = objectAt(spec, "template");
  const podSpec = objectAt(template, "spec");
  const containers = Array.isArray(podSpec.containers) ? podSpec.containers.filter(isJsonObject) : [];
  return {
    ...body,
    spec: {
      replicas: 1,
      ...spec,
      template: {
        ...template,
        metadata: { creationTimestamp: null, ...objectAt(template, "metadata") },
        spec: {
          ...podSpec,
          containers: containers.map((container) => ({
            resources: {},
            terminationMessagePath: "/dev/termination-log",
            terminationMessagePolicy: "File",
            imagePullPolicy: "IfNotPresent",
            ...container,
          })),
          restartPolicy: "Always",
          terminationGracePeriodSeconds: 30,
          dnsPolicy: "ClusterFirst",
          securityContext: {},
          schedulerName: "default-scheduler",
        },
      },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    },
    status: {},
  };
}
