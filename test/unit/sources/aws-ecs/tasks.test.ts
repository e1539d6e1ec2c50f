import { expect, test } from "vitest";
import { ecsClusterOf, readEcsKey } from "#lib/sources/aws-ecs/cluster-key.ts";
import { namespaceOfTask } from "#lib/sources/aws-ecs/normalize.ts";
import { taskSamples } from "#lib/sources/aws-ecs/sample.ts";
import { taskSize } from "#lib/sources/aws-ecs/task-size.ts";

const container = (cpu: number, memory: number, memoryReservation?: number) => ({
  cpu,
  memory,
  ...(memoryReservation === undefined ? {} : { memoryReservation }),
});

test.each([
  ["its own size", { cpu: "512", memory: "1024" }, null, { cpuCores: 0.5, memoryGib: 1, gpus: 0 }],
  ["its own size in words", { cpu: ".25 vCPU", memory: "2 GB" }, null, { cpuCores: 0.25, memoryGib: 2, gpus: 0 }],
  [
    "its definition's size",
    null,
    { cpu: "2048", memory: "4096", containerDefinitions: [container(1, 1)] },
    { cpuCores: 2, memoryGib: 4, gpus: 0 },
  ],
  [
    "its containers, by what they reserve before what they may take",
    { cpu: "0", memory: "0" },
    { containerDefinitions: [container(256, 2048, 512), container(256, 512)] },
    { cpuCores: 0.5, memoryGib: 1, gpus: 0 },
  ],
  [
    "its containers' GPUs",
    { cpu: "1024", memory: "1024" },
    { containerDefinitions: [{ resourceRequirements: [{ type: "GPU" as const, value: "2" }] }] },
    { cpuCores: 1, memoryGib: 1, gpus: 2 },
  ],
  ["nothing that is known", { cpu: "0" }, null, null],
])("a task has %s", (_, task, definition, expected) => {
  expect(taskSize(task, definition)).toEqual(expected);
});

const AT = new Date("2026-11-21T10:05:00Z");
const STRETCH = { at: AT, stretchMs: 300_000 };
const minutesBefore = (minutes: number) => new Date(AT.getTime() - minutes * 60_000);
const task = (group: string, startedAt: Date | undefined, stoppedAt?: Date, containerInstanceArn?: string) => ({
  group,
  cpu: "1024",
  memory: "2048",
  ...(startedAt === undefined ? {} : { startedAt }),
  ...(stoppedAt === undefined ? {} : { stoppedAt }),
  ...(containerInstanceArn === undefined ? {} : { containerInstanceArn }),
});

test("a task counts its size by the part of the stretch that it ran, stopped ones included", () => {
  const tasks = [
    task("service:api", minutesBefore(600)),
    task("service:api", minutesBefore(1)),
    task("service:api", minutesBefore(600), minutesBefore(3)),
    task("service:api", minutesBefore(600), minutesBefore(5)),
    task("service:api", undefined),
  ];
  const samples = taskSamples(tasks, new Map(), new Map(), STRETCH);
  expect(samples).toHaveLength(1);
  expect(samples[0]).toMatchObject({ namespace: "api", node: "", cpuUsed: null, pods: 2 });
  expect(samples[0]?.cpuRequested).toBeCloseTo(1 + 1 / 5 + 2 / 5, 12);
  expect(samples[0]?.memoryRequested).toBeCloseTo(2 * (1 + 1 / 5 + 2 / 5), 12);
});

test("samples one stretch apart add up to sizes × hours, wherever a task starts and stops between them", () => {
  const life = [task("service:runs", new Date("2026-11-21T10:07:13Z"), new Date("2026-11-21T10:44:41Z"))];
  let coreMs = 0;
  for (let minute = 5; minute <= 60; minute += 5) {
    const at = new Date(Date.parse("2026-11-21T10:00:00Z") + minute * 60_000);
    const seen = life.filter(({ startedAt }) => startedAt !== undefined && startedAt < at);
    for (const { cpuRequested } of taskSamples(seen, new Map(), new Map(), { at, stretchMs: 300_000 }))
      coreMs += cpuRequested * 300_000;
  }
  expect(coreMs).toBeCloseTo(Date.parse("2026-11-21T10:44:41Z") - Date.parse("2026-11-21T10:07:13Z"), 3);
});

test("tasks on machines are told apart by their machine, and those that nobody's service started by their family", () => {
  const started = minutesBefore(60);
  const machines = new Map([["arn:machine", "i-0123456789abcdef0"]]);
  const tasks = [task("service:api", started, undefined, "arn:machine"), task("service:api", started)];
  expect(taskSamples(tasks, new Map(), machines, STRETCH).map(({ node }) => node)).toEqual(["i-0123456789abcdef0", ""]);
  const taskDefinitionArn = "arn:aws:ecs:eu-central-1:111122223333:task-definition/nightly:12";
  expect(namespaceOfTask({ group: "family:nightly", taskDefinitionArn })).toBe("family:nightly");
  expect(namespaceOfTask({ group: undefined, taskDefinitionArn })).toBe("family:nightly");
});

test("a key tells the cluster, its region and account, and only of ECS", () => {
  const arn = "arn:aws:ecs:eu-central-1:111122223333:cluster/default";
  const cluster = ecsClusterOf(arn);
  expect(cluster?.key).toBe("default.eu-central-1.111122223333");
  expect(readEcsKey(cluster?.key ?? "")).toEqual({
    name: "default",
    region: "eu-central-1",
    accountId: "111122223333",
  });
  expect(readEcsKey("shared-eks-prod")).toBeNull();
  expect(ecsClusterOf("arn:aws:eks:eu-central-1:111122223333:cluster/default")).toBeNull();
});
