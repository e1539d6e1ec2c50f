import type { Answer } from "#demo/kubernetes/answer.ts";
import { evaluate, type Gap, type Scraped, selected, type Vector } from "#demo/kubernetes/promql-evaluate.ts";
import { type Expression, isRange, parsePromql, PromqlError, secondsOf } from "#demo/kubernetes/promql-parse.ts";
import { metricNames, seriesOf } from "#demo/kubernetes/prometheus-series.ts";
import { UnknownPath } from "#demo/kubernetes/status.ts";
import type { PlannedCluster } from "#demo/estate/namespaces.ts";

export type PrometheusServer = {
  /** Answers "/api/v1/query?…". @throws UnknownPath */
  answer(path: string, parameters: URLSearchParams): Answer;
  /** When nothing was scraped, half-open, in seconds since 1970. */
  gaps: readonly Gap[];
};

/** Hours before noon of the estate's day, and how long. The long ones are far back, the near ones where nothing is dormant. */
const PLANTED_GAPS: Record<string, readonly { hoursAgo: number; minutes: number }[]> = {
  "shared-eks-prod": [{ hoursAgo: 45 * 24, minutes: 26 * 60 }],
  "analytics-gke": [{ hoursAgo: 60 * 24 + 5, minutes: 180 }],
  "motor-claims-prod": [
    { hoursAgo: 12 * 24 + 3, minutes: 7 * 60 },
    { hoursAgo: 3 * 24, minutes: 40 },
  ],
};
const MOST_POINTS = 11_000;
const KNOWN: Record<string, readonly string[]> = {
  "/api/v1/query": ["query", "time", "timeout", "limit", "stats"],
  "/api/v1/query_range": ["query", "start", "end", "step", "timeout", "limit", "stats"],
  "/api/v1/series": ["match[]", "start", "end", "limit"],
  "/api/v1/labels": ["match[]", "start", "end", "limit"],
};

class BadData extends Error {}

/** Prometheus of one cluster: what its namespaces used, in closed form, with the planted gaps. */
export function createPrometheus(cluster: PlannedCluster, today: string, clock: () => Date): PrometheusServer {
  const noon = Date.parse(`${today}T12:00:00Z`) / 1000;
  const gaps = (PLANTED_GAPS[cluster.name] ?? [])
    .map(({ hoursAgo, minutes }) => ({ from: noon - hoursAgo * 3600, to: noon - hoursAgo * 3600 + minutes * 60 }))
    .toSorted((left, right) => left.from - right.from);
  const scraped: Scraped = { series: seriesOf(cluster), gaps, metrics: metricNames() };
  return {
    gaps,
    answer: (path, parameters) => {
      try {
        return {
          code: 200,
          body: JSON.stringify({ status: "success", data: dataOf(path, parameters, scraped, clock) }),
        };
      } catch (error) {
        if (!(error instanceof BadData)) throw error;
        return { code: 400, body: JSON.stringify({ status: "error", errorType: "bad_data", error: error.message }) };
      }
    },
  };
}

function dataOf(path: string, parameters: URLSearchParams, scraped: Scraped, clock: () => Date): unknown {
  const values = /^\/api\/v1\/label\/([^/]+)\/values$/.exec(path)?.[1];
  const known = values === undefined ? KNOWN[path] : KNOWN["/api/v1/labels"];
  if (path === "/api/v1/status/buildinfo") return { version: "2.42.0", revision: "demo", branch: "HEAD" };
  if (!known) throw new UnknownPath();
  // Prometheus ignores what it does not know; here a misspelt parameter shall be noticed.
  for (const name of parameters.keys())
    if (!known.includes(name)) throw new BadData(`unknown parameter ${JSON.stringify(name)}`);
  const now = clock().getTime() / 1000;
  if (path === "/api/v1/query") return instantQuery(parameters, scraped, now);
  if (path === "/api/v1/query_range") return rangeQuery(parameters, scraped, now);
  const found = matching(parameters, scraped, now, path === "/api/v1/series");
  if (path === "/api/v1/series") return found;
  const names =
    values === undefined
      ? found.flatMap((labels) => Object.keys(labels))
      : found.flatMap((labels) => labels[values] ?? []);
  return [...new Set(names)].toSorted();
}

