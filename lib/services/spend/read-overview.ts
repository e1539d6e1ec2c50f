import { loadConfig } from "#lib/config.ts";
import { comparisonRange } from "#lib/domain/comparison-range.ts";
import { decimal, toAmount } from "#lib/domain/money.ts";
import {
  addDays,
  addMonths,
  dayOf,
  daysIn,
  periodOf,
  rangeOf,
  type BillingPeriod,
  type DayRange,
} from "#lib/domain/period.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { MovedRow, OverviewFigure, OverviewSection, OverviewView } from "#lib/services/spend/overview-view.ts";
import { readAttention } from "#lib/services/spend/read-attention.ts";
import { findDriver } from "#lib/services/spend/find-driver.ts";
import { EMPTY_BAR } from "#lib/services/spend/empty-bar.ts";
import { readComparedSpend } from "#lib/services/spend/read-spend.ts";
import type { SpendQuery, SpendSection, SpendView } from "#lib/services/spend/spend-view.ts";

/** Months of the history at the foot of the page. */
const HISTORY_MONTHS = 13;

/** Lines of "moved most". */
const MOVED_ROWS = 5;

/** The first page: this month so far, last month, what moved, what wants attention, and thirteen months by business unit. */
export async function readOverview(context: ServiceContext, asked: { asOf: Date | null }): Promise<OverviewView> {
  await authorise(context, "spend:read", "overview");
  const now = asked.asOf ?? context.now;
  const month = periodOf(now);
  const base: Omit<SpendQuery, "from" | "to" | "groupBy"> = {
    basis: "billed",
    granularity: "month",
    compare: "none",
    currency: loadConfig().reportingCurrency ?? null,
    filters: {},
    kinds: [],
    asOf: asked.asOf,
  };
  const history = await readComparedSpend(
    context,
    {
      ...base,
      from: rangeOf(addMonths(month, 1 - HISTORY_MONTHS)).from,
      to: rangeOf(month).to,
      groupBy: "businessUnit",
    },
    null,
  );
  const soFar = soFarRange(month, history, now);
  const last = rangeOf(addMonths(month, -1));
  const before = { soFar: sameDaysBefore(soFar, month), last: comparisonRange(last, "previous") };
  const [byTeam, byService, lastMonth, attention] = await Promise.all([
    readComparedSpend(context, { ...base, ...soFar, groupBy: "team", granularity: "day" }, before.soFar),
    readComparedSpend(context, { ...base, ...soFar, groupBy: "service", granularity: "day" }, before.soFar),
    readComparedSpend(context, { ...base, ...last, groupBy: "businessUnit" }, before.last),
    readAttention(context, { asOf: asked.asOf, month }),
  ]);
  const sections = history.sections.map(async (section): Promise<OverviewSection> => {
    const find = (view: SpendView) => view.sections.find((one) => one.currency === section.currency);
    return {
      currency: section.currency,
      thisMonth: figureOf(month, soFar, before.soFar, find(byTeam)),
      lastMonth: figureOf(addMonths(month, -1), last, before.last ?? last, find(lastMonth)),
      moved: await movedOf(
        context,
        { ...base, ...soFar, groupBy: "team" },
        before.soFar,
        find(byTeam),
        find(byService),
      ),
      history: section.trend,
    };
  });
  return {
    asOf: history.asOf,
    hasSources: await hasSources(context),
    sections: await Promise.all(sections),
    attention,
    age: history.age,
  };
}

/** The days of the month that every source has delivered whole; where that is none, the days up to now. */
function soFarRange(month: BillingPeriod, history: SpendView, now: Date): DayRange {
  const { from, to } = rangeOf(month);
  const complete = history.age.completeTo;
  const end = complete !== null && complete >= from ? addDays(complete, 1) : addDays(dayOf(now), 1);
  return { from, to: end < to ? end : to };
}

function sameDaysBefore(range: DayRange, month: BillingPeriod): DayRange {
  const before = rangeOf(addMonths(month, -1));
  const end = addDays(before.from, daysIn(range));
  return { from: before.from, to: end < before.to ? end : before.to };
}

function figureOf(
  period: BillingPeriod,
  range: DayRange,
  compared: DayRange,
  section: SpendSection | undefined,
): OverviewFigure {
  return {
    period,
    from: range.from,
    to: range.to,
    amount: section?.bar.total ?? "0",
    comparedFrom: compared.from,
    comparedTo: compared.to,
    previous: section?.previousTotal ?? null,
    change: section?.change ?? null,
    bar: section?.bar ?? EMPTY_BAR,
  };
}

async function movedOf(
  context: ServiceContext,
  query: SpendQuery,
  compared: DayRange,
  byTeam: SpendSection | undefined,
  byService: SpendSection | undefined,
): Promise<MovedRow[]> {
  const candidates = [
    ...(byTeam?.rows ?? []).filter((row) => row.key !== "").map((row) => ({ dimension: "team" as const, row })),
    ...(byService?.rows ?? []).map((row) => ({ dimension: "service" as const, row })),
  ].map(({ dimension, row }) => ({ dimension, row, difference: decimal(row.amount).minus(row.previous ?? "0") }));
  const largest = candidates
    .filter(({ difference }) => !difference.isZero())
    .toSorted((a, b) => b.difference.abs().comparedTo(a.difference.abs()))
    .slice(0, MOVED_ROWS);
  return Promise.all(
    largest.map(async ({ dimension, row, difference }): Promise<MovedRow> => ({
      dimension,
      key: row.key,
      label: row.label,
      amount: row.amount,
      previous: row.previous ?? "0",
      difference: toAmount(difference),
      change: row.change,
      driver: await findDriver(
        context,
        query,
        compared,
        { dimension, key: row.key },
        byTeam?.currency ?? byService?.currency ?? "",
      ),
    })),
  );
}

async function hasSources(context: ServiceContext): Promise<boolean> {
  const found = await context.database.pool.query("SELECT 1 FROM source WHERE removed_at IS NULL LIMIT 1");
  return found.rowCount === 1;
}
