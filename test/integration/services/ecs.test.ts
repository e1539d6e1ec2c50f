import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEMO_CREDENTIALS } from "#demo/aws/s3.ts";
import { demoEcsRolesOf, demoRoleOf, startAws, type AwsServer } from "#demo/aws/server.ts";
import type { EcsClusterPlan } from "#demo/estate/ecs-clusters.ts";
import { ecsKeyOf } from "#demo/estate/ecs-costs.ts";
import { createEstate } from "#demo/estate/estate.ts";
import { writeDirectory } from "#demo/exports/directory-files.ts";
import { decimal, sum, toAmount } from "#lib/domain/money.ts";
import { day } from "#lib/domain/period.ts";
import { readClusterBill } from "#lib/services/cluster-bill/read-cluster-bill.ts";
import { splitCluster } from "#lib/services/cluster-bill/split-cluster.ts";
import { readUsage } from "#lib/services/usage/read-usage.ts";
import { sampleClusters } from "#lib/services/usage/sample-clusters.ts";
import { createInstance, deliver, focusCsv, type Charge, type TestInstance } from "#test/integration/instance.ts";

const TODAY = day("2026-11-21");
const DAY = day("2026-11-20");
const RANGE = { from: DAY, to: TODAY };
const PRICE = { machine: "11.00000000001", task: "0.4", untagged: "7.00000000003", split: "2.5" };

let folder: string;
let aws: AwsServer;
let instance: TestInstance;
let fargate: EcsClusterPlan;
let onMachines: EcsClusterPlan;

beforeAll(async () => {
  const estate = createEstate({ seed: "halvern", today: TODAY, months: 4, scale: 0.02 });
  const [first, second] = estate.ecsClusters;
  if (!first || !second) throw new Error("The estate has no clusters of ECS.");
  [fargate, onMachines] = [first, second];
  folder = await mkdtemp(join(tmpdir(), "bursar-ecs-"));
  aws = await startAws({ root: folder, estate });
  const connection = { endpoint: aws.url, region: "eu-central-1", ...DEMO_CREDENTIALS };
  const [role] = demoEcsRolesOf(estate);
  const organisation = demoRoleOf(estate);
  instance = await createInstance({
    sources: {
      directory: { kind: "directory-file", path: "./directory" },
      organisation: {
        kind: "aws-organizations",
        ...connection,
        roleArn: organisation.arn,
        externalId: organisation.externalId,
      },
      ecs: {
        kind: "aws-ecs",
        ...connection,
        roleArn: role?.arn,
        externalId: role?.externalId,
        regions: ["eu-central-1"],
      },
      bills: { kind: "focus", layout: "files", path: "./bills" },
    },
  });
  await writeDirectory(join(instance.home, "directory"), estate);
  for (const source of ["directory", "organisation", "ecs"]) await instance.load(source);
  await sampleMidnight();
  await deliver(join(instance.home, "bills", "2026-11.csv"), focusCsv("2026-11", charges()));
  await deliver(join(instance.home, "bills", "2026-11-split.csv"), splitRows());
  await instance.load("bills");
  for (const clusterKey of [fargate, onMachines].map(ecsKeyOf)) {
    await readUsage({ ...instance.context(), now: noon() }, { sourceKey: "ecs", clusterKey, range: RANGE });
    await splitCluster(instance.context(), { clusterKey, ...RANGE });
  }
}, 120_000);
afterAll(async () => {
  await instance.remove();
  await aws.close();
  await rm(folder, { recursive: true, force: true });
});

const noon = () => new Date(`${TODAY}T12:00:00Z`);

/** The first hour of the day, which is the one that the charges are of. */
async function sampleMidnight(): Promise<void> {
  for (let minute = 0; minute < 60; minute += 5) {
    const now = new Date(Date.parse(`${DAY}T00:00:00Z`) + minute * 60_000);
    const sampled = await sampleClusters({ ...instance.context(), now }, { signal: new AbortController().signal });
    expect(sampled.map(({ error }) => error)).toEqual([null, null]);
  }
}

/** Machines without a tag; tasks that ECS has tagged, and one whose tags nobody has activated. */
function charges(): Charge[] {
  const account = fargate.account.id;
  const charge = (resource: string, billed: string, tags: Record<string, string> = {}): Charge => ({
    day: DAY,
    account,
    service: "Amazon Elastic Container Service",
    billed,
    effective: toAmount(decimal(billed).times("0.7")),
    resource,
    tags,
  });
  const tags = { "aws:ecs:clusterName": fargate.name };
  return [
    ...onMachines.machines.map(({ id }) => charge(`arn:aws:ec2:eu-central-1:${account}:instance/${id}`, PRICE.machine)),
    ...fargate.services.flatMap(({ name, arn, tasks }) =>
      tasks.map((task, index) =>
        // Some exports name a service by its ARN.
        charge(task.arn, PRICE.task, { ...tags, "aws:ecs:serviceName": index === 0 ? arn : name }),
      ),
    ),
    charge(`arn:aws:ecs:eu-central-1:${account}:task/${fargate.name}/0123456789abcdef`, PRICE.untagged),
    charge(`arn:aws:ecs:eu-central-1:${account}:task/of-another/0123456789abcdef`, "99"),
    charge("arn:aws:s3:::somebody-elses", "99"),
  ];
}

