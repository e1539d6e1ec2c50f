import type { JsonObject } from "#demo/kubernetes/object.ts";
import { controllerOf, daysBefore, later, RENDERED, type Rendering } from "#demo/kubernetes/rendering.ts";
import type { PlannedNamespace } from "#demo/estate/namespaces.ts";
import { guardrailsOf } from "#demo/estate/guardrails.ts";
import { uuidOf } from "#demo/estate/random.ts";

const RBAC = "rbac.authorization.k8s.io";

/** The namespace itself, and what is in it beside its workloads. */
export function renderNamespace(rendering: Rendering, namespace: PlannedNamespace): void {
  const { cluster, add, now } = rendering;
  const { name, created, isTerminating } = namespace;
  const asked = later(created, daysBefore(now, 40));
  const tenant = namespace.tenant;
  const earlier = namespace.earlier;
  const planted = guardrailsOf(namespace);
  const labels = earlier !== null && now.getTime() < Date.parse(earlier.until) ? earlier.labels : namespace.labels;
  add(RENDERED.namespace, {
    name,
    uid: namespace.uid,
    created,
    labels: {
      "kubernetes.io/metadata.name": name,
      ...(planted.podSecurity === null ? {} : { "pod-security.kubernetes.io/enforce": planted.podSecurity }),
      ...(planted.tier === null ? {} : { tier: planted.tier }),
      ...(planted.disasterRecovery === null ? {} : { "disaster-recovery": planted.disasterRecovery }),
      ...labels,
    },
    annotations: { ...backupAnnotations(planted, now), ...namespace.annotations },
    ...(tenant === null
      ? {}
      : {
          owners: [
            {
              apiVersion: "capsule.clastix.io/v1beta2",
              kind: "Tenant",
              name: tenant,
              uid: uuidOf(rendering.estate.seed, cluster.name, "tenant", tenant),
              controller: true,
              blockOwnerDeletion: true,
            },
          ],
        }),
    ...(isTerminating ? { deletionTimestamp: asked } : {}),
    manager: namespace.manager,
    rest: {
      spec: { finalizers: ["kubernetes"] },
      status: isTerminating ? terminatingStatus(asked) : { phase: "Active" },
    },
  });
  add(RENDERED.configMap, {
    name: "kube-root-ca.crt",
    namespace: name,
    created,
    manager: "kube-controller-manager",
    rest: { data: { "ca.crt": "" } },
  });
  if (!namespace.isSystem)
    add(RENDERED.configMap, {
      name: "settings",
      namespace: name,
      created,
      manager: namespace.manager,
      rest: { data: { "log.level": "info", ...(planted.secretKey === null ? {} : { [planted.secretKey]: "demo" }) } },
    });
  add(RENDERED.serviceAccount, {
    name: "default",
    namespace: name,
    created,
    rest: planted.isDefaultTokenOff ? { automountServiceAccountToken: false } : {},
  });
  renderGuardrails(rendering, namespace);
  renderServices(rendering, namespace);
  renderVolumes(rendering, namespace);
}

/** By days, so that one look of a day says the same as the next. */
function backupAnnotations(planted: ReturnType<typeof guardrailsOf>, now: Date): Record<string, string> {
  const dayOf = (daysAgo: number) => daysBefore(now, daysAgo).slice(0, 10);
  return {
    ...(planted.lastBackupDaysAgo === null ? {} : { "bursar.io/last-backup": dayOf(planted.lastBackupDaysAgo) }),
    ...(planted.restoreTestedDaysAgo === null
      ? {}
      : { "bursar.io/restore-tested": dayOf(planted.restoreTestedDaysAgo) }),
  };
}

function terminatingStatus(time: string): JsonObject {
  return {
    phase: "Terminating",
    conditions: [
      {
        type: "NamespaceFinalizersRemaining",
        status: "True",
        lastTransitionTime: time,
        reason: "SomeFinalizersRemain",
        message:
          "Some content in the namespace has finalizers remaining: kubernetes.io/pvc-protection in 1 resource instances",
      },
    ],
  };
}

function renderGuardrails({ add }: Rendering, namespace: PlannedNamespace): void {
  const { name, created, bindings } = namespace;
  for (const [index, { role, kind, name: subject }] of bindings.entries())
    add(RENDERED.roleBinding, {
      name: `${role}-${index + 1}`,
      namespace: name,
      created,
      manager: "kubectl-create",
      rest: {
        subjects: [{ kind, apiGroup: RBAC, name: subject }],
        roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: role },
      },
    });
  if (namespace.hasQuota)
    add(RENDERED.quota, {
      name: "default",
      namespace: name,
      created,
      manager: "kubectl-client-side-apply",
      rest: {
        spec: { hard: { "requests.cpu": "40", "requests.memory": "160Gi", pods: "200" } },
        status: { hard: { "requests.cpu": "40", "requests.memory": "160Gi", pods: "200" }, used: { pods: "0" } },
      },
    });
  if (namespace.hasLimits)
    add(RENDERED.limits, {
      name: "default",
      namespace: name,
      created,
      rest: {
        spec: {
          limits: [
            {
              type: "Container",
              default: { cpu: "500m", memory: "512Mi" },
              defaultRequest: { cpu: "50m", memory: "128Mi" },
            },
          ],
        },
      },
    });
  if (namespace.hasNetworkPolicy)
    add(RENDERED.networkPolicy, {
      name: "default-deny",
      namespace: name,
      created,
      rest: { spec: { podSelector: {}, policyTypes: ["Ingress"] } },
    });
  if (namespace.hasAutoscaler && namespace.workloads[0])
    add(RENDERED.autoscaler, {
      name: namespace.workloads[0].name,
      namespace: name,
      created,
      rest: {
        spec: {
          scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: namespace.workloads[0].name },
          minReplicas: 1,
          maxReplicas: 10,
        },
        status: { currentReplicas: 1, desiredReplicas: 1 },
      },
    });
}

