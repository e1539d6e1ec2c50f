import { z } from "zod";
import { startOf } from "#lib/domain/period.ts";
import type { Verdict } from "#lib/domain/posture/verdict.ts";
import { AppError } from "#lib/errors.ts";
import {
  NO_POSTURE_FILTERS,
  POSTURE_COLUMNS,
  type PopulationQuery,
  type PostureFilters,
  type PostureQuery,
  type SampleQuery,
} from "#lib/services/posture/posture-view.ts";
import { rangeOfPeriod } from "#app/(dashboard)/spend/search-params.ts";
import { DEFAULT_TREND, TREND_DAYS, type ComplianceState } from "#app/(dashboard)/compliance/compliance-state.ts";

export type RawParams = Record<string, string | string[] | undefined>;

/** A filter with more values than this is a report of its own. */
const MOST_VALUES = 500;
/** Longer than every key that a source gives. */
const LONGEST_TEXT = 300;

export const VERDICTS = ["fail", "unknown", "pass", "not_applicable"] as const satisfies readonly Verdict[];

const one = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === "string" ? value : value.at(-1)));
const texts = z
  .union([z.string().transform((value) => [value]), z.array(z.string())])
  .pipe(z.array(z.string().max(LONGEST_TEXT)).max(MOST_VALUES))
  .catch([])
  .default([]);
const PERIOD = /^\d{4}(-\d{2}|-Q[1-4])?$|^\d{4}-\d{2}-\d{2}\.\.\d{4}-\d{2}-\d{2}$/;

const SCHEMA = z.object({
  framework: one.pipe(z.string().max(LONGEST_TEXT)).nullable().catch(null).default(null),
  by: one.pipe(z.enum(POSTURE_COLUMNS)).catch("team"),
  team: texts,
  unit: texts,
  account: texts,
  cluster: texts,
  environment: texts,
  trend: one.transform(Number).pipe(z.literal(TREND_DAYS)).catch(DEFAULT_TREND),
  open: one
    .pipe(z.string().regex(/^(all|none|\d{1,3}(\.\d{1,3})*)$/))
    .transform((text) => (text === "all" || text === "none" ? text : text.split(".").map(Number)))
    .nullable()
    .catch(null)
    .default(null),
  period: one.pipe(z.string().regex(PERIOD).refine(isPeriod)).nullable().catch(null).default(null),
  asOf: one
    .pipe(z.iso.datetime({ offset: true }))
    .nullable()
    .catch(null)
    .default(null),
});

/** Whether the days exist: a month 13 looks like a period and is none. */
function isPeriod(text: string): boolean {
  try {
    rangeOfPeriod(text);
    return true;
  } catch (thrown) {
    if (thrown instanceof AppError) return false;
    throw thrown;
  }
}

/** Reads the question from search parameters. What cannot be read falls back to its default. */
export function parseComplianceState(raw: RawParams): ComplianceState {
  const params = SCHEMA.parse(raw);
  return {
    framework: params.framework,
    columnsBy: params.by,
    filters: {
      teams: params.team,
      units: params.unit,
      accounts: params.account,
      clusters: params.cluster,
      environments: params.environment,
    },
    trendDays: params.trend,
    open: params.open,
    period: params.period,
    asOf: params.asOf,
  };
}

/** One more parameter that a page takes; null where it is missing or longer than anything that it could mean. */
export function textParam(raw: RawParams, name: string): string | null {
  const parsed = one.pipe(z.string().min(1).max(2_200)).safeParse(raw[name]);
  return parsed.success ? parsed.data : null;
}

export function countParam(raw: RawParams, name: string): number {
  const text = textParam(raw, name);
  return text !== null && /^\d{1,8}$/.test(text) ? Number(text) : 0;
}

export function instantOf({ asOf }: ComplianceState): Date | null {
  return asOf === null ? null : new Date(asOf);
}

export function toFilters(state: ComplianceState): PostureFilters {
  return { ...NO_POSTURE_FILTERS, ...state.filters };
}

export function toPostureQuery(state: ComplianceState, frameworkId: string): PostureQuery {
  return {
    frameworkId,
    columnsBy: state.columnsBy,
    asOf: instantOf(state),
    filters: toFilters(state),
    trendDays: state.trendDays,
  };
}

/** Every evaluation that the page counts: at its instant, or over its period. */
export function toPopulationQuery(state: ComplianceState, frameworkId: string | null): PopulationQuery {
  const range = state.period === null ? null : rangeOfPeriod(state.period);
  return {
    frameworkId,
    asOf: instantOf(state),
    period: range && { from: startOf(range.from), to: startOf(range.to) },
    filters: toFilters(state),
    verdicts: [],
  };
}

/** A sample of what the page counts, or of what has one of these verdicts. */
export function toSampleQuery(
  state: ComplianceState,
  { frameworkId, ...asked }: Pick<SampleQuery, "frameworkId" | "size" | "seed" | "verdicts">,
): SampleQuery {
  return { ...toPopulationQuery(state, frameworkId), ...asked };
}
