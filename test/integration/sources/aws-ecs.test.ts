import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { EcsClusterPlan } from "#demo/estate/ecs-clusters.ts";
import { ecsKeyOf } from "#demo/estate/ecs-costs.ts";
import { openGate } from "#lib/sources/aws/request-gate.ts";
import {
  checkEcs,
  ecsSpec,
  planEcs,
  readEcsCluster,
  sampleEcsCluster,
  type EcsSpec,
} from "#lib/sources/aws-ecs/index.ts";
import type { ClusterInventory } from "#lib/sources/cluster-inventory.ts";
import { openAwsWorkshop, TODAY, type AwsWorkshop } from "./aws-estate.ts";

const signal = new AbortController().signal;
const NOON = new Date(`${TODAY}T12:00:00Z`);
const STRETCH_MS = 300_000;
const options = { signal, onProgress: () => {} };

let aws: AwsWorkshop;
let roleArn: string;
let fargate: EcsClusterPlan;
let onMachines: EcsClusterPlan;
let large: EcsClusterPlan;

beforeAll(async () => {
  aws = await openAwsWorkshop();
  const [first, second] = aws.estate.ecsClusters;
  if (!first || !second) throw new Error("The estate has no clusters of ECS.");
  [fargate, onMachines] = [first, second];
  large = { ...first, name: "large", arn: first.arn.replace("claims-intake", "large"), services: manyServices(first) };
  roleArn = `arn:aws:iam::${first.account.id}:role/bursar-read-ecs`;
  await aws.close();
  aws = await openAwsWorkshop({ ecsClusters: [fargate, onMachines, large] });
});
afterEach(() => {
  aws.server.reset();
  allow(["ecs:*"]);
});
afterAll(() => aws.close());

function allow(policy: string[]): void {
  aws.server.roles.set({ arn: roleArn, policy });
}

/** More than a page of services and of tasks, each with a description of its own. */
function manyServices({ services }: EcsClusterPlan): EcsClusterPlan["services"] {
  const [model] = services;
  if (!model) return [];
  return Array.from({ length: 23 }, (_, index) => ({
    ...model,
    name: `service-${index}`,
    arn: model.arn.replace(/[^/]+$/, `service-${index}`),
    tasks: Array.from({ length: 6 }, (_task, task) => ({
      id: `${index}-${task}`,
      arn: `arn:aws:ecs:eu-central-1:000000000000:task/large/${index}-${task}`,
      started: `${TODAY}T08:00:00.000Z`,
      stopped: task === 5 ? `${TODAY}T11:58:00.000Z` : null,
      machine: null,
    })),
  }));
}

function spec(settings: object = {}): EcsSpec {
  return ecsSpec.parse({ kind: "aws-ecs", ...aws.connection, roleArn, regions: ["eu-central-1"], ...settings });
}

function read(cluster: EcsClusterPlan, settings: object = {}): Promise<ClusterInventory> {
  return readEcsCluster(spec(settings), ecsKeyOf(cluster), openGate, options);
}

test("every cluster of the account is offered by its own key, in each of the regions", async () => {
  allow(["ecs:*"]);
  const slices = await planEcs(spec({ regions: ["eu-central-1", "eu-west-1"] }), {
    logicalTime: NOON,
    gate: openGate,
    signal,
  });
  expect(slices.map(({ period }) => period)).toEqual([fargate, onMachines, large].map(ecsKeyOf));
  expect(new Set(aws.server.calls.filter(({ service }) => service === "ecs").map(({ region }) => region))).toEqual(
    new Set(["eu-central-1", "eu-west-1"]),
  );
});

test("a service is a namespace with its tasks' sizes, its tags and those that its tasks share", async () => {
  allow(["ecs:*"]);
  const { cluster, namespaces, nodes, complete, unknown } = await read(fargate);
  expect({ complete, unknown, nodes }).toEqual({ complete: true, unknown: [], nodes: [] });
  expect(cluster).toMatchObject({ provider: "ecs", region: "eu-central-1", accountId: fargate.account.id });
  expect(namespaces.map(({ name, pods }) => [name, pods?.running, pods?.requests])).toEqual(
    fargate.services.map(({ name, tasks, cpu, memory }) => [
      name,
      tasks.length,
      { cpuCores: (tasks.length * cpu) / 1024, memoryGib: (tasks.length * memory) / 1024, gpus: 0 },
    ]),
  );
  const teams = (name: string) =>
    namespaces
      .find((one) => one.name === name)
      ?.claims.filter(({ origin }) => origin === "label")
      .map(({ names }) => names.value);
  expect(teams("first-notice-api")).toEqual(["motor-claims"]);
  // Propagated from the task definition: the service itself has no tag.
  expect(teams("garage-portal")).toEqual(["quote-engine"]);
  expect(teams("recovery-notices")).toEqual([]);
});

