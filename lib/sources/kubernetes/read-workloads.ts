import { markedManager } from "#lib/domain/ownership/gitops-claims.ts";
import type { PodTemplateItem } from "#lib/sources/cluster-guardrails.ts";
import type { CronJobItem, JobItem, WorkloadItem } from "#lib/sources/cluster-inventory.ts";
import {
  bareObject,
  cronJobObject,
  jobObject,
  workloadObject,
  type JobObject,
  type Metadata,
  type WorkloadObject,
} from "#lib/sources/kubernetes/api-types.ts";
import { instantOf, newestOf } from "#lib/sources/kubernetes/instant.ts";
import type { ByNamespace, KindReader } from "#lib/sources/kubernetes/kind-reader.ts";
import { KINDS } from "#lib/sources/kubernetes/kinds.ts";
import { templateItem } from "#lib/sources/kubernetes/template-item.ts";

/** Who rolls out once and does not look after it again keeps nothing as it is. */
const ROLLS_OUT_ONCE = /^(helm|kubectl.*|terraform|kustomize|pulumi|ansible|skaffold|tilt|rancher)$/i;

/** A workload with its labels and those of its pods, for what selects by them, and with what its template says of its pods. */
export type LabelledWorkload = {
  item: WorkloadItem;
  labels: Readonly<Record<string, string>>;
  template: PodTemplateItem | null;
};
export type DescribedCronJob = { item: CronJobItem; template: PodTemplateItem | null };

/** Deployments, stateful sets, daemon sets, and replica sets that stand for themselves; null where one of the kinds cannot be read. */
export async function readWorkloads(reader: KindReader): Promise<ByNamespace<LabelledWorkload>> {
  const [sets, deployments, statefulSets, daemonSets] = await Promise.all([
    readReplicaSets(reader),
    reader.group(KINDS.deployments, workloadObject, (object) => labelled("Deployment", object)),
    reader.group(KINDS.statefulSets, workloadObject, (object) => labelled("StatefulSet", object)),
    reader.group(KINDS.daemonSets, workloadObject, (object) => labelled("DaemonSet", object)),
  ]);
  if (sets === null || deployments === null || statefulSets === null || daemonSets === null) return null;
  const all = new Map<string, LabelledWorkload[]>();
  for (const kind of [deployments, statefulSets, daemonSets, sets.alone])
    for (const [namespace, workloads] of kind) all.set(namespace, [...(all.get(namespace) ?? []), ...workloads]);
  for (const { item } of [...deployments.values()].flat())
    item.lastRolloutAt = newestOf([item.lastRolloutAt, sets.newestOf.get(item.uid) ?? null]);
  return all;
}

type ReplicaSets = {
  /** When the newest set of a deployment was made, by the deployment's uid: that is its last rollout. */
  newestOf: ReadonlyMap<string, Date>;
  alone: ReadonlyMap<string, LabelledWorkload[]>;
};

function readReplicaSets(reader: KindReader): Promise<ReplicaSets | null> {
  return reader.fold(KINDS.replicaSets, workloadObject, () => {
    const newest = new Map<string, Date>();
    const alone = new Map<string, LabelledWorkload[]>();
    return {
      add: (object) => {
        const owner = controllerOf(object.metadata);
        const createdAt = instantOf(object.metadata.creationTimestamp);
        if (owner?.kind !== "Deployment") {
          const namespace = object.metadata.namespace ?? "";
          alone.set(namespace, [...(alone.get(namespace) ?? []), labelled("ReplicaSet", object)]);
        } else if (createdAt !== null && createdAt > (newest.get(owner.uid) ?? new Date(0)))
          newest.set(owner.uid, createdAt);
      },
      result: () => ({ newestOf: newest, alone }),
    };
  });
}

function labelled(kind: WorkloadItem["kind"], object: WorkloadObject): LabelledWorkload {
  const { metadata, spec, status } = object;
  const isDaemon = kind === "DaemonSet";
  const item: WorkloadItem = {
    kind,
    name: metadata.name,
    uid: metadata.uid ?? "",
    desired: isDaemon ? (status?.desiredNumberScheduled ?? 0) : (spec.replicas ?? 1),
    ready: (isDaemon ? status?.numberReady : status?.readyReplicas) ?? 0,
    images: [...new Set((spec.template?.spec.containers ?? []).flatMap(({ image }) => image ?? []))],
    lastRolloutAt: kind === "Deployment" ? progressedAt(object) : templateWrittenAt(metadata),
    generation: metadata.generation ?? null,
    managedBy: managerOf(metadata),
    isSuspended: spec.paused ?? false,
  };
  const template = spec.template ? templateItem(kind, metadata, spec.template) : null;
  return { item, labels: { ...spec.template?.metadata?.labels, ...metadata.labels }, template };
}

