import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createEstate, type Estate } from "#demo/estate/estate.ts";
import { DAEMON_SETS } from "#demo/estate/namespaces-placement.ts";
import { plannedClusters, type PlannedCluster, type PlannedNamespace } from "#demo/estate/namespaces.ts";
import { startKubernetes, type KubernetesServer } from "#demo/kubernetes/server.ts";
import { day } from "#lib/domain/period.ts";
import { openGate } from "#lib/sources/aws/request-gate.ts";
import type { ClusterInventory, NamespaceInventory } from "#lib/sources/cluster-inventory.ts";
import { checkKubernetes, kubernetesSpec, readClusters, type ClusterReading } from "#lib/sources/kubernetes/index.ts";

const CLUSTER = "shared-eks-prod";
const OTHER = "motor-claims-prod";
const signal = new AbortController().signal;

let estate: Estate;
let server: KubernetesServer;
let folder: string;
let undisturbed: ClusterInventory;

beforeAll(async () => {
  estate = createEstate({ seed: "halvern", today: day("2026-11-21"), months: 4, scale: 0.05 });
  server = await startKubernetes({ estate, clock: () => new Date("2026-11-21T12:00:00Z") });
  folder = await mkdtemp(join(tmpdir(), "bursar-kubernetes-"));
  await server.writeKubeconfig(join(folder, "kubeconfig"));
  undisturbed = await readOne(CLUSTER);
});
afterEach(() => server.faults.clear());
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

function spec(clusters: readonly string[], settings: object = {}) {
  const kubeconfig = join(folder, "kubeconfig");
  return kubernetesSpec.parse({
    kind: "kubernetes",
    clusters: clusters.map((key) => ({ key, kubeconfig, context: key })),
    pageSize: 20,
    ...settings,
  });
}

async function read(clusters: readonly string[], settings: object = {}): Promise<ClusterReading[]> {
  const options = { signal, onProgress: () => {} };
  const readings: ClusterReading[] = [];
  for await (const reading of readClusters(spec(clusters, settings), openGate, options)) readings.push(reading);
  return readings;
}

async function readOne(cluster: string, settings: object = {}): Promise<ClusterInventory> {
  const [reading] = await read([cluster], settings);
  if (!reading?.inventory) throw reading?.error ?? new Error("nothing was read");
  return reading.inventory;
}

function living({ lives }: PlannedCluster): PlannedNamespace[] {
  return lives.filter(({ deleted }) => deleted === null);
}

function sorted<T>(values: readonly T[]): T[] {
  return values.toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
}

/** What was planted in a namespace, in the inventory's terms. */
function plantedContent(cluster: PlannedCluster, { name, uid, workloads, ...life }: PlannedNamespace) {
  const replicated = workloads.filter(({ kind }) => kind === "Deployment" || kind === "StatefulSet");
  const running = replicated.reduce((sum, { replicas }) => sum + replicas, 0);
  const daemons = name === "kube-system" ? cluster.nodes.length * DAEMON_SETS.length : 0;
  const finished = workloads.filter(({ kind }) => kind === "Job").length;
  return {
    name,
    uid,
    phase: life.isTerminating ? "Terminating" : "Active",
    isBeingDeleted: life.isTerminating,
    pods: { total: running + daemons + finished, running: running + daemons, pending: 0 },
    workloads: sorted<{ kind: string; name: string; desired: number }>([
      ...replicated.map((workload) => ({ kind: workload.kind, name: workload.name, desired: workload.replicas })),
      ...(name === "kube-system"
        ? DAEMON_SETS.map((daemon) => ({ kind: "DaemonSet", name: daemon, desired: cluster.nodes.length }))
        : []),
    ]),
    cronJobs: sorted(
      workloads.flatMap(({ kind, name: job, schedule }) => (kind === "CronJob" ? [{ name: job, schedule }] : [])),
    ),
    jobs: workloads.filter(({ kind }) => kind === "Job" || kind === "CronJob").length,
    services: sorted(
      life.services.map(({ name: service, type, hasEndpoints }) => ({ name: service, type, hasEndpoints })),
    ),
    volumes: sorted(life.volumes.map(({ name: claim, sizeGi }) => ({ claim, gib: sizeGi }))),
    ingresses: life.hasIngress && life.services.length > 0 ? 1 : 0,
    guardrails: [life.hasQuota, life.hasLimits, life.hasNetworkPolicy],
    bindings: sorted(life.bindings.map(({ role, kind, name: subject }) => ({ role, kind, subject }))),
  };
}

