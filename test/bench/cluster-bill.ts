import { openDatabase, type Database } from "#lib/db/client.ts";
import { readClusterCosts, readDayUses } from "#lib/db/cluster-bill/read-split-inputs.ts";
import { sum, toAmount } from "#lib/domain/money.ts";
import { addDays, day, startOf } from "#lib/domain/period.ts";
import { columnsOfDay } from "#lib/services/cluster-bill/day-uses.ts";
import type { DayCost, DayNode, SplitDayInput } from "#lib/services/cluster-bill/day-hours.ts";
import { DEFAULT_METHOD } from "#lib/services/cluster-bill/method-settings.ts";
import { splitCluster, toDayCost } from "#lib/services/cluster-bill/split-cluster.ts";
import { splitDay } from "#lib/services/cluster-bill/split-day.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import {
  compare,
  median,
  millisecondsOf,
  type Measure,
  type MeasureOptions,
  type Measurement,
} from "#test/bench/measure.ts";
import { later, openWorkshop } from "#test/bench/workshop.ts";

const CLUSTERS = 1_000;
const NAMESPACES = 100;
const NODES = 3;
const DAY = day("2026-03-10");
const TIME_LIMIT = 2;
const ROUNDS = 3;
/** Clusters that are also read from the database and written to it, one by one, as the job does. */
const WHOLE_CLUSTERS = 50;

export const clusterBill: Measure = {
  name: "cluster-bill",
  about: "a day of 1,000 clusters with 100 namespaces each, split hour by hour, against the same sums in plain SQL",
  run: measureClusterBill,
};

async function measureClusterBill({ scale, note }: MeasureOptions): Promise<Measurement[]> {
  const workshop = await openWorkshop();
  try {
    const database = openDatabase(await workshop.createDatabase("bills"));
    const close = later(() => database.close());
    const clusters = Math.max(2, Math.round(CLUSTERS * scale));
    await makeClusters(database, clusters);
    const days: SplitDayInput[] = [];
    for (let cluster = 1; cluster <= clusters; cluster += 1) days.push(await loadDay(database, `cluster-${cluster}`));
    note(`cluster-bill: ${clusters} clusters × ${NAMESPACES} namespaces × 24 hours on ${NODES} nodes each`);

    await database.pool.query(TABLES_FOR_SQL);
    const [ours, floor]: [number[], number[]] = [[], []];
    let total = "0";
    for (let round = 0; round < ROUNDS; round += 1) {
      ours.push(
        await millisecondsOf(async () => {
          total = toAmount(sum(days.map((input) => splitDay(input).total.billed)));
        }),
      );
      floor.push(await millisecondsOf(() => database.pool.query(SPLIT_IN_SQL)));
    }
    const charged = await database.pool.query<{ billed: string }>(
      "SELECT trim_scale(sum(billed))::text AS billed FROM cluster_cost",
    );
    if (charged.rows[0]?.billed !== total) throw new Error(`The split has ${total} of ${charged.rows[0]?.billed}.`);
    await noteWhole(database, Math.min(clusters, WHOLE_CLUSTERS), note);
    await close();
    return [compare("cluster-bill split", "ms", median(ours), median(floor), TIME_LIMIT)];
  } finally {
    await workshop.close();
  }
}

/** Requests and use that differ by namespace and hour, on one of three nodes; a machine costs about eleven a day. */
async function makeClusters({ pool }: Database, clusters: number): Promise<void> {
  const hours = `generate_series(0, 23) AS h (hour)`;
  await pool.query(`
    INSERT INTO namespace_usage_hour (cluster_key, hour, namespace, namespace_uid, node, cpu_requested, cpu_used, memory_requested, memory_used, gpu_requested, gpu_used)
    SELECT 'cluster-' || c, TIMESTAMPTZ '${DAY}T00:00:00Z' + hour * interval '1 hour', 'namespace-' || n, 'uid-' || c || '-' || n, 'node-' || n % ${NODES},
      (1 + n % 7) * 0.01, (1 + (n * 7 + hour * 3) % 11) * 0.007, (1 + n % 5) * 0.05, (1 + (n * 5 + hour) % 13) * 0.02, 0, 0
    FROM generate_series(1, ${clusters}) AS c, generate_series(1, ${NAMESPACES}) AS n, ${hours}`);
  await pool.query(`
    INSERT INTO cluster_cost (slice_id, cluster_key, starts_at, hours, kind, resource_id, namespace, account, currency, billed, effective, line_items)
    SELECT 1, 'cluster-' || c, TIMESTAMPTZ '${DAY}T00:00:00Z', 24, CASE WHEN n = ${NODES} THEN 'control-plane' ELSE 'node' END, 'machine-' || c || '-' || n, '', 'AWS 1', 'USD',
      11.040000000001 + n * 0.37 + c * 0.0001, 7.507200000003 + n * 0.21 + c * 0.0001, 1
    FROM generate_series(1, ${clusters}) AS c, generate_series(0, ${NODES}) AS n`);
  await pool.query(`
    INSERT INTO cluster_node (source_key, cluster_key, uid, name, provider_id, cpu_cores, memory_gib, gpus, allocatable, seen_from)
    SELECT 'bench', 'cluster-' || c, c || '-' || n, 'node-' || n, 'aws:///zone/machine-' || c || '-' || n, 8, 32, 0, '{}', '2026-01-01'
    FROM generate_series(1, ${clusters}) AS c, generate_series(0, ${NODES - 1}) AS n`);
  await pool.query(`
    INSERT INTO usage_day (cluster_key, day, source_key, origin, observed_hours, is_final, stamp, read_at)
    SELECT 'cluster-' || c, '${DAY}', 'bench', 'prometheus', ARRAY(SELECT generate_series(0, 23)), true, 'bench', now() FROM generate_series(1, ${clusters}) AS c`);
  await pool.query(`
    INSERT INTO source (key, kind, title, dataset) VALUES ('bench', 'focus', 'Bench', 'cost');
    INSERT INTO slice (id, source_key, dataset, period) VALUES (1, 'bench', 'cost', '${DAY.slice(0, 7)}');
    INSERT INTO run (id, kind, source_key, slice_id, state, trigger, requested_by, logical_time)
      VALUES (gen_random_uuid(), 'pull', 'bench', 1, 'succeeded', 'schedule', 'bench', now());
    INSERT INTO publication (id, slice_id, run_id, published_at, reason) SELECT 1, 1, id, now(), 'load' FROM run;
    UPDATE slice SET publication_id = 1;
    ANALYZE`);
}

