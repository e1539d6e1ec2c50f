import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openAwsClients, type AwsClients } from "#lib/sources/aws/client.ts";
import { openGate, type ApiCall, type RequestGate } from "#lib/sources/aws/request-gate.ts";
import { openAccess } from "#lib/sources/kubernetes/cluster-access.ts";
import { eksAddress } from "#lib/sources/kubernetes/eks-address.ts";
import { eksTokens } from "#lib/sources/kubernetes/eks-token.ts";
import type { NodeItem, UnknownKind } from "#lib/sources/cluster-inventory.ts";
import { withMachineImages } from "#lib/sources/kubernetes/node-images.ts";
import type { Ec2Machine } from "#demo/aws/ec2/service.ts";
import { eksClustersOf, type EksCluster } from "#demo/aws/eks/service.ts";
import { openAwsWorkshop, type AwsWorkshop } from "./aws-estate.ts";

const signal = new AbortController().signal;
const REGION = "eu-central-1";
let aws: AwsWorkshop;
let planted: EksCluster;
let roleArn: string;
let machines: Ec2Machine[];

beforeAll(async () => {
  aws = await openAwsWorkshop({ machines: () => machines });
  const [first] = eksClustersOf(aws.estate);
  if (!first) throw new Error("The estate has no cluster of EKS.");
  planted = first;
  roleArn = `arn:aws:iam::${planted.account}:role/bursar-read-clusters`;
  machines = Array.from({ length: 230 }, (_, index) => ({
    account: planted.account,
    region: REGION,
    id: `i-0${index.toString(16).padStart(16, "0")}`,
    image: { id: `ami-${index % 3}`, createdAt: index % 3 === 2 ? null : `2026-0${(index % 3) + 1}-05T00:00:00.000Z` },
  }));
});
afterEach(() => aws.server.reset());
afterAll(() => aws.close());

function access(settings: object = {}) {
  return { clusterName: planted.name, roleArn, ...aws.connection, region: REGION, ...settings };
}

async function withClients<T>(settings: object, work: (clients: AwsClients) => Promise<T>): Promise<T> {
  const clients = await openAwsClients(access(settings), openGate, signal);
  try {
    return await work(clients);
  } finally {
    clients.close();
  }
}

function keyIn(token: string): string {
  const address = new URL(Buffer.from(token.replace(/^k8s-aws-v1\./, ""), "base64url").toString());
  return address.searchParams.get("X-Amz-Credential")?.split("/")[0] ?? "";
}

test("the token is signed with the keys of the role, which is assumed once for all requests", async () => {
  aws.server.roles.set({ arn: roleArn, policy: [] });
  await withClients({}, async (clients) => {
    const next = eksTokens(access(), clients);
    const first = await next();
    expect(keyIn(first)).toMatch(/^ASIA/);
    expect(await next()).toBe(first);
  });
  expect(aws.server.calls.filter(({ operation }) => operation === "AssumeRole")).toHaveLength(1);
});

test("a role that may not be assumed is denied with what its trust has to say", async () => {
  await withClients({ roleArn: `${roleArn}-of-others` }, async (clients) => {
    await expect(eksTokens(access(), clients)()).rejects.toMatchObject({ code: "denied" });
  });
});

test("EKS tells where the cluster is and who signs for it, through the gate", async () => {
  aws.server.roles.set({ arn: roleArn, policy: ["eks:DescribeCluster"] });
  const passed: ApiCall[] = [];
  const gate: RequestGate = {
    enter: async (call) => {
      passed.push(call);
    },
    leave: async () => {},
  };
  const opened = await openAccess({ key: "core", eks: access() }, gate, signal);
  opened.close();
  expect(opened.server).toBe(planted.endpoint);
  expect(opened.config.getCurrentCluster()?.caData).toBe(planted.certificateAuthority);
  expect(passed).toContainEqual(
    expect.objectContaining({ api: "eks", operation: "DescribeCluster", account: planted.account, region: REGION }),
  );
});

test("an address in the settings is not asked for", async () => {
  const server = "https://kubernetes.example.com";
  const address = await withClients({}, (clients) => eksAddress(access({ server }), clients));
  expect(address).toEqual({ server, certificateAuthority: undefined });
  expect(aws.server.calls).toEqual([]);
});

