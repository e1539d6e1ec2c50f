import { decimal, sum, toAmount } from "#lib/domain/money.ts";
import { formatDayOfMonth, formatPeriod } from "#lib/domain/format.ts";
import { addMonths, addDays, dayOf, periodOf, rangeOf, startOf, type Day } from "#lib/domain/period.ts";
import { niceTicks, shortAmount } from "#lib/charts/ticks.ts";

/** One line or layer; decimal texts, null = a gap. */
export type PanelSeries = { key: string; label: string; values: readonly (string | null)[]; colour: string };

/** Charts that stand below one another share their time; each has values of one unit. */
export type Panel = {
  title: string;
  unit: string;
  /** Layers on one another, or lines over one another. */
  kind: "bars" | "lines";
  /** Instants at which the buckets start, in milliseconds, ascending; all are as long. */
  starts: readonly number[];
  bucketMs: number;
  series: readonly PanelSeries[];
};

/** Where it is drawn, in this many units across and down; stretched to its place. */
export const DRAWN = { width: 1000, height: 100 };

/** Bars leave this part of their bucket free. */
const BAR_GAP = 0.16;
const TICKS = 3;

/** Beyond as many days marks stand at the starts of months. */
const MOST_DAYS_BY_DAY = 70;
const DAY_MS = 86_400_000;
const MARKS = 6;

type PanelDrawing = {
  /** One path for each series, in their order. */
  paths: string[];
  /** Marks of the axis of values; `top` in percent from above. */
  ticks: { label: string; top: number }[];
};

/** Paths and marks of a panel over a half-open stretch of time in milliseconds. Floats are pixels here, and nowhere else. */
export function drawPanel(panel: Panel, from: number, to: number): PanelDrawing {
  const ticks = niceTicks(extremesOf(panel), TICKS);
  const low = Number(ticks[0] ?? "0");
  const span = Number(ticks.at(-1) ?? "1") - low || 1;
  const y = (value: number): number => DRAWN.height - ((value - low) / span) * DRAWN.height;
  const x = (instant: number): number => ((instant - from) / (to - from)) * DRAWN.width;
  return {
    paths: panel.kind === "bars" ? barPaths(panel, x, y) : linePaths(panel, x, y),
    ticks: ticks.map((tick) => ({ label: shortAmount(tick), top: (y(Number(tick)) / DRAWN.height) * 100 })),
  };
}

/** The bucket at an instant; null where it is outside of them. */
export function bucketAt({ starts, bucketMs }: Panel, instant: number): number | null {
  const first = starts[0];
  if (first === undefined) return null;
  const index = Math.floor((instant - first) / bucketMs);
  const start = starts[index];
  return start === undefined || instant < start || instant >= start + bucketMs ? null : index;
}

/** Marks of the axis of time: days, or the starts of months; `left` in percent. */
export function timeMarks(from: number, to: number): { label: string; left: number }[] {
  const place = (value: Day): number => ((startOf(value).getTime() - from) / (to - from)) * 100;
  const first = dayOf(new Date(from));
  const days = Math.round((to - from) / DAY_MS);
  if (days > MOST_DAYS_BY_DAY) {
    const months = Math.ceil(days / 30.44);
    const step = Math.max(1, Math.ceil(months / MARKS));
    return Array.from({ length: Math.ceil(months / step) }, (_, index) => addMonths(periodOf(first), 1 + index * step))
      .map((period) => ({ label: formatPeriod(period), left: place(rangeOf(period).from) }))
      .filter(({ left }) => left >= 0 && left < 100);
  }
  const step = Math.max(1, Math.ceil(days / MARKS));
  return Array.from({ length: Math.ceil(days / step) }, (_, index) => addDays(first, index * step))
    .map((value) => ({ label: formatDayOfMonth(value), left: place(value) }))
    .filter(({ left }) => left >= 0 && left < 100);
}

/** The sum of the layers in a bucket; null where all of them have a gap. */
export function stackedAt({ series }: Panel, index: number): string | null {
  const known = series.map(({ values }) => values[index] ?? null).filter((value) => value !== null);
  return known.length === 0 ? null : toAmount(sum(known));
}

type Scale = (value: number) => number;

function barPaths({ series, starts, bucketMs }: Panel, x: Scale, y: Scale): string[] {
  const above = starts.map(() => 0);
  const below = starts.map(() => 0);
  return series.map(({ values }) =>
    starts
      .map((start, index) => {
        const value = Number(values[index] ?? 0);
        if (value === 0) return "";
        const stack = value > 0 ? above : below;
        const base = stack[index] ?? 0;
        stack[index] = base + value;
        const left = x(start + (bucketMs * BAR_GAP) / 2);
        const right = x(start + bucketMs * (1 - BAR_GAP / 2));
        return `M${round(left)} ${round(y(base))}H${round(right)}V${round(y(base + value))}H${round(left)}Z`;
      })
      .join(""),
  );
}

/** Steps: a value holds for the whole of its bucket. */
function linePaths({ series, starts, bucketMs }: Panel, x: Scale, y: Scale): string[] {
  return series.map(({ values }) => {
    let isDrawing = false;
    return starts
      .map((start, index) => {
        const value = values[index] ?? null;
        if (value === null) {
          isDrawing = false;
          return "";
        }
        const at = round(y(Number(value)));
        const command = isDrawing ? `V${at}` : `M${round(x(start))} ${at}`;
        isDrawing = true;
        return `${command}H${round(x(start + bucketMs))}`;
      })
      .join("");
  });
}

/** What the axis must hold: every value, or the tops and bottoms of the stacks. */
function extremesOf({ kind, series, starts }: Panel): string[] {
  if (kind === "lines") return series.flatMap(({ values }) => values.filter((value) => value !== null));
  return starts.flatMap((_, index) => {
    const amounts = series.map(({ values }) => decimal(values[index] ?? "0"));
    return [
      toAmount(sum(amounts.filter((value) => value.isPositive()))),
      toAmount(sum(amounts.filter((value) => value.isNegative()))),
    ];
  });
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}
