import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { DEMO_CREDENTIALS } from "#demo/aws/s3.ts";
import { makeLockedBucket, openLockedBucket } from "#demo/aws/s3-versions.ts";
import { type AwsServer, startAws } from "#demo/aws/server.ts";
import { AGGREGATOR } from "#demo/aws/config/aggregator.ts";
import { eksClustersOf } from "#demo/aws/eks/service.ts";
import { createEstate } from "#demo/estate/estate.ts";
import { plannedClusters } from "#demo/estate/namespaces.ts";
import { createPrometheus } from "#demo/kubernetes/prometheus.ts";
import { day } from "#lib/domain/period.ts";
import {
  CLOUDTRAIL_LOOKUP_PERMISSIONS,
  CLOUDTRAIL_PERMISSIONS,
  CONFIG_AGGREGATOR_PERMISSIONS,
  CONFIG_PERMISSIONS,
  COST_EXPLORER_PERMISSIONS,
  ECS_PERMISSIONS,
  EKS_LOG_PERMISSIONS,
  EKS_PERMISSIONS,
  HEADS_BUCKET_PERMISSIONS,
  KMS_PERMISSIONS,
  MACHINE_IMAGE_PERMISSIONS,
  MANAGED_PROMETHEUS_PERMISSIONS,
  ORGANIZATIONS_PERMISSIONS,
  statementOf,
  type AwsPermission,
} from "#lib/sources/aws/permissions.ts";
import { checkStep } from "#lib/sources/aws/check-step.ts";
import { checkHeadsBucket, openHeadsBucket } from "#lib/sources/aws/heads-bucket.ts";
import { headsBucketSpec } from "#lib/sources/aws/heads-bucket-spec.ts";
import { checkKmsKey, openKms } from "#lib/sources/aws/kms-key.ts";
import { kmsSpec } from "#lib/sources/aws/kms-spec.ts";
import { openGate } from "#lib/sources/aws/request-gate.ts";
import {
  checkCostExplorer,
  costExplorerSpec,
  planCostExplorer,
  readCostExplorerSlice,
} from "#lib/sources/aws-cost-explorer/index.ts";
import { checkEcs, ecsSpec, planEcs, readEcsCluster, type EcsSpec } from "#lib/sources/aws-ecs/index.ts";
import {
  awsConfigSpec,
  checkConfig,
  planConfigEvaluations,
  readConfigEvaluations,
} from "#lib/sources/aws-config/index.ts";
import { checkCloudTrail, cloudTrailSpec, readCloudTrail } from "#lib/sources/aws-cloudtrail/index.ts";
import { checkOrganization, organizationsSpec, readOrganization } from "#lib/sources/aws-organizations/index.ts";
import { checkAudit, readAudit } from "#lib/sources/kubernetes-audit/index.ts";
import { kubernetesAuditSpec } from "#lib/sources/kubernetes-audit/spec.ts";
import type { NodeItem } from "#lib/sources/cluster-inventory.ts";
import { checkMachineImages, withMachineImages } from "#lib/sources/kubernetes/node-images.ts";
import { openAccess } from "#lib/sources/kubernetes/cluster-access.ts";
import type { CheckResult } from "#lib/sources/source.ts";
import { checkUsage } from "#lib/sources/usage/check.ts";
import { withUsageServer } from "#lib/sources/usage/client.ts";
import { readPrometheusDay } from "#lib/sources/usage/prometheus.ts";
import type { UsageServerSpec } from "#lib/sources/usage/server-spec.ts";

const NOW = new Date("2026-11-21T05:00:00Z");
const NODE = "i-00000000000000abc";
const HEADS = "any-heads";
const EXTERNAL_ID = "only-for-this-test";
const signal = new AbortController().signal;
const policyDocument = z.strictObject({
  Version: z.literal("2012-10-17"),
  Statement: z.array(
    z.strictObject({
      Sid: z.string(),
      Effect: z.literal("Allow"),
      Action: z.union([z.string(), z.array(z.string())]),
      Resource: z.literal("*"),
    }),
  ),
});

let root: string;
let server: AwsServer;
let roleArn: string;
/** The account of the role, which has an aggregator and conformance packs of its own. */
let account: string;