/** A part of a machine that the provider has given to a service itself, as FOCUS 1.3 writes it: by the tags of what it was given to. */
function splitRows(): string {
  const [machine] = onMachines.machines;
  const account = onMachines.account.id;
  const [header = "", row = ""] = focusCsv("2026-11", [
    {
      day: DAY,
      account,
      service: "Amazon Elastic Compute Cloud",
      billed: PRICE.split,
      effective: toAmount(decimal(PRICE.split).times("0.7")),
      resource: `arn:aws:ec2:eu-central-1:${account}:instance/${machine?.id}`,
    },
  ]).split("\n");
  const tags = { "aws:ecs:clusterName": onMachines.arn, "aws:ecs:serviceName": "settlement-runs" };
  const cells = ["aws-split-cost", JSON.stringify(tags).replaceAll('"', '""')].map((cell) => `"${cell}"`);
  return `${header},AllocatedMethodId,AllocatedTags\n${row},${cells.join(",")}\n`;
}

async function bill(cluster: EcsClusterPlan, basis: "billed" | "effective" = "billed") {
  const query = { clusterKey: ecsKeyOf(cluster), ...RANGE, basis, asOf: null };
  const view = await readClusterBill(instance.context(), query);
  expect(view.sections).toHaveLength(1);
  const [section] = view.sections;
  if (!section) throw new Error("There is no section.");
  return section;
}

test("each cluster's bill is what its machines and tasks were billed, and its parts are the whole", async () => {
  const tasks = fargate.services.flatMap((service) => service.tasks).length;
  const expected = {
    [fargate.name]: decimal(PRICE.task).times(tasks).plus(PRICE.untagged),
    [onMachines.name]: decimal(PRICE.machine).times(onMachines.machines.length).plus(PRICE.split),
  };
  for (const cluster of [fargate, onMachines])
    for (const basis of ["billed", "effective"] as const) {
      const { bar } = await bill(cluster, basis);
      const total = expected[cluster.name]?.times(basis === "billed" ? "1" : "0.7") ?? decimal(0);
      expect(bar.controlTotal).toBe(toAmount(total));
      expect(bar.difference).toBe("0");
      expect(toAmount(sum([bar.namespaces, bar.shared, bar.overhead, bar.idle, bar.unobserved]))).toBe(
        bar.controlTotal,
      );
    }
});

test("what is tagged with a service is the service's, and the rest goes by sizes and hours", async () => {
  const { namespaces, bar } = await bill(fargate);
  expect([bar.idle, bar.overhead, bar.unobserved]).toEqual(["0", "0", "0"]);
  const cost = (name: string) => decimal(namespaces.find((one) => one.namespace === name)?.amount ?? "0");
  const own = (name: string) =>
    decimal(PRICE.task).times(fargate.services.find((one) => one.name === name)?.tasks.length ?? 0);
  // 4 tasks of 1 core and 2 GiB against 3 of half of each: shares of the untagged charge stand 8 to 3.
  const shares = ["first-notice-api", "photo-upload"].map((name) => cost(name).minus(own(name)));
  expect(shares[0]?.dividedBy(shares[1] ?? 1).toNumber()).toBeCloseTo(8 / 3, 8);
  expect(cost("recovery-notices").toString()).toBe("0");
});

test("machines without any tag are known by the cluster's own list, and what no task asked of them is idle", async () => {
  const { namespaces, bar, kinds } = await bill(onMachines);
  expect(kinds.map(({ kind }) => kind)).toEqual(["node"]);
  expect(namespaces.map(({ namespace }) => namespace).toSorted()).toEqual(["document-render", "settlement-runs"]);
  expect(decimal(bar.idle).greaterThan(0)).toBe(true);
  // 3 of 16 cores and 9 of 62 GiB, and what the provider itself gave to the service.
  const own = decimal(namespaces.find(({ namespace }) => namespace === "settlement-runs")?.amount ?? "0");
  const rates = { core: 0.031611, gib: 0.004237 };
  const share = (3 * rates.core + 9 * rates.gib) / (16 * rates.core + 62 * rates.gib);
  expect(own.minus(PRICE.split).toNumber()).toBeCloseTo(Number(PRICE.machine) * 2 * share, 8);
  expect(bar.unobserved).toBe("0");
});

test("a service's owner is the team of its tags, else that of its account", async () => {
  const { rows } = await instance.database.pool.query(
    `SELECT n.name, o.team_key FROM namespace n JOIN namespace_owner o ON o.cluster_key = n.cluster_key AND o.uid = n.uid
     WHERE n.seen_to IS NULL AND o.seen_to IS NULL ORDER BY n.name`,
  );
  expect(Object.fromEntries(rows.map(({ name, team_key }) => [name, team_key]))).toEqual({
    "document-render": "motor-claims",
    "first-notice-api": "motor-claims",
    "garage-portal": "quote-engine",
    "photo-upload": "motor-claims",
    "recovery-notices": "motor-claims",
    "settlement-runs": "motor-claims",
  });
});
