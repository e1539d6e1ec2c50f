import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ApiException,
  AppsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  Metrics,
  VersionApi,
  Watch,
} from "@kubernetes/client-node";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type KubernetesServer, startKubernetes } from "#demo/kubernetes/server.ts";
import type { RoleName } from "#demo/kubernetes/access.ts";
import { createEstate, type Estate } from "#demo/estate/estate.ts";
import { namespaceTruth } from "#demo/estate/namespaces.ts";
import type { Day } from "#lib/domain/period.ts";

const TODAY = "2026-11-21" as Day;
const PROD = "shared-eks-prod";
const NONPROD = "shared-eks-nonprod";
const MOST_PAGES = 200;
/** How a client says that the connection broke. */
const BROKEN = /fetch failed|terminated|socket|other side closed|ECONNRESET|JSON/i;

let estate: Estate;
let server: KubernetesServer;
let folder: string;

beforeAll(async () => {
  estate = createEstate({ seed: "halvern", today: TODAY, months: 4, scale: 0.03 });
  server = await startKubernetes({ estate, clock: () => new Date(`${TODAY}T12:00:00Z`), terminationMs: 20 });
  folder = await mkdtemp(join(tmpdir(), "demo-kubernetes-"));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});
afterEach(() => server.faults.clear());

async function configOf(cluster: string, role: RoleName = "reader"): Promise<KubeConfig> {
  const path = join(folder, `${role}.yaml`);
  await server.writeKubeconfig(path, role);
  const config = new KubeConfig();
  config.loadFromFile(path);
  config.setCurrentContext(cluster);
  return config;
}

async function core(cluster: string, role?: RoleName): Promise<CoreV1Api> {
  return (await configOf(cluster, role)).makeApiClient(CoreV1Api);
}

type Listed = {
  metadata?: { _continue?: string; resourceVersion?: string };
  items: { metadata?: { name?: string; namespace?: string; uid?: string } }[];
};

async function allPages(read: (token?: string) => Promise<Listed>): Promise<Listed["items"]> {
  const items: Listed["items"] = [];
  let token: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await read(token);
    items.push(...answer.items);
    token = answer.metadata?._continue;
    if (token === undefined || token === "") return items;
  }
  throw new RangeError("The list does not end.");
}

function failure(
  promise: Promise<unknown>,
): Promise<ApiException<string> & { status: { metadata: { continue: string } } }> {
  return promise.then(
    () => Promise.reject(new Error("It was not refused.")),
    (error: ApiException<string>) => Object.assign(error, { status: JSON.parse(error.body) }),
  );
}