function readContent(namespace: NamespaceInventory): ReturnType<typeof plantedContent> {
  const { name, uid, phase, deletionTimestamp, pods, quotas, limitRanges, networkPolicies } = namespace;
  return {
    name,
    uid,
    phase,
    isBeingDeleted: deletionTimestamp !== null,
    pods: { total: pods!.total, running: pods!.running, pending: pods!.pending },
    workloads: sorted(
      namespace.workloads!.map(({ kind, name: workload, desired }) => ({ kind, name: workload, desired })),
    ),
    cronJobs: sorted(namespace.cronJobs!.map(({ name: job, schedule }) => ({ name: job, schedule }))),
    jobs: namespace.jobs!.length,
    services: sorted(
      namespace.services!.map(({ name: service, type, hasEndpoints }) => ({
        name: service,
        type: type as "ClusterIP",
        hasEndpoints: hasEndpoints!,
      })),
    ),
    volumes: sorted(namespace.volumes!.map(({ claim, gib }) => ({ claim, gib: gib! }))),
    ingresses: namespace.ingresses!,
    guardrails: [quotas!.length > 0, limitRanges!.length > 0, networkPolicies!.some((policy) => policy.isDefaultDeny)],
    bindings: sorted(
      namespace.roleBindings!.flatMap(({ role, subjects }) =>
        subjects.map(({ kind, name: subject }) => ({ role: role as "admin", kind: kind as "User", subject })),
      ),
    ),
  };
}

test("every cluster is read as it was planted: its namespaces and what is in them", async () => {
  const planned = plannedClusters(estate);
  for await (const { inventory, error } of readClusters(spec(server.clusters), openGate, {
    signal,
    onProgress: () => {},
  })) {
    expect(error).toBeNull();
    const cluster = planned.find(({ name }) => name === inventory!.cluster.key)!;
    expect(inventory).toMatchObject({ complete: true, unknown: [] });
    expect(sorted(inventory!.namespaces.map(readContent))).toEqual(
      sorted(living(cluster).map((life) => plantedContent(cluster, life))),
    );
  }
});

test("a cluster says what it is: provider, version, region, and the account where machines tell it", async () => {
  const readings = await read(["shared-eks-prod", "crm-prod", "analytics-gke", "rancher-tools"]);
  const planned = plannedClusters(estate);
  const facts = readings.map(({ inventory }) => inventory!.cluster);
  expect(facts.map(({ provider }) => provider)).toEqual(["eks", "aks", "gke", "rancher"]);
  for (const { key, version, region, uid } of facts) {
    const cluster = planned.find(({ name }) => name === key)!;
    expect({ version, region }).toEqual({ version: cluster.version, region: cluster.region });
    expect(uid).toBe(living(cluster).find(({ name }) => name === "kube-system")!.uid);
  }
  expect(facts.map(({ accountId }) => accountId === null)).toEqual([true, false, false, true]);
});

test("nodes are read with machine, pool, zone and what they have", () => {
  const { nodes } = plannedClusters(estate).find(({ name }) => name === CLUSTER)!;
  const expected = nodes.map(({ name, providerId, pool, zone }) => ({
    name,
    providerId,
    zone,
    instanceType: pool.instanceType,
    nodePool: pool.name,
    capacityType: pool.capacityType,
    cpuCores: pool.vCpu,
    memoryGib: pool.memoryGib,
    gpus: pool.gpu,
    isReady: true,
  }));
  const byName = <T extends { name: string }>(items: readonly T[]) =>
    items.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  expect(byName(undisturbed.nodes!)).toMatchObject(byName(expected));
  expect(undisturbed.nodes!.every(({ allocatable, cpuCores }) => allocatable.cpuCores < cpuCores)).toBe(true);
});

test("what pods ask for is the sum of what was planted", () => {
  const cluster = plannedClusters(estate).find(({ name }) => name === CLUSTER)!;
  for (const life of living(cluster).filter(({ name }) => name !== "kube-system")) {
    const asked = (amount: (workload: (typeof life.workloads)[number]) => number) =>
      life.workloads.reduce((sum, workload) => sum + workload.replicas * amount(workload), 0);
    const { requests } = undisturbed.namespaces.find(({ uid }) => uid === life.uid)!.pods!;
    expect(requests.cpuCores).toBeCloseTo(
      asked(({ cpuRequestMilli }) => (cpuRequestMilli ?? 0) / 1000),
      9,
    );
    expect(requests.memoryGib).toBeCloseTo(
      asked(({ memoryRequestMi }) => (memoryRequestMi ?? 0) / 1024),
      9,
    );
    expect(requests.gpus).toBe(asked(({ gpu }) => gpu));
  }
});

