import { isJsonObject, type JsonObject, objectAt, textAt } from "#demo/kubernetes/object.ts";
import { forbidden, invalid } from "#demo/kubernetes/status.ts";

/** One rule of RBAC. "*" stands for everything, as there. */
export type Rule = { verbs: string[]; apiGroups: string[]; resources: string[] };

/** Who a token stands for, and what it may do. */
export type Identity = { user: string; groups: string[]; role: string; rules: Rule[] };

export type Attributes = {
  verb: string;
  group: string;
  /** "deployments", or "deployments/scale". */
  resource: string;
  namespace: string | undefined;
  name: string;
};

export type RoleName = "reader" | "cleaner" | "admin" | "nobody";

const READ = ["get", "list", "watch"];
const READER_RULES: Rule[] = [
  {
    verbs: READ,
    apiGroups: [""],
    resources: [
      "namespaces",
      "pods",
      "nodes",
      "services",
      "endpoints",
      "persistentvolumes",
      "persistentvolumeclaims",
      "resourcequotas",
      "limitranges",
      "configmaps",
      "serviceaccounts",
      "events",
    ],
  },
  { verbs: READ, apiGroups: ["apps"], resources: ["deployments", "replicasets", "statefulsets", "daemonsets"] },
  { verbs: READ, apiGroups: ["batch"], resources: ["jobs", "cronjobs"] },
  { verbs: READ, apiGroups: ["autoscaling"], resources: ["horizontalpodautoscalers"] },
  { verbs: READ, apiGroups: ["networking.k8s.io"], resources: ["ingresses", "networkpolicies"] },
  { verbs: READ, apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"] },
  {
    verbs: READ,
    apiGroups: ["rbac.authorization.k8s.io"],
    resources: ["roles", "rolebindings", "clusterroles", "clusterrolebindings"],
  },
  { verbs: READ, apiGroups: ["apiextensions.k8s.io"], resources: ["customresourcedefinitions"] },
  { verbs: ["get", "list"], apiGroups: ["metrics.k8s.io"], resources: ["nodes", "pods"] },
  { verbs: READ, apiGroups: ["wgpolicyk8s.io"], resources: ["policyreports", "clusterpolicyreports"] },
  { verbs: READ, apiGroups: ["aquasecurity.github.io"], resources: ["vulnerabilityreports", "configauditreports"] },
  { verbs: READ, apiGroups: ["management.cattle.io"], resources: ["users", "projects"] },
  { verbs: READ, apiGroups: ["capsule.clastix.io"], resources: ["tenants"] },
  { verbs: READ, apiGroups: ["argoproj.io"], resources: ["applications"] },
  { verbs: READ, apiGroups: ["kustomize.toolkit.fluxcd.io"], resources: ["kustomizations"] },
  { verbs: READ, apiGroups: ["source.toolkit.fluxcd.io"], resources: ["gitrepositories"] },
  { verbs: READ, apiGroups: ["postgresql.cnpg.io"], resources: ["clusters"] },
  { verbs: READ, apiGroups: ["kafka.strimzi.io"], resources: ["kafkatopics"] },
];
const CLEANER_RULES: Rule[] = [
  { verbs: ["delete", "patch"], apiGroups: [""], resources: ["namespaces"] },
  { verbs: ["create", "patch", "delete"], apiGroups: [""], resources: ["resourcequotas"] },
  { verbs: ["get", "patch", "update"], apiGroups: ["apps"], resources: ["deployments/scale", "statefulsets/scale"] },
  { verbs: ["patch"], apiGroups: ["batch"], resources: ["cronjobs"] },
  { verbs: ["create", "delete"], apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"] },
];
/** What every signed-in user may do. */
const BASIC_RULES: Rule[] = [
  {
    verbs: ["create"],
    apiGroups: ["authorization.k8s.io"],
    resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
  },
];
const NON_RESOURCE_RULES: JsonObject[] = [
  { verbs: ["get"], nonResourceURLs: ["/healthz", "/livez", "/readyz", "/version", "/version/"] },
  { verbs: ["get"], nonResourceURLs: ["/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*"] },
];

/** The identities that every cluster of the demo starts with. */
export function identityOf(role: RoleName): Identity {
  switch (role) {
    case "reader":
      return { user: "finops-reader", groups: ["finops"], role: "finops-reader", rules: [...READER_RULES] };
    case "cleaner":
      return {
        user: "finops-cleaner",
        groups: ["finops"],
        role: "finops-cleaner",
        rules: [...READER_RULES, ...CLEANER_RULES],
      };
    case "admin":
      return {
        user: "kubernetes-admin",
        groups: ["system:masters"],
        role: "cluster-admin",
        rules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }],
      };
    case "nobody":
      return { user: "nobody@example.com", groups: [], role: "", rules: [] };
  }
}

export function isAllowed({ rules }: Identity, { verb, group, resource }: Attributes): boolean {
  const covers = (values: readonly string[], value: string) => values.includes("*") || values.includes(value);
  return [...rules, ...BASIC_RULES].some(
    (rule) => covers(rule.verbs, verb) && covers(rule.apiGroups, group) && covers(rule.resources, resource),
  );
}

/** @throws StatusError 403 in the API server's words. */
export function refuseAccess(identity: Identity, attributes: Attributes): void {
  if (isAllowed(identity, attributes)) return;
  const { verb, group, resource, namespace, name } = attributes;
  const scope = namespace === undefined ? "at the cluster scope" : `in the namespace "${namespace}"`;
  const [plural = resource] = resource.split("/");
  throw forbidden(
    { resource: plural, group, kind: "" },
    name,
    `User "${identity.user}" cannot ${verb} resource "${resource}" in API group "${group}" ${scope}`,
  );
}

/** Status of a SelfSubjectAccessReview. */
export function reviewAccess(identity: Identity, spec: JsonObject): JsonObject {
  const asked = objectAt(spec, "resourceAttributes");
  if (!isJsonObject(spec.resourceAttributes) && !isJsonObject(spec.nonResourceAttributes))
    throw invalid({ kind: "SelfSubjectAccessReview", group: "authorization.k8s.io" }, "", [
      {
        reason: "FieldValueInvalid",
        field: "spec.resourceAttributes",
        message: "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified",
      },
    ]);
  if (isJsonObject(spec.nonResourceAttributes)) return { allowed: true };
  const subresource = textAt(asked, "subresource");
  const allowed = isAllowed(identity, {
    verb: textAt(asked, "verb"),
    group: textAt(asked, "group"),
    resource: `${textAt(asked, "resource")}${subresource === "" ? "" : `/${subresource}`}`,
    namespace: textAt(asked, "namespace") || undefined,
    name: textAt(asked, "name"),
  });
  if (!allowed) return { allowed: false };
  const subject = identity.groups[0] === undefined ? `User "${identity.user}"` : `Group "${identity.groups[0]}"`;
  return {
    allowed: true,
    reason: `RBAC: allowed by ClusterRoleBinding "${identity.role}" of ClusterRole "${identity.role}" to ${subject}`,
  };
}

/** Status of a SelfSubjectRulesReview. */
export function reviewRules(identity: Identity): JsonObject {
  return {
    resourceRules: [...identity.rules, ...BASIC_RULES].map(({ verbs, apiGroups, resources }) => ({
      verbs,
      apiGroups,
      resources,
    })),
    nonResourceRules: NON_RESOURCE_RULES,
    incomplete: false,
  };
}
