"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import { colourSlots } from "#lib/charts/colours.ts";
import { totalPerBucket } from "#lib/charts/trend.ts";
import { formatAmount, formatDay, formatExact, formatPeriod } from "#lib/domain/format.ts";
import { periodOf, type Day } from "#lib/domain/period.ts";
import type { TrendSeries } from "#lib/services/spend/spend-view.ts";
import { Segmented } from "#app/_components/ui/segmented.tsx";
import { Skeleton } from "#app/_components/ui/states.tsx";
import { classNames } from "#app/_components/ui/class-names.ts";
import { slotColour } from "#app/_components/charts/slot-colour.ts";

const TrendPlot = dynamic(() => import("#app/_components/charts/trend-plot.tsx").then((module) => module.TrendPlot), {
  ssr: false,
  loading: () => <Skeleton className="h-64 w-full" />,
});

export type TrendChartProps = {
  title: string;
  trend: TrendSeries;
  currency: string;
  granularity: "day" | "month";
  /** What the thin line is: "Oct 2026"; null = none. */
  comparisonLabel: string | null;
};

/** The stacked trend with its legend and its table. The table is always there for screen readers, and to be seen at a press. */
export function TrendChart(props: TrendChartProps) {
  const { title, trend, comparisonLabel } = props;
  const [look, setLook] = useState<"chart" | "table">("chart");
  const slots = colourSlots(trend.series.map(({ key }) => key));
  const series = trend.series.map((one) => ({ ...one, colour: slotColour(slots.get(one.key)) }));
  const hasEstimates =
    trend.estimatedFrom !== null && trend.buckets.some((bucket) => bucket >= (trend.estimatedFrom ?? ""));
  const hasGaps = totalPerBucket(trend.series).includes(null);
  return (
    <figure aria-label={title} className="relative">
      <div className="mb-2 flex flex-wrap items-start gap-x-4 gap-y-1">
        <ul className="flex min-w-0 flex-1 flex-wrap gap-x-4 gap-y-1 text-xs">
          {series.map((one) => (
            <li key={one.key ?? "rest"} className="flex items-center gap-1.5">
              <span aria-hidden className="size-2.5 rounded-sm" style={{ background: one.colour }} />
              {one.label}
            </li>
          ))}
          {comparisonLabel === null || trend.comparison === null ? null : (
            <li className="flex items-center gap-1.5 text-soft">
              <span aria-hidden className="h-px w-4 bg-ink" /> {comparisonLabel}
            </li>
          )}
          {hasEstimates ? <li className="text-soft">paler = estimated</li> : null}
          {hasGaps ? <li className="text-soft">gap = not loaded</li> : null}
        </ul>
        <Segmented
          label={`How to show: ${title}`}
          value={look}
          options={[
            { value: "chart", label: "Chart" },
            { value: "table", label: "Table" },
          ]}
          onChange={setLook}
        />
      </div>
      {look === "chart" ? (
        <div aria-hidden>
          <TrendPlot {...props} series={series} />
        </div>
      ) : null}
      <TrendTable {...props} isVisible={look === "table"} />
    </figure>
  );
}

export function bucketLabel(bucket: Day, granularity: "day" | "month"): string {
  return granularity === "day" ? formatDay(bucket) : formatPeriod(periodOf(bucket));
}

function TrendTable({
  title,
  trend,
  currency,
  granularity,
  comparisonLabel,
  isVisible,
}: TrendChartProps & { isVisible: boolean }) {
  const totals = totalPerBucket(trend.series);
  return (
    <div
      className={classNames(isVisible ? "relative max-h-96 overflow-auto" : "sr-only")}
      tabIndex={isVisible ? 0 : undefined}
    >
      <table className="w-full text-sm">
        <caption className="sr-only">
          {title}, amounts in {currency}
        </caption>
        <thead className="sticky top-0 bg-surface text-xs text-soft">
          <tr>
            <th scope="col" className="py-1 text-left font-medium">
              {granularity === "day" ? "Day" : "Month"}
            </th>
            {trend.series.map((one) => (
              <th key={one.key ?? "rest"} scope="col" className="px-2 py-1 text-right font-medium">
                {one.label}
              </th>
            ))}
            <th scope="col" className="px-2 py-1 text-right font-medium">
              Total
            </th>
            {trend.comparison === null ? null : (
              <th scope="col" className="py-1 pl-2 text-right font-medium">
                {comparisonLabel ?? "Compared"}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {trend.buckets.map((bucket, position) => (
            <tr key={bucket} className="border-t border-line">
              <th scope="row" className="py-1 text-left font-normal whitespace-nowrap">
                {bucketLabel(bucket, granularity)}
                {trend.estimatedFrom !== null && bucket >= trend.estimatedFrom ? (
                  <span className="text-xs text-soft"> estimated</span>
                ) : null}
              </th>
              {trend.series.map((one) => (
                <AmountCell key={one.key ?? "rest"} amount={one.values[position] ?? null} currency={currency} />
              ))}
              <AmountCell amount={totals[position] ?? null} currency={currency} />
              {trend.comparison === null ? null : (
                <AmountCell amount={trend.comparison[position] ?? null} currency={currency} />
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function AmountCell({ amount, currency }: { amount: string | null; currency: string }) {
  return (
    <td
      className="px-2 py-1 text-right whitespace-nowrap last:pr-0"
      title={amount === null ? undefined : formatExact(amount, currency)}
    >
      {amount === null ? <span className="text-soft">not loaded</span> : formatAmount(amount, currency)}
    </td>
  );
}