async function loadDay({ pool }: Database, clusterKey: string): Promise<SplitDayInput> {
  const costs = await readClusterCosts(pool, { clusterKey, from: DAY, to: addDays(DAY, 1), sliceIds: [1] });
  return {
    startMs: startOf(DAY).getTime(),
    costs: costs.map((cost): DayCost => toDayCost(cost, "")),
    uses: columnsOfDay(await readDayUses(pool, clusterKey, DAY)),
    nodes: Array.from({ length: NODES }, (_, node): DayNode => nodeOf(clusterKey, node)),
    observedHours: new Set(Array.from({ length: 24 }, (_, hour) => hour)),
    settings: DEFAULT_METHOD,
  };
}

function nodeOf(clusterKey: string, node: number): DayNode {
  return {
    name: `node-${node}`,
    tail: `machine-${clusterKey.split("-")[1]}-${node}`,
    capacityType: null,
    capacity: { cpuCores: 8, memoryGib: 32, gpus: 0 },
    seenFromMs: 0,
    seenToMs: Number.POSITIVE_INFINITY,
  };
}

/**
 * What SQL is given: every use with its worth, and every machine's cost of each hour, as numbers with narrow keys. Making them is not
 * counted.
 */
const TABLES_FOR_SQL = `
  CREATE TABLE bench_use AS
    SELECT split_part(cluster_key, '-', 2)::int AS cluster, split_part(namespace, '-', 2)::int AS namespace, split_part(node, '-', 2)::int AS node,
      extract(hour FROM hour AT TIME ZONE 'UTC')::int AS hour,
      (greatest(cpu_requested, cpu_used) * 0.031611 + greatest(memory_requested, memory_used) * 0.004237)::numeric AS weight
    FROM namespace_usage_hour;
  CREATE TABLE bench_cost AS
    SELECT split_part(cluster_key, '-', 2)::int AS cluster, split_part(resource_id, '-', 3)::int AS node, hour, billed / 24 AS billed, effective / 24 AS effective,
      (8 * 0.031611 + 32 * 0.004237)::numeric AS size
    FROM cluster_cost, generate_series(0, 23) AS h (hour) WHERE kind = 'node';
  ANALYZE bench_use; ANALYZE bench_cost`;

/**
 * The same proportions, by node and hour, rounded to twelve decimals: its parts do not add up, which is what the exact split is for. It
 * knows neither idle capacity by resource, nor shared namespaces, nor gaps.
 */
const SPLIT_IN_SQL = `
  WITH whole AS (SELECT cluster, hour, node, sum(weight) AS weight FROM bench_use GROUP BY 1, 2, 3)
  SELECT u.cluster, u.namespace, sum(round(c.billed * u.weight / greatest(c.size, w.weight), 12)) AS billed,
    sum(round(c.effective * u.weight / greatest(c.size, w.weight), 12)) AS effective
  FROM bench_use u JOIN whole w USING (cluster, hour, node) JOIN bench_cost c USING (cluster, hour, node)
  GROUP BY 1, 2`;

/** What the job takes for a cluster's day with everything that it reads and writes. */
async function noteWhole(database: Database, clusters: number, note: (text: string) => void): Promise<void> {
  const context = { actor: SYSTEM_ACTOR, database, now: new Date() };
  const took = await millisecondsOf(async () => {
    for (let cluster = 1; cluster <= clusters; cluster += 1)
      await splitCluster(context, { clusterKey: `cluster-${cluster}`, from: DAY, to: addDays(DAY, 1) });
  });
  note(
    `cluster-bill: ${(took / clusters).toFixed(1)} ms for a cluster's day, read from the database and written to it`,
  );
}