test("operators' resources are counted with whoever writes them", async () => {
  const planned = plannedClusters(estate).filter(({ features }) => features.includes("operators"));
  const operated = planned.flatMap(living).filter(({ customResources }) => customResources.length > 0);
  expect(operated.length).toBeGreaterThan(0);
  for (const { cluster, uid, customResources } of operated) {
    const found = (await readOne(cluster)).namespaces.find((namespace) => namespace.uid === uid)?.customResources;
    expect(sorted(found!.map(({ kind, count, names }) => ({ kind, count, names })))).toEqual(
      sorted(customResources.map(({ kind, name }) => ({ kind, count: 1, names: [name] }))),
    );
    expect(found!.every(({ managedBy }) => managedBy !== null)).toBe(true);
  }
});

test("GitOps is named as what would bring a namespace back", () => {
  const { lives } = plannedClusters(estate).find(({ name }) => name === CLUSTER)!;
  const applications = new Map(lives.map(({ uid, application }) => [uid, application]));
  for (const { uid, managedBy } of undisturbed.namespaces) {
    const application = applications.get(uid);
    expect(managedBy).toEqual(application ? [`Argo CD application ${application}`] : []);
  }
  expect(undisturbed.namespaces.some(({ managedBy }) => managedBy!.length > 0)).toBe(true);
});

test("a list that expires in the middle is begun anew: nothing is doubled or lost", async () => {
  const expired = () => server.calls.filter(({ status }) => status === 410).length;
  const before = expired();
  for (const resource of ["namespaces", "pods", "deployments.apps"]) server.faults.expireContinue(1, { resource });
  server.faults.expireContinue(2, { resource: "replicasets.apps" });
  expect(await readOne(CLUSTER)).toEqual(undisturbed);
  expect(expired() - before).toBe(5);
});

test("a list that expires every time is unknown, and what hangs on it with it, but nothing else", async () => {
  server.faults.expireContinue(100, { resource: "pods" });
  const { namespaces, unknown, complete } = await readOne(CLUSTER, { pageSize: 1 });
  expect(unknown).toMatchObject([{ kind: "pods", reason: "failed", rbacLine: null }]);
  expect(complete).toBe(true);
  expect(namespaces).toEqual(
    undisturbed.namespaces.map((namespace) => ({
      ...namespace,
      pods: null,
      volumes: namespace.volumes!.map((volume) => ({ ...volume, isUsedByPod: null })),
    })),
  );
});

test("a kind that may not be listed is unknown with the line to add, and never none", async () => {
  server.faults.forbid({ cluster: CLUSTER, resource: "statefulsets.apps" });
  const { namespaces, unknown, complete } = await readOne(CLUSTER);
  expect(unknown).toMatchObject([
    {
      kind: "statefulsets.apps",
      reason: "denied",
      rbacLine: '- { apiGroups: ["apps"], resources: ["statefulsets"], verbs: ["list"] }',
    },
  ]);
  expect(complete).toBe(true);
  expect(namespaces).toEqual(undisturbed.namespaces.map((namespace) => ({ ...namespace, workloads: null })));
});

test("a custom resource that may not be listed leaves none of a namespace's custom resources known", async () => {
  server.faults.forbid({ cluster: CLUSTER, resource: "kafkatopics.kafka.strimzi.io" });
  const { namespaces, unknown } = await readOne(CLUSTER);
  expect(unknown.map(({ kind }) => kind)).toEqual(["kafkatopics.kafka.strimzi.io"]);
  expect(namespaces.every(({ customResources }) => customResources === null)).toBe(true);
});

test("applications that may not be listed leave unknown what keeps a namespace", async () => {
  server.faults.forbid({ cluster: CLUSTER, resource: "applications.argoproj.io" });
  const { namespaces, unknown } = await readOne(CLUSTER);
  expect(unknown.map(({ kind }) => kind)).toEqual(["applications.argoproj.io"]);
  expect(namespaces.every(({ managedBy }) => managedBy === null)).toBe(true);
});

test("where namespaces may not be listed, the reading is not complete, so that none is taken for deleted", async () => {
  server.faults.forbid({ cluster: CLUSTER, resource: "namespaces" });
  expect(await readOne(CLUSTER)).toMatchObject({
    complete: false,
    namespaces: [],
    cluster: { uid: null },
    unknown: [{ kind: "namespaces", reason: "denied" }],
  });
});

test("a connection that breaks in the middle of an answer is asked again for that page", async () => {
  for (const resource of ["namespaces", "pods", "services"]) server.faults.cutAfter(500, 3, { resource });
  expect(await readOne(CLUSTER)).toEqual(undisturbed);
});

test("a list whose every answer breaks off is unknown", async () => {
  server.faults.cutAfter(500, 1_000, { resource: "services" });
  const { unknown, namespaces } = await readOne(CLUSTER);
  expect(unknown).toMatchObject([{ kind: "services", reason: "failed" }]);
  expect(namespaces.every(({ services }) => services === null)).toBe(true);
});

