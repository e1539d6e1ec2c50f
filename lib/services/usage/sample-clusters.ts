import { loadConfig } from "#lib/config.ts";
import { recordActivity, type SqlExecutor } from "#lib/db/activity.ts";
import { toAppError, type AppErrorJson } from "#lib/errors.ts";
import { createRequestGate } from "#lib/services/api/request-gate.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { SAMPLE_EVERY_MINUTES } from "#lib/services/usage/sampled-day.ts";
import { sampleEcsCluster } from "#lib/sources/aws-ecs/index.ts";
import { sampleUsage, type UsageSample } from "#lib/sources/usage/kubernetes-sample.ts";

/** What a sample of ECS covers: the time since the one before. */
const STRETCH_MS = SAMPLE_EVERY_MINUTES * 60_000;
/** Samples older than this have gone into their days for good. */
const KEEP_DAYS = 7;

export type SampledCluster = { clusterKey: string; rows: number; error: AppErrorJson | null };

/**
 * Samples every cluster that has neither Prometheus nor OpenCost, for the instant of the context. A cluster that does not answer keeps none
 * of the others from being sampled; it has a gap then. An instant is sampled once, however often it is asked for.
 */
export async function sampleClusters(
  context: ServiceContext,
  { signal }: { signal: AbortSignal },
): Promise<SampledCluster[]> {
  await authorise(context, "sources:pull", "usage samples");
  const { database, now } = context;
  const sampled: SampledCluster[] = [];
  const attempt = async (clusterKey: string, sample: () => Promise<UsageSample[]>) => {
    try {
      const rows = await sample();
      await storeSamples(context, clusterKey, rows);
      sampled.push({ clusterKey, rows: rows.length, error: null });
    } catch (thrown) {
      signal.throwIfAborted();
      const error = toAppError(thrown).toJSON();
      sampled.push({ clusterKey, rows: 0, error });
      await recordActivity(database.pool, {
        at: now,
        actor: context.actor,
        action: "usage.not-sampled",
        subject: clusterKey,
        after: error,
      });
    }
  };
  for (const [sourceKey, spec] of Object.entries(loadConfig().sources)) {
    const gate = createRequestGate(database, { sourceKey, runId: null, monthlyCapUsd: null, now: () => new Date() });
    if (spec.kind === "aws-ecs")
      for (const key of await knownEcsClusters(database.pool, sourceKey))
        await attempt(key, () => sampleEcsCluster(spec, key, gate, { at: now, stretchMs: STRETCH_MS, signal }));
    if (spec.kind !== "kubernetes") continue;
    for (const cluster of spec.clusters)
      if (cluster.prometheus === undefined && cluster.openCost === undefined)
        await attempt(cluster.key, () => sampleUsage(cluster, gate, { pageSize: spec.pageSize, signal }));
  }
  await database.pool.query("DELETE FROM usage_sample WHERE at < $1::timestamptz - make_interval(days => $2)", [
    now,
    KEEP_DAYS,
  ]);
  return sampled;
}

/** Those that the source's last look at each has found. */
async function knownEcsClusters(sql: SqlExecutor, sourceKey: string): Promise<string[]> {
  const { rows } = await sql.query(
    "SELECT cluster_key FROM cluster WHERE source_key = $1 AND seen_to IS NULL ORDER BY 1",
    [sourceKey],
  );
  return rows.map((row) => String(row.cluster_key));
}

async function storeSamples(
  { database, now }: ServiceContext,
  clusterKey: string,
  rows: readonly UsageSample[],
): Promise<void> {
  const column = (name: keyof UsageSample) => rows.map((row) => row[name]);
  await database.pool.query(
    `INSERT INTO usage_sample (cluster_key, at, namespace, node, cpu_requested, cpu_used, memory_requested, memory_used, gpu_requested, pods)
     SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::float8[], $6::float8[], $7::float8[], $8::float8[], $9::float8[], $10::int[])
     ON CONFLICT DO NOTHING`,
    [
      clusterKey,
      now,
      column("namespace"),
      column("node"),
      column("cpuRequested"),
      column("cpuUsed"),
      column("memoryRequested"),
      column("memoryUsed"),
      column("gpuRequested"),
      column("pods"),
    ],
  );
}
