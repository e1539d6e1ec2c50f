import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { DEMO_CREDENTIALS } from "#demo/aws/s3.ts";
import { startAws, type AwsServer } from "#demo/aws/server.ts";
import { createEstate } from "#demo/estate/estate.ts";
import { BOTTLEROCKET_CLUSTER, machineImageOf } from "#demo/estate/guardrails.ts";
import { plannedClusters } from "#demo/estate/namespaces.ts";
import { DEMO_SECRET_VARIABLE, writeDemoConfig } from "#demo/exports/bursar-config.ts";
import { PLAN_SOURCE, writeTerraformPlans } from "#demo/exports/terraform-plans.ts";
import { startKubernetes, type KubernetesServer } from "#demo/kubernetes/server.ts";
import { day } from "#lib/domain/period.ts";
import { createInstance, type TestInstance } from "#test/integration/instance.ts";

const estate = createEstate({
  seed: "halvern",
  today: day(new Date().toISOString().slice(0, 10)),
  months: 4,
  scale: 0.03,
});
let folder: string;
let aws: AwsServer;
let kubernetes: KubernetesServer;
let instance: TestInstance;

beforeAll(async () => {
  process.env[DEMO_SECRET_VARIABLE] = DEMO_CREDENTIALS.secretAccessKey;
  folder = await mkdtemp(join(tmpdir(), "bursar-demo-config-"));
  aws = await startAws({ root: folder, estate });
  kubernetes = await startKubernetes({ estate });
  const kubeconfig = join(folder, "kubeconfig");
  await kubernetes.writeKubeconfig(kubeconfig);
  const { prometheusUrlOf } = kubernetes;
  const clusters = { kubeconfig, prometheusUrlOf };
  const path = await writeDemoConfig(folder, estate, aws.port, { clusters, compliance: true });
  instance = await createInstance(parse(await readFile(path, "utf8")) as object);
  await writeTerraformPlans(join(instance.home, "estate", "terraform"), estate);
}, 60_000);
afterAll(async () => {
  await instance?.remove();
  await kubernetes?.close();
  await aws?.close();
  await rm(folder, { recursive: true, force: true });
});

async function verdicts(ruleKey: string, sourceKey: string): Promise<Record<string, string>> {
  const { rows } = await instance.database.pool.query<{ name: string; verdict: string }>(
    `SELECT r.name, e.verdict FROM evaluation e JOIN posture_cell c ON c.id = e.cell_id
     JOIN posture_rule p ON p.id = c.rule_id JOIN compliance_resource r ON r.id = e.resource_id
     WHERE c.grain = 'full' AND p.rule_key = $1 AND c.source_key = $2 AND e.valid_to IS NULL AND e.retired_at IS NULL`,
    [ruleKey, sourceKey],
  );
  return Object.fromEntries(rows.map(({ name, verdict }) => [name, verdict]));
}

test("nodes whose version tells no day have images as old as EC2 says", async () => {
  const runs = await instance.pull("clusters", BOTTLEROCKET_CLUSTER);
  expect(runs.map(({ state }) => state)).toEqual(["succeeded"]);
  const cluster = plannedClusters(estate).find(({ name }) => name === BOTTLEROCKET_CLUSTER);
  if (!cluster) throw new Error("There is no such cluster.");
  const planted = cluster.nodes.map((node) => [
    node.name,
    machineImageOf(cluster, node).createdDaysAgo < 60 ? "pass" : "fail",
  ]);
  expect(new Set(planted.map(([, verdict]) => verdict))).toEqual(new Set(["pass", "fail"]));
  expect(await verdicts("machine-image-age", "policies")).toEqual(Object.fromEntries(planted));
  const asked = aws.calls.filter(({ service, errorCode }) => service === "ec2" && errorCode === null);
  expect(new Set(asked.map(({ operation }) => operation))).toEqual(new Set(["DescribeImages", "DescribeInstances"]));
});

test("what Terraform manages is as declared, is not, and is unknown", async () => {
  await instance.load(PLAN_SOURCE);
  const found = Object.values(await verdicts("drift-age", PLAN_SOURCE));
  expect(new Set(found)).toEqual(new Set(["pass", "fail", "unknown"]));
  expect(found.filter((verdict) => verdict === "fail")).toHaveLength(1);
});
