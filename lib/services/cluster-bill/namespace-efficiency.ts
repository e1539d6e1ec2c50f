import type { SplitCost } from "#lib/db/cluster-bill/read-splits.ts";
import type { UsageHour } from "#lib/db/cluster-bill/read-usage-averages.ts";
import type { BillBasis } from "#lib/domain/cluster-bill/cluster-hour.ts";
import { judgeEfficiency, type ResourceUse } from "#lib/domain/efficiency/judge-efficiency.ts";
import { addAmounts } from "#lib/domain/money.ts";
import { daysIn, startOf, type DayRange } from "#lib/domain/period.ts";
import type { EfficiencyView, UsageSeries } from "#lib/services/cluster-bill/cluster-bill-view.ts";

const HOUR_MS = 3_600_000;
const HOURS_OF_A_DAY = 24;

/** What was observed as a series without holes: hours in which it was not are null. It ends with the last hour that was observed. */
export function usageSeries(hours: readonly UsageHour[], range: DayRange): UsageSeries {
  const startMs = startOf(range.from).getTime();
  const known = new Map(hours.map((hour) => [hour.hour.getTime(), hour]));
  const all = Array.from({ length: daysIn(range) * HOURS_OF_A_DAY }, (_, index) => startMs + index * HOUR_MS);
  const values = (name: Exclude<keyof UsageHour, "hour">) => all.map((at) => known.get(at)?.[name] ?? null);
  return {
    hours: all.map((at) => new Date(at).toISOString()),
    cpu: { requested: values("cpu_requested"), used: values("cpu_used") },
    memory: { requested: values("memory_requested"), used: values("memory_used") },
    gpu: { requested: values("gpu_requested"), used: values("gpu_used") },
    networkBytes: values("network_bytes"),
    volumeGib: values("volume_gib"),
    pods: values("pods"),
  };
}

/** Used ÷ requested by resource, and what right-sizing would have saved of the direct cost of the same days. */
export function efficiencyOf(
  hours: readonly UsageHour[],
  range: DayRange,
  costs: readonly SplitCost[],
  basis: BillBasis,
  currency: string | null,
): EfficiencyView {
  const position = basis === "billed" ? 0 : 1;
  const cost = (resource: "cpu" | "memory" | "gpu") =>
    costs.length === 0 ? null : addAmounts(costs.flatMap(({ resources }) => resources[resource]?.[position] ?? []));
  const series = usageSeries(hours, range);
  const judged = (name: "cpu" | "memory" | "gpu"): ResourceUse => ({
    requested: average(series[name].requested),
    used: untilLast(series[name].used),
    cost: cost(name),
  });
  const gpus = judged("gpu");
  const { resources, saving } = judgeEfficiency({
    cpuCores: judged("cpu"),
    memoryGib: judged("memory"),
    // Who never asked for a device has nothing to judge.
    ...(gpus.requested === null || gpus.requested === 0 ? {} : { gpus }),
  });
  return { resources, saving, currency };
}

/** Hours after the last that was read are not there yet, and no gap. */
function untilLast(values: readonly (number | null)[]): (number | null)[] {
  return values.slice(0, values.findLastIndex((value) => value !== null) + 1);
}

function average(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0) / known.length;
}
