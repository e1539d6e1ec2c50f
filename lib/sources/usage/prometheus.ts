import { z } from "zod";
import { startOf, type Day } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { askUsage, type UsageServer } from "#lib/sources/usage/client.ts";
import { GIB, HOURS_OF_A_DAY, rowBook, type UsageReading, type UsageRow } from "#lib/sources/usage/usage-reading.ts";

const HOUR_SECONDS = 3_600;
/** An hour with less than this part of the samples of the day's best hour is a gap, or has one. */
const WHOLE_HOUR = 0.95;

/**
 * A cluster's day from Prometheus, Thanos or Amazon's managed one: range queries by the hour, of which each point covers the hour
 * before it.
 *
 * A counter's increase over the hour, divided by its seconds, is the average use whether a container ran all of it or not. Gauges are
 * summed over their samples and divided by the samples that a whole hour has: a container of ten minutes counts a sixth.
 */
export async function readPrometheusDay(server: UsageServer, day: Day, signal: AbortSignal): Promise<UsageReading> {
  const ask = (query: string) => askRange(server, query, day, signal);
  const samples = await samplesByHour(ask);
  const best = Math.max(0, ...samples.values());
  if (best === 0) return { rows: [], observedHours: [] };
  const hasNodes = await doContainersNameNodes(ask);
  const by = hasNodes ? "namespace, node" : "namespace";
  const book = rowBook();
  const put = async (query: string, set: (row: UsageRow, value: number, labels: Record<string, string>) => void) => {
    for (const { metric, values } of await ask(query))
      for (const [hour, value] of values)
        if (metric["namespace"])
          set(book.at(hour, metric["namespace"], hasNodes ? (metric["node"] ?? "") : ""), value, metric);
  };
  const average = (value: number, hour: number) => value / (samples.get(hour) ?? best);

  await put(`sum by (${by}) (increase(container_cpu_usage_seconds_total{container!=""}[1h]))`, (row, value) => {
    row.cpuUsed = value / HOUR_SECONDS;
  });
  await put(`sum by (${by}) (sum_over_time(container_memory_working_set_bytes{container!=""}[1h]))`, (row, value) => {
    row.memoryUsed = average(value, row.hour) / GIB;
  });
  await put(
    `sum by (${by}, resource) (sum_over_time(kube_pod_container_resource_requests[1h]))`,
    (row, value, { resource }) => setRequest(row, average(value, row.hour), resource ?? ""),
  );
  await put(`sum by (${by}) (sum_over_time(DCGM_FI_DEV_GPU_UTIL[1h]))`, (row, value) => {
    row.gpuUsed = average(value, row.hour) / 100;
  });
  await put(`sum by (${by}) (count_over_time(kube_pod_info[1h]))`, (row, value) => {
    row.pods = average(value, row.hour);
  });
  for (const direction of ["receive", "transmit"])
    await put(`sum by (${by}) (increase(container_network_${direction}_bytes_total[1h]))`, (row, value) => {
      row.networkBytes = (row.networkBytes ?? 0) + value;
    });
  const volumes = await ask("sum by (namespace) (sum_over_time(kubelet_volume_stats_used_bytes[1h]))");
  const rows = withVolumes(
    book,
    volumes.flatMap(({ metric, values }) =>
      values.map(([hour, value]) => ({ namespace: metric["namespace"] ?? "", hour, gib: average(value, hour) / GIB })),
    ),
  );
  for (const row of rows) fillRequests(row);
  const observedHours = [...samples].flatMap(([hour, count]) => (count >= best * WHOLE_HOUR ? [hour] : []));
  return { rows, observedHours: observedHours.toSorted((a, b) => a - b) };
}

/** Requests are known for every pod: what ran and is in none of them has asked for nothing. */
function fillRequests(row: UsageRow): void {
  if (row.pods === null) return;
  row.cpuRequested ??= 0;
  row.memoryRequested ??= 0;
  row.gpuRequested ??= 0;
  // Without a device there is nothing to use.
  if (row.gpuRequested === 0) row.gpuUsed ??= 0;
}

function setRequest(row: UsageRow, value: number, resource: string): void {
  if (resource === "cpu") row.cpuRequested = value;
  else if (resource === "memory") row.memoryRequested = value / GIB;
  // Devices are named by their makers: nvidia_com_gpu, amd_com_gpu.
  else if (resource.endsWith("gpu")) row.gpuRequested = (row.gpuRequested ?? 0) + value;
}

function withVolumes(
  book: ReturnType<typeof rowBook>,
  volumes: readonly { namespace: string; hour: number; gib: number }[],
): UsageRow[] {
  const first = new Map<string, UsageRow>();
  for (const row of book.rows()) {
    const key = `${row.hour}/${row.namespace}`;
    if (!first.has(key)) first.set(key, row);
  }
  for (const { namespace, hour, gib } of volumes) {
    if (namespace === "") continue;
    const known = first.get(`${hour}/${namespace}`);
    const row = known ?? book.at(hour, namespace, "");
    // A namespace that has volumes and no pods asks for nothing: that is seen, and no gap.
    if (known === undefined) Object.assign(row, { pods: 0, cpuUsed: 0, memoryUsed: 0 });
    row.volumeGib = gib;
  }
  return book.rows();
}

/** Samples of the containers that were there longest, by hour: those of a whole hour, or fewer where there was a gap. */
async function samplesByHour(ask: Ask): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  for (const { values } of await ask(`max(count_over_time(container_memory_working_set_bytes{container!=""}[1h]))`))
    for (const [hour, count] of values) found.set(hour, Math.max(found.get(hour) ?? 0, count));
  return found;
}

/** Whether the containers' metrics name their node, as kube-prometheus has them do; those of requests always do. */
async function doContainersNameNodes(ask: Ask): Promise<boolean> {
  const nodes = await ask(`count by (node) (sum_over_time(container_memory_working_set_bytes{container!=""}[1h]))`);
  return nodes.length > 0 && nodes.every(({ metric }) => (metric["node"] ?? "") !== "");
}

type Series = { metric: Record<string, string>; values: [hour: number, value: number][] };
type Ask = (query: string) => Promise<Series[]>;

const answer = z.object({
  status: z.literal("success"),
  data: z.object({
    resultType: z.literal("matrix"),
    result: z.array(
      z.object({ metric: z.record(z.string(), z.string()), values: z.array(z.tuple([z.number(), z.string()])) }),
    ),
  }),
});

async function askRange(server: UsageServer, query: string, day: Day, signal: AbortSignal): Promise<Series[]> {
  const midnight = startOf(day).getTime() / 1000;
  const body = await askUsage(
    server,
    "/api/v1/query_range",
    {
      query,
      start: String(midnight + HOUR_SECONDS),
      end: String(midnight + HOURS_OF_A_DAY * HOUR_SECONDS),
      step: String(HOUR_SECONDS),
    },
    signal,
  );
  const parsed = answer.safeParse(body);
  if (!parsed.success)
    throw new AppError("bad_data", `Prometheus of ${server.cluster} answered in a form that it should not.`, {
      place: { column: parsed.error.issues[0]?.path.join(".") ?? "" },
    });
  return parsed.data.data.result.map(({ metric, values }) => ({
    metric,
    values: values.flatMap(([at, text]): [number, number][] => {
      const value = Number(text);
      return Number.isFinite(value) && value >= 0 ? [[(at - midnight) / HOUR_SECONDS - 1, value]] : [];
    }),
  }));
}
