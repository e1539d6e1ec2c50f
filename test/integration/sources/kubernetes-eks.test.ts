import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openAwsClients, type AwsClients } from "#lib/sources/aws/client.ts";
import { openGate, type ApiCall, type RequestGate } from "#lib/sources/aws/request-gate.ts";
import { openAccess } from "#lib/sources/kubernetes/cluster-access.ts";
import { eksAddress } from "#lib/sources/kubernetes/eks-address.ts";
import { eksTokens } from "#lib/sources/kubernetes/eks-token.ts";
import { eksClustersOf, type EksCluster } from "#demo/aws/eks/service.ts";
import { openAwsWorkshop, type AwsWorkshop } from "./aws-estate.ts";

const signal = new AbortController().signal;
const REGION = "eu-central-1";
let aws: AwsWorkshop;
let planted: EksCluster;
let roleArn: string;

beforeAll(async () => {
  aws = await openAwsWorkshop();
  const [first] = eksClustersOf(aws.estate);
  if (!first) throw new Error("The estate has no cluster of EKS.");
  planted = first;
  roleArn = `arn:aws:iam::${planted.account}:role/bursar-read-clusters`;
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
