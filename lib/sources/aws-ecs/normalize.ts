import type { Cluster, ContainerInstance, Service, Tag, Task, TaskDefinition } from "@aws-sdk/client-ecs";
import type { DatedClaim } from "#lib/domain/ownership/dated-claim.ts";
import { claimsOfNamespaces } from "#lib/domain/ownership/namespace-claims.ts";
import { taskSize } from "#lib/sources/aws-ecs/task-size.ts";
import type { ComputeAmounts, NamespaceInventory, NodeItem, PodTotals } from "#lib/sources/cluster-inventory.ts";

export type TaskDefinitions = ReadonlyMap<string, TaskDefinition | null>;

/** What is billed by the service: "service:claims-api" is what its tasks say of their group, "family:nightly" those of nobody's. */
const SERVICE_GROUP = "service:";

/** Which service a task belongs to; of one that somebody started alone, its family as "family:nightly". */
export function namespaceOfTask({ group, taskDefinitionArn }: Pick<Task, "group" | "taskDefinitionArn">): string {
  if (group?.startsWith(SERVICE_GROUP)) return group.slice(SERVICE_GROUP.length);
  return group ?? `family:${taskDefinitionArn?.split("/").at(-1)?.replace(/:\d+$/, "") ?? "unknown"}`;
}

export function tagsOf(tags: readonly Tag[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).flatMap(({ key, value }) => (key === undefined ? [] : [[key, value ?? ""]])));
}

/**
 * A service as a namespace of its cluster. Made again under the same name it has the same ARN, so that its life is named by the instant of
 * its making as well. What ECS has no word for is an empty list, for it is known that there is none. Pure.
 *
 * @param tasks those of the service that are to run; null where they may not be read.
 */
export function serviceInventory(
  service: Service,
  tasks: readonly Task[] | null,
  definitions: TaskDefinitions,
  { cluster, ownerTags }: { cluster: Cluster; ownerTags: readonly string[] },
): NamespaceInventory {
  const name = service.serviceName ?? "";
  const createdAt = service.createdAt ?? null;
  const labels = { ...commonTags(tasks ?? []), ...tagsOf(service.tags) };
  const definition = definitions.get(service.taskDefinition ?? "") ?? null;
  const primary = service.deployments?.find(({ status }) => status === "PRIMARY");
  return {
    uid: createdAt === null ? (service.serviceArn ?? name) : `${service.serviceArn}@${createdAt.toISOString()}`,
    name,
    phase: service.status === "DRAINING" ? "Terminating" : "Active",
    createdAt,
    deletionTimestamp: null,
    finalizers: [],
    labels,
    annotations: {},
    managers: [],
    managedBy: [],
    pods: tasks === null ? null : podTotals(tasks, definitions),
    workloads: [
      {
        kind: "Service",
        name,
        uid: service.serviceArn ?? name,
        desired: service.desiredCount ?? 0,
        ready: service.runningCount ?? 0,
        images: (definition?.containerDefinitions ?? []).flatMap(({ image }) => image ?? []),
        lastRolloutAt: primary?.createdAt ?? null,
        generation: null,
        managedBy: null,
        isSuspended: false,
      },
    ],
    jobs: [],
    cronJobs: [],
    services: (service.loadBalancers ?? []).map(({ targetGroupArn, loadBalancerName, containerName }) => ({
      name: targetGroupArn?.split("/").at(-2) ?? loadBalancerName ?? containerName ?? name,
      type: "LoadBalancer",
      hasEndpoints: (service.runningCount ?? 0) > 0,
      // The balancer is not the service's own: several share one, and it outlives them.
      isLoadBalancer: false,
    })),
    ingresses: 0,
    volumes: [],
    quotas: [],
    limitRanges: [],
    networkPolicies: [],
    roleBindings: [],
    serviceAccounts: 0,
    customResources: [],
    claims: claimsOf(name, createdAt, labels, cluster, ownerTags),
  };
}

