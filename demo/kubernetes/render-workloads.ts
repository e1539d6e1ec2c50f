import { isJsonObject, type JsonObject, type KubernetesObject } from "#demo/kubernetes/object.ts";
import { controllerOf, daysBefore, later, RENDERED, type Rendering } from "#demo/kubernetes/rendering.ts";
import type { Workload } from "#demo/estate/namespaces-content.ts";
import type { PlannedNamespace } from "#demo/estate/namespaces.ts";
import { DAEMON_REQUEST, DAEMON_SETS, placementKey } from "#demo/estate/namespaces-placement.ts";
import { guardrailsOf, imageOf } from "#demo/estate/guardrails.ts";
import { uuidOf } from "#demo/estate/random.ts";

const EVENT_AGE_MINUTES = 35;

/** Workloads with their pods, spread over the nodes. */
export function renderWorkloads(
  rendering: Rendering,
  namespace: PlannedNamespace,
  nodes: readonly KubernetesObject[],
): void {
  for (const workload of namespace.workloads) {
    if (workload.kind === "CronJob") renderCronJob(rendering, namespace, workload);
    else if (workload.kind === "Job") renderFinishedJob(rendering, namespace, workload, nodes);
    else renderReplicated(rendering, namespace, workload);
  }
  if (namespace.name === "kube-system")
    for (const name of DAEMON_SETS) renderDaemonSet(rendering, namespace, name, nodes);
}

function renderReplicated(rendering: Rendering, namespace: PlannedNamespace, workload: Workload): void {
  const { add, now } = rendering;
  const { name, replicas, kind } = workload;
  const { created } = namespace;
  const rolledOut = later(created, daysBefore(now, workload.rolledOutDaysAgo));
  const isStateful = kind === "StatefulSet";
  const owner = add(isStateful ? RENDERED.statefulSet : RENDERED.deployment, {
    name,
    namespace: namespace.name,
    created,
    generation: 3,
    labels: { app: name },
    manager: namespace.manager,
    rest: {
      spec: {
        replicas,
        selector: { matchLabels: { app: name } },
        template: templateOf(rendering, namespace, workload),
        ...(isStateful ? { serviceName: name } : {}),
      },
      status: {
        ...(replicas === 0
          ? {}
          : { replicas, readyReplicas: replicas, updatedReplicas: replicas, availableReplicas: replicas }),
        observedGeneration: 3,
        ...(isStateful
          ? {}
          : {
              conditions: [
                {
                  type: "Progressing",
                  status: "True",
                  reason: "NewReplicaSetAvailable",
                  lastUpdateTime: rolledOut,
                  lastTransitionTime: created,
                },
              ],
            }),
      },
    },
  });
  const hash = uuidOf(namespace.uid, name).replaceAll("-", "").slice(0, 9);
  const controller = isStateful ? owner : renderReplicaSet(rendering, namespace, workload, owner, hash, rolledOut);
  for (let index = 0; index < replicas; index += 1) {
    const suffix = isStateful ? String(index) : `${hash}-${uuidOf(namespace.uid, name, String(index)).slice(0, 5)}`;
    renderPod(rendering, namespace, workload, {
      name: `${name}-${suffix}`,
      node: rendering.cluster.placement.get(placementKey(namespace.uid, name, index))?.name,
      owner: controllerOf("apps/v1", isStateful ? "StatefulSet" : "ReplicaSet", controller),
      started: rolledOut,
      phase: "Running",
      hash,
    });
  }
  if (replicas > 0 && workload.rolledOutDaysAgo === 0) renderEvent(rendering, namespace, owner, kind);
}

function renderReplicaSet(
  { add }: Rendering,
  namespace: PlannedNamespace,
  workload: Workload,
  deployment: KubernetesObject,
  hash: string,
  created: string,
): KubernetesObject {
  const { name, replicas } = workload;
  return add(RENDERED.replicaSet, {
    name: `${name}-${hash}`,
    namespace: namespace.name,
    created,
    generation: 1,
    labels: { app: name, "pod-template-hash": hash },
    annotations: { "deployment.kubernetes.io/revision": "3" },
    owners: [controllerOf("apps/v1", "Deployment", deployment)],
    rest: {
      spec: { replicas, selector: { matchLabels: { app: name, "pod-template-hash": hash } } },
      status: replicas === 0 ? { replicas: 0 } : { replicas, readyReplicas: replicas, availableReplicas: replicas },
    },
  });
}

