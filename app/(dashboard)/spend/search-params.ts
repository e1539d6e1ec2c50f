import { z } from "zod";
import { AppError } from "#lib/errors.ts";
import { COST_BASES } from "#lib/domain/money.ts";
import {
  addMonths,
  billingPeriod,
  day,
  daysIn,
  periodOf,
  rangeOf,
  type Day,
  type DayRange,
} from "#lib/domain/period.ts";
import { SPEND_DIMENSIONS, type SpendDimension, type SpendQuery } from "#lib/services/spend/spend-view.ts";
import type { SpendState } from "#app/(dashboard)/spend/spend-state.ts";

/** A chip with more values than this is a report of its own; the database's plan suffers beyond it. */
const MAX_FILTER_VALUES = 500;

/** Longer ranges are answered by months: more days than this can neither be drawn nor read. */
const MAX_DAYS_BY_DAY = 100;

const one = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === "string" ? value : value.at(-1)));
const many = z
  .union([z.string().transform((value) => [value]), z.array(z.string())])
  .pipe(z.array(z.string()).max(MAX_FILTER_VALUES));

const SCHEMA = z.object({
  period: one.pipe(z.string().regex(/^\d{4}(-\d{2}|-Q[1-4])?$|^\d{4}-\d{2}-\d{2}\.\.\d{4}-\d{2}-\d{2}$/)).optional(),
  basis: one.pipe(z.enum(COST_BASES)).catch("billed"),
  by: one.pipe(z.string()).optional(),
  grain: one
    .pipe(z.enum(["day", "month"]))
    .optional()
    .catch(undefined),
  compare: one.pipe(z.enum(["none", "previous", "year"])).catch("previous"),
  currency: one
    .pipe(z.string().regex(/^[A-Z]{3}$/))
    .optional()
    .catch(undefined),
  kind: many.pipe(z.array(z.enum(["direct", "shared", "unallocated"]))).catch([]),
  view: one.pipe(z.enum(["chart", "treemap", "table"])).catch("chart"),
  sheet: one
    .pipe(z.enum(["resources", "items"]))
    .optional()
    .catch(undefined),
  asOf: one
    .pipe(z.iso.datetime({ offset: true }))
    .optional()
    .catch(undefined),
});

export type RawParams = Record<string, string | string[] | undefined>;

/** Reads the question from search parameters. What cannot be read falls back to its default; a wrong period is an error. */
export function parseSpendState(raw: RawParams, now: Date): SpendState {
  const result = SCHEMA.safeParse(raw);
  if (!result.success) {
    throw new AppError("invalid_input", `The link asks for a period that cannot be read: "${String(raw.period)}".`, {
      remedy: 'Write it as "2026-03", "2026-Q1", "2026" or "2026-03-05..2026-03-12".',
      place: { column: "period", value: String(raw.period) },
    });
  }
  const params = result.data;
  const filters: SpendState["filters"] = {};
  for (const [name, value] of Object.entries(raw)) {
    if (isDimension(name) && value !== undefined) filters[name] = many.parse(value);
  }
  return {
    period: params.period ?? periodOf(now),
    basis: params.basis,
    groupBy: params.by !== undefined && isDimension(params.by) ? params.by : "team",
    granularity: params.grain ?? null,
    compare: params.compare,
    currency: params.currency ?? null,
    filters,
    kinds: params.kind,
    view: params.view,
    sheet: params.sheet ?? null,
    asOf: params.asOf ?? null,
  };
}

/** The question as services take it. Throws AppError("invalid_input") on days that do not exist. */
export function toSpendQuery(state: SpendState): SpendQuery {
  const range = rangeOfPeriod(state.period);
  return {
    ...range,
    basis: state.basis,
    groupBy: state.groupBy,
    granularity: granularityFor(state, range),
    compare: state.compare,
    currency: state.currency,
    filters: state.filters,
    kinds: state.kinds,
    asOf: state.asOf === null ? null : new Date(state.asOf),
  };
}

export function granularityFor(state: SpendState, range: DayRange): "day" | "month" {
  if (daysIn(range) > MAX_DAYS_BY_DAY) return "month";
  return state.granularity ?? "day";
}

/** The half-open days that a period of the URL stands for. */
export function rangeOfPeriod(period: string): DayRange {
  try {
    if (period.includes("..")) return customRange(period);
    if (/^\d{4}$/.test(period)) return { from: day(`${period}-01-01`), to: day(`${Number(period) + 1}-01-01`) };
    if (period.includes("Q")) return quarterRange(period);
    return rangeOf(billingPeriod(period));
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    throw new AppError("invalid_input", `"${period}" is not a period.`, {
      remedy: 'Write it as "2026-03", "2026-Q1", "2026" or "2026-03-05..2026-03-12".',
      cause: thrown,
    });
  }
}

function customRange(period: string): DayRange {
  const [from = "", to = ""] = period.split("..");
  const range = { from: day(from), to: day(to) };
  if (range.from < range.to) return range;
  throw new AppError("invalid_input", "The period ends before it starts.", {
    remedy: "Choose an end after the start.",
  });
}

function quarterRange(period: string): DayRange {
  const first = billingPeriod(`${period.slice(0, 4)}-${String(Number(period.slice(-1)) * 3 - 2).padStart(2, "0")}`);
  const after: Day = rangeOf(addMonths(first, 3)).from;
  return { from: rangeOf(first).from, to: after };
}

export function isDimension(name: string): name is SpendDimension {
  return (SPEND_DIMENSIONS as readonly string[]).includes(name) || /^tag:.+/.test(name);
}