beforeAll(async () => {
  const estate = createEstate({ seed: "policies", today: day("2026-11-21"), months: 4, scale: 0.02 });
  root = await mkdtemp(join(tmpdir(), "bursar-policies-"));
  await mkdir(join(root, "any-trail", "AWSLogs"), { recursive: true });
  await writeFile(join(root, "any-trail", "AWSLogs", "check"), "{}");
  makeLockedBucket(root, HEADS);
  openLockedBucket(root, HEADS).put("any/1.json", Buffer.from("head"), null, true);
  account = estate.awsOrganization.managementAccountId;
  const [planned] = plannedClusters(estate);
  if (!planned) throw new Error("the estate has no cluster");
  const prometheus = createPrometheus(planned, estate.calendar.today, () => NOW);
  server = await startAws({
    root,
    estate,
    ecsClusters: estate.ecsClusters
      .filter(({ machines }) => machines.length > 0)
      .map((cluster) => ({ ...cluster, account: { ...cluster.account, id: account } })),
    eksClusters: eksClustersOf(estate).map((cluster) => ({ ...cluster, name: "any", account })),
    machines: () => [
      { account, region: "eu-central-1", id: NODE, image: { id: "ami-0a", createdAt: NOW.toISOString() } },
    ],
    logGroups: [{ account, region: "eu-central-1", name: "/aws/eks/any/cluster", events: [] }],
    prometheus: (_workspace, path, parameters) => prometheus.answer(path, parameters),
  });
  roleArn = `arn:aws:iam::${account}:role/bursar`;
}, 180_000);
afterEach(() => server.reset());
afterAll(async () => {
  await server.close();
  await rm(root, { recursive: true, force: true });
});

function connection() {
  const { accessKeyId, secretAccessKey } = DEMO_CREDENTIALS;
  return { endpoint: server.url, roleArn, externalId: EXTERNAL_ID, accessKeyId, secretAccessKey };
}

type PoliciedSource = {
  kind: string;
  policy: string;
  permissions: readonly AwsPermission[];
  read(): Promise<unknown>;
  check(): Promise<CheckResult[]>;
};