type PodPlan = {
  name: string;
  node: string | undefined;
  owner: ReturnType<typeof controllerOf>;
  started: string;
  phase: "Running" | "Succeeded";
  hash: string | null;
};

function renderPod({ add }: Rendering, namespace: PlannedNamespace, workload: Workload, plan: PodPlan): void {
  const { name, node, owner, started, phase, hash } = plan;
  const isRunning = phase === "Running";
  add(RENDERED.pod, {
    name,
    namespace: namespace.name,
    created: started,
    generateName: name.replace(/[^-]+$/, ""),
    labels: { app: workload.name, ...(hash === null ? {} : { "pod-template-hash": hash }) },
    owners: [owner],
    rest: {
      spec: podSpec(workload, node ?? ""),
      status: {
        phase,
        startTime: started,
        podIP: "10.40.7.21",
        qosClass: workload.cpuRequestMilli === null ? "BestEffort" : "Burstable",
        conditions: [{ type: "Ready", status: isRunning ? "True" : "False", lastTransitionTime: started }],
        containerStatuses: [
          {
            name: workload.name,
            image: workload.image,
            imageID: "",
            ready: isRunning,
            restartCount: 0,
            started: isRunning,
            state: isRunning
              ? { running: { startedAt: started } }
              : { terminated: { exitCode: 0, reason: "Completed", startedAt: started, finishedAt: started } },
          },
        ],
      },
    },
  });
}

/** With what was planted for checks to find: when its image was made, and a secret that is none. */
function templateOf({ now }: Rendering, namespace: PlannedNamespace, workload: Workload): JsonObject {
  const { createdDaysAgo } = imageOf(namespace, workload);
  const { secretVariable } = guardrailsOf(namespace);
  const spec = podSpec(workload, null);
  const env = [
    { name: "PORT", value: "8080" },
    ...(secretVariable !== null && namespace.workloads[0] === workload
      ? [{ name: secretVariable, value: "demo" }]
      : []),
  ];
  const containers = Array.isArray(spec.containers) ? spec.containers : [];
  return {
    metadata: {
      labels: { app: workload.name },
      ...(createdDaysAgo === null
        ? {}
        : {
            annotations: {
              "org.opencontainers.image.created": `${daysBefore(now, createdDaysAgo).slice(0, 10)}T00:00:00Z`,
            },
          }),
    },
    spec: { ...spec, containers: containers.filter(isJsonObject).map((container) => ({ ...container, env })) },
  };
}

/** Of a template where there is no node yet. */
function podSpec(workload: Workload, nodeName: string | null): JsonObject {
  const { cpuRequestMilli, memoryRequestMi, gpu } = workload;
  const requests: Record<string, string> = {
    ...(cpuRequestMilli === null ? {} : { cpu: `${cpuRequestMilli}m` }),
    ...(memoryRequestMi === null ? {} : { memory: `${memoryRequestMi}Mi` }),
    ...(gpu === 0 ? {} : { "nvidia.com/gpu": String(gpu) }),
  };
  const limits: Record<string, string> = {
    ...(memoryRequestMi === null ? {} : { memory: `${memoryRequestMi * 2}Mi` }),
    ...(gpu === 0 ? {} : { "nvidia.com/gpu": String(gpu) }),
  };
  return {
    containers: [
      {
        name: workload.name,
        image: workload.image,
        resources: Object.keys(requests).length === 0 ? {} : { requests, limits },
        terminationMessagePath: "/dev/termination-log",
        terminationMessagePolicy: "File",
        imagePullPolicy: "IfNotPresent",
      },
    ],
    restartPolicy: workload.kind === "Job" || workload.kind === "CronJob" ? "Never" : "Always",
    terminationGracePeriodSeconds: 30,
    dnsPolicy: "ClusterFirst",
    serviceAccountName: "default",
    ...(nodeName === null ? {} : { nodeName }),
    schedulerName: "default-scheduler",
  };
}

