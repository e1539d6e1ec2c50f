import type { Labels, Series } from "#demo/kubernetes/prometheus-series.ts";
import type { Expression, Matcher, Operator, RangeFunction } from "#demo/kubernetes/promql-parse.ts";

/** Values at the asked instants; NaN where there is none. */
export type Vector = { labels: Labels; values: Float64Array };

/** Half-open times in which nothing was scraped, in seconds since 1970. */
export type Gap = { from: number; to: number };

export type Scraped = {
  series(metric: string): readonly Series[];
  gaps: readonly Gap[];
  metrics: readonly string[];
};

const SCRAPE_SECONDS = 60;
const LOOKBACK_SECONDS = 300;
/** Of an average over a long range so many samples are looked at. */
const MOST_SAMPLES = 48;

/** One series after the other, so that a sum over thousands needs no more memory than one. */
export function* evaluate(expression: Expression, times: readonly number[], scraped: Scraped): Generator<Vector> {
  switch (expression.kind) {
    case "selector": {
      for (const series of selected(expression.name, expression.matchers, scraped)) {
        const values = valuesOf(times, (time) => {
          const at = lastSample(series, time - expression.offsetSeconds, LOOKBACK_SECONDS, scraped.gaps);
          return at === null ? Number.NaN : series.valueAt(at);
        });
        if (values) yield { labels: series.labels, values };
      }
      return;
    }
    case "call": {
      const { argument } = expression;
      if (argument.kind !== "selector" || argument.rangeSeconds === null) return;
      const range = argument.rangeSeconds;
      for (const series of selected(argument.name, argument.matchers, scraped)) {
        const values = valuesOf(times, (time) =>
          overRange(expression.function, series, time - argument.offsetSeconds, range, scraped.gaps),
        );
        if (values) yield { labels: withoutName(series.labels), values };
      }
      return;
    }
    case "aggregation":
      yield* aggregate(expression, times, scraped);
  }
}

export function* selected(name: string, matchers: readonly Matcher[], scraped: Scraped): Generator<Series> {
  const byName = matchers.filter(({ label }) => label === "__name__");
  const names = name === "" ? scraped.metrics.filter((one) => byName.every(({ isMatch }) => isMatch(one))) : [name];
  for (const metric of names)
    for (const series of scraped.series(metric))
      if (matchers.every(({ label, isMatch }) => isMatch(series.labels[label] ?? ""))) yield series;
}

/** Null where there is no value at any of the times. */
function valuesOf(times: readonly number[], at: (time: number) => number): Float64Array | null {
  const values = new Float64Array(times.length);
  let isEmpty = true;
  for (const [index, time] of times.entries()) {
    const value = at(time);
    values[index] = value;
    if (!Number.isNaN(value)) isEmpty = false;
  }
  return isEmpty ? null : values;
}

function withoutName({ __name__: _name, ...labels }: Labels): Labels {
  return labels;
}

/** The newest sample in (time - window, time]. */
function lastSample(series: Series, time: number, window: number, gaps: readonly Gap[]): number | null {
  const end = series.to === null ? time : Math.min(time, series.to);
  let at = Math.floor(end / SCRAPE_SECONDS) * SCRAPE_SECONDS;
  // Gaps do not overlap, so that each is left at most once.
  for (const { from, to } of gaps.toReversed())
    if (from <= at && at < to) at = (Math.ceil(from / SCRAPE_SECONDS) - 1) * SCRAPE_SECONDS;
  return at > time - window && at >= series.from ? at : null;
}

/** The oldest sample in (time - window, time]. */
function firstSample(series: Series, time: number, window: number, gaps: readonly Gap[]): number {
  const start = Math.max(time - window + 0.001, series.from);
  let at = Math.ceil(start / SCRAPE_SECONDS) * SCRAPE_SECONDS;
  for (const { from, to } of gaps) if (from <= at && at < to) at = Math.ceil(to / SCRAPE_SECONDS) * SCRAPE_SECONDS;
  return at;
}

