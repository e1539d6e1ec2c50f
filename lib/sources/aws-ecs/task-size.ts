import type { Task, TaskDefinition } from "@aws-sdk/client-ecs";
import type { ComputeAmounts } from "#lib/sources/cluster-inventory.ts";

const UNITS_OF_A_CORE = 1024;
const MIB_OF_A_GIB = 1024;

/**
 * What a task asks for: its own size, which Fargate bills and which counts for all of its containers, or else the sum of its containers',
 * as its definition has them. Null where neither is known. Pure.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#task_size
 */
export function taskSize(
  task: Pick<Task, "cpu" | "memory"> | null,
  definition: Pick<TaskDefinition, "cpu" | "memory" | "containerDefinitions"> | null,
): ComputeAmounts | null {
  const containers = definition?.containerDefinitions ?? null;
  const sum = (read: (container: NonNullable<typeof containers>[number]) => number | null | undefined) =>
    containers === null ? null : containers.reduce((total, container) => total + (read(container) ?? 0), 0);
  const cpu =
    sized(task?.cpu, UNITS_OF_A_CORE) ?? sized(definition?.cpu, UNITS_OF_A_CORE) ?? sum(({ cpu: own }) => own);
  const memory =
    sized(task?.memory, MIB_OF_A_GIB) ??
    sized(definition?.memory, MIB_OF_A_GIB) ??
    sum(({ memoryReservation, memory: own }) => memoryReservation ?? own);
  if (cpu === null || memory === null) return null;
  return { cpuCores: cpu / UNITS_OF_A_CORE, memoryGib: memory / MIB_OF_A_GIB, gpus: sum(gpusOf) ?? 0 };
}

/** "512", ".5 vCPU" or "1 GB" in the API's own units; null where nothing is given. ECS writes 0 for a size that was left out. */
function sized(text: string | undefined, unitsOfOne: number): number | null {
  const [, digits = "", unit = ""] = /^\s*(\d*\.?\d+)\s*(vcpu|gb)?\s*$/i.exec(text ?? "") ?? [];
  const value = Number(digits);
  return value > 0 ? value * (unit === "" ? 1 : unitsOfOne) : null;
}

function gpusOf({
  resourceRequirements,
}: {
  resourceRequirements?: { type?: string | undefined; value?: string | undefined }[] | undefined;
}): number {
  return (resourceRequirements ?? [])
    .filter(({ type }) => type === "GPU")
    .reduce((total, { value }) => total + (Number(value) || 0), 0);
}
