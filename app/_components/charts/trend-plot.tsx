"use client";

import {
  Bar,
  CartesianGrid,
  ComposedChart,
  Line,
  Rectangle,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
  type BarShapeProps,
  type TooltipContentProps,
} from "recharts";
import { niceTicks, shortAmount } from "#lib/charts/ticks.ts";
import { decimal, sum, toAmount, type Amount } from "#lib/domain/money.ts";
import { formatAmount, formatDayOfMonth, formatPeriod } from "#lib/domain/format.ts";
import { periodOf, type Day } from "#lib/domain/period.ts";
import type { TrendSeries } from "#lib/services/spend/spend-view.ts";
import { bucketLabel, type TrendChartProps } from "#app/_components/charts/trend-chart.tsx";

export type PlotSeries = TrendSeries["series"][number] & { colour: string };
type Point = {
  bucket: Day;
  position: number;
  isEstimated: boolean;
  values: (number | null)[];
  comparison: number | null;
};

const HEIGHT = 256;
const ESTIMATED_OPACITY = 0.4;
const AXIS = { fontSize: 12, fill: "var(--ink-soft)" };

/** Draws the stack. Everything it shows is decided before; floats are pixels here. */
export function TrendPlot({
  trend,
  series,
  currency,
  granularity,
  comparisonLabel,
}: TrendChartProps & { series: PlotSeries[] }) {
  const points = trend.buckets.map((bucket, position): Point => ({
    bucket,
    position,
    isEstimated: trend.estimatedFrom !== null && bucket >= trend.estimatedFrom,
    values: series.map((one) => toPixels(one.values[position] ?? null)),
    comparison: toPixels(trend.comparison?.[position] ?? null),
  }));
  const ticks = niceTicks(extremesOf(trend)).map(Number);
  const [low = 0, high = 1] = [ticks[0], ticks.at(-1)];
  return (
    <ResponsiveContainer width="100%" height={HEIGHT}>
      <ComposedChart
        data={points}
        stackOffset="sign"
        margin={{ top: 4, right: 0, bottom: 0, left: 0 }}
        barCategoryGap={granularity === "day" ? "12%" : "24%"}
        accessibilityLayer={false}
      >
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis
          dataKey="bucket"
          tick={AXIS}
          tickLine={false}
          axisLine={{ stroke: "var(--line-strong)" }}
          minTickGap={24}
          tickFormatter={(bucket: Day) =>
            granularity === "day" ? formatDayOfMonth(bucket) : formatPeriod(periodOf(bucket))
          }
        />
        <YAxis
          tick={AXIS}
          tickLine={false}
          axisLine={false}
          width={48}
          ticks={ticks}
          domain={[low, high]}
          tickFormatter={(tick: number) => shortAmount(String(tick))}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={{ fill: "var(--surface-hover)" }}
          content={(tooltip) => (
            <PlotTooltip
              {...tooltip}
              trend={trend}
              series={series}
              currency={currency}
              granularity={granularity}
              comparisonLabel={comparisonLabel}
            />
          )}
        />
        <ReferenceLine y={0} stroke="var(--line-strong)" />
        {series.map((one, index) => (
          <Bar
            key={one.key ?? "rest"}
            dataKey={(point: Point) => point.values[index] ?? null}
            name={one.label}
            stackId="cost"
            fill={one.colour}
            isAnimationActive={false}
            shape={drawBar}
          />
        ))}
        {trend.comparison === null ? null : (
          <Line
            dataKey="comparison"
            name={comparisonLabel ?? "Compared"}
            type="linear"
            stroke="var(--ink)"
            strokeWidth={1}
            dot={false}
            activeDot={false}
            connectNulls={false}
            isAnimationActive={false}
          />
        )}
      </ComposedChart>
    </ResponsiveContainer>
  );
}

function drawBar(props: BarShapeProps) {
  const point: unknown = props.payload;
  const isEstimated =
    typeof point === "object" && point !== null && "isEstimated" in point && point.isEstimated === true;
  return (
    <Rectangle {...props} fillOpacity={isEstimated ? ESTIMATED_OPACITY : 1} stroke="var(--surface)" strokeWidth={0.5} />
  );
}

type PlotTooltipProps = TooltipContentProps &
  Pick<TrendChartProps, "trend" | "currency" | "granularity" | "comparisonLabel"> & { series: PlotSeries[] };

function PlotTooltip({ active, label, trend, series, currency, granularity, comparisonLabel }: PlotTooltipProps) {
  const position = trend.buckets.findIndex((bucket) => bucket === label);
  const bucket = trend.buckets[position];
  if (active !== true || bucket === undefined) return null;
  const rows = series
    .map((one) => ({ ...one, amount: one.values[position] ?? null }))
    .filter((row) => row.amount !== null && !decimal(row.amount).isZero());
  const total = toAmount(sum(rows.map((row) => row.amount ?? "0")));
  const compared = trend.comparison?.[position] ?? null;
  return (
    <div className="min-w-52 rounded-md border border-line-strong bg-raised px-3 py-2 text-xs">
      <p className="mb-1 flex justify-between gap-4 font-medium">
        <span>
          {bucketLabel(bucket, granularity)}
          {trend.estimatedFrom !== null && bucket >= trend.estimatedFrom ? ", estimated" : ""}
        </span>
        <span>{rows.length === 0 ? "not loaded" : `${formatAmount(total, currency)} ${currency}`}</span>
      </p>
      {rows.map((row) => (
        <p key={row.key ?? "rest"} className="flex items-center gap-1.5">
          <span className="size-2 rounded-sm" style={{ background: row.colour }} />
          <span className="mr-auto pr-4">{row.label}</span>
          {formatAmount(row.amount ?? "0", currency)}
        </p>
      ))}
      {compared === null ? null : (
        <p className="mt-1 flex justify-between border-t border-line pt-1 text-soft">
          <span>{comparisonLabel}</span>
          {formatAmount(compared, currency)}
        </p>
      )}
    </div>
  );
}

/** The tops and bottoms of the stacks and the compared totals: what the axis must hold. */
function extremesOf(trend: TrendSeries): Amount[] {
  const ends = trend.buckets.flatMap((_, position) => {
    const amounts = trend.series.map(({ values }) => decimal(values[position] ?? "0"));
    return [
      toAmount(sum(amounts.filter((value) => value.isPositive()))),
      toAmount(sum(amounts.filter((value) => value.isNegative()))),
    ];
  });
  return [...ends, ...(trend.comparison ?? []).filter((value) => value !== null)];
}

function toPixels(amount: Amount | null): number | null {
  return amount === null ? null : Number(amount);
}