describe("reading", () => {
  test("the twelve clusters show the 600 namespaces of the estate with the uids of its truth", async () => {
    const seen: string[] = [];
    for (const cluster of server.clusters) {
      const api = await core(cluster);
      const items = await allPages((_continue) =>
        api.listNamespace({ limit: 25, ...(_continue ? { _continue } : {}) }),
      );
      seen.push(...items.map(({ metadata }) => `${cluster}/${metadata?.name}/${metadata?.uid}`));
    }
    const truth = namespaceTruth(estate).map(({ cluster, namespace, uid }) => `${cluster}/${namespace}/${uid}`);
    expect(server.clusters).toHaveLength(12);
    expect(seen).toHaveLength(600);
    expect(seen.toSorted()).toEqual(truth.toSorted());
  });

  test("pages of any size make the same list as no pages at all", async () => {
    const api = await core(NONPROD);
    const whole = (await api.listPodForAllNamespaces()).items.map(({ metadata }) => metadata?.uid);
    for (const limit of [1 + whole.length, 50, 7]) {
      const paged = await allPages((_continue) =>
        api.listPodForAllNamespaces({ limit, ...(_continue ? { _continue } : {}) }),
      );
      expect(paged.map(({ metadata }) => metadata?.uid)).toEqual(whole);
    }
  });

  test("a list within a namespace has that namespace only, by pages too", async () => {
    const api = await core(PROD);
    const paged = await allPages((_continue) =>
      api.listNamespacedPod({ namespace: "kube-system", limit: 2, ...(_continue ? { _continue } : {}) }),
    );
    const whole = (await api.listPodForAllNamespaces()).items.filter(
      ({ metadata }) => metadata?.namespace === "kube-system",
    );
    expect(paged.length).toBeGreaterThan(4);
    expect(paged.map(({ metadata }) => metadata?.name)).toEqual(whole.map(({ metadata }) => metadata?.name));
  });

  test("selectors pick by equality, by sets, by absence and by fields", async () => {
    const api = await core(PROD);
    const names = async (labelSelector: string, fieldSelector?: string) =>
      (await api.listNamespace({ labelSelector, ...(fieldSelector ? { fieldSelector } : {}) })).items.map(
        ({ metadata }) => metadata?.name,
      );
    expect(await names("kubernetes.io/metadata.name in (default, kube-system)")).toEqual(["default", "kube-system"]);
    expect(await names("kubernetes.io/metadata.name=default")).toEqual(["default"]);
    expect(await names("!kubernetes.io/metadata.name")).toEqual([]);
    expect(await names("", "metadata.name=default,status.phase=Active")).toEqual(["default"]);
    const labelled = await names("team");
    const others = await names("!team");
    expect(labelled.length + others.length).toBe(110);
    expect(await names("team notin (observability)")).toHaveLength(110 - (await names("team=observability")).length);
  });

  test("metrics, custom resources and discovery are served where they are installed, and nowhere else", async () => {
    const config = await configOf("rancher-tools");
    const custom = config.makeApiClient(CustomObjectsApi);
    const users = (await custom.listClusterCustomObject({
      group: "management.cattle.io",
      version: "v3",
      plural: "users",
    })) as { items: { kind: string; principalIds: string[] }[] };
    expect(users.items).toHaveLength(estate.people.length);
    expect(users.items[0]).toMatchObject({ kind: "User" });
    const elsewhere = (await configOf(PROD)).makeApiClient(CustomObjectsApi);
    const missing = elsewhere.listClusterCustomObject({
      group: "management.cattle.io",
      version: "v3",
      plural: "users",
    });
    await expect(missing).rejects.toMatchObject({ code: 404 });
    const pods = (await (await core("rancher-tools")).listPodForAllNamespaces()).items;
    const running = pods.filter(({ status }) => status?.phase === "Running");
    expect((await new Metrics(config).getPodMetrics()).items).toHaveLength(running.length);
    expect((await config.makeApiClient(VersionApi).getCode()).gitVersion).toContain("rke2");
  });
});

describe("refusing", () => {
  test("a token may what its rules say, and of a cluster only", async () => {
    const reader = await core(PROD);
    const secrets = await failure(reader.listSecretForAllNamespaces());
    expect(secrets.status).toMatchObject({ reason: "Forbidden", details: { kind: "secrets" } });
    expect(await failure(reader.deleteNamespace({ name: "default" }))).toMatchObject({ code: 403 });
    const answer = await fetch(`${server.url}/clusters/${PROD}/api/v1/nodes`, {
      headers: { authorization: `Bearer ${server.tokenOf(NONPROD, "admin")}` },
    });
    expect(answer.status).toBe(401);
  });

  test("unknown parameters, values and fields are refused", async () => {
    const ask = (path: string, options: RequestInit = {}) =>
      fetch(`${server.url}/clusters/${NONPROD}${path}`, {
        ...options,
        headers: {
          authorization: `Bearer ${server.tokenOf(NONPROD, "admin")}`,
          "content-type": "application/json",
        },
      });
    for (const query of ["labelselector=a", "limit=many", "fieldSelector=spec.nodeNam%3Dx", "dryRun=All"])
      expect([query, (await ask(`/api/v1/pods?${query}`)).status]).toEqual([query, 400]);
    const body = JSON.stringify({ metadata: { name: "typo" }, spce: {} });
    const strict = await ask("/api/v1/namespaces?fieldValidation=Strict", { method: "POST", body });
    expect(await strict.json()).toMatchObject({ code: 400, message: expect.stringContaining('unknown field "spce"') });
    const warned = await ask("/api/v1/namespaces?dryRun=All", { method: "POST", body });
    expect([warned.status, warned.headers.get("warning")]).toEqual([201, '299 - "unknown field \\"spce\\""']);
    const misspelt = JSON.stringify({ kind: "DeleteOptions", apiVersion: "v1", precondition: { uid: "x" } });
    expect((await ask("/api/v1/namespaces/monitoring", { method: "DELETE", body: misspelt })).status).toBe(400);
    expect((await ask("/api/v1/namespaces", { method: "DELETE" })).status).toBe(405);
  });
});

