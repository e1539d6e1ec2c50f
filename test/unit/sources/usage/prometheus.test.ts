import { afterAll, beforeAll, expect, test } from "vitest";
import { createEstate, type Estate } from "#demo/estate/estate.ts";
import { plannedClusters } from "#demo/estate/namespaces.ts";
import { type KubernetesServer, startKubernetes } from "#demo/kubernetes/server.ts";
import { addDays, day, type Day } from "#lib/domain/period.ts";
import { readPrometheusDay } from "#lib/sources/usage/prometheus.ts";

const TODAY = day("2026-11-21");
/** On 9 November from 9 to 16 nothing was scraped, and on the 18th for 40 minutes from 12 on. */
const GAPPY = "motor-claims-prod";

let estate: Estate;
let server: KubernetesServer;

beforeAll(async () => {
  estate = createEstate({ seed: "halvern", today: TODAY, months: 4, scale: 0.03 });
  server = await startKubernetes({ estate, clock: () => new Date(`${TODAY}T12:00:00Z`) });
});
afterAll(() => server.close());

function read(cluster: string, on: Day) {
  const url = server.prometheusUrlOf(cluster) ?? "";
  return readPrometheusDay({ url, cluster, what: "Prometheus" }, on, new AbortController().signal);
}

const hours = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

test("hours without a sample have no rows, hours with a few are there and not observed in whole", async () => {
  const long = await read(GAPPY, addDays(TODAY, -12));
  expect(long.observedHours).toEqual([...hours(0, 9), ...hours(16, 24)]);
  // The first sample after the gap is that of 16:00, the last instant of the hour before.
  expect([...new Set(long.rows.map(({ hour }) => hour))]).toEqual([...hours(0, 9), ...hours(15, 24)]);
  const short = await read(GAPPY, addDays(TODAY, -3));
  expect(short.observedHours).toEqual([...hours(0, 12), ...hours(13, 24)]);
  expect(new Set(short.rows.map(({ hour }) => hour)).size).toBe(24);
});

test("requests are those of the pods, by node, and no container counts twice", async () => {
  const { rows } = await read(GAPPY, addDays(TODAY, -1));
  const cluster = plannedClusters(estate).find(({ name }) => name === GAPPY);
  const planned = cluster?.lives
    .filter(({ deleted, dormantSince, created }) => deleted === null && dormantSince === null && created < "2026-11-18")
    .find(({ workloads }) =>
      workloads.some(({ schedule, cpuRequestMilli }) => schedule === null && (cpuRequestMilli ?? 0) > 0),
    );
  if (!planned) throw new Error("There is no namespace to look at.");
  const running = planned.workloads.filter(({ schedule }) => schedule === null);
  const sumOf = (read_: (workload: (typeof running)[number]) => number) =>
    running.reduce((total, workload) => total + workload.replicas * read_(workload), 0);
  const at10 = rows.filter(({ hour, namespace }) => hour === 10 && namespace === planned.name);
  const total = (read_: (row: (typeof at10)[number]) => number | null) =>
    at10.reduce((sum, row) => sum + (read_(row) ?? 0), 0);
  expect(total(({ cpuRequested }) => cpuRequested)).toBeCloseTo(
    sumOf(({ cpuRequestMilli }) => cpuRequestMilli ?? 0) / 1000,
    6,
  );
  expect(total(({ memoryRequested }) => memoryRequested)).toBeCloseTo(
    sumOf(({ memoryRequestMi }) => memoryRequestMi ?? 0) / 1024,
    6,
  );
  expect(total(({ pods }) => pods)).toBeCloseTo(
    sumOf(() => 1),
    6,
  );
  const used = total(({ cpuUsed }) => cpuUsed) / (sumOf(({ cpuUsedMilli }) => cpuUsedMilli) / 1000);
  expect(used).toBeGreaterThan(0.4);
  expect(used).toBeLessThan(1.6);
  expect(at10.every(({ node }) => node !== "")).toBe(true);
});

test("a day of which nothing is kept has no rows", async () => {
  expect(await read(GAPPY, day("1999-01-01"))).toEqual({ rows: [], observedHours: [] });
});
