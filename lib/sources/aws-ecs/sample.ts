import type { Task } from "@aws-sdk/client-ecs";
import { namespaceOfTask, type TaskDefinitions } from "#lib/sources/aws-ecs/normalize.ts";
import { taskSize } from "#lib/sources/aws-ecs/task-size.ts";
import type { UsageSample } from "#lib/sources/usage/kubernetes-sample.ts";

/**
 * What services asked for in the stretch of time up to an instant: each task counts its size by the part of the stretch that it ran, those
 * included that have stopped meanwhile, so that samples one stretch apart add up to sizes × hours. ECS measures no use that could be read
 * here: it is null. Pure.
 *
 * @param machineOf EC2 id of a container instance by its ARN; tasks of Fargate have none.
 */
export function taskSamples(
  tasks: readonly Task[],
  definitions: TaskDefinitions,
  machineOf: ReadonlyMap<string, string>,
  { at, stretchMs }: { at: Date; stretchMs: number },
): UsageSample[] {
  const samples = new Map<string, UsageSample>();
  const [from, to] = [at.getTime() - stretchMs, at.getTime()];
  for (const task of tasks) {
    const { startedAt, stoppedAt } = task;
    if (startedAt === undefined) continue;
    const ranMs = Math.min(to, stoppedAt?.getTime() ?? to) - Math.max(from, startedAt.getTime());
    if (ranMs <= 0) continue;
    const part = ranMs / stretchMs;
    const namespace = namespaceOfTask(task);
    const node = machineOf.get(task.containerInstanceArn ?? "") ?? "";
    const key = `${namespace} ${node}`;
    const sample = samples.get(key) ?? {
      namespace,
      node,
      cpuRequested: 0,
      cpuUsed: null,
      memoryRequested: 0,
      memoryUsed: null,
      gpuRequested: 0,
      pods: 0,
    };
    samples.set(key, sample);
    const size = taskSize(task, definitions.get(task.taskDefinitionArn ?? "") ?? null);
    sample.cpuRequested += (size?.cpuCores ?? 0) * part;
    sample.memoryRequested += (size?.memoryGib ?? 0) * part;
    sample.gpuRequested += (size?.gpus ?? 0) * part;
    if (stoppedAt === undefined) sample.pods += 1;
  }
  return [...samples.values()];
}
