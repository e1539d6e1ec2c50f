import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openGate } from "#lib/sources/aws/request-gate.ts";
import { eksTokens } from "#lib/sources/kubernetes/eks-token.ts";
import { openAwsWorkshop, type AwsWorkshop } from "./aws-estate.ts";

const signal = new AbortController().signal;
let aws: AwsWorkshop;
let roleArn: string;

beforeAll(async () => {
  aws = await openAwsWorkshop();
  roleArn = `arn:aws:iam::${aws.estate.awsOrganization.managementAccountId}:role/bursar-read-clusters`;
});
afterEach(() => aws.server.reset());
afterAll(() => aws.close());

function access(role = roleArn) {
  const server = "https://0123456789abcdef.gr7.eu-central-1.eks.amazonaws.com";
  return { clusterName: "motor-claims", server, region: "eu-central-1", roleArn: role, ...aws.connection };
}

function keyIn(token: string): string {
  const address = new URL(Buffer.from(token.replace(/^k8s-aws-v1\./, ""), "base64url").toString());
  return address.searchParams.get("X-Amz-Credential")?.split("/")[0] ?? "";
}

test("the token is signed with the keys of the role, which is assumed once for all requests", async () => {
  aws.server.roles.set({ arn: roleArn, policy: [] });
  const tokens = await eksTokens(access(), openGate, signal);
  const first = await tokens.next();
  expect(keyIn(first)).toMatch(/^ASIA/);
  expect(await tokens.next()).toBe(first);
  expect(aws.server.calls.filter(({ operation }) => operation === "AssumeRole")).toHaveLength(1);
  tokens.close();
});

test("a role that may not be assumed is denied with what its trust has to say", async () => {
  const tokens = await eksTokens(access(`${roleArn}-of-others`), openGate, signal);
  await expect(tokens.next()).rejects.toMatchObject({ code: "denied" });
  tokens.close();
});