function renderServices({ add, cluster }: Rendering, namespace: PlannedNamespace): void {
  const { name, created } = namespace;
  for (const { name: service, type, hasEndpoints, workload } of namespace.services) {
    const address = `${service}-${uuidOf(cluster.name, name, service).slice(0, 8)}.${cluster.region}.elb.example`;
    const stored = add(RENDERED.service, {
      name: service,
      namespace: name,
      created,
      rest: {
        spec: {
          type,
          clusterIP: "10.100.0.10",
          ports: [{ name: "http", protocol: "TCP", port: 80, targetPort: 8080 }],
          ...(workload === null ? {} : { selector: { app: workload } }),
          sessionAffinity: "None",
        },
        status: { loadBalancer: type === "LoadBalancer" ? { ingress: [{ hostname: address }] } : {} },
      },
    });
    const addresses = hasEndpoints ? [{ ip: "10.40.3.17" }] : [];
    add(RENDERED.endpoints, {
      name: service,
      namespace: name,
      created,
      rest:
        addresses.length === 0
          ? {}
          : { subsets: [{ addresses, ports: [{ name: "http", port: 8080, protocol: "TCP" }] }] },
    });
    add(RENDERED.endpointSlice, {
      name: `${service}-${uuidOf(name, service).slice(0, 5)}`,
      namespace: name,
      created,
      labels: { "kubernetes.io/service-name": service },
      owners: [controllerOf("v1", "Service", stored)],
      rest: {
        addressType: "IPv4",
        endpoints: addresses.map(({ ip }) => ({ addresses: [ip], conditions: { ready: true } })),
        ports: [{ name: "http", port: 8080, protocol: "TCP" }],
      },
    });
  }
  if (namespace.hasIngress && namespace.services[0])
    add(RENDERED.ingress, {
      name: "public",
      namespace: name,
      created,
      rest: {
        spec: {
          ingressClassName: "nginx",
          rules: [
            {
              host: `${name}.halvern.example`,
              http: {
                paths: [
                  {
                    path: "/",
                    pathType: "Prefix",
                    backend: { service: { name: namespace.services[0].name, port: { number: 80 } } },
                  },
                ],
              },
            },
          ],
        },
        status: { loadBalancer: {} },
      },
    });
}

function renderVolumes({ add, cluster, estate }: Rendering, namespace: PlannedNamespace): void {
  const { name, created } = namespace;
  for (const [index, { name: claim, sizeGi }] of namespace.volumes.entries()) {
    const uid = uuidOf(estate.seed, cluster.name, "claim", namespace.uid, claim);
    const storage = `${sizeGi}Gi`;
    const volume = `pvc-${uid}`;
    const shared = { accessModes: ["ReadWriteOnce"], storageClassName: "standard-ssd", volumeMode: "Filesystem" };
    add(RENDERED.claim, {
      name: claim,
      namespace: name,
      created,
      uid,
      finalizers: ["kubernetes.io/pvc-protection"],
      rest: {
        spec: { ...shared, resources: { requests: { storage } }, volumeName: volume },
        status: { phase: "Bound", accessModes: ["ReadWriteOnce"], capacity: { storage } },
      },
    });
    // The first volumes of the cluster are those that the cost rows bill.
    const billed =
      index === 0 ? cluster.billedVolumes[name.length % Math.max(1, cluster.billedVolumes.length)] : undefined;
    add(RENDERED.volume, {
      name: volume,
      created,
      finalizers: ["kubernetes.io/pv-protection"],
      rest: {
        spec: {
          ...shared,
          capacity: { storage },
          claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: name, name: claim, uid },
          persistentVolumeReclaimPolicy: "Delete",
          csi: {
            driver: DRIVERS[cluster.distribution],
            volumeHandle: billed?.split("/").at(-1) ?? `vol-0${uid.replaceAll("-", "").slice(0, 16)}`,
          },
        },
        status: { phase: "Bound" },
      },
    });
  }
}

const DRIVERS = {
  eks: "ebs.csi.aws.com",
  rancher: "ebs.csi.aws.com",
  aks: "disk.csi.azure.com",
  gke: "pd.csi.storage.gke.io",
} as const;
