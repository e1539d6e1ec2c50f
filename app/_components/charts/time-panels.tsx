"use client";

import { useMemo, useState, type PointerEvent } from "react";
import { bucketAt, drawPanel, DRAWN, stackedAt, timeMarks, type Panel } from "#lib/charts/time-panels.ts";
import { formatAmount, formatDay, formatInstant } from "#lib/domain/format.ts";
import { dayOf } from "#lib/domain/period.ts";
import { Segmented } from "#app/_components/ui/segmented.tsx";
import { classNames } from "#app/_components/ui/class-names.ts";

const DAY_MS = 86_400_000;

export type TimeTable = { head: string[]; rows: { name: string; values: (string | null)[] }[]; note?: string };

type TimePanelsProps = {
  title: string;
  /** Half-open, in milliseconds. */
  from: number;
  to: number;
  panels: Panel[];
  /** The same in figures, for whoever cannot see the chart or would rather read. */
  table: TimeTable;
  /** Before this instant what is drawn is derived, not observed: paler. */
  paleBefore?: number | null;
  /** What a bucket without a value is. */
  gapWords?: string;
  /** Side by side on wide screens, where they do not explain one another. */
  areSideBySide?: boolean;
};

/** Charts over one time, one below the other: pointing at one shows the same moment in all. */
export function TimePanels(props: TimePanelsProps) {
  const { title, from, to, panels, table, gapWords = "not observed", areSideBySide = false } = props;
  const [look, setLook] = useState<"chart" | "table">("chart");
  const [at, setAt] = useState<number | null>(null);
  const point = (event: PointerEvent<HTMLElement>): void => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - left) / width;
    setAt(share < 0 || share >= 1 ? null : from + share * (to - from));
  };
  return (
    <figure aria-label={title} className="relative">
      <div className="mb-1 flex min-h-8 items-center justify-between gap-4">
        <p aria-hidden className="text-xs text-soft">
          {at === null || look === "table" ? null : momentWords(at, panels)}
        </p>
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
        <div aria-hidden className={areSideBySide ? "grid gap-x-8 gap-y-4 md:grid-cols-2 xl:grid-cols-3" : "space-y-4"}>
          {panels.map((panel, index) => (
            <PanelChart
              key={panel.title}
              panel={panel}
              from={from}
              to={to}
              at={at}
              paleBefore={props.paleBefore ?? null}
              hasTimes={areSideBySide || index === panels.length - 1}
              isTall={panel.kind === "bars"}
              gapWords={gapWords}
              onPoint={point}
              onLeave={() => setAt(null)}
            />
          ))}
        </div>
      ) : null}
      <FigureTable title={title} table={table} isVisible={look === "table"} gapWords={gapWords} />
    </figure>
  );
}

type PanelChartProps = {
  panel: Panel;
  from: number;
  to: number;
  at: number | null;
  paleBefore: number | null;
  hasTimes: boolean;
  isTall: boolean;
  gapWords: string;
  onPoint: (event: PointerEvent<HTMLElement>) => void;
  onLeave: () => void;
};

function PanelChart({
  panel,
  from,
  to,
  at,
  paleBefore,
  hasTimes,
  isTall,
  gapWords,
  onPoint,
  onLeave,
}: PanelChartProps) {
  const { paths, ticks } = useMemo(() => drawPanel(panel, from, to), [panel, from, to]);
  const marks = useMemo(() => timeMarks(from, to), [from, to]);
  const left = at === null ? null : ((at - from) / (to - from)) * 100;
  const pale = paleBefore === null ? 0 : Math.max(0, Math.min(100, ((paleBefore - from) / (to - from)) * 100));
  return (
    <div>
      <Legend panel={panel} at={at} gapWords={gapWords} />
      <div
        className={classNames("relative ml-11", isTall ? "h-44" : "h-24")}
        onPointerMove={onPoint}
        onPointerLeave={onLeave}
      >
        {ticks.map(({ label, top }) => (
          <div key={label} className="absolute inset-x-0 border-t border-line" style={{ top: `${top}%` }}>
            <span className="absolute right-full -translate-y-1/2 pr-2 text-xs whitespace-nowrap text-soft tabular-nums">
              {label}
            </span>
          </div>
        ))}
        <svg
          viewBox={`0 0 ${DRAWN.width} ${DRAWN.height}`}
          preserveAspectRatio="none"
          className="absolute inset-0 size-full overflow-visible"
        >
          {panel.series.map(({ key, colour }, index) =>
            panel.kind === "bars" ? (
              <path key={key} d={paths[index]} fill={colour} />
            ) : (
              <path
                key={key}
                d={paths[index]}
                fill="none"
                stroke={colour}
                strokeWidth="1.5"
                vectorEffect="non-scaling-stroke"
              />
            ),
          )}
        </svg>
        {pale === 0 ? null : <div className="absolute inset-y-0 left-0 bg-surface/60" style={{ width: `${pale}%` }} />}
        {left === null ? null : <div className="absolute inset-y-0 w-px bg-ink" style={{ left: `${left}%` }} />}
      </div>
      {hasTimes ? (
        <div className="relative ml-11 h-5 text-xs text-soft">
          {marks.map((mark) => (
            <span key={mark.left} className="absolute top-1 whitespace-nowrap" style={{ left: `${mark.left}%` }}>
              {mark.left > 92 ? null : mark.label}
            </span>
          ))}
        </div>
      ) : null}
    </div>
  );
}

