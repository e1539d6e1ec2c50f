import { afterAll, beforeAll, expect, test } from "vitest";
import { day } from "#lib/domain/period.ts";
import { readUsage } from "#lib/services/usage/read-usage.ts";
import { sampleClusters } from "#lib/services/usage/sample-clusters.ts";
import { openClusterWorkshop, type ClusterWorkshop } from "#test/integration/services/clusters-workshop.ts";

/** It has a metrics server and neither Prometheus nor OpenCost. */
const CLUSTER = "crm-prod";
const HOUR = Date.parse("2026-11-21T09:00:00Z");
const RANGE = { from: day("2026-11-21"), to: day("2026-11-22") };

let workshop: ClusterWorkshop;
let clock = new Date(HOUR);

beforeAll(async () => {
  workshop = await openClusterWorkshop([CLUSTER], {}, () => clock);
  await workshop.look(new Date("2026-11-21T08:50:00Z"));
}, 120_000);
afterAll(async () => {
  await workshop.close();
});

async function sample(minute: number) {
  clock = new Date(HOUR + minute * 60_000);
  return sampleClusters({ ...workshop.instance.context(), now: clock }, { signal: new AbortController().signal });
}

test("our own samples become hours: an hour with all of them is observed, one with a few is a gap", async () => {
  for (let minute = 0; minute < 75; minute += 5)
    expect(await sample(minute)).toEqual([{ clusterKey: CLUSTER, rows: expect.any(Number), error: null }]);
  const now = new Date("2026-11-22T04:00:00Z");
  const context = { ...workshop.instance.context(), now };
  const read = await readUsage(context, { sourceKey: "clusters", clusterKey: CLUSTER, range: RANGE });
  expect(read.days).toEqual(["2026-11-21"]);
  const { pool } = context.database;
  const { rows: days } = await pool.query("SELECT origin, observed_hours, is_final FROM usage_day");
  expect(days).toEqual([{ origin: "samples", observed_hours: [9], is_final: true }]);
  const { rows } = await pool.query(
    `SELECT extract(hour FROM hour AT TIME ZONE 'UTC')::int AS hour, count(*)::int AS rows, count(*) FILTER (WHERE cpu_larger >= greatest(cpu_requested, cpu_used) - 1e-9)::int AS larger,
       sum(cpu_used) > 0 AS is_used, bool_and(namespace_uid <> '') AS is_known FROM namespace_usage_hour GROUP BY 1 ORDER BY 1`,
  );
  expect(rows.map(({ hour }) => hour)).toEqual([9, 10]);
  for (const row of rows) {
    expect(row.larger).toBe(row.rows);
    expect([row.is_used, row.is_known]).toEqual([true, true]);
  }
});

test("an instant is sampled once", async () => {
  const { pool } = workshop.instance.database;
  const count = async () => (await pool.query("SELECT count(*)::int AS count FROM usage_sample")).rows[0]?.count;
  const before = await count();
  await sample(0);
  expect(await count()).toBe(before);
});

test("a metrics API that refuses leaves use unknown, and requests known", async () => {
  workshop.server.faults.forbid({ cluster: CLUSTER, resource: "pods.metrics.k8s.io" });
  await sample(85);
  workshop.server.faults.clear();
  const { rows } = await workshop.instance.database.pool.query(
    "SELECT count(cpu_used)::int AS used, count(cpu_requested)::int AS requested FROM usage_sample WHERE at = $1",
    [clock],
  );
  expect(rows[0]?.used).toBe(0);
  expect(rows[0]?.requested).toBeGreaterThan(0);
});

test("a cluster that is down is reported, and has no sample", async () => {
  workshop.server.faults.down(CLUSTER);
  const [result] = await sample(90);
  workshop.server.faults.clear();
  expect(result).toMatchObject({ clusterKey: CLUSTER, rows: 0, error: { code: "unavailable" } });
});