describe("changing", () => {
  test("a namespace ends when its uid is right, with everything in it, and a watch sees it go", async () => {
    const api = await core(NONPROD, "cleaner");
    const target = namespaceTruth(estate).find(({ cluster, dormant }) => cluster === NONPROD && dormant);
    const name = target!.namespace;
    const { metadata } = await api.listNamespace({ limit: 1 });
    const wrong = failure(api.deleteNamespace({ name, body: { preconditions: { uid: "another" } } }));
    expect((await wrong).status).toMatchObject({ reason: "Conflict", code: 409 });
    await api.deleteNamespace({ name, dryRun: "All", body: { preconditions: { uid: target!.uid } } });
    expect((await api.readNamespace({ name })).status?.phase).toBe("Active");

    const events: string[] = [];
    const watch = new Watch(await configOf(NONPROD));
    await new Promise<void>((resolve, reject) => {
      const query = { resourceVersion: metadata?.resourceVersion, fieldSelector: `metadata.name=${name}` };
      const heard = (type: string) => {
        events.push(type);
        if (type === "DELETED") resolve();
      };
      watch
        .watch("/api/v1/namespaces", query, heard, reject)
        .then(() => api.deleteNamespace({ name, body: { preconditions: { uid: target!.uid } } }))
        .catch(reject);
    });
    expect(events).toEqual(["MODIFIED", "MODIFIED", "DELETED"]);
    expect(await failure(api.readNamespace({ name }))).toMatchObject({ code: 404 });
    expect((await api.listNamespacedConfigMap({ namespace: name })).items).toEqual([]);
  });

  test("a finalizer keeps a namespace in place, and a second deletion is refused", async () => {
    const api = await core("rancher-tools", "admin");
    const trap = namespaceTruth(estate).find(({ trap: kind }) => kind === "terminating");
    const stuck = await api.readNamespace({ name: trap!.namespace });
    expect(stuck.status?.phase).toBe("Terminating");
    expect((await failure(api.deleteNamespace({ name: trap!.namespace }))).code).toBe(409);
    expect(
      (
        await failure(
          api.createNamespacedConfigMap({ namespace: trap!.namespace, body: { metadata: { name: "late" } } }),
        )
      ).status,
    ).toMatchObject({ reason: "Forbidden", details: { causes: [{ reason: "NamespaceTerminating" }] } });
  });

  test("a deployment that is scaled to zero loses its pods", async () => {
    const config = await configOf(NONPROD, "admin");
    const [apps, api] = [config.makeApiClient(AppsV1Api), config.makeApiClient(CoreV1Api)];
    const namespace = "monitoring";
    const template = {
      metadata: { labels: { app: "probe" } },
      spec: { containers: [{ name: "probe", image: "probe:1" }] },
    };
    const spec = { replicas: 3, selector: { matchLabels: { app: "probe" } }, template };
    await apps.createNamespacedDeployment({ namespace, body: { metadata: { name: "probe" }, spec } });
    const pods = async () => (await api.listNamespacedPod({ namespace, labelSelector: "app=probe" })).items;
    expect(await pods()).toHaveLength(3);
    const scale = await apps.readNamespacedDeploymentScale({ name: "probe", namespace });
    await apps.replaceNamespacedDeploymentScale({
      name: "probe",
      namespace,
      body: { metadata: scale.metadata, spec: { replicas: 0 } },
    });
    expect((await pods()).every(({ metadata }) => metadata?.deletionTimestamp !== undefined)).toBe(true);
    await expect.poll(pods).toHaveLength(0);
    expect(
      await failure(
        apps.replaceNamespacedDeploymentScale({
          name: "probe",
          namespace,
          body: { metadata: scale.metadata, spec: { replicas: 5 } },
        }),
      ),
    ).toMatchObject({ code: 409 });
  });
});