const SOURCES: PoliciedSource[] = [
  {
    kind: "aws-cost-explorer",
    policy: "read-cost-explorer",
    permissions: COST_EXPLORER_PERMISSIONS,
    read: async () => {
      const spec = costExplorerSpec.parse({ kind: "aws-cost-explorer", ...connection(), refineBy: "region" });
      const slice = (await planCostExplorer(spec, { signal, logicalTime: NOW, published: new Map() })).at(-2);
      if (!slice) throw new Error("nothing is offered");
      const projection = { tagKeys: [], environmentTags: [], resourcePatterns: [] };
      const options = { signal, gate: openGate, onProgress: () => {}, projection, scratchDir: root, threads: 1 };
      await (await readCostExplorerSlice(spec, slice, options)).close();
    },
    check: () =>
      checkCostExplorer(costExplorerSpec.parse({ kind: "aws-cost-explorer", ...connection() }), {
        gate: openGate,
        now: NOW,
        signal,
      }),
  },
  {
    kind: "aws-organizations",
    policy: "read-organizations",
    permissions: ORGANIZATIONS_PERMISSIONS,
    read: () =>
      readOrganization(organizationsSpec.parse({ kind: "aws-organizations", ...connection() }), openGate, {
        signal,
        onProgress: () => {},
      }),
    check: () =>
      checkOrganization(organizationsSpec.parse({ kind: "aws-organizations", ...connection() }), {
        gate: openGate,
        signal,
      }),
  },
  {
    kind: "aws-ecs",
    policy: "read-ecs",
    permissions: ECS_PERMISSIONS,
    read: async () => {
      const [slice] = await planEcs(ecs(), { logicalTime: NOW, gate: openGate, signal });
      await readEcsCluster(ecs(), slice?.period ?? "", openGate, { signal, onProgress: () => {} });
    },
    check: () => checkEcs(ecs(), { gate: openGate, signal }),
  },
  {
    kind: "aws-config through an aggregator",
    policy: "read-config-aggregator",
    permissions: CONFIG_AGGREGATOR_PERMISSIONS,
    read: () => readConfig(throughAggregator()),
    check: () => checkConfig(throughAggregator(), { gate: openGate, signal }),
  },
  {
    kind: "aws-config account by account",
    policy: "read-config",
    permissions: CONFIG_PERMISSIONS,
    read: () => readConfig(byAccount()),
    check: () => checkConfig(byAccount(), { gate: openGate, signal }),
  },
  {
    kind: "kubernetes with clusters of EKS",
    policy: "read-eks",
    permissions: EKS_PERMISSIONS,
    read: openEks,
    check: async () => [await checkStep("Where the cluster is", openEks)],
  },
  {
    kind: "kubernetes-audit with logs of EKS",
    policy: "read-eks-logs",
    permissions: EKS_LOG_PERMISSIONS,
    read: async () => {
      const options = { gate: openGate, signal, now: NOW, cursor: null, onProgress: () => {} };
      const slice = { period: "any/eks-logs", fingerprint: "", files: [] };
      for await (const { events } of readAudit("audit", eksLogs(), slice, options)) expect(events).toEqual([]);
    },
    check: () => checkAudit(eksLogs(), { gate: openGate, now: NOW, signal }),
  },
  {
    kind: "aws-cloudtrail",
    policy: "read-cloudtrail",
    permissions: Object.values(CLOUDTRAIL_PERMISSIONS),
    read: async () => {
      for (const { error } of await checkCloudTrail(cloudTrail(), { gate: openGate, now: NOW, signal }))
        if (error !== null) throw Object.assign(new Error(error.message), error);
    },
    check: () => checkCloudTrail(cloudTrail(), { gate: openGate, now: NOW, signal }),
  },
  {
    kind: "aws-cloudtrail without a bucket",
    policy: "lookup-cloudtrail",
    permissions: CLOUDTRAIL_LOOKUP_PERMISSIONS,
    read: async () => {
      const options = { gate: openGate, signal, now: new Date(), cursor: null, onProgress: () => {} };
      const period = `${account}/eu-central-1`;
      for await (const { events } of readCloudTrail("trail", lookup(), period, options)) expect(events).toEqual([]);
    },
    check: () => checkCloudTrail(lookup(), { gate: openGate, now: NOW, signal }),
  },
  {
    kind: "kubernetes with Amazon's Prometheus",
    policy: "read-managed-prometheus",
    permissions: MANAGED_PROMETHEUS_PERMISSIONS,
    read: () =>
      withUsageServer(workspace(), { cluster: "any", what: "Prometheus" }, { gate: openGate, signal }, (opened) =>
        readPrometheusDay(opened, day("2026-11-20"), signal),
      ),
    check: () => checkUsage({ key: "any", prometheus: workspace() }, { gate: openGate, signal }),
  },
  {
    kind: "kubernetes with images by EC2",
    policy: "read-node-images",
    permissions: Object.values(MACHINE_IMAGE_PERMISSIONS),
    read: async () => {
      const providerId = `aws:///eu-central-1a/${NODE}`;
      const node = { providerId, region: null, machineImageCreatedAt: null } as NodeItem;
      const found = await withMachineImages(withEc2(), [node], [], { gate: openGate, signal });
      expect(found).toMatchObject([{ machineImageId: "ami-0a", machineImageCreatedAt: NOW }]);
    },
    check: () => checkMachineImages({ key: "any", ...withEc2() }, { gate: openGate, signal }),
  },
  {
    kind: "signing with a key of KMS",
    policy: "sign",
    permissions: Object.values(KMS_PERMISSIONS),
    read: async () => {
      const kms = await openKms(signing(), openGate, signal);
      const { sign } = await kms.readKey();
      expect(await sign(Buffer.from("any"))).toHaveLength(64);
      kms.close();
    },
    check: () => checkKmsKey(signing(), openGate, signal),
  },
  {
    kind: "keeping heads in a bucket",
    policy: "keep-heads",
    permissions: Object.values(HEADS_BUCKET_PERMISSIONS),
    read: async () => {
      const bucket = await openHeadsBucket(heads(), openGate, signal);
      await bucket.put({ name: "2.json", content: Buffer.from("head"), type: "application/json" }, new Date());
      for await (const version of bucket.versions())
        expect(Buffer.from(await bucket.get(version)).toString()).toBe("head");
      bucket.close();
    },
    check: () => checkHeadsBucket(heads(), openGate, signal),
  },
];

function ecs(): EcsSpec {
  return ecsSpec.parse({ kind: "aws-ecs", ...connection(), regions: ["eu-central-1"] });
}

function throughAggregator() {
  const region = AGGREGATOR.region;
  return awsConfigSpec.parse({ kind: "aws-config", ...connection(), aggregator: AGGREGATOR.name, region });
}

function byAccount() {
  const { roleArn: _, ...rest } = connection();
  const settings = { accountRole: "bursar", accounts: [account], regions: [AGGREGATOR.region] };
  return awsConfigSpec.parse({ kind: "aws-config", ...rest, ...settings });
}

async function readConfig(spec: ReturnType<typeof throughAggregator>): Promise<void> {
  await planConfigEvaluations(spec, { gate: openGate, signal, due: NOW, only: null });
  const reading = await readConfigEvaluations(spec, account, {
    gate: openGate,
    signal,
    now: NOW,
    onProgress: () => {},
  });
  let items = 0;
  for await (const batch of reading.items) items += batch.length;
  expect(items).toBeGreaterThan(0);
  expect(reading.unread()).toEqual([]);
}