/** A rollback makes no new replica set, but it is progress. */
function progressedAt({ status }: WorkloadObject): Date | null {
  const progress = (status?.conditions ?? []).filter(
    ({ type, reason }) => type === "Progressing" && reason === "NewReplicaSetAvailable",
  );
  return newestOf(progress.map(({ lastUpdateTime }) => instantOf(lastUpdateTime)));
}

/** Who owns the template last wrote then: it was not rolled out later. */
function templateWrittenAt({ managedFields }: Metadata): Date | null {
  const writers = (managedFields ?? []).filter(({ subresource, fieldsV1 }) => {
    const spec = fieldsV1?.["f:spec"];
    return !subresource && typeof spec === "object" && spec !== null && "f:template" in spec;
  });
  return newestOf(writers.map(({ time }) => instantOf(time)));
}

/** What would bring it back: GitOps, the operator whose resource it is a part of, or whoever says so in the common label. */
function managerOf(metadata: Metadata): string | null {
  const labels = metadata.labels ?? {};
  const marked = markedManager({ labels, annotations: metadata.annotations ?? {} });
  if (marked !== null) return marked;
  const owner = controllerOf(metadata);
  if (owner !== null) return `${owner.kind} ${owner.name}`;
  const manager = labels["app.kubernetes.io/managed-by"] ?? "";
  return manager === "" || ROLLS_OUT_ONCE.test(manager) ? null : manager;
}

function controllerOf({ ownerReferences }: Metadata): { kind: string; name: string; uid: string } | null {
  return (ownerReferences ?? []).find(({ controller }) => controller === true) ?? null;
}

export function readJobs(reader: KindReader): Promise<ByNamespace<JobItem>> {
  return reader.group(KINDS.jobs, jobObject, ({ metadata, status }) => {
    const owner = controllerOf(metadata);
    return {
      name: metadata.name,
      lastFinishedAt: finishedAt(status),
      startedAt: instantOf(status?.startTime),
      active: status?.active ?? 0,
      cronJob: owner?.kind === "CronJob" ? owner.name : null,
    };
  });
}

/** Only a job that succeeded has a completion time; one that failed says so in a condition. */
function finishedAt(status: JobObject["status"]): Date | null {
  const ended = (status?.conditions ?? []).filter(
    (condition) => ["Complete", "Failed"].includes(condition.type) && condition.status === "True",
  );
  return newestOf([
    instantOf(status?.completionTime),
    ...ended.map(({ lastTransitionTime }) => instantOf(lastTransitionTime)),
  ]);
}

export function readCronJobs(reader: KindReader): Promise<ByNamespace<DescribedCronJob>> {
  return reader.group(KINDS.cronJobs, cronJobObject, ({ metadata, spec, status }) => {
    const template = spec.jobTemplate?.spec?.template;
    return {
      item: {
        name: metadata.name,
        schedule: spec.schedule,
        timeZone: spec.timeZone ?? null,
        suspended: spec.suspend ?? false,
        lastScheduledAt: instantOf(status?.lastScheduleTime),
        lastSuccessfulAt: instantOf(status?.lastSuccessfulTime),
        managedBy: managerOf(metadata),
      },
      template: template ? templateItem("CronJob", metadata, template) : null,
    };
  });
}

/** How many objects of a kind each namespace has. */
export function countObjects(
  reader: KindReader,
  kind: (typeof KINDS)[keyof typeof KINDS],
): Promise<ReadonlyMap<string, number> | null> {
  return reader.fold(
    kind,
    bareObject,
    () => {
      const counts = new Map<string, number>();
      return {
        add: ({ metadata: { namespace } }) => void counts.set(namespace ?? "", (counts.get(namespace ?? "") ?? 0) + 1),
        result: () => counts,
      };
    },
    { metadataOnly: true },
  );
}