describe("faults", () => {
  test("a token that expired in mid-list says how to go on, and the rest is as it is now", async () => {
    const api = await core(PROD, "admin");
    const first = await api.listNamespace({ limit: 40 });
    server.compact(PROD);
    const expired = await failure(api.listNamespace({ limit: 40, _continue: first.metadata?._continue ?? "" }));
    expect(expired.status).toMatchObject({ code: 410, reason: "Expired" });
    await api.createNamespace({ body: { metadata: { name: "zz-late" } } });
    const rest = await allPages((_continue) =>
      api.listNamespace({ limit: 40, _continue: _continue ?? expired.status.metadata.continue }),
    );
    expect(first.items.length + rest.length).toBe(111);
    expect(rest.at(-1)?.metadata?.name).toBe("zz-late");
    await api.deleteNamespace({ name: "zz-late" });
  });

  test("one kind can be denied, calls throttled, answers cut, and a cluster be down", async () => {
    const api = await core("crm-prod");
    server.faults.forbid({ resource: "pods" });
    expect((await failure(api.listPodForAllNamespaces())).status).toMatchObject({ reason: "Forbidden" });
    expect((await api.listNamespace()).items).toHaveLength(30);

    server.faults.throttle(1, 7, { resource: "namespaces" });
    const throttled = await failure(api.listNamespace());
    expect([throttled.code, throttled.headers["retry-after"]]).toEqual([429, "7"]);
    server.faults.expireContinue();
    const { metadata } = await api.listNamespace({ limit: 3 });
    expect(await failure(api.listNamespace({ limit: 3, _continue: metadata?._continue ?? "" }))).toMatchObject({
      code: 410,
    });

    server.faults.cutAfter(500);
    await expect(api.listNamespace()).rejects.toThrow(BROKEN);
    server.faults.down("crm-prod");
    await expect(api.listNamespace()).rejects.toThrow(BROKEN);
    server.faults.clear();
    expect((await api.listNamespace()).items).toHaveLength(30);
  });

  test("a watch from before the compaction is told so, and a connection is cut in time", async () => {
    const ask = (query: string) =>
      fetch(`${server.url}/clusters/${PROD}/api/v1/namespaces?watch=1&${query}`, {
        headers: { authorization: `Bearer ${server.tokenOf(PROD, "reader")}` },
      });
    const old = JSON.parse(await (await ask("resourceVersion=1")).text());
    expect(old).toMatchObject({ type: "ERROR", object: { code: 410, reason: "Expired" } });
    server.faults.cutEvery(30, { verb: "watch" });
    await expect((await ask("timeoutSeconds=60")).text()).rejects.toThrow(BROKEN);
  });

  test("every call is counted by verb and resource", async () => {
    const before = server.counts("regulatory-prod")["list persistentvolumeclaims"] ?? 0;
    await (await core("regulatory-prod")).listPersistentVolumeClaimForAllNamespaces();
    expect(server.counts("regulatory-prod")["list persistentvolumeclaims"]).toBe(before + 1);
    expect(server.calls.at(-1)).toMatchObject({ cluster: "regulatory-prod", user: "finops-reader", status: 200 });
  });
});

test("a synthetic cluster pages through as many objects as it was asked for, each once", async () => {
  const big = await startKubernetes({ synthetic: { clusters: 3, namespaces: 100, pods: 2_000 } });
  const uids = new Set<string | undefined>();
  let namespaces = 0;
  for (const cluster of big.clusters) {
    const config = new KubeConfig();
    config.loadFromString(big.kubeconfig("reader", [cluster]));
    const api = config.makeApiClient(CoreV1Api);
    namespaces += (await allPages((_continue) => api.listNamespace({ limit: 9, ...(_continue ? { _continue } : {}) })))
      .length;
    const pods = await allPages((_continue) =>
      api.listPodForAllNamespaces({ limit: 150, ...(_continue ? { _continue } : {}) }),
    );
    for (const { metadata } of pods) uids.add(metadata?.uid);
    const inside = await allPages((_continue) =>
      api.listNamespacedPod({ namespace: "ns-000001", limit: 7, ...(_continue ? { _continue } : {}) }),
    );
    expect(inside).toEqual(pods.filter(({ metadata }) => metadata?.namespace === "ns-000001"));
  }
  await big.close();
  expect([namespaces, uids.size]).toEqual([100, 2_000]);
});
