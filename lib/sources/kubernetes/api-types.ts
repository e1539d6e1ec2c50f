import { z } from "zod";
import { secretShape } from "#lib/sources/kubernetes/secret-shape.ts";

/**
 * The parts of Kubernetes' objects that are looked at. Go leaves out what is empty and sometimes writes null for it, so that
 * nearly everything may be absent. https://kubernetes.io/docs/reference/kubernetes-api/
 */
const texts = z.record(z.string(), z.string()).nullish();
const instant = z.string().nullish();
const count = z.number().nullish();
const quantities = z.record(z.string(), z.union([z.string(), z.number()])).nullish();

const ownerReference = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  uid: z.string(),
  controller: z.boolean().nullish(),
});

const managedField = z.object({
  manager: z.string().nullish(),
  operation: z.string().nullish(),
  subresource: z.string().nullish(),
  time: instant,
  fieldsV1: z.record(z.string(), z.unknown()).nullish(),
});

const metadata = z.object({
  name: z.string(),
  namespace: z.string().nullish(),
  uid: z.string().nullish(),
  generation: count,
  creationTimestamp: instant,
  deletionTimestamp: instant,
  labels: texts,
  annotations: texts,
  finalizers: z.array(z.string()).nullish(),
  ownerReferences: z.array(ownerReference).nullish(),
  managedFields: z.array(managedField).nullish(),
});

export type Metadata = z.infer<typeof metadata>;
export type ManagedField = z.infer<typeof managedField>;

export const bareObject = z.object({ metadata });
export type BareObject = z.infer<typeof bareObject>;

export const namespaceObject = z.object({
  metadata,
  spec: z.object({ finalizers: z.array(z.string()).nullish() }).nullish(),
  status: z.object({ phase: z.string().nullish() }).nullish(),
});
export type NamespaceObject = z.infer<typeof namespaceObject>;

export const nodeObject = z.object({
  metadata,
  spec: z.object({ providerID: z.string().nullish() }).nullish(),
  status: z
    .object({
      capacity: quantities,
      allocatable: quantities,
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).nullish(),
      nodeInfo: z.object({ kubeletVersion: z.string().nullish(), osImage: z.string().nullish() }).nullish(),
    })
    .nullish(),
});
export type NodeObject = z.infer<typeof nodeObject>;

const container = z.object({
  image: z.string().nullish(),
  restartPolicy: z.string().nullish(),
  resources: z.object({ requests: quantities }).nullish(),
});

const podSpec = z.object({
  containers: z.array(container),
  initContainers: z.array(container).nullish(),
  overhead: quantities,
  resources: z.object({ requests: quantities }).nullish(),
  volumes: z
    .array(
      z.object({
        name: z.string(),
        persistentVolumeClaim: z.object({ claimName: z.string() }).nullish(),
        ephemeral: z.unknown().optional(),
      }),
    )
    .nullish(),
});

export type PodContainer = z.infer<typeof container>;
export type PodSpec = z.infer<typeof podSpec>;

// Of a pod's metadata no more than its place: there are more pods than everything else together.
export const podObject = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  spec: podSpec,
  status: z.object({ phase: z.string().nullish() }).nullish(),
});
export type PodObject = z.infer<typeof podObject>;

// A value goes no further than this: what it looks like takes its place. Undefined where it is referred to or empty.
const variable = z
  .object({ name: z.string(), value: z.string().nullish() })
  .transform(({ name, value }) => ({ name, shape: value ? secretShape(value) : undefined }));
const describedContainer = z.object({ ...container.shape, env: z.array(variable).nullish() });

const template = z.object({
  metadata: z.object({ labels: texts, annotations: texts }).nullish(),
  spec: z.object({
    containers: z.array(describedContainer),
    initContainers: z.array(describedContainer).nullish(),
    serviceAccountName: z.string().nullish(),
    serviceAccount: z.string().nullish(),
    automountServiceAccountToken: z.boolean().nullish(),
  }),
});
export type PodTemplate = z.infer<typeof template>;

export const serviceAccountObject = z.object({ metadata, automountServiceAccountToken: z.boolean().nullish() });

export const workloadObject = z.object({
  metadata,
  spec: z.object({ replicas: count, paused: z.boolean().nullish(), template: template.nullish() }),
  status: z
    .object({
      readyReplicas: count,
      desiredNumberScheduled: count,
      numberReady: count,
      conditions: z
        .array(
          z.object({ type: z.string(), status: z.string(), reason: z.string().nullish(), lastUpdateTime: instant }),
        )
        .nullish(),
    })
    .nullish(),
});
export type WorkloadObject = z.infer<typeof workloadObject>;

export const jobObject = z.object({
  metadata,
  status: z
    .object({
      active: count,
      startTime: instant,
      completionTime: instant,
      conditions: z.array(z.object({ type: z.string(), status: z.string(), lastTransitionTime: instant })).nullish(),
    })
    .nullish(),
});
export type JobObject = z.infer<typeof jobObject>;

export const cronJobObject = z.object({
  metadata,
  spec: z.object({
    schedule: z.string(),
    timeZone: z.string().nullish(),
    suspend: z.boolean().nullish(),
    jobTemplate: z.object({ spec: z.object({ template: template.nullish() }).nullish() }).nullish(),
  }),
  status: z.object({ lastScheduleTime: instant, lastSuccessfulTime: instant }).nullish(),
});

export const serviceObject = z.object({ metadata, spec: z.object({ type: z.string().nullish() }) });

export const endpointSliceObject = z.object({
  metadata,
  endpoints: z.array(z.object({ conditions: z.object({ ready: z.boolean().nullish() }).nullish() })).nullish(),
});

