import { loadConfig } from "#lib/config.ts";
import { recordActivity } from "#lib/db/activity.ts";
import { toAppError, type AppErrorJson } from "#lib/errors.ts";
import { createRequestGate } from "#lib/services/api/request-gate.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { sampleUsage, type UsageSample } from "#lib/sources/usage/kubernetes-sample.ts";

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
  for (const [sourceKey, spec] of Object.entries(loadConfig().sources)) {
    if (spec.kind !== "kubernetes") continue;
    const gate = createRequestGate(database, { sourceKey, runId: null, monthlyCapUsd: null, now: () => new Date() });
    for (const cluster of spec.clusters) {
      if (cluster.prometheus !== undefined || cluster.openCost !== undefined) continue;
      try {
        const rows = await sampleUsage(cluster, gate, { pageSize: spec.pageSize, signal });
        await storeSamples(context, cluster.key, rows);
        sampled.push({ clusterKey: cluster.key, rows: rows.length, error: null });
      } catch (thrown) {
        signal.throwIfAborted();
        const error = toAppError(thrown).toJSON();
        sampled.push({ clusterKey: cluster.key, rows: 0, error });
        await recordActivity(database.pool, {
          at: now,
          actor: context.actor,
          action: "usage.not-sampled",
          subject: cluster.key,
          after: error,
        });
      }
    }
  }
  await database.pool.query("DELETE FROM usage_sample WHERE at < $1::timestamptz - make_interval(days => $2)", [
    now,
    KEEP_DAYS,
  ]);
  return sampled;
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
