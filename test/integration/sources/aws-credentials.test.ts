import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { DEMO_CREDENTIALS } from "#demo/aws/s3.ts";
import { openAwsClients } from "#lib/sources/aws/client.ts";
import { countingGate, openGate, type ApiCall } from "#lib/sources/aws/request-gate.ts";
import { organizationsSpec, readOrganization } from "#lib/sources/aws-organizations/index.ts";
import { openAwsWorkshop, type AwsWorkshop } from "./aws-estate.ts";

let aws: AwsWorkshop;
let roleArn: string;

beforeAll(async () => {
  aws = await openAwsWorkshop();
  roleArn = `arn:aws:iam::${aws.estate.awsOrganization.managementAccountId}:role/bursar`;
});
beforeEach(() => {
  // Nothing of the machine's own may answer: neither its profiles nor its metadata service.
  for (const name of ["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"])
    vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  vi.stubEnv("AWS_CONFIG_FILE", join(aws.scratchDir, "config"));
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(aws.scratchDir, "credentials"));
  vi.stubEnv("AWS_ENDPOINT_URL", aws.server.url);
});
afterEach(() => {
  vi.unstubAllEnvs();
  aws.server.reset();
});
afterAll(() => aws.close());

function read(settings: object = {}, signal: AbortSignal = new AbortController().signal) {
  const spec = organizationsSpec.parse({ kind: "aws-organizations", ...settings });
  return readOrganization(spec, openGate, { signal, onProgress: () => {} });
}

test("endpoint and keys are found in the environment, and no region is needed", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", DEMO_CREDENTIALS.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", DEMO_CREDENTIALS.secretAccessKey);
  expect((await read()).organizationId).toBe(aws.estate.awsOrganization.id);
  expect(new Set(aws.server.calls.map(({ region }) => region))).toEqual(new Set(["us-east-1"]));
});

test("a profile gives keys and the region of STS, and its role is assumed from it", async () => {
  const { accessKeyId, secretAccessKey } = DEMO_CREDENTIALS;
  // The SDK remembers the files that it has read, by their paths.
  const file = join(aws.scratchDir, "config-with-profile");
  vi.stubEnv("AWS_CONFIG_FILE", file);
  await writeFile(
    file,
    `[profile billing]\nregion = eu-west-1\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
  );
  aws.server.roles.set({ arn: roleArn, policy: ["organizations:*"], externalId: "secret-1" });
  await read({ profile: "billing", roleArn, externalId: "secret-1" });
  const regionOf = (service: string) =>
    new Set(aws.server.calls.filter((call) => call.service === service).map(({ region }) => region));
  expect(regionOf("sts")).toEqual(new Set(["eu-west-1"]));
  expect(regionOf("organizations")).toEqual(new Set(["us-east-1"]));
});

test("a web identity, as a cluster gives it to its workloads, is exchanged for a role", async () => {
  const expiresAt = Math.floor(Date.now() / 1000) + 600;
  const claims = Buffer.from(JSON.stringify({ sub: "system:serviceaccount:bursar:bursar", exp: expiresAt }));
  const token = join(aws.scratchDir, "token");
  await writeFile(token, `e30.${claims.toString("base64url")}.c2lnbmF0dXJl`);
  aws.server.roles.set({
    arn: roleArn,
    policy: ["organizations:*"],
    webIdentitySubject: "system:serviceaccount:bursar:bursar",
  });
  vi.stubEnv("AWS_WEB_IDENTITY_TOKEN_FILE", token);
  vi.stubEnv("AWS_ROLE_ARN", roleArn);
  expect((await read()).organizationId).toBe(aws.estate.awsOrganization.id);
  expect(aws.server.calls[0]?.operation).toBe("AssumeRoleWithWebIdentity");
});

test("without any credentials the error says that the settings have none", async () => {
  await expect(read()).rejects.toMatchObject({ code: "invalid_config" });
});

test("the role is assumed once for all requests, through the gate", async () => {
  aws.server.roles.set({ arn: roleArn, policy: ["organizations:*"] });
  const calls: ApiCall[] = [];
  const { gate, tally } = countingGate({ ...openGate, enter: async (call) => void calls.push(call) });
  const spec = organizationsSpec.parse({ kind: "aws-organizations", ...aws.connection, roleArn });
  await readOrganization(spec, gate, { signal: new AbortController().signal, onProgress: () => {} });
  expect(calls.filter(({ api }) => api === "sts").map(({ operation }) => operation)).toEqual(["AssumeRole"]);
  expect(tally()).toEqual({ requests: aws.server.calls.length, priceUsd: "0" });
});

test("an abort ends a reading that is waiting to try again", async () => {
  aws.server.faults.throttleShare(1);
  const controller = new AbortController();
  const spec = organizationsSpec.parse({ kind: "aws-organizations", ...aws.connection });
  let attempts = 0;
  const gate = {
    ...openGate,
    leave: async () => {
      attempts += 1;
      if (attempts === 2) controller.abort(new Error("no longer wanted"));
    },
  };
  await expect(readOrganization(spec, gate, { signal: controller.signal, onProgress: () => {} })).rejects.toThrow(
    "no longer wanted",
  );
  expect(attempts).toBe(2);
});

test("waiting at the gate does not age a signature: a request is signed after it", async () => {
  const clients = await openAwsClients(aws.connection, openGate, new AbortController().signal);
  const names = clients.organizations.middlewareStack.identify().map((name) => name.split(" ")[0]);
  expect(names.indexOf("requestGate")).toBeLessThan(names.indexOf("httpSigningMiddleware"));
  expect(names.indexOf("requestGate")).toBeGreaterThan(names.indexOf("retryMiddleware"));
  clients.close();
});