async function openEks(): Promise<void> {
  const eks = { clusterName: "any", ...connection(), region: "eu-central-1" };
  (await openAccess({ key: "any", eks }, openGate, signal)).close();
}

function eksLogs() {
  const logs = { ...connection(), region: "eu-central-1", clusterName: "any", days: 1 };
  return kubernetesAuditSpec.parse({ kind: "kubernetes-audit", clusters: [{ key: "any", eksLogs: logs }] });
}

function cloudTrail() {
  return cloudTrailSpec.parse({ kind: "aws-cloudtrail", ...connection(), region: "eu-central-1", bucket: "any-trail" });
}

function lookup() {
  return cloudTrailSpec.parse({ kind: "aws-cloudtrail", ...connection(), region: "eu-central-1", days: 1 });
}

function withEc2() {
  return { ec2: { ...connection(), region: "eu-central-1" } };
}

function signing() {
  return kmsSpec.parse({ ...connection(), region: "eu-central-1", keyId: "alias/bursar-bundles" });
}

function heads() {
  const place = { bucket: HEADS, prefix: "any", region: "eu-central-1", lock: { mode: "COMPLIANCE", days: 1 } };
  return headsBucketSpec.parse({ ...connection(), ...place });
}

function workspace(): UsageServerSpec {
  return { url: `${server.url}/workspaces/ws-any`, aws: { ...connection(), region: "eu-central-1" } };
}

async function actionsOf(policy: string): Promise<string[]> {
  const file = join(import.meta.dirname, `../../deploy/aws/${policy}.json`);
  const { Statement } = policyDocument.parse(JSON.parse(await readFile(file, "utf8")));
  return Statement.flatMap(({ Action }) => Action).toSorted();
}

/** What the server was asked for as the role; assuming it is the right of whoever assumes. */
function calledActions(): string[] {
  const byOperation = server.calls.filter(({ service }) => service !== "sts" && service !== "s3");
  const called = byOperation.map(({ service, operation }) => `${service}:${operation}`);
  return [...new Set([...called, ...server.requests.flatMap(({ actions }) => actions)])].toSorted();
}

test.each(SOURCES)(
  "$kind calls what its policy allows and nothing else",
  { timeout: 180_000 },
  async ({ policy, permissions, read }) => {
    const allowed = await actionsOf(policy);
    expect(permissions.map(({ action }) => action).toSorted()).toEqual(allowed);
    server.roles.set({ arn: roleArn, policy: allowed, externalId: EXTERNAL_ID });
    await read();
    expect(calledActions()).toEqual(allowed);
    expect(server.calls.filter(({ errorCode }) => errorCode !== null)).toEqual([]);
  },
);

test.each(SOURCES)(
  "a check of $kind stays within its policy and finds nothing wrong with it",
  async ({ policy, check }) => {
    const allowed = await actionsOf(policy);
    server.roles.set({ arn: roleArn, policy: allowed, externalId: EXTERNAL_ID });
    expect((await check()).filter(({ ok }) => !ok)).toEqual([]);
    expect(calledActions()).toEqual(allowed);
  },
);

test.each(SOURCES.flatMap((source) => source.permissions.map((permission) => ({ ...source, permission }))))(
  "a check of $kind without $permission.action names it and the line to add",
  async ({ policy, permission, check }) => {
    const others = (await actionsOf(policy)).filter((action) => action !== permission.action);
    server.roles.set({ arn: roleArn, policy: others, externalId: EXTERNAL_ID });
    const failed = (await check()).filter(({ ok }) => !ok);
    expect(failed).toHaveLength(1);
    expect(failed[0]?.error).toMatchObject({ code: "denied" });
    expect(failed[0]?.error?.message).toContain(permission.action);
    expect(failed[0]?.error?.remedy).toContain(statementOf(permission));
  },
);

test.each(SOURCES)(
  "the Terraform of $kind gives its policy to a role that asks for the external id",
  async ({ policy }) => {
    const terraform = await readFile(join(import.meta.dirname, `../../deploy/aws/${policy}/main.tf`), "utf8");
    expect(terraform).toContain(`file("\${path.module}/../${policy}.json")`);
    expect(terraform).toMatch(/variable = "sts:ExternalId"\s+values\s+= \[var\.external_id\]/);
    expect(terraform).toMatch(/identifiers = \[var\.bursar_principal_arn\]/);
  },
);
