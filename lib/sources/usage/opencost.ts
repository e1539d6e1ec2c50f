import { z } from "zod";
import { addDays, startOf, type Day } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { askUsage, type UsageServer } from "#lib/sources/usage/client.ts";
import { GIB, HOURS_OF_A_DAY, rowBook, type UsageReading } from "#lib/sources/usage/usage-reading.ts";

const HOUR_MS = 3_600_000;
const MINUTES_OF_AN_HOUR = 60;
/** An hour of which the longest allocation covers less is a gap, or has one. */
const WHOLE_HOUR_MINUTES = 57;

const allocation = z.object({
  properties: z
    .object({ namespace: z.string().default(""), node: z.string().default("") })
    .default({ namespace: "", node: "" }),
  start: z.iso.datetime(),
  minutes: z.number().nonnegative(),
  cpuCoreRequestAverage: z.number().default(0),
  cpuCoreUsageAverage: z.number().default(0),
  cpuCoreHours: z.number().default(0),
  ramByteRequestAverage: z.number().default(0),
  ramByteUsageAverage: z.number().default(0),
  ramByteHours: z.number().default(0),
  gpuHours: z.number().default(0),
  networkTransferBytes: z.number().default(0),
  networkReceiveBytes: z.number().default(0),
  pvByteHours: z.number().default(0),
});
const answer = z.object({ code: z.literal(200), data: z.array(z.record(z.string(), allocation).nullable()) });

/**
 * A cluster's day from OpenCost's allocation API: its measures of use, never its prices.
 *
 * Its averages are over the minutes that something ran, ours over the hour; its core hours are those that it charges for, the
 * average of the larger of request and usage. https://www.opencost.io/docs/integrations/api
 */
export async function readOpenCostDay(server: UsageServer, day: Day, signal: AbortSignal): Promise<UsageReading> {
  const body = await askUsage(
    server,
    "/allocation/compute",
    {
      window: `${day}T00:00:00Z,${addDays(day, 1)}T00:00:00Z`,
      step: "1h",
      aggregate: "namespace,node",
      accumulate: "false",
    },
    signal,
  );
  const parsed = answer.safeParse(body);
  if (!parsed.success)
    throw new AppError("bad_data", `OpenCost of ${server.cluster} answered in a form that it should not.`, {
      place: { column: parsed.error.issues[0]?.path.join(".") ?? "" },
    });
  const book = rowBook();
  const longest = new Map<number, number>();
  for (const [key, found] of parsed.data.data.flatMap((step) => Object.entries(step ?? {}))) {
    const hour = Math.floor((Date.parse(found.start) - startOf(day).getTime()) / HOUR_MS);
    // "__idle__", "__unallocated__" and "__unmounted__" are nobody's use.
    if (key.startsWith("__") || hour < 0 || hour >= HOURS_OF_A_DAY) continue;
    const [namespace = "", node = ""] = key.split("/");
    const row = book.at(hour, found.properties.namespace || namespace, found.properties.node || node);
    const part = Math.min(1, found.minutes / MINUTES_OF_AN_HOUR);
    longest.set(hour, Math.max(longest.get(hour) ?? 0, found.minutes));
    row.cpuRequested = found.cpuCoreRequestAverage * part;
    row.cpuUsed = found.cpuCoreUsageAverage * part;
    row.cpuLarger = found.cpuCoreHours;
    row.memoryRequested = (found.ramByteRequestAverage * part) / GIB;
    row.memoryUsed = (found.ramByteUsageAverage * part) / GIB;
    row.memoryLarger = found.ramByteHours / GIB;
    row.gpuRequested = found.gpuHours;
    row.gpuUsed = found.gpuHours === 0 ? 0 : null;
    row.networkBytes = found.networkTransferBytes + found.networkReceiveBytes;
    row.volumeGib = found.pvByteHours / GIB;
  }
  const observedHours = [...longest].flatMap(([hour, minutes]) => (minutes >= WHOLE_HOUR_MINUTES ? [hour] : []));
  return { rows: book.rows(), observedHours: observedHours.toSorted((a, b) => a - b) };
}