/** What is drawn, and while something is pointed at, its figures. */
function Legend({ panel, at, gapWords }: { panel: Panel; at: number | null; gapWords: string }) {
  const index = at === null ? null : bucketAt(panel, at);
  const total = index === null || panel.kind === "lines" ? null : stackedAt(panel, index);
  return (
    <p className="mb-2 flex flex-wrap items-baseline gap-x-4 text-xs">
      <span className="font-medium">
        {panel.title} <span className="font-normal text-soft">{panel.unit}</span>
      </span>
      {total === null ? null : <span className="font-medium tabular-nums">{figure(total)}</span>}
      {panel.series.map(({ key, label, colour, values }) => (
        <span key={key} className="inline-flex items-baseline gap-1.5">
          <span
            className={classNames("self-center", panel.kind === "bars" ? "size-2.5 rounded-sm" : "h-0.5 w-3")}
            style={{ background: colour }}
          />
          {panel.series.length === 1 && panel.title === label ? null : label}
          {index === null ? null : (
            <span className="text-soft tabular-nums">
              {values[index] === null || values[index] === undefined ? gapWords : figure(values[index])}
            </span>
          )}
        </span>
      ))}
    </p>
  );
}

/** Whole numbers without decimals, others with two. */
function figure(value: string): string {
  return formatAmount(value).replace(/\.00$/, "");
}

/** The moment that is pointed at, as fine as the finest panel there. */
function momentWords(at: number, panels: readonly Panel[]): string {
  const finest = panels
    .filter((panel) => bucketAt(panel, at) !== null)
    .reduce((least, { bucketMs }) => Math.min(least, bucketMs), DAY_MS);
  if (finest >= DAY_MS) return formatDay(dayOf(new Date(at)));
  return formatInstant(new Date(Math.floor(at / finest) * finest));
}

function FigureTable({
  title,
  table,
  isVisible,
  gapWords,
}: {
  title: string;
  table: TimeTable;
  isVisible: boolean;
  gapWords: string;
}) {
  return (
    <div
      className={isVisible ? "relative max-h-96 overflow-auto" : "sr-only"}
      role={isVisible ? "region" : undefined}
      aria-label={isVisible ? `${title}, in figures` : undefined}
      tabIndex={isVisible ? 0 : undefined}
    >
      <table className="w-full text-sm" data-rows="many">
        <caption className="sr-only">{title}</caption>
        <thead className="sticky top-0 bg-surface text-xs text-soft">
          <tr>
            {table.head.map((name, index) => (
              <th
                key={name}
                scope="col"
                className={classNames(
                  "px-2 py-1 font-medium first:pl-0 last:pr-0",
                  index > 0 ? "text-right" : "text-left",
                )}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map(({ name, values }) => (
            <tr key={name} className="border-t border-line">
              <th scope="row" className="py-1 text-left font-normal whitespace-nowrap">
                {name}
              </th>
              {values.map((value, index) => (
                <td key={table.head[index + 1] ?? index} className="px-2 py-1 text-right whitespace-nowrap last:pr-0">
                  {value === null ? <span className="text-soft">{gapWords}</span> : figure(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {table.note === undefined ? null : <p className="mt-1 text-xs text-soft">{table.note}</p>}
    </div>
  );
}
