import { COST_BASES, decimal, sum, toAmount, type Amounts } from "#lib/domain/money.ts";
import type { Row, ScanEngine } from "#lib/sources/focus/duckdb.ts";
import type { PeriodDays } from "#lib/sources/focus/roll-up.ts";
import { inPeriod, mapBases, type ScanGroup } from "#lib/sources/focus/scan-groups.ts";

export type ControlTotals = Record<string, Amounts & { lineItems: number }>;

/** What the pass over the line items counted in one file. */
export type FileTally = {
  group: ScanGroup;
  fileIndex: number;
  lineItems: number;
  /** Rows whose value is not there or cannot be read. */
  absent: { billed: number; effective: number; list: number; contracted: number; start: number; currency: number };
  unreadable: number;
  /** Rows that were rounded, and by how much their sum changed. */
  rounded: Record<keyof Amounts, { rows: number; change: string }>;
  spansDays: number;
  outsidePeriod: number;
  periodNotMonthStart: number;
  unusualCurrencies: number;
};

export type ControlPass = { totals: ControlTotals; tallies: FileTally[]; dataUntil: Date | null };

const DAY_US = 86_400_000_000;

/** Sums the line items themselves, per file and currency, in a pass that reads little more than the cost columns. */
export async function readControlTotals(
  engine: ScanEngine,
  groups: readonly ScanGroup[],
  period: PeriodDays,
): Promise<ControlPass> {
  const totals: ControlTotals = {};
  const tallies = new Map<string, FileTally>();
  let newestMs: number | null = null;
  for (const [number, group] of groups.entries()) {
    for (const row of await engine.rows("Reading control totals", controlSql(group, period))) {
      const lineItems = countIn(row, "rows");
      const currency = cleanCurrency(row["currency"]);
      addTotals(totals, currency, lineItems, row);
      const fileIndex = countIn(row, "file");
      const tally = tallies.get(`${number}/${fileIndex}`) ?? emptyTally(group, fileIndex);
      tallies.set(`${number}/${fileIndex}`, tally);
      addTally(tally, row, currency, lineItems);
      const until = untilMs(row);
      if (until !== null) newestMs = Math.max(newestMs ?? until, until);
    }
  }
  const endMs = Date.parse(`${period.to}T00:00:00Z`);
  return {
    totals,
    tallies: [...tallies.values()],
    dataUntil: newestMs === null ? null : new Date(Math.min(newestMs, endMs)),
  };
}

function controlSql(group: ScanGroup, period: PeriodDays): string {
  const { cost, cut, start, end, periodStart, text, unreadable } = group.fields;
  const dayOf = (sql: string): string => `(epoch_us(${sql}) // ${DAY_US})`;
  const firstUs = Date.parse(`${period.from}T00:00:00Z`) * 1000;
  const endUs = Date.parse(`${period.to}T00:00:00Z`) * 1000;
  return `SELECT ${group.fileIndex} AS file, ${text.currency} AS currency, count(*) AS rows,
    ${COST_BASES.map((basis) => `CAST(sum(${cost[basis]}) AS VARCHAR) AS ${basis}, count(${cost[basis]}) AS has_${basis}`).join(", ")},
    ${cut === null ? "" : `${COST_BASES.map((basis) => `count(${cut[basis]}) AS cuts_${basis}, CAST(sum(${cut[basis]}) AS VARCHAR) AS cut_${basis}`).join(", ")}, count(${unreadable}) AS unreadable,`}
    count(${start}) AS has_start, epoch_ms(max(${start})) AS newest_start, epoch_ms(max(${end})) AS newest_end,
    count(*) FILTER (WHERE ${end} > ${start} AND ${dayOf(start)} <> (epoch_us(${end}) - 1) // ${DAY_US}) AS spans_days,
    count(*) FILTER (WHERE epoch_us(${start}) NOT BETWEEN ${firstUs} AND ${endUs - 1}) AS outside,
    count(*) FILTER (WHERE epoch_us(${periodStart}) <> ${firstUs}) AS not_month_start
    FROM ${group.from} WHERE ${inPeriod(group, period)} GROUP BY 1, 2`;
}

function countIn(row: Row, name: string): number {
  return Number(row[name] ?? 0);
}

function cleanCurrency(value: Row[string] | undefined): string {
  const text = typeof value === "string" ? value.trim() : "";
  return text === "NULL" ? "" : text;
}

function addTotals(totals: ControlTotals, currency: string, lineItems: number, row: Row): void {
  const before = totals[currency];
  totals[currency] = {
    ...mapBases((basis) => toAmount(sum([before?.[basis] ?? "0", String(row[basis] ?? "0")]))),
    lineItems: (before?.lineItems ?? 0) + lineItems,
  };
}

function emptyTally(group: ScanGroup, fileIndex: number): FileTally {
  return {
    group,
    fileIndex,
    lineItems: 0,
    absent: { billed: 0, effective: 0, list: 0, contracted: 0, start: 0, currency: 0 },
    unreadable: 0,
    rounded: mapBases(() => ({ rows: 0, change: "0" })),
    spansDays: 0,
    outsidePeriod: 0,
    periodNotMonthStart: 0,
    unusualCurrencies: 0,
  };
}

function addTally(tally: FileTally, row: Row, currency: string, lineItems: number): void {
  tally.lineItems += lineItems;
  for (const basis of COST_BASES) {
    tally.absent[basis] += lineItems - countIn(row, `has_${basis}`);
    const rounded = tally.rounded[basis];
    rounded.rows += countIn(row, `cuts_${basis}`);
    rounded.change = toAmount(decimal(rounded.change).plus(String(row[`cut_${basis}`] ?? "0")));
  }
  tally.absent.start += lineItems - countIn(row, "has_start");
  if (currency === "") tally.absent.currency += lineItems;
  else if (!/^[A-Z]{3}$/.test(currency)) tally.unusualCurrencies += lineItems;
  tally.unreadable += countIn(row, "unreadable");
  tally.spansDays += countIn(row, "spans_days");
  tally.outsidePeriod += countIn(row, "outside");
  tally.periodNotMonthStart += countIn(row, "not_month_start");
}

/**
 * How far the rows reach: the exclusive end of the newest charge period, but at most a day after the newest start, because a fee for a
 * whole month ends long before its days have come. Without ends, the end of the day on which the newest one starts.
 */
function untilMs(row: Row): number | null {
  const dayMs = 86_400_000;
  const [start, end] = [row["newest_start"] ?? null, row["newest_end"] ?? null];
  if (start === null) return end === null ? null : Number(end);
  if (end === null) return (Math.floor(Number(start) / dayMs) + 1) * dayMs;
  return Math.min(Number(end), Number(start) + dayMs);
}