function overRange(name: RangeFunction, series: Series, time: number, range: number, gaps: readonly Gap[]): number {
  const last = lastSample(series, time, range, gaps);
  if (last === null) return Number.NaN;
  const first = firstSample(series, time, range, gaps);
  if (name === "rate" || name === "increase") {
    if (last <= first) return Number.NaN;
    const increase = extrapolated(series, { first, last, time, range });
    return name === "rate" ? increase / range : increase;
  }
  if (name === "last_over_time") return series.valueAt(last);
  const missing = gaps.reduce(
    (sum, { from, to }) => sum + samplesWithin(Math.max(first, from), Math.min(last + 1, to)),
    0,
  );
  const count = Math.max(1, Math.round((last - first) / SCRAPE_SECONDS) + 1 - missing);
  if (name === "count_over_time") return count;
  const samples = sampled(series, first, last, gaps);
  if (name === "max_over_time") return Math.max(...samples);
  if (name === "min_over_time") return Math.min(...samples);
  const average = samples.reduce((sum, value) => sum + value, 0) / samples.length;
  return name === "sum_over_time" ? average * count : average;
}

function samplesWithin(from: number, to: number): number {
  if (to <= from) return 0;
  return Math.max(0, Math.ceil(to / SCRAPE_SECONDS) - Math.ceil(from / SCRAPE_SECONDS));
}

function sampled(series: Series, first: number, last: number, gaps: readonly Gap[]): number[] {
  const steps = Math.max(1, Math.min(MOST_SAMPLES, Math.round((last - first) / SCRAPE_SECONDS)));
  const values: number[] = [];
  for (let step = 0; step <= steps; step += 1) {
    const at = first + ((last - first) * step) / steps;
    if (!gaps.some(({ from, to }) => from <= at && at < to)) values.push(series.valueAt(at));
    if (last === first) break;
  }
  return values.length === 0 ? [series.valueAt(last)] : values;
}

/** As Prometheus extends what it saw to the edges of the range, but not far beyond the first and last sample. */
function extrapolated(
  series: Series,
  { first, last, time, range }: { first: number; last: number; time: number; range: number },
): number {
  const start = series.valueAt(first);
  const delta = series.valueAt(last) - start;
  const covered = last - first;
  const threshold = SCRAPE_SECONDS * 1.1;
  let toStart = first - (time - range);
  let toEnd = time - last;
  if (toStart >= threshold) toStart = SCRAPE_SECONDS / 2;
  // A counter cannot have been below zero.
  if (delta > 0 && start >= 0) toStart = Math.min(toStart, covered * (start / delta));
  if (toEnd >= threshold) toEnd = SCRAPE_SECONDS / 2;
  return delta * ((covered + toStart + toEnd) / covered);
}

type Group = { labels: Labels; values: Float64Array; counts: Float64Array };

function* aggregate(
  expression: Extract<Expression, { kind: "aggregation" }>,
  times: readonly number[],
  scraped: Scraped,
): Generator<Vector> {
  const { operator, grouping, labels: names, argument } = expression;
  const groups = new Map<string, Group>();
  for (const { labels, values } of evaluate(argument, times, scraped)) {
    const kept = keptLabels(labels, grouping, names);
    const key = JSON.stringify(kept);
    const group: Group = groups.get(key) ?? {
      labels: Object.fromEntries(kept),
      values: new Float64Array(times.length).fill(Number.NaN),
      counts: new Float64Array(times.length),
    };
    groups.set(key, group);
    for (const [index, value] of values.entries()) {
      if (Number.isNaN(value)) continue;
      const before = group.values[index] ?? Number.NaN;
      group.values[index] = Number.isNaN(before) ? value : combine(operator, before, value);
      group.counts[index] = (group.counts[index] ?? 0) + 1;
    }
  }
  for (const { labels, values, counts } of groups.values())
    yield { labels, values: values.map((value, index) => finish(operator, value, counts[index] ?? 0)) };
}

function keptLabels(labels: Labels, grouping: "by" | "without", names: readonly string[]): [string, string][] {
  if (grouping === "by")
    return names.flatMap((name): [string, string][] => (labels[name] ? [[name, labels[name]]] : []));
  return Object.entries(withoutName(labels)).filter(([name]) => !names.includes(name));
}

function combine(operator: Operator, left: number, right: number): number {
  if (operator === "max") return Math.max(left, right);
  return operator === "min" ? Math.min(left, right) : left + right;
}

function finish(operator: Operator, value: number, count: number): number {
  if (operator === "avg") return value / count;
  return operator === "count" ? (count === 0 ? Number.NaN : count) : value;
}
