import { afterAll, beforeAll, expect, test } from "vitest";
import { type KubernetesServer, startKubernetes } from "#demo/kubernetes/server.ts";
import { createEstate, type Estate } from "#demo/estate/estate.ts";
import { namespaceTruth, plannedClusters } from "#demo/estate/namespaces.ts";
import type { Day } from "#lib/domain/period.ts";

const TODAY = "2026-11-21" as Day;
const NOON = Date.parse(`${TODAY}T12:00:00Z`) / 1000;
const HOUR = 3_600;
const DAY = 24 * HOUR;
const PROD = "shared-eks-prod";

type Row = { metric: Record<string, string>; values: [number, string][] };

let estate: Estate;
let server: KubernetesServer;

beforeAll(async () => {
  estate = createEstate({ seed: "halvern", today: TODAY, months: 4, scale: 0.03 });
  server = await startKubernetes({ estate, clock: () => new Date(NOON * 1000) });
});
afterAll(async () => {
  await server.close();
});

async function range(cluster: string, query: string, start: number, end: number, step = HOUR): Promise<Row[]> {
  const parameters = new URLSearchParams({ query, start: String(start), end: String(end), step: String(step) });
  const answer = await fetch(`${server.prometheusUrlOf(cluster)}/api/v1/query_range?${parameters}`);
  const body = (await answer.json()) as { data: { result: Row[] } };
  expect([body, answer.status]).toEqual([body, 200]);
  return body.data.result;
}

function sumOf(rows: readonly Row[]): number {
  return rows.flatMap(({ values }) => values).reduce((sum, [, value]) => sum + Number(value), 0);
}

const CPU = 'container_cpu_usage_seconds_total{container!=""}';

test("hourly increases add up to the increase of the day", async () => {
  const hourly = await range(PROD, `sum(increase(${CPU}[1h]))`, NOON - 23 * HOUR, NOON);
  const daily = await range(PROD, `sum(increase(${CPU}[1d]))`, NOON, NOON);
  expect(hourly[0]?.values).toHaveLength(24);
  // What is extrapolated to the edges of a range differs with the range, by less than a sample of a day.
  expect(sumOf(hourly) / sumOf(daily)).toBeCloseTo(1, 3);
});

test("nothing has been scraped of what lies ahead", async () => {
  const [around] = await range(PROD, `sum(rate(${CPU}[1h]))`, NOON - HOUR, NOON + 3 * HOUR);
  expect(around?.values.map(([time]) => time)).toEqual([NOON - HOUR, NOON]);
  expect(await range(PROD, `sum(rate(${CPU}[1h]))`, NOON + HOUR, NOON + 3 * HOUR)).toEqual([]);
});

test("the parts by namespace are the whole", async () => {
  const parts = await range(PROD, `sum by (namespace) (rate(${CPU}[1h]))`, NOON, NOON);
  const whole = await range(PROD, `sum(rate(${CPU}[1h]))`, NOON, NOON);
  expect(parts.length).toBeGreaterThan(80);
  expect(sumOf(parts)).toBeCloseTo(sumOf(whole), 9);
});

test("who does not exclude the row of the whole pod counts twice", async () => {
  const once = sumOf(await range(PROD, `sum(rate(${CPU}[1h]))`, NOON, NOON));
  const twice = sumOf(await range(PROD, "sum(rate(container_cpu_usage_seconds_total[1h]))", NOON, NOON));
  expect(twice / once).toBeCloseTo(2, 9);
});

test("requests by namespace and resource are those of the workloads", async () => {
  const rows = await range(PROD, "sum by (namespace, resource) (kube_pod_container_resource_requests)", NOON, NOON);
  const cluster = plannedClusters(estate).find(({ name }) => name === PROD);
  for (const { metric, values } of rows.filter(
    (row) => row.metric.resource === "cpu" && row.metric.namespace !== "kube-system",
  )) {
    const life = cluster?.lives.find(({ name, deleted }) => name === metric.namespace && deleted === null);
    const milli = life?.workloads.reduce(
      (sum, { replicas, cpuRequestMilli }) => sum + replicas * (cpuRequestMilli ?? 0),
      0,
    );
    expect(Number(values[0]?.[1])).toBeCloseTo((milli ?? 0) / 1000, 9);
  }
  expect(rows.length).toBeGreaterThan(80);
});

test("a dormant namespace was in use before it fell asleep, and not after", async () => {
  for (const { cluster, namespace, dormant } of namespaceTruth(estate).filter((truth) => truth.dormant)) {
    expect(dormant && server.prometheusUrlOf(cluster)).not.toBeNull();
    const life = plannedClusters(estate)
      .find(({ name }) => name === cluster)
      ?.lives.find(({ name, deleted }) => name === namespace && deleted === null);
    const asleep = Date.parse(`${life?.dormantSince}T12:00:00Z`) / 1000;
    const query = `sum(rate(container_cpu_usage_seconds_total{namespace="${namespace}",container!=""}[1h]))`;
    expect(sumOf(await range(cluster, query, asleep - 5 * DAY, asleep - DAY))).toBeGreaterThan(0);
    expect(await range(cluster, query, asleep + DAY, NOON, DAY)).toEqual([]);
  }
});

test("a gap stays a gap: no value, not zero", async () => {
  const from = NOON - 45 * DAY;
  const rows = await range(PROD, `sum(rate(${CPU}[1h]))`, from - 3 * HOUR, from + 30 * HOUR);
  const hours = (rows[0]?.values ?? []).map(([time]) => (time - from) / HOUR);
  expect(hours.filter((hour) => hour < 1)).toEqual([-3, -2, -1, 0]);
  expect(hours.filter((hour) => hour >= 1 && hour <= 26)).toEqual([]);
  expect(hours.at(-1)).toBe(30);
  expect(rows.flatMap(({ values }) => values).every(([, value]) => Number(value) > 0)).toBe(true);
});

test("what the demo's PromQL does not know is refused as Prometheus refuses", async () => {
  const ask = async (query: string) => {
    const answer = await fetch(`${server.prometheusUrlOf(PROD)}/api/v1/query?query=${encodeURIComponent(query)}`);
    return { status: answer.status, body: (await answer.json()) as { errorType: string; error: string } };
  };
  const queries = [
    "",
    "sum(",
    "up * 2",
    "histogram_quantile(0.9, up)",
    "rate(up)",
    "sum(up[5m])",
    'up{job="a"',
    "up{job~=1}",
    "max_over_time(up[1h:5m])",
  ];
  for (const query of queries) {
    const { status, body } = await ask(query);
    expect([query, status, body.errorType]).toEqual([query, 400, "bad_data"]);
    expect(body.error).toMatch(/^invalid parameter "query": 1:\d+: parse error: /);
  }
  expect((await ask('max by (job) (up{job=~"kube.+",instance!=""})')).status).toBe(200);
});

test("a cluster without Prometheus has none", async () => {
  expect(server.prometheusUrlOf("crm-prod")).toBeNull();
  const answer = await fetch(`${server.url}/clusters/crm-prod/prometheus/api/v1/query?query=up`);
  expect(answer.status).toBe(404);
});
