import type { Panel, PanelSeries } from "#lib/charts/time-panels.ts";
import { formatDay } from "#lib/domain/format.ts";
import { dayOf, eachDay, startOf, type Day, type DayRange } from "#lib/domain/period.ts";
import type {
  NamespaceCostResource,
  NamespaceCostSection,
  UsageSeries,
} from "#lib/services/cluster-bill/cluster-bill-view.ts";
import type { TimeTable } from "#app/_components/charts/time-panels.tsx";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const RESOURCES: Record<NamespaceCostResource, { label: string; colour: string }> = {
  cpu: { label: "CPU", colour: "var(--series-1)" },
  memory: { label: "Memory", colour: "var(--series-2)" },
  gpu: { label: "GPU", colour: "var(--series-3)" },
  volume: { label: "Volumes", colour: "var(--series-4)" },
  balancer: { label: "Load balancers", colour: "var(--series-5)" },
  traffic: { label: "Traffic", colour: "var(--series-6)" },
  other: { label: "Other", colour: "var(--series-8)" },
};

const USED = [
  { key: "cpu", title: "CPU", unit: "cores" },
  { key: "memory", title: "Memory", unit: "GiB" },
  { key: "gpu", title: "GPU", unit: "devices" },
] as const;

type Drawn = { panels: Panel[]; from: number; to: number };

/** What a day cost, by resource with shared and idle on top, so that the stack is the total; and use against requests by hour. */
export function costPanels(section: NamespaceCostSection | null, usage: UsageSeries | null, range: DayRange): Drawn {
  const cost = section === null ? [] : [costPanel(section)];
  return {
    panels: [...cost, ...(usage === null ? [] : usagePanels(usage))],
    from: startOf(range.from).getTime(),
    to: startOf(range.to).getTime(),
  };
}

function costPanel(section: NamespaceCostSection): Panel {
  const { days, currency } = section;
  return {
    title: "Cost",
    unit: `${currency} a day`,
    kind: "bars",
    starts: days.map((one) => startOf(one).getTime()),
    bucketMs: DAY_MS,
    series: costSeries(section),
  };
}

function costSeries({ resourceTrend, trend }: NamespaceCostSection): PanelSeries[] {
  const of = (kind: "idle" | "shared", label: string, colour: string): PanelSeries[] =>
    trend
      .filter((one) => one.kind === kind && one.values.some((value) => value !== null && Number(value) !== 0))
      .map(({ values }) => ({ key: kind, label, colour, values }));
  return [
    ...resourceTrend.map(({ resource, values }) => ({ key: resource, ...RESOURCES[resource], values })),
    ...of("shared", "Share of shared namespaces", "var(--part-shared)"),
    ...of("idle", "Share of idle capacity", "var(--part-idle)"),
  ];
}

function usagePanels(usage: UsageSeries): Panel[] {
  const starts = usage.hours.map((hour) => Date.parse(hour));
  return USED.flatMap(({ key, title, unit }): Panel[] => {
    const { requested, used } = usage[key];
    const isKnown = [...requested, ...used].some((value) => value !== null);
    // No GPU is the usual case and needs no chart that says so.
    if (!isKnown || (key === "gpu" && ![...requested, ...used].some((value) => (value ?? 0) > 0))) return [];
    return [
      {
        title,
        unit,
        kind: "lines",
        starts,
        bucketMs: HOUR_MS,
        series: [
          { key: "requested", label: "Requested", colour: "var(--part-hatch)", values: requested.map(text) },
          { key: "used", label: "Used", colour: "var(--accent)", values: used.map(text) },
        ],
      },
    ];
  });
}

/** The same by day: the hours of a month would be read by nobody. */
export function costTable(section: NamespaceCostSection | null, usage: UsageSeries | null, range: DayRange): TimeTable {
  const series = section === null ? [] : costSeries(section);
  const averages = usage === null ? [] : usageAverages(usage);
  const positions = new Map((section?.days ?? []).map((one, index) => [one, index]));
  return {
    head: [
      "Day",
      ...series.map(({ label }) => `${label}, ${section?.currency ?? ""}`),
      ...averages.map(({ title }) => title),
    ],
    rows: eachDay(range).map((one) => {
      const position = positions.get(one);
      return {
        name: formatDay(one),
        values: [
          ...series.map(({ values }) => (position === undefined ? null : (values[position] ?? null))),
          ...averages.map(({ byDay }) => byDay.get(one) ?? null),
        ],
      };
    }),
    note: "Use is the average of the observed hours of the day.",
  };
}

function usageAverages(usage: UsageSeries): { title: string; byDay: Map<Day, string> }[] {
  return USED.filter(({ key }) => usage[key].used.some((value) => value !== null)).flatMap(({ key, title, unit }) =>
    (["requested", "used"] as const).map((kind) => ({
      title: `${title} ${kind}, ${unit}`,
      byDay: averageByDay(usage.hours, usage[key][kind]),
    })),
  );
}

function averageByDay(hours: readonly string[], values: readonly (number | null)[]): Map<Day, string> {
  const byDay = Map.groupBy(
    hours.flatMap((hour, index) => {
      const value = values[index] ?? null;
      return value === null ? [] : [{ day: dayOf(new Date(hour)), value }];
    }),
    ({ day }) => day,
  );
  return new Map(
    [...byDay].map(([one, own]) => [one, String(own.reduce((sum, { value }) => sum + value, 0) / own.length)]),
  );
}

function text(value: number | null): string | null {
  return value === null ? null : String(value);
}