test("the machines of a cluster are its nodes, by the ids that EC2 bills, and tasks without a size have their containers'", async () => {
  allow(["ecs:*"]);
  const { nodes, namespaces } = await read(onMachines);
  expect(nodes?.map(({ providerId, cpuCores, memoryGib }) => [providerId, cpuCores, memoryGib])).toEqual(
    onMachines.machines.map(({ id, zone, cpu, memory }) => [`aws:///${zone}/${id}`, cpu / 1024, memory / 1024]),
  );
  expect(namespaces.find(({ name }) => name === "settlement-runs")?.pods?.requests).toEqual({
    cpuCores: 3,
    memoryGib: 9,
    gpus: 0,
  });
});

test("EC2 tells when the images of machines were made; where it may not be asked that is unknown, and the machines are not", async () => {
  allow(["ecs:*"]);
  const without = await read(onMachines);
  expect(without.unknown).toMatchObject([{ kind: "machine images", rbacLine: expect.stringContaining("ec2:") }]);
  expect(without.nodes?.map((node) => node.machineImageCreatedAt)).toEqual(onMachines.machines.map(() => null));
  allow(["ecs:*", "ec2:DescribeImages"]);
  aws.server.faults.throttle(1, { service: "ec2", operation: "DescribeImages" });
  const { nodes, unknown } = await read(onMachines);
  expect(unknown).toEqual([]);
  expect(nodes?.map((node) => [node.machineImageId, node.machineImageCreatedAt?.toISOString()])).toEqual(
    onMachines.machines.map(({ image }) => [image.id, image.createdAt]),
  );
});

test("lists are read to their end, through empty pages, and described in batches of what the API takes", async () => {
  allow(["ecs:*"]);
  aws.server.faults.emptyPage(1, { service: "ecs", operation: "ListTasks" });
  const { namespaces } = await read(large);
  expect(namespaces).toHaveLength(23);
  expect(namespaces.map(({ pods }) => pods?.total)).toEqual(namespaces.map(() => 5));
  const count = (operation: string) => aws.server.calls.filter((call) => call.operation === operation).length;
  expect([count("DescribeServices"), count("ListTasks"), count("DescribeTasks")]).toEqual([3, 3, 2]);
  // A revision is asked for once, however many services and tasks run it.
  expect(count("DescribeTaskDefinition")).toBe(23);
});

test("throttled answers are asked for again", async () => {
  allow(["ecs:*"]);
  aws.server.faults.throttle(1, { service: "ecs", operation: "DescribeServices" });
  expect((await read(fargate)).namespaces).toHaveLength(fargate.services.length);
});

test("what may not be read is unknown with the statements to add, and nothing is taken for deleted", async () => {
  allow(["ecs:DescribeClusters", "ecs:ListServices", "ecs:DescribeServices", "ecs:ListContainerInstances"]);
  const withoutTasks = await read(onMachines);
  expect(withoutTasks.unknown.map(({ kind }) => kind)).toEqual(["tasks", "container instances", "task definitions"]);
  expect(withoutTasks.unknown[0]?.rbacLine).toContain('"Action":"ecs:ListTasks"');
  expect(withoutTasks.complete).toBe(true);
  expect(withoutTasks.nodes).toBeNull();
  expect(withoutTasks.namespaces.map(({ pods }) => pods)).toEqual(onMachines.services.map(() => null));
  allow(["ecs:DescribeClusters"]);
  const without = await read(onMachines);
  expect([without.complete, without.namespaces]).toEqual([false, []]);
  allow([]);
  await expect(read(onMachines)).rejects.toMatchObject({ code: "denied" });
});

test("a cluster that is not there any more is not found", async () => {
  allow(["ecs:*"]);
  await expect(read({ ...fargate, name: "gone" })).rejects.toMatchObject({ code: "not_found" });
});

test("a sample has what every service asked for, on the machine that it ran on, with what stopped meanwhile", async () => {
  allow(["ecs:*"]);
  const sample = (cluster: EcsClusterPlan) =>
    sampleEcsCluster(spec(), ecsKeyOf(cluster), openGate, { at: NOON, stretchMs: STRETCH_MS, signal });
  const onEach = await sample(onMachines);
  expect(new Set(onEach.map(({ node }) => node))).toEqual(new Set(onMachines.machines.map(({ id }) => id)));
  const cores = onEach.filter(({ namespace }) => namespace === "settlement-runs").map((one) => one.cpuRequested);
  expect(cores.reduce((total, one) => total + one, 0)).toBe(3);
  const [first] = await sample(large);
  // Five that run all of the five minutes, and one that stopped two minutes before their end.
  expect(first?.cpuRequested).toBeCloseTo(5.6, 9);
  allow(["ecs:ListTasks"]);
  await expect(sample(fargate)).rejects.toMatchObject({ code: "denied" });
});

test("a check says of every region what is missing", async () => {
  allow(["ecs:List*"]);
  const failed = (await checkEcs(spec(), { gate: openGate, signal })).filter(({ ok }) => !ok);
  expect(failed.map(({ error }) => error?.code)).toEqual(failed.map(() => "denied"));
  expect(failed.map(({ what }) => what)).toEqual([
    expect.stringContaining("ecs:DescribeClusters"),
    expect.stringContaining("ecs:DescribeServices"),
    expect.stringContaining("ecs:DescribeTasks"),
  ]);
});