/** Tags of the service itself, then those of its cluster, which say less. */
function claimsOf(
  name: string,
  createdAt: Date | null,
  labels: Readonly<Record<string, string>>,
  cluster: Cluster,
  ownerTags: readonly string[],
): DatedClaim[] {
  const claimed = (subject: string, tags: Readonly<Record<string, string>>) =>
    claimsOfNamespaces(
      [
        {
          name: subject,
          createdAt,
          labels: tags,
          annotations: {},
          managers: [],
          tenants: [],
          bindings: [],
        },
      ],
      NO_EVIDENCE,
      { ownerLabels: ownerTags, ownerAnnotations: [], ownerGroups: [] },
    ).get(subject) ?? [];
  const ofCluster = claimed(name, tagsOf(cluster.tags)).filter(({ origin }) => origin === "label");
  return [
    ...claimed(name, labels),
    ...ofCluster.map((claim) => ({ ...claim, inherited: true, detail: `${claim.detail} of the cluster` })),
  ];
}

const NO_EVIDENCE = {
  applications: [],
  fluxReleases: new Map(),
  entities: new Map(),
  tenants: new Map(),
  rancherUsers: new Map(),
  rancherProjects: new Map(),
};

/** Tags that every task of a service has: those that were propagated from its definition. */
function commonTags(tasks: readonly Task[]): Record<string, string> {
  const [first, ...others] = tasks.map(({ tags }) => tagsOf(tags));
  return Object.fromEntries(
    Object.entries(first ?? {}).filter(([key, value]) => others.every((tags) => tags[key] === value)),
  );
}

function podTotals(tasks: readonly Task[], definitions: TaskDefinitions): PodTotals {
  const requests: ComputeAmounts = { cpuCores: 0, memoryGib: 0, gpus: 0 };
  for (const task of tasks) {
    const size = taskSize(task, definitions.get(task.taskDefinitionArn ?? "") ?? null);
    requests.cpuCores += size?.cpuCores ?? 0;
    requests.memoryGib += size?.memoryGib ?? 0;
    requests.gpus += size?.gpus ?? 0;
  }
  const running = tasks.filter(({ lastStatus }) => lastStatus === "RUNNING").length;
  return { total: tasks.length, running, pending: tasks.length - running, requests };
}

/** Id of the image that a machine was made from; null where the agent does not tell. */
export function imageOf(instance: ContainerInstance): string | null {
  return attributeOf(instance, "ami-id");
}

function attributeOf({ attributes }: ContainerInstance, name: string): string | null {
  return attributes?.find((one) => one.name === `ecs.${name}`)?.value ?? null;
}

/** A machine of the cluster. Its id is the one that EC2 bills it by; `imageDates` says when images were made, as far as is known. Pure. */
export function nodeItem(instance: ContainerInstance, imageDates: ReadonlyMap<string, Date>): NodeItem {
  const attribute = (name: string) => attributeOf(instance, name);
  const amount = (resources: ContainerInstance["registeredResources"], name: string) =>
    resources?.find((one) => one.name === name)?.integerValue ?? 0;
  const zone = attribute("availability-zone");
  const name = instance.ec2InstanceId ?? instance.containerInstanceArn?.split("/").at(-1) ?? "";
  const registered = instance.registeredResources;
  const size: ComputeAmounts = {
    cpuCores: amount(registered, "CPU") / 1024,
    memoryGib: amount(registered, "MEMORY") / 1024,
    gpus: registered?.find((one) => one.name === "GPU")?.stringSetValue?.length ?? 0,
  };
  return {
    ...size,
    name,
    uid: instance.containerInstanceArn ?? name,
    providerId: instance.ec2InstanceId === undefined ? null : `aws:///${zone ?? ""}/${instance.ec2InstanceId}`,
    instanceType: attribute("instance-type"),
    capacityType: null,
    region: instance.containerInstanceArn?.split(":")[3] ?? null,
    zone,
    nodePool: instance.capacityProviderName ?? null,
    allocatable: { ...size, pods: 0 },
    createdAt: instance.registeredAt ?? null,
    machineImage: imageOf(instance),
    machineImageId: imageOf(instance),
    machineImageCreatedAt: imageDates.get(imageOf(instance) ?? "") ?? null,
    kubeletVersion: instance.versionInfo?.agentVersion ?? null,
    isReady: instance.agentConnected ?? null,
  };
}
