import type { ContainerInstance, Service, Tag, Task, TaskDefinition } from "@aws-sdk/client-ecs";
import type { EcsClusterPlan, EcsServicePlan, EcsTask } from "#demo/estate/ecs-clusters.ts";
import { uuidOf } from "#demo/estate/random.ts";

/** A service as ECS describes it. Tags are left out unless they were asked for. */
export function serviceView(cluster: EcsClusterPlan, service: EcsServicePlan, withTags: boolean): Service {
  const running = service.tasks.filter(({ stopped }) => stopped === null).length;
  const created = new Date(service.created);
  const { taskDefinitionArn = "" } = taskDefinitionView(cluster, service);
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: cluster.arn,
    status: "ACTIVE",
    desiredCount: running,
    runningCount: running,
    pendingCount: 0,
    launchType: cluster.launchType,
    taskDefinition: taskDefinitionArn,
    createdAt: created,
    deployments: [
      {
        id: `ecs-svc/${uuidOf("deployment", service.arn).slice(0, 8)}`,
        status: "PRIMARY",
        taskDefinition: taskDefinitionArn,
        desiredCount: running,
        runningCount: running,
        createdAt: created,
        updatedAt: created,
      },
    ],
    propagateTags: "TASK_DEFINITION",
    ...(withTags ? { tags: tagList(service.tags) } : {}),
  };
}

export function taskView(cluster: EcsClusterPlan, service: EcsServicePlan, task: EcsTask, withTags: boolean): Task {
  const isAlone = cluster.alone.includes(service);
  const machine = cluster.machines.find(({ id }) => id === task.machine);
  return {
    taskArn: task.arn,
    clusterArn: cluster.arn,
    taskDefinitionArn: taskDefinitionView(cluster, service).taskDefinitionArn ?? "",
    group: isAlone ? `family:${service.name}` : `service:${service.name}`,
    launchType: cluster.launchType,
    desiredStatus: task.stopped === null ? "RUNNING" : "STOPPED",
    lastStatus: task.stopped === null ? "RUNNING" : "STOPPED",
    // Where the definition has no size of its own, ECS leaves it out of its tasks.
    ...(service.isSizedAsTask ? { cpu: String(service.cpu), memory: String(service.memory) } : {}),
    createdAt: new Date(task.started),
    startedAt: new Date(task.started),
    ...(task.stopped === null ? {} : { stoppedAt: new Date(task.stopped) }),
    ...(machine === undefined
      ? {}
      : { containerInstanceArn: machineView(cluster, machine).containerInstanceArn ?? "" }),
    ...(withTags ? { tags: tagList(service.taskTags) } : {}),
  };
}

export function taskDefinitionView(
  { account, region }: Pick<EcsClusterPlan, "account" | "region">,
  { name, image, cpu, memory, isSizedAsTask }: EcsServicePlan,
): TaskDefinition {
  return {
    taskDefinitionArn: `arn:aws:ecs:${region}:${account.id}:task-definition/${name}:7`,
    family: name,
    revision: 7,
    status: "ACTIVE",
    ...(isSizedAsTask ? { cpu: String(cpu), memory: String(memory) } : {}),
    containerDefinitions: [{ name, image, cpu, memory, essential: true }],
  };
}

export function machineView(cluster: EcsClusterPlan, machine: EcsClusterPlan["machines"][number]): ContainerInstance {
  const id = uuidOf("container instance", machine.id).replaceAll("-", "");
  return {
    containerInstanceArn: cluster.arn.replace(/cluster\/(.+)$/, `container-instance/$1/${id}`),
    ec2InstanceId: machine.id,
    status: "ACTIVE",
    agentConnected: true,
    versionInfo: { agentVersion: "1.89.2" },
    registeredResources: [
      { name: "CPU", type: "INTEGER", integerValue: machine.cpu },
      { name: "MEMORY", type: "INTEGER", integerValue: machine.memory },
    ],
    attributes: [
      { name: "ecs.instance-type", value: machine.instanceType },
      { name: "ecs.availability-zone", value: machine.zone },
      { name: "ecs.ami-id", value: machine.image.id },
    ],
  };
}

function tagList(tags: Readonly<Record<string, string>>): Tag[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}