test("a server that asks for patience is given as much as it asks for", async () => {
  server.faults.throttle(1, 1, { resource: "pods" });
  const start = performance.now();
  expect(await readOne(CLUSTER)).toEqual(undisturbed);
  expect(performance.now() - start).toBeGreaterThan(1_000);
});

test("a cluster that is down keeps none of the others", async () => {
  server.faults.down(CLUSTER);
  const readings = await read([CLUSTER, OTHER]);
  expect(readings[0]).toMatchObject({ key: CLUSTER, inventory: null, error: { code: "unavailable" } });
  expect(readings[1]).toMatchObject({ key: OTHER, error: null, inventory: { complete: true } });
  server.faults.up(CLUSTER);
  expect(await readOne(CLUSTER)).toEqual(undisturbed);
});

test("credentials that are not accepted are a matter of the settings, and no secret is in the message", async () => {
  const file = join(folder, "stale");
  const token = server.tokenOf(CLUSTER, "reader");
  await writeFile(file, server.kubeconfig("reader", [CLUSTER]).replaceAll(token, "stale-secret"));
  const [reading] = await read([CLUSTER], { clusters: [{ key: CLUSTER, kubeconfig: file }] });
  expect(reading?.error).toMatchObject({ code: "invalid_config" });
  expect(JSON.stringify(reading?.error)).not.toContain("stale-secret");
});

test("a kubeconfig whose program for credentials is not installed is a matter of the settings", async () => {
  const file = join(folder, "exec");
  const token = `token: ${server.tokenOf(CLUSTER, "reader")}`;
  const exec = 'exec: { apiVersion: "client.authentication.k8s.io/v1", command: not-installed-here, args: [] }';
  await writeFile(file, server.kubeconfig("reader", [CLUSTER]).replace(token, exec));
  const [reading] = await read([], { clusters: [{ key: CLUSTER, kubeconfig: file }] });
  expect(reading?.error).toMatchObject({ code: "invalid_config", message: expect.stringContaining("credentials") });
});

test("a kubeconfig or context that is not there is named", async () => {
  const kubeconfig = join(folder, "kubeconfig");
  const readings = await read([], {
    clusters: [
      { key: "missing", kubeconfig: join(folder, "none") },
      { key: "other", kubeconfig, context: "none" },
    ],
  });
  expect(readings.map(({ error }) => error?.code)).toEqual(["invalid_config", "invalid_config"]);
  expect(readings.map(({ error }) => error?.place?.file)).toEqual([join(folder, "none"), kubeconfig]);
});

test("several kubeconfigs whose users are called alike each open their own cluster", async () => {
  const files = await Promise.all(
    [CLUSTER, OTHER].map(async (cluster) => {
      const file = join(folder, `alike-${cluster}`);
      await writeFile(file, server.kubeconfig("reader", [cluster]).replaceAll(`${cluster}-reader`, "user"));
      return { key: cluster, kubeconfig: file };
    }),
  );
  const readings = await read([], { clusters: files });
  expect(readings.map(({ inventory }) => inventory?.cluster.uid)).toEqual([
    undisturbed.cluster.uid,
    (await readOne(OTHER)).cluster.uid,
  ]);
});

test("a run that is cancelled ends instead of calling the rest unknown", async () => {
  const controller = new AbortController();
  const reading = readClusters(spec([CLUSTER, OTHER]), openGate, { signal: controller.signal, onProgress: () => {} });
  await reading.next();
  controller.abort(new Error("cancelled"));
  await expect(reading.next()).rejects.toThrow("cancelled");
});

test("a check of a reader finds nothing wrong, one of nobody names every permission", async () => {
  expect((await checkKubernetes(spec([CLUSTER]), { gate: openGate, signal })).filter(({ ok }) => !ok)).toEqual([]);
  const file = join(folder, "nobody");
  await server.writeKubeconfig(file, "nobody", [CLUSTER]);
  const results = await checkKubernetes(spec([], { clusters: [{ key: CLUSTER, kubeconfig: file }] }), {
    gate: openGate,
    signal,
  });
  const failed = results.filter(({ ok }) => !ok);
  expect(failed).toHaveLength(results.length - 1);
  expect(failed.every(({ error }) => error?.code === "denied" && error.remedy?.includes("apiGroups"))).toBe(true);
  server.faults.down(CLUSTER);
  expect(await checkKubernetes(spec([CLUSTER]), { gate: openGate, signal })).toMatchObject([
    { what: `Cluster ${CLUSTER}`, ok: false, error: { code: "unavailable" } },
  ]);
});
