import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { createEstate } from "#demo/estate/estate.ts";
import { startKubernetes, type KubernetesServer } from "#demo/kubernetes/server.ts";
import { day } from "#lib/domain/period.ts";
import { openGate } from "#lib/sources/aws/request-gate.ts";
import { checkKubernetes, kubernetesSpec, readClusters } from "#lib/sources/kubernetes/index.ts";

const signal = new AbortController().signal;
/** Asking what one may do is the right of everybody who is signed in. */
const EVERYBODY = /^create selfsubjectaccessreviews\.authorization\.k8s\.io$/;
/** Granted for clusters where it is installed; in none of the demo's it is. */
const NOT_IN_THE_DEMO = [
  "list clusterreports.openreports.io",
  "list helmreleases.helm.toolkit.fluxcd.io",
  "list reports.openreports.io",
];
/** Between them they have everything that is installed anywhere. */
const WITH_EVERYTHING = ["shared-eks-prod", "shared-eks-nonprod", "life-policy-prod", "rancher-tools"];
const rule = z.strictObject({
  apiGroups: z.array(z.string()),
  resources: z.array(z.string()),
  verbs: z.array(z.string()),
});
type Rule = z.infer<typeof rule>;

let folder: string;
let server: KubernetesServer;

beforeAll(async () => {
  const estate = createEstate({ seed: "roles", today: day("2026-11-21"), months: 4, scale: 0.02 });
  folder = await mkdtemp(join(tmpdir(), "bursar-roles-"));
  server = await startKubernetes({ estate, clock: () => new Date("2026-11-21T12:00:00Z") });
  await server.writeKubeconfig(join(folder, "kubeconfig"));
}, 60_000);
afterEach(() => server.faults.clear());
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function objectsOf(file: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(import.meta.dirname, `../../deploy/kubernetes/${file}`), "utf8");
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) throw new Error(`${file} is empty`);
  return documents.map((document) => document.toJS() as Record<string, unknown>);
}

async function rulesOf(file: string): Promise<Rule[]> {
  const roles = (await objectsOf(file)).filter(({ kind }) => kind === "ClusterRole");
  return roles.flatMap((role) => z.array(rule).parse(role["rules"]));
}

/** "list pods", "list deployments.apps", as the server counts its calls. */
function permissionsOf(rules: readonly Rule[]): string[] {
  const each = rules.flatMap(({ apiGroups, resources, verbs }) =>
    verbs.flatMap((verb) =>
      apiGroups.flatMap((group) =>
        resources.map((resource) => {
          const [plural, subresource] = resource.split("/");
          const name = group === "" ? plural : `${plural}.${group}`;
          return `${verb} ${name}${subresource === undefined ? "" : `/${subresource}`}`;
        }),
      ),
    ),
  );
  return each.toSorted();
}

function give(rules: readonly Rule[]): void {
  for (const cluster of server.clusters) server.identity(cluster, "reader").rules = [...rules];
}

function spec(names: readonly string[] = server.clusters) {
  const kubeconfig = join(folder, "kubeconfig");
  const clusters = names.map((key) => ({ key, kubeconfig, context: key }));
  return kubernetesSpec.parse({ kind: "kubernetes", clusters });
}

function calledWithoutDiscovery(before: Record<string, number> = {}): string[] {
  const called = Object.entries(server.counts()).filter(([call, count]) => count > (before[call] ?? 0));
  return called.flatMap(([call]) => (call.startsWith("discovery ") || EVERYBODY.test(call) ? [] : call)).toSorted();
}

test("reading every cluster calls what the role allows and nothing else, and nothing is refused", async () => {
  const allowed = await rulesOf("read.yaml");
  give(allowed);
  for await (const { inventory } of readClusters(spec(), openGate, { signal, onProgress: () => {} }))
    expect(inventory).toMatchObject({ complete: true, unknown: [] });
  expect(calledWithoutDiscovery()).toEqual(
    permissionsOf(allowed).filter((permission) => !NOT_IN_THE_DEMO.includes(permission)),
  );
  expect(server.calls.filter(({ status }) => status >= 400)).toEqual([]);
});

test("a check with the role finds nothing wrong and reads nothing of what is in a cluster", async () => {
  give(await rulesOf("read.yaml"));
  const before = server.counts();
  expect((await checkKubernetes(spec(), { gate: openGate, signal })).filter(({ ok }) => !ok)).toEqual([]);
  expect(calledWithoutDiscovery(before)).toEqual([]);
});

test("a check without one of the role's permissions names it and the line to add", async () => {
  const all = await rulesOf("read.yaml");
  const kinds = all.flatMap(({ apiGroups, resources }) =>
    resources.map((resource) => ({ group: apiGroups[0]!, resource })),
  );
  const isThere = ({ group, resource }: (typeof kinds)[number]) =>
    !NOT_IN_THE_DEMO.includes(`list ${resource}.${group}`);
  for (const { group, resource } of kinds.filter(isThere)) {
    give(
      all.map((one) =>
        one.apiGroups[0] === group ? { ...one, resources: one.resources.filter((name) => name !== resource) } : one,
      ),
    );
    const failed = (await checkKubernetes(spec(WITH_EVERYTHING), { gate: openGate, signal })).filter(({ ok }) => !ok);
    const name = group === "" ? resource : `${resource}.${group}`;
    expect(failed).not.toEqual([]);
    for (const { what, error } of failed) {
      expect(what).toMatch(new RegExp(`: list ${name.replaceAll(".", "\\.")}$`));
      expect(error).toMatchObject({ code: "denied" });
      expect(error?.remedy).toContain(`- { apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["list"] }`);
    }
  }
}, 60_000);

test("the role lets nothing be changed, and no secret be read", async () => {
  const rules = await rulesOf("read.yaml");
  expect(rules.every(({ verbs }) => verbs.join() === "list")).toBe(true);
  expect(rules.flatMap(({ resources }) => resources)).not.toEqual(expect.arrayContaining(["secrets"]));
  expect(rules.flatMap(({ apiGroups, resources }) => [...apiGroups, ...resources])).not.toContain("*");
});

test("the role of a clean-up has nothing of that of reading, and is bound to a subject of its own", async () => {
  const reading = permissionsOf(await rulesOf("read.yaml"));
  expect(permissionsOf(await rulesOf("clean-up.yaml")).filter((permission) => reading.includes(permission))).toEqual(
    [],
  );
  const subjects = async (file: string) =>
    (await objectsOf(file))
      .filter(({ kind }) => kind === "ClusterRoleBinding")
      .flatMap((binding) => z.array(z.object({ name: z.string() })).parse(binding["subjects"]))
      .map(({ name }) => name);
  const readers = await subjects("read.yaml");
  expect((await subjects("clean-up.yaml")).filter((name) => readers.includes(name))).toEqual([]);
});

test("a namespace may be deleted with the role of a clean-up and not without it", async () => {
  const cluster = server.clusters[0]!;
  const remove = () =>
    fetch(`${server.url}/clusters/${cluster}/api/v1/namespaces/ingress-nginx?dryRun=All`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${server.tokenOf(cluster, "reader")}` },
    });
  const reading = await rulesOf("read.yaml");
  give(reading);
  expect((await remove()).status).toBe(403);
  give([...reading, ...(await rulesOf("clean-up.yaml"))]);
  expect((await remove()).status).toBe(200);
});