function parse(parameters: URLSearchParams, name: string, text = parameters.get(name) ?? ""): Expression {
  try {
    return parsePromql(text);
  } catch (error) {
    if (!(error instanceof PromqlError)) throw error;
    throw new BadData(`invalid parameter ${JSON.stringify(name)}: ${error.message}`);
  }
}

function instantQuery(parameters: URLSearchParams, scraped: Scraped, now: number): unknown {
  const time = parameters.has("time") ? timeOf(parameters, "time") : now;
  const expression = parse(parameters, "query");
  if (isRange(expression)) throw new BadData('invalid expression type "range vector" for instant query of the demo');
  const found = time > now ? [] : [...evaluate(expression, [time], scraped)];
  const result = found.map(({ labels, values }) => ({
    metric: labels,
    value: [time, valueText(values[0] ?? Number.NaN)],
  }));
  return { resultType: "vector", result };
}

function rangeQuery(parameters: URLSearchParams, scraped: Scraped, now: number): unknown {
  const start = timeOf(parameters, "start");
  const end = timeOf(parameters, "end");
  const stepText = parameters.get("step") ?? "";
  const step = secondsOf(stepText) ?? (stepText.trim() === "" ? Number.NaN : Number(stepText));
  if (end < start) throw new BadData('invalid parameter "end": end timestamp must not be before start time');
  if (Number.isNaN(step))
    throw new BadData(`invalid parameter "step": cannot parse ${JSON.stringify(stepText)} to a valid duration`);
  if (step <= 0)
    throw new BadData(
      'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  if ((end - start) / step > MOST_POINTS)
    throw new BadData(
      "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
    );
  const expression = parse(parameters, "query");
  if (isRange(expression))
    throw new BadData(
      'invalid parameter "query": invalid expression type "range vector" for range query, must be Scalar or instant Vector',
    );
  // Nothing has been scraped yet of what lies ahead.
  const last = Math.min(end, now);
  const points = last < start ? 0 : Math.floor((last - start) / step) + 1;
  const times = Array.from({ length: points }, (_, index) => start + index * step);
  const found = points === 0 ? [] : [...evaluate(expression, times, scraped)];
  return { resultType: "matrix", result: found.map((vector) => matrixRow(vector, times)) };
}

function matrixRow({ labels, values }: Vector, times: readonly number[]): unknown {
  const points = times.flatMap((time, index) => {
    const value = values[index] ?? Number.NaN;
    return Number.isNaN(value) ? [] : [[time, valueText(value)]];
  });
  return { metric: labels, values: points };
}

function matching(
  parameters: URLSearchParams,
  scraped: Scraped,
  now: number,
  needsMatch: boolean,
): Record<string, string>[] {
  const texts = parameters.getAll("match[]");
  if (texts.length === 0 && needsMatch) throw new BadData("no match[] parameter provided");
  const start = parameters.has("start") ? timeOf(parameters, "start") : now - 3_600;
  const end = parameters.has("end") ? timeOf(parameters, "end") : now;
  const limit = Number(parameters.get("limit") ?? 0);
  const selectors = texts.length === 0 ? scraped.metrics : texts;
  const found = selectors.flatMap((text) => {
    const expression = parse(parameters, "match[]", text);
    if (expression.kind !== "selector")
      throw new BadData(`invalid parameter "match[]": 1:1: parse error: unexpected expression`);
    return [...selected(expression.name, expression.matchers, scraped)]
      .filter(({ from, to }) => from <= end && (to === null || start <= to))
      .map(({ labels }) => labels);
  });
  return limit > 0 ? found.slice(0, limit) : found;
}

function timeOf(parameters: URLSearchParams, name: string): number {
  const text = parameters.get(name) ?? "";
  const seconds = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isNaN(seconds)) return seconds;
  const milliseconds = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(milliseconds))
    throw new BadData(
      `invalid parameter ${JSON.stringify(name)}: cannot parse ${JSON.stringify(text)} to a valid timestamp`,
    );
  return milliseconds / 1000;
}

/** Never with an exponent. */
function valueText(value: number): string {
  const text = String(value);
  return text.includes("e-") ? value.toFixed(20).replace(/0+$/, "") : text;
}
