import { CoreV1Api, CustomObjectsApi, KubeConfig } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type KubernetesServer, startKubernetes } from "#demo/kubernetes/server.ts";
import { createEstate, type Estate } from "#demo/estate/estate.ts";
import { LATE_POLICY, plannedPolicies } from "#demo/estate/policy-results.ts";
import { namespaceTruth, plannedClusters } from "#demo/estate/namespaces.ts";
import type { Day } from "#lib/domain/period.ts";

const TODAY = "2026-11-21" as Day;
const NONPROD = "shared-eks-nonprod";

let estate: Estate;
let server: KubernetesServer;

beforeAll(async () => {
  estate = createEstate({ seed: "halvern", today: TODAY, months: 4, scale: 0.03 });
  server = await startKubernetes({ estate, clock: () => new Date(`${TODAY}T12:00:00Z`) });
});
afterAll(async () => {
  await server.close();
});

function core(cluster: string): CoreV1Api {
  const config = new KubeConfig();
  config.loadFromString(server.kubeconfig("reader", [cluster]));
  return config.makeApiClient(CoreV1Api);
}

test("the dormant have no running pod, and each trap shows why it is none", async () => {
  const truth = namespaceTruth(estate);
  const lives = plannedClusters(estate).flatMap((cluster) => cluster.lives.filter(({ deleted }) => deleted === null));
  const planned = (isAsked: (life: (typeof lives)[number]) => boolean) => lives.filter(isAsked);
  const dormant = planned((life) => life.dormant);
  const traps = planned(({ trap }) => trap !== null);
  expect([dormant.length, traps.length]).toEqual([30, 15]);
  expect([...dormant, ...traps].flatMap(({ workloads }) => workloads).every(({ replicas }) => replicas === 0)).toBe(
    true,
  );
  for (const life of dormant)
    expect(life).toMatchObject({ volumes: [], customResources: [], application: null, kustomization: null });
  expect(dormant.flatMap(({ workloads }) => workloads).every(({ schedule }) => schedule === null)).toBe(true);
  const apis = new Map(server.clusters.map((name) => [name, core(name)] as const));
  const phases = await Promise.all(
    dormant.map(async ({ cluster, name }) => (await apis.get(cluster)!.listNamespacedPod({ namespace: name })).items),
  );
  expect(phases.flat().every(({ status }) => status?.phase === "Succeeded")).toBe(true);
  const withData = truth.find(({ trap }) => trap === "volumes-with-data");
  const claims = await core(withData!.cluster).listNamespacedPersistentVolumeClaim({ namespace: withData!.namespace });
  expect(claims.items).toHaveLength(1);
});

test("at full scale there are about 10,000 pods", () => {
  const full = plannedClusters(createEstate({ seed: "halvern", today: TODAY }));
  const pods = full.flatMap(({ lives, nodes }) => [
    ...lives
      .filter(({ deleted }) => deleted === null)
      .flatMap(({ workloads }) => workloads.map(({ replicas }) => replicas)),
    nodes.length * 3,
  ]);
  const sum = pods.reduce((total, count) => total + count, 0);
  expect(sum).toBeGreaterThan(9_000);
  expect(sum).toBeLessThan(11_000);
});

test("an hour of a day before shows the namespaces of that day", async () => {
  const past = await startKubernetes({ estate, clock: () => new Date("2026-06-01T12:00:00Z") });
  const config = new KubeConfig();
  config.loadFromString(past.kubeconfig("reader", [NONPROD]));
  const names = (await config.makeApiClient(CoreV1Api).listNamespace()).items.map(({ metadata }) => metadata?.uid);
  await past.close();
  const expected = plannedClusters(estate)
    .find(({ name }) => name === NONPROD)!
    .lives.filter(
      ({ created, deleted }) => created <= "2026-06-01T12:00:00Z" && (deleted ?? "9") > "2026-06-01T12:00:00Z",
    );
  expect(new Set(names)).toEqual(new Set(expected.map(({ uid }) => uid)));
  expect(expected.some(({ deleted }) => deleted !== null)).toBe(true);
});

