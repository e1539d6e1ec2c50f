import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { DEMO_CREDENTIALS } from "#demo/aws/s3.ts";
import { type AwsServer, startAws } from "#demo/aws/server.ts";
import { createEstate } from "#demo/estate/estate.ts";
import { plannedClusters, type PlannedCluster } from "#demo/estate/namespaces.ts";
import { type Authority, createAuthority } from "#demo/kubernetes/certificates.ts";
import { createPrometheus } from "#demo/kubernetes/prometheus.ts";
import {
  type DemandingPrometheus,
  type PrometheusDemand,
  startPrometheus,
} from "#demo/kubernetes/prometheus-server.ts";
import { day } from "#lib/domain/period.ts";
import { openGate, type ApiCall, type RequestGate } from "#lib/sources/aws/request-gate.ts";
import { withUsageServer } from "#lib/sources/usage/client.ts";
import { readPrometheusDay } from "#lib/sources/usage/prometheus.ts";
import { usageServerSpec, type UsageServerSpec } from "#lib/sources/usage/server-spec.ts";

const TODAY = day("2026-11-21");
const YESTERDAY = day("2026-11-20");
const WORKSPACE = "ws-0f0f0f0f";
const signal = new AbortController().signal;
const clock = () => new Date(`${TODAY}T12:00:00Z`);

let cluster: PlannedCluster;
let authority: Authority;
let aws: AwsServer;
let account: string;
let folder: string;
const opened: DemandingPrometheus[] = [];

beforeAll(async () => {
  const estate = createEstate({ seed: "halvern", today: TODAY, months: 4, scale: 0.02 });
  const found = plannedClusters(estate).find(({ features }) => features.includes("prometheus"));
  if (!found) throw new Error("There is no cluster to ask.");
  cluster = found;
  authority = await createAuthority("the authority of this test");
  folder = await mkdtemp(join(tmpdir(), "bursar-sign-in-"));
  const prometheus = createPrometheus(cluster, TODAY, clock);
  account = estate.awsOrganization.managementAccountId;
  aws = await startAws({
    root: folder,
    estate,
    prometheus: (workspace, path, parameters) => (workspace === WORKSPACE ? prometheus.answer(path, parameters) : null),
  });
});
afterEach(async () => {
  aws.reset();
  for (const server of opened.splice(0)) await server.close();
});
afterAll(async () => {
  await aws.close();
  await rm(folder, { recursive: true, force: true });
});

async function serve(demand: PrometheusDemand): Promise<DemandingPrometheus> {
  const server = await startPrometheus(cluster, { today: TODAY, clock, demand });
  opened.push(server);
  return server;
}

async function read(settings: unknown, gate: RequestGate = openGate): Promise<number> {
  const spec: UsageServerSpec = usageServerSpec.parse(settings);
  const asked = { cluster: cluster.name, what: "Prometheus" } as const;
  const { rows } = await withUsageServer(spec, asked, { gate, signal }, (server) =>
    readPrometheusDay(server, YESTERDAY, signal),
  );
  return rows.length;
}

test("a bearer token lets Bursar in; none, a wrong one and one that has expired do not", async () => {
  const { url, refusals } = await serve({ tokens: { good: null, old: new Date("2026-11-21T11:59:59Z") } });
  expect(await read({ url, bearerToken: "good" })).toBeGreaterThan(0);
  expect(refusals).toEqual([]);
  await expect(read(url)).rejects.toMatchObject({ code: "denied" });
  await expect(read({ url, bearerToken: "bad" })).rejects.toMatchObject({ code: "denied" });
  await expect(read({ url, bearerToken: "old" })).rejects.toMatchObject({
    code: "denied",
    message: expect.stringContaining("token is expired"),
    remedy: expect.stringContaining("has not expired"),
  });
});

test("a token in a file is read anew, so that one which is renewed stays good", async () => {
  const { url } = await serve({ tokens: { second: null } });
  const bearerTokenFile = join(folder, "token");
  await writeFile(bearerTokenFile, "first\n");
  await expect(read({ url, bearerTokenFile })).rejects.toMatchObject({ code: "denied" });
  await writeFile(bearerTokenFile, "second\n");
  expect(await read({ url, bearerTokenFile })).toBeGreaterThan(0);
  await expect(read({ url, bearerTokenFile: join(folder, "none") })).rejects.toMatchObject({ code: "invalid_config" });
});

test("name and password let Bursar in, and a wrong password does not", async () => {
  const { url } = await serve({ passwords: { bursar: "a:b" } });
  expect(await read({ url, username: "bursar", password: "a:b" })).toBeGreaterThan(0);
  const refused = read({ url, username: "bursar", password: "a" });
  await expect(refused).rejects.toMatchObject({ code: "denied", remedy: expect.stringContaining("password") });
});

