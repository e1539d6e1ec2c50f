import { checkStep } from "#lib/sources/aws/check-step.ts";
import { openAwsClients } from "#lib/sources/aws/client.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import { imageOf } from "#lib/sources/aws-ecs/normalize.ts";
import { ecsPermission, type EcsAction } from "#lib/sources/aws-ecs/permission.ts";
import { ecsRequests } from "#lib/sources/aws-ecs/requests.ts";
import type { EcsSpec } from "#lib/sources/aws-ecs/spec.ts";
import type { CheckResult } from "#lib/sources/source.ts";

/**
 * What `bursar check` says about a source of ECS clusters: one line for the credentials and one for each action and region, with the
 * policy's line to add where it is denied. Asking is free. What describes things is asked for the first that there is.
 */
export async function checkEcs(
  spec: EcsSpec,
  { gate, signal }: { gate: RequestGate; signal: AbortSignal },
): Promise<CheckResult[]> {
  const clients = await openAwsClients(spec, gate, signal);
  try {
    const credentials = await checkStep(
      spec.roleArn === undefined ? "Find credentials of AWS" : `Assume ${spec.roleArn}`,
      () => clients.assumeRole(),
    );
    if (!credentials.ok) return [credentials];
    const results = [credentials];
    for (const region of spec.regions) results.push(...(await checkRegion(ecsRequests(clients, region), region)));
    return results;
  } finally {
    clients.close();
  }
}

async function checkRegion(requests: ReturnType<typeof ecsRequests>, region: string): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  /** Answers what the call does, or nothing where it failed, which leaves what builds on it unchecked. */
  const step = async <T>(action: EcsAction, work: () => Promise<T[]>): Promise<T[]> => {
    let answer: T[] = [];
    const what = `${region}: read ${ecsPermission(action).why} (${action})`;
    results.push(
      await checkStep(what, async () => {
        answer = await work();
      }),
    );
    return answer;
  };
  const [cluster] = await step("ecs:ListClusters", requests.listClusters);
  if (cluster === undefined) return results;
  await step("ecs:DescribeClusters", () => requests.describeClusters([cluster]));
  const [service] = await step("ecs:ListServices", () => requests.listServices(cluster));
  const services =
    service === undefined
      ? []
      : await step("ecs:DescribeServices", () => requests.describeServices(cluster, [service]));
  const [task] = await step("ecs:ListTasks", () => requests.listTasks(cluster, "RUNNING"));
  const tasks =
    task === undefined ? [] : await step("ecs:DescribeTasks", () => requests.describeTasks(cluster, [task]));
  const definition = services[0]?.taskDefinition ?? tasks[0]?.taskDefinitionArn;
  if (definition !== undefined)
    await step("ecs:DescribeTaskDefinition", async () => [await requests.describeTaskDefinition(definition)]);
  const [machine] = await step("ecs:ListContainerInstances", () => requests.listContainerInstances(cluster));
  const machines =
    machine === undefined
      ? []
      : await step("ecs:DescribeContainerInstances", () => requests.describeContainerInstances(cluster, [machine]));
  const images = machines.flatMap((one) => imageOf(one) ?? []);
  if (images.length > 0)
    await step("ec2:DescribeImages", async () => [...(await requests.describeImages(images)).keys()]);
  return results;
}