test("in thirteen months failures that Kyverno reports come and go, and one of its policies comes in between", async () => {
  const whole = createEstate({ seed: "halvern", today: TODAY, scale: 0.03 });
  const late = plannedPolicies(whole.calendar).find(({ policy }) => policy === LATE_POLICY)?.from;
  const courses = new Map<string, string[]>();
  const lateOn: Day[] = [];
  for (const period of whole.calendar.periods) {
    const at = `${period}-20` as Day;
    for (const { results, scope } of await reportsAt(whole, at))
      for (const { policy, result } of results) {
        const key = `${policy} ${scope.namespace}/${scope.name}`;
        courses.set(key, [...(courses.get(key) ?? []), result]);
        if (policy === LATE_POLICY && lateOn.at(-1) !== at) lateOn.push(at);
      }
  }
  expect(whole.calendar.periods).toHaveLength(13);
  expect(lateOn).toEqual(whole.calendar.periods.map((period) => `${period}-20`).filter((at) => at >= (late ?? "")));
  expect(lateOn.length).toBeLessThan(8);
  const all = [...courses.values()];
  expect(all.some((course) => /pass(,fail)+,pass/.test(course.join()))).toBe(true);
  expect(all.some((course) => /fail(,pass)+,fail/.test(course.join()))).toBe(true);
  expect(all.flat()).toContain("error");
  const failing = all.flat().filter((result) => result === "fail").length / all.flat().length;
  expect(failing).toBeGreaterThan(0.05);
  expect(failing).toBeLessThan(0.25);
});

type Report = { scope: { namespace: string; name: string }; results: { policy: string; result: string }[] };

/** What Kyverno reports of workloads in one cluster at noon of a day. */
async function reportsAt(of: Estate, day: Day): Promise<Report[]> {
  const past = await startKubernetes({ estate: of, clock: () => new Date(`${day}T12:00:00Z`) });
  const config = new KubeConfig();
  config.loadFromString(past.kubeconfig("reader", [NONPROD]));
  const { items } = (await config.makeApiClient(CustomObjectsApi).listClusterCustomObject({
    group: "wgpolicyk8s.io",
    version: "v1alpha2",
    plural: "policyreports",
  })) as { items: Report[] };
  await past.close();
  return items;
}

test("no node has more asked of it than it has, at any scale", () => {
  for (const scale of [0.03, 1]) {
    const clusters = plannedClusters(createEstate({ seed: "halvern", today: TODAY, months: 4, scale }));
    for (const { lives, nodes, placement } of clusters) {
      const asked = new Map(nodes.map(({ name }) => [name, { cpuMilli: 0, gpus: 0 }]));
      for (const { uid, workloads } of lives.filter(({ deleted }) => deleted === null))
        for (const { name, replicas, cpuRequestMilli, gpu } of workloads)
          for (let index = 0; index < replicas; index += 1) {
            const sum = asked.get(placement.get(`${uid}/${name}/${index}`)!.name)!;
            sum.cpuMilli += cpuRequestMilli ?? 0;
            sum.gpus += gpu;
          }
      for (const { name, pool } of nodes) {
        expect(asked.get(name)!.cpuMilli).toBeLessThanOrEqual(pool.vCpu * 1000);
        expect(asked.get(name)!.gpus).toBeLessThanOrEqual(pool.gpu);
      }
    }
  }
});

test("a namespace that changed hands names its earlier team on a day before", async () => {
  const changed = plannedClusters(estate)
    .flatMap(({ lives }) => lives)
    .find(({ earlier, deleted }) => earlier !== null && deleted === null);
  const before = new Date(Date.parse(changed!.earlier!.until) - 1000);
  const past = await startKubernetes({ estate, clock: () => before });
  const config = new KubeConfig();
  config.loadFromString(past.kubeconfig("reader", [changed!.cluster]));
  const was = await config.makeApiClient(CoreV1Api).readNamespace({ name: changed!.name });
  await past.close();
  const is = await core(changed!.cluster).readNamespace({ name: changed!.name });
  expect(Object.values(was.metadata?.labels ?? {})).toContain(changed!.earlier!.ownerTeam);
  expect(Object.values(is.metadata?.labels ?? {})).toContain(changed!.ownerTeam);
  expect(is.metadata?.uid).toBe(was.metadata?.uid);
});