test("a cluster that is not there and a missing permission are told apart", async () => {
  aws.server.roles.set({ arn: roleArn, policy: ["eks:DescribeCluster"] });
  const ask = (settings: object) => withClients({}, (clients) => eksAddress(access(settings), clients));
  await expect(ask({ clusterName: "nobodys" })).rejects.toMatchObject({ code: "not_found" });
  await expect(ask({ region: "eu-west-1" })).rejects.toMatchObject({ code: "not_found" });
  aws.server.roles.set({ arn: roleArn, policy: [] });
  await expect(ask({})).rejects.toMatchObject({
    code: "denied",
    remedy: expect.stringContaining('"Action":"eks:DescribeCluster"'),
  });
});

test("a throttled answer is asked for again", async () => {
  aws.server.roles.set({ arn: roleArn, policy: ["eks:DescribeCluster"] });
  aws.server.faults.throttle(2, { service: "eks" });
  const address = await withClients({}, (clients) => eksAddress(access(), clients));
  expect(address.server).toBe(planted.endpoint);
  expect(aws.server.calls.filter(({ errorCode }) => errorCode === "ThrottlingException")).toHaveLength(2);
});

const node = (part: Partial<NodeItem>): NodeItem =>
  ({
    name: "n",
    providerId: null,
    region: REGION,
    machineImageId: null,
    machineImageCreatedAt: null,
    ...part,
  }) as NodeItem;
const onEc2 = (machine: Ec2Machine): NodeItem => node({ providerId: `aws:///${machine.region}a/${machine.id}` });
const ALLOWED = ["ec2:DescribeInstances", "ec2:DescribeImages"];

test("EC2 tells which images nodes were made from and when, page by page; what it does not know stays as the node says", async () => {
  aws.server.roles.set({ arn: roleArn, policy: ALLOWED });
  aws.server.faults.throttle(1, { service: "ec2", operation: "DescribeInstances" });
  const told = new Date("2026-01-02T00:00:00Z");
  const others = [
    node({ providerId: "aws:///eu-central-1a/0d1e-2f/fargate-ip-10-0-0-1.eu-central-1.compute.internal" }),
    node({ providerId: "aws:///eu-central-1a/i-0ffffffffffffffff", machineImageCreatedAt: told }),
    node({ providerId: "gce://project/zone/i-1" }),
  ];
  const unknown: UnknownKind[] = [];
  const nodes = [...machines.map(onEc2), ...others];
  const found = await withMachineImages({ eks: access(), ec2: {} }, nodes, unknown, { gate: openGate, signal });
  expect(unknown).toEqual([]);
  expect(found?.map((one) => [one.machineImageId, one.machineImageCreatedAt?.toISOString() ?? null])).toEqual([
    ...machines.map(({ image }) => [image.id, image.createdAt]),
    [null, null],
    [null, told.toISOString()],
    [null, null],
  ]);
  const answered = aws.server.calls.filter(({ errorCode }) => errorCode === null);
  // 230 machines: two batches, the first on two pages.
  expect(answered.filter(({ operation }) => operation === "DescribeInstances")).toHaveLength(3);
});

test("where EC2 may not be asked, that is said with the lines to add, and the nodes are not lost", async () => {
  const ask = async (policy: string[]) => {
    aws.server.roles.set({ arn: roleArn, policy });
    const unknown: UnknownKind[] = [];
    const found = await withMachineImages({ eks: access(), ec2: {} }, machines.map(onEc2), unknown, {
      gate: openGate,
      signal,
    });
    expect(found).toEqual(machines.map(onEc2));
    return unknown;
  };
  for (const policy of [[], ["ec2:DescribeInstances"]])
    expect(await ask(policy)).toMatchObject([
      { kind: "machine images", reason: "denied", rbacLine: expect.stringContaining('"ec2:DescribeImages"') as string },
    ]);
  aws.server.faults.fail("InternalError", 1, { service: "ec2" });
  expect(await ask(ALLOWED)).toMatchObject([{ reason: "failed", rbacLine: null }]);
  // Not in the settings: nobody is asked.
  aws.server.reset();
  expect(await withMachineImages({ eks: access() }, machines.map(onEc2), [], { gate: openGate, signal })).toHaveLength(
    machines.length,
  );
  expect(aws.server.calls).toEqual([]);
});
