import type { Task } from "@aws-sdk/client-ecs";
import { AppError } from "#lib/errors.ts";
import { openAwsClients } from "#lib/sources/aws/client.ts";
import { statementOf } from "#lib/sources/aws/permissions.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import { readEcsKey } from "#lib/sources/aws-ecs/cluster-key.ts";
import {
  imageOf,
  namespaceOfTask,
  nodeItem,
  serviceInventory,
  type TaskDefinitions,
} from "#lib/sources/aws-ecs/normalize.ts";
import { ecsPermission, type EcsAction } from "#lib/sources/aws-ecs/permission.ts";
import { ecsRequests, type EcsRequests } from "#lib/sources/aws-ecs/requests.ts";
import { taskSamples } from "#lib/sources/aws-ecs/sample.ts";
import type { EcsSpec } from "#lib/sources/aws-ecs/spec.ts";
import type { ClusterInventory, UnknownKind } from "#lib/sources/cluster-inventory.ts";
import type { ReadOptions } from "#lib/sources/source.ts";
import type { UsageSample } from "#lib/sources/usage/kubernetes-sample.ts";

/**
 * A cluster of ECS as it stands: its services as namespaces, its machines as nodes. What may not be read is unknown; only where every
 * service was listed, one that is missing is gone.
 *
 * @throws AppError "not_found" where the cluster is not there, "denied" where clusters may not be described.
 */
export async function readEcsCluster(
  spec: EcsSpec,
  key: string,
  gate: RequestGate,
  { signal, onProgress }: ReadOptions,
): Promise<ClusterInventory> {
  return withRequests(spec, key, gate, signal, async (requests, { name, region, accountId }) => {
    const [cluster] = await requests.describeClusters([name]);
    if (cluster?.clusterArn === undefined) throw noSuchCluster(key);
    const arn = cluster.clusterArn;
    const unknown: UnknownKind[] = [];
    onProgress({ step: `Reading the cluster ${key}`, done: 0, total: 3, unit: "kinds" });
    const services = await unlessDenied(unknown, "services", async () =>
      requests.describeServices(arn, await requests.listServices(arn)),
    );
    onProgress({ step: `Reading the cluster ${key}`, done: 1, total: 3, unit: "kinds" });
    const tasks = await unlessDenied(unknown, "tasks", async () =>
      requests.describeTasks(arn, await requests.listTasks(arn, "RUNNING")),
    );
    onProgress({ step: `Reading the cluster ${key}`, done: 2, total: 3, unit: "kinds" });
    const machines = await unlessDenied(unknown, "container instances", async () =>
      requests.describeContainerInstances(arn, await requests.listContainerInstances(arn)),
    );
    const imageIds = new Set((machines ?? []).flatMap((machine) => imageOf(machine) ?? []));
    const images = await unlessDenied(unknown, "machine images", () => requests.describeImages([...imageIds]));
    const wanted = [
      ...(services ?? []).map(({ taskDefinition }) => taskDefinition),
      ...(tasks ?? []).map(({ taskDefinitionArn }) => taskDefinitionArn),
    ];
    const definitions =
      (await unlessDenied(unknown, "task definitions", () => readDefinitions(requests, wanted))) ?? new Map();
    const ofService = Map.groupBy(tasks ?? [], namespaceOfTask);
    return {
      cluster: { key, provider: "ecs", version: null, region, accountId, uid: arn },
      nodes: machines?.map((machine) => nodeItem(machine, images ?? new Map())) ?? null,
      namespaces: (services ?? [])
        .filter(({ status }) => status !== "INACTIVE")
        .map((service) =>
          serviceInventory(
            service,
            tasks === null ? null : (ofService.get(service.serviceName ?? "") ?? []),
            definitions,
            { cluster, ownerTags: spec.ownerTags },
          ),
        ),
      unknown,
      complete: services !== null,
      // Network policies, quotas and bindings are Kubernetes' own.
      guardrails: null,
    };
  });
}

/**
 * One sample of what every service of a cluster asked for in the stretch of time up to `at`. ECS keeps what has stopped for an hour.
 *
 * @throws AppError "denied" where tasks may not be read: what asked for nothing and what may not be seen are not the same.
 */
export async function sampleEcsCluster(
  spec: EcsSpec,
  key: string,
  gate: RequestGate,
  { at, stretchMs, signal }: { at: Date; stretchMs: number; signal: AbortSignal },
): Promise<UsageSample[]> {
  return withRequests(spec, key, gate, signal, async (requests, { name }) => {
    const tasks: Task[] = [];
    for (const status of ["RUNNING", "STOPPED"] as const)
      for (const task of await requests.describeTasks(name, await requests.listTasks(name, status))) tasks.push(task);
    const machines = tasks.some(({ containerInstanceArn }) => containerInstanceArn !== undefined)
      ? await requests.describeContainerInstances(name, await requests.listContainerInstances(name))
      : [];
    const definitions = await readDefinitions(
      requests,
      tasks.map(({ taskDefinitionArn }) => taskDefinitionArn),
    );
    const machineOf = new Map(machines.map((one) => [one.containerInstanceArn ?? "", nodeItem(one, new Map()).name]));
    // A task that moved from one list to the other meanwhile is in both.
    const once = [...new Map(tasks.map((task) => [task.taskArn, task])).values()];
    return taskSamples(once, definitions, machineOf, { at, stretchMs });
  });
}

async function withRequests<T>(
  spec: EcsSpec,
  key: string,
  gate: RequestGate,
  signal: AbortSignal,
  work: (requests: EcsRequests, cluster: NonNullable<ReturnType<typeof readEcsKey>>) => Promise<T>,
): Promise<T> {
  const cluster = readEcsKey(key);
  if (cluster === null) throw noSuchCluster(key);
  const clients = await openAwsClients(spec, gate, signal);
  try {
    return await work(ecsRequests(clients, cluster.region), cluster);
  } finally {
    clients.close();
  }
}

/** Revisions never change, so that each is asked for once, however many tasks it has. */
async function readDefinitions(requests: EcsRequests, arns: readonly (string | undefined)[]): Promise<TaskDefinitions> {
  const found = new Map<string, Awaited<ReturnType<EcsRequests["describeTaskDefinition"]>>>();
  for (const arn of new Set(arns)) if (arn !== undefined) found.set(arn, await requests.describeTaskDefinition(arn));
  return found;
}

const ACTIONS: Record<string, readonly EcsAction[]> = {
  services: ["ecs:ListServices", "ecs:DescribeServices"],
  tasks: ["ecs:ListTasks", "ecs:DescribeTasks"],
  "container instances": ["ecs:ListContainerInstances", "ecs:DescribeContainerInstances"],
  "machine images": ["ec2:DescribeImages"],
  "task definitions": ["ecs:DescribeTaskDefinition"],
};

/** Null where it may not be read, which is then named with the statements to add. */
async function unlessDenied<T>(unknown: UnknownKind[], kind: string, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== "denied") throw thrown;
    const lines = (ACTIONS[kind] ?? []).map((action) => statementOf(ecsPermission(action)));
    unknown.push({ kind, reason: "denied", rbacLine: lines.join(", "), message: thrown.message });
    return null;
  }
}

function noSuchCluster(key: string): AppError {
  return new AppError("not_found", `ECS has no cluster "${key}" any more.`, {
    remedy: "Nothing needs to be done where it was deleted; otherwise check the source's regions and role.",
  });
}