export const claimObject = z.object({
  metadata,
  spec: z.object({
    storageClassName: z.string().nullish(),
    volumeName: z.string().nullish(),
    resources: z.object({ requests: quantities }).nullish(),
  }),
  status: z.object({ phase: z.string().nullish(), capacity: quantities }).nullish(),
});

export const volumeObject = z.object({
  metadata,
  spec: z.object({
    csi: z.object({ volumeHandle: z.string() }).nullish(),
    awsElasticBlockStore: z.object({ volumeID: z.string() }).nullish(),
    azureDisk: z.object({ diskURI: z.string() }).nullish(),
    gcePersistentDisk: z.object({ pdName: z.string() }).nullish(),
  }),
});

export const quotaObject = z.object({ metadata, spec: z.object({ hard: quantities }).nullish() });

const rules = z.array(z.unknown()).nullish();
export const networkPolicyObject = z.object({
  metadata,
  spec: z
    .object({
      podSelector: z.object({ matchLabels: texts, matchExpressions: z.array(z.unknown()).nullish() }).nullish(),
      policyTypes: z.array(z.string()).nullish(),
      ingress: rules,
    })
    .nullish(),
});

export const roleBindingObject = z.object({
  metadata,
  roleRef: z.object({ kind: z.string(), name: z.string() }),
  subjects: z.array(z.object({ kind: z.string(), name: z.string(), namespace: z.string().nullish() })).nullish(),
});

export const rancherUserObject = z.object({
  metadata,
  username: z.string().nullish(),
  principalIds: z.array(z.string()).nullish(),
});

export const rancherProjectObject = z.object({
  metadata,
  spec: z.object({ displayName: z.string().nullish(), clusterName: z.string().nullish() }),
});

export const tenantObject = z.object({
  metadata,
  spec: z.object({ owners: z.array(z.object({ kind: z.string(), name: z.string() })).nullish() }),
});

const argoSource = z.object({ repoURL: z.string().nullish(), path: z.string().nullish(), chart: z.string().nullish() });
export const applicationObject = z.object({
  metadata,
  spec: z.object({
    source: argoSource.nullish(),
    sources: z.array(argoSource).nullish(),
    destination: z
      .object({ server: z.string().nullish(), name: z.string().nullish(), namespace: z.string().nullish() })
      .nullish(),
  }),
  status: z.object({ sync: z.object({ status: z.string().nullish() }).nullish() }).nullish(),
});

const sourceReference = z.object({ kind: z.string(), name: z.string(), namespace: z.string().nullish() });
export const kustomizationObject = z.object({
  metadata,
  spec: z.object({ path: z.string().nullish(), sourceRef: sourceReference }),
});

export const helmReleaseObject = z.object({
  metadata,
  spec: z.object({
    chart: z.object({ spec: z.object({ chart: z.string().nullish(), sourceRef: sourceReference }) }).nullish(),
  }),
});

export const gitRepositoryObject = z.object({ metadata, spec: z.object({ url: z.string() }) });

const reference = z.object({
  kind: z.string().nullish(),
  name: z.string().nullish(),
  namespace: z.string().nullish(),
  uid: z.string().nullish(),
});
export type ReportedReference = z.infer<typeof reference>;

/** PolicyReport of wgpolicyk8s.io, and Report of openreports.io, which calls the message a description. */
export const policyReportObject = z.object({
  metadata,
  scope: reference.nullish(),
  results: z
    .array(
      z.object({
        policy: z.string(),
        rule: z.string().nullish(),
        result: z.string().nullish(),
        severity: z.string().nullish(),
        message: z.string().nullish(),
        description: z.string().nullish(),
        category: z.string().nullish(),
        source: z.string().nullish(),
        resources: z.array(reference).nullish(),
        subjects: z.array(reference).nullish(),
      }),
    )
    .nullish(),
});
export type PolicyReportObject = z.infer<typeof policyReportObject>;

/** https://aquasecurity.github.io/trivy-operator/latest/docs/crds/vulnerability-report/ */
export const vulnerabilityReportObject = z.object({
  metadata,
  report: z.object({
    artifact: z
      .object({ repository: z.string().nullish(), tag: z.string().nullish(), digest: z.string().nullish() })
      .nullish(),
    registry: z.object({ server: z.string().nullish() }).nullish(),
    os: z.object({ family: z.string().nullish(), name: z.string().nullish(), eosl: z.boolean().nullish() }).nullish(),
    vulnerabilities: z
      .array(
        z.object({
          vulnerabilityID: z.string(),
          severity: z.string(),
          publishedDate: instant,
          fixedVersion: z.string().nullish(),
          resource: z.string().nullish(),
        }),
      )
      .nullish(),
  }),
});
export type VulnerabilityReportObject = z.infer<typeof vulnerabilityReportObject>;

/** https://aquasecurity.github.io/trivy-operator/latest/docs/crds/configaudit-report/ */
export const configAuditReportObject = z.object({
  metadata,
  report: z.object({
    checks: z
      .array(
        z.object({
          checkID: z.string(),
          title: z.string().nullish(),
          description: z.string().nullish(),
          remediation: z.string().nullish(),
          severity: z.string().nullish(),
          category: z.string().nullish(),
          messages: z.array(z.string()).nullish(),
          success: z.boolean(),
        }),
      )
      .nullish(),
  }),
});
export type ConfigAuditReportObject = z.infer<typeof configAuditReportObject>;

export const versionAnswer = z.object({ gitVersion: z.string() });
export const groupListAnswer = z.object({
  groups: z.array(z.object({ name: z.string(), preferredVersion: z.object({ version: z.string() }).nullish() })),
});
export const resourceListAnswer = z.object({
  resources: z.array(
    z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean(), verbs: z.array(z.string()) }),
  ),
});
export const accessReviewAnswer = z.object({ status: z.object({ allowed: z.boolean() }) });