test("certificates of an own authority are trusted where the settings say so, and its client certificate is shown", async () => {
  const tls = { ...(await authority.issue("prometheus")), clientAuthority: authority.certificate };
  const { url } = await serve({ tls });
  const { certificate, key } = await authority.issue("bursar");
  const certificateAuthority = authority.certificate;
  const settings = { url, certificateAuthority, clientCertificate: certificate, clientKey: key };
  expect(await read(settings)).toBeGreaterThan(0);
  const authorityFile = join(folder, "ca.pem");
  await writeFile(authorityFile, authority.certificate);
  expect(await read({ ...settings, certificateAuthority: authorityFile })).toBeGreaterThan(0);
  for (const refused of [
    { url, clientCertificate: certificate, clientKey: key },
    { url, certificateAuthority },
  ])
    await expect(read(refused)).rejects.toMatchObject({ code: "invalid_config" });
});

test("a server whose certificate has expired, and a client's, are refused", async () => {
  const over = { from: new Date("2020-01-01T00:00:00Z"), to: new Date("2020-02-01T00:00:00Z") };
  const stale = await serve({ tls: await authority.issue("prometheus", over) });
  const certificateAuthority = authority.certificate;
  await expect(read({ url: stale.url, certificateAuthority })).rejects.toMatchObject({
    code: "invalid_config",
    message: expect.stringContaining("CERT_HAS_EXPIRED"),
  });
  const strict = await serve({
    tls: { ...(await authority.issue("prometheus")), clientAuthority: authority.certificate },
  });
  const { certificate, key } = await authority.issue("bursar", over);
  const shown = { url: strict.url, certificateAuthority, clientCertificate: certificate, clientKey: key };
  await expect(read(shown)).rejects.toMatchObject({
    code: "invalid_config",
    message: expect.stringContaining("has expired"),
  });
});

function workspace(settings: object = {}) {
  const { accessKeyId, secretAccessKey } = DEMO_CREDENTIALS;
  const connection = { region: "eu-central-1", endpoint: aws.url, accessKeyId, secretAccessKey };
  return { url: `${aws.url}/workspaces/${WORKSPACE}`, aws: { ...connection, ...settings } };
}

test("requests to Amazon's Prometheus are signed by a role, and each passes the gate", async () => {
  const roleArn = `arn:aws:iam::${account}:role/bursar-read-metrics`;
  aws.roles.set({ arn: roleArn, policy: ["aps:QueryMetrics"] });
  const passed: ApiCall[] = [];
  const gate: RequestGate = {
    enter: async (call) => {
      passed.push(call);
    },
    leave: async () => {},
  };
  expect(await read(workspace({ roleArn }), gate)).toBeGreaterThan(0);
  const queries = aws.calls.filter(({ service }) => service === "aps");
  expect(queries.map(({ status }) => status)).toEqual(queries.map(() => 200));
  expect(passed.filter(({ api }) => api === "aps")).toHaveLength(queries.length);
  expect(passed.find(({ api }) => api === "aps")).toMatchObject({ account, region: "eu-central-1" });
});

test("a role that may not query is denied with the statement to add", async () => {
  const roleArn = `arn:aws:iam::${account}:role/bursar-without`;
  aws.roles.set({ arn: roleArn, policy: [] });
  await expect(read(workspace({ roleArn }))).rejects.toMatchObject({
    code: "denied",
    remedy: expect.stringContaining('"Action":"aps:QueryMetrics"'),
  });
});

test("a signature by a wrong key, and credentials that have expired, are refused", async () => {
  const refused = read(workspace({ secretAccessKey: "another" }));
  await expect(refused).rejects.toMatchObject({ code: "denied", message: expect.stringContaining("signature") });
  const roleArn = `arn:aws:iam::${account}:role/bursar-read-metrics`;
  aws.roles.set({ arn: roleArn, policy: ["aps:QueryMetrics"] });
  const asked = { cluster: cluster.name, what: "Prometheus" } as const;
  const spec = usageServerSpec.parse(workspace({ roleArn }));
  await withUsageServer(spec, asked, { gate: openGate, signal }, async (server) => {
    expect((await readPrometheusDay(server, YESTERDAY, signal)).rows.length).toBeGreaterThan(0);
    aws.expireSessions();
    await expect(readPrometheusDay(server, YESTERDAY, signal)).rejects.toMatchObject({
      code: "denied",
      message: expect.stringContaining("expired"),
    });
  });
});

test("what is secret is not sent where others can read along, and ways to sign in exclude each other", () => {
  expect(usageServerSpec.safeParse({ url: "http://prometheus.example.com", bearerToken: "t" }).success).toBe(false);
  expect(usageServerSpec.safeParse({ url: "https://p.example.com", bearerToken: "t", username: "u" }).success).toBe(
    false,
  );
  expect(usageServerSpec.safeParse({ url: "https://p.example.com", username: "u" }).success).toBe(false);
  expect(usageServerSpec.safeParse({ url: "https://p.example.com", clientKey: "k" }).success).toBe(false);
});