function renderCronJob({ add, now }: Rendering, namespace: PlannedNamespace, workload: Workload): void {
  const { name, schedule, lastRunDaysAgo } = workload;
  const lastRun = daysBefore(now, lastRunDaysAgo ?? 0);
  const owner = add(RENDERED.cronJob, {
    name,
    namespace: namespace.name,
    created: namespace.created,
    generation: 1,
    manager: namespace.manager,
    rest: {
      spec: {
        schedule: schedule ?? "0 0 * * *",
        concurrencyPolicy: "Forbid",
        suspend: false,
        jobTemplate: { spec: { template: { spec: podSpec(workload, null) } } },
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 1,
      },
      status: { lastScheduleTime: lastRun, lastSuccessfulTime: lastRun },
    },
  });
  add(RENDERED.job, {
    name: `${name}-${Math.floor(Date.parse(lastRun) / 60_000)}`,
    namespace: namespace.name,
    created: lastRun,
    owners: [controllerOf("batch/v1", "CronJob", owner)],
    rest: finishedJob(workload, lastRun),
  });
}

function renderFinishedJob(
  rendering: Rendering,
  namespace: PlannedNamespace,
  workload: Workload,
  nodes: readonly KubernetesObject[],
): void {
  const ran = later(namespace.created, daysBefore(rendering.now, workload.lastRunDaysAgo ?? 0));
  const job = rendering.add(RENDERED.job, {
    name: workload.name,
    namespace: namespace.name,
    created: ran,
    manager: namespace.manager,
    rest: finishedJob(workload, ran),
  });
  renderPod(rendering, namespace, workload, {
    name: `${workload.name}-${job.metadata.uid.slice(0, 5)}`,
    node: nodes[0]?.metadata.name,
    owner: controllerOf("batch/v1", "Job", job),
    started: ran,
    phase: "Succeeded",
    hash: null,
  });
}

function finishedJob(workload: Workload, ran: string): JsonObject {
  return {
    spec: { completions: 1, parallelism: 1, backoffLimit: 6, template: { spec: podSpec(workload, null) } },
    status: {
      succeeded: 1,
      startTime: ran,
      completionTime: ran,
      conditions: [{ type: "Complete", status: "True", lastTransitionTime: ran }],
    },
  };
}

function renderDaemonSet(
  rendering: Rendering,
  namespace: PlannedNamespace,
  name: string,
  nodes: readonly KubernetesObject[],
): void {
  const workload = daemonWorkload(name);
  const owner = rendering.add(RENDERED.daemonSet, {
    name,
    namespace: namespace.name,
    created: namespace.created,
    labels: { app: name },
    rest: {
      spec: { selector: { matchLabels: { app: name } }, template: { spec: podSpec(workload, null) } },
      status: {
        currentNumberScheduled: nodes.length,
        desiredNumberScheduled: nodes.length,
        numberReady: nodes.length,
        numberMisscheduled: 0,
      },
    },
  });
  for (const node of nodes)
    renderPod(rendering, namespace, workload, {
      name: `${name}-${node.metadata.uid.slice(0, 5)}`,
      node: node.metadata.name,
      owner: controllerOf("apps/v1", "DaemonSet", owner),
      started: node.metadata.creationTimestamp,
      phase: "Running",
      hash: null,
    });
}

/** What runs on every node, for the API and for Prometheus alike. */
export function daemonWorkload(name: string): Workload {
  return {
    kind: "Deployment",
    name,
    image: `registry.halvern.example/${name}:1.32.0`,
    replicas: 0,
    cpuRequestMilli: DAEMON_REQUEST.cpuMilli,
    memoryRequestMi: DAEMON_REQUEST.memoryMi,
    gpu: 0,
    cpuUsedMilli: 18,
    memoryUsedMi: 74,
    networkBytesPerSecond: 900,
    rolledOutDaysAgo: 50,
    schedule: null,
    lastRunDaysAgo: null,
  };
}

/** Events last an hour; only what was rolled out today has one. */
function renderEvent(
  { add, now }: Rendering,
  namespace: PlannedNamespace,
  about: KubernetesObject,
  kind: string,
): void {
  const time = daysBefore(now, EVENT_AGE_MINUTES / 1440);
  add(RENDERED.event, {
    name: `${about.metadata.name}.${about.metadata.uid.slice(0, 16)}`,
    namespace: namespace.name,
    created: time,
    rest: {
      involvedObject: {
        kind,
        namespace: namespace.name,
        name: about.metadata.name,
        uid: about.metadata.uid,
        apiVersion: "apps/v1",
      },
      reason: "ScalingReplicaSet",
      message: `Scaled up replica set ${about.metadata.name}`,
      source: { component: "deployment-controller" },
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
      type: "Normal",
      eventTime: null,
      reportingComponent: "deployment-controller",
      reportingInstance: "",
    },
  });
}
