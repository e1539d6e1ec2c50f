import { AppError } from "#lib/errors.ts";
import { COST_BASES } from "#lib/domain/money.ts";
import { finding, type FindingCode } from "#lib/sources/finding.ts";
import type { SourceFinding } from "#lib/sources/source.ts";
import type { FileTally } from "#lib/sources/focus/control-totals.ts";
import { literal, type Row, type ScanEngine } from "#lib/sources/focus/duckdb.ts";
import { CHARGE_CATEGORIES, columnFindings } from "#lib/sources/focus/focus-columns.ts";
import { COST_COLUMN } from "#lib/sources/focus/line-item-expressions.ts";
import type { OpenFile } from "#lib/sources/focus/open-files.ts";
import { cleanText, type PeriodDays } from "#lib/sources/focus/roll-up.ts";
import { readerOf, type FileGroup, type ScanGroup } from "#lib/sources/focus/scan-groups.ts";

/** A question to one file: how many rows meet the condition, which is the first, and what does it say. */
type Check = { column: string; condition: string; value: string };
type Located = { count: number; row: number | null; value: string | null };

/**
 * Throws AppError("bad_data") with file, row, column and value for the first value that money needs and that is not there
 * or cannot be read. `tallies` and `undatedFiles` say where to look, so that clean files are not read again.
 */
export async function refuseUnreadable(
  engine: ScanEngine,
  tallies: readonly FileTally[],
  undated: readonly { group: ScanGroup; fileIndex: number }[],
  period: PeriodDays,
): Promise<void> {
  const suspects = [
    ...undated,
    ...tallies.filter(
      ({ absent, unreadable }) => absent.billed + absent.effective + absent.start + absent.currency + unreadable > 0,
    ),
  ];
  for (const { group, fileIndex } of suspects) {
    const open = group.source.files[fileIndex];
    if (!open) continue;
    const checks = moneyChecks(group.source, period);
    const found = await locate(engine, group.source, open, checks);
    const hits = checks.flatMap((check, index) => {
      const hit = found[index];
      return hit && hit.row !== null ? [{ ...check, ...hit, row: hit.row }] : [];
    });
    const first = hits.toSorted((a, b) => a.row - b.row)[0];
    if (first) throw unreadableValue(open, first.column, first.row, first.value);
  }
}

function unreadableValue(open: OpenFile, column: string, row: number, value: string | null): AppError {
  const kind = column.endsWith("Cost") ? "a number" : column === "BillingCurrency" ? "a currency" : "a date";
  const said = value === null ? "is not there" : `is not ${kind}: "${value.slice(0, 80)}"`;
  return new AppError("bad_data", `${column} in row ${row} of ${open.file.name} ${said}.`, {
    remedy: "Correct the value or have the file delivered again.",
    place: { file: open.file.name, row, column, value: value ?? "" },
  });
}

function moneyChecks(group: FileGroup, period: PeriodDays): Check[] {
  const { cost, start, end, periodStart, text } = group.expressions;
  const within = withinPeriod(group, period);
  return [
    { column: "BillingPeriodStart", condition: `${periodStart.instant} IS NULL`, value: periodStart.written },
    { column: "ChargePeriodStart", condition: `${within} AND ${start.instant} IS NULL`, value: start.written },
    { column: "ChargePeriodEnd", condition: `${within} AND ${end.unreadable}`, value: end.written },
    { column: "BillingCurrency", condition: `${within} AND ${cleanText(text.currency)} = ''`, value: "NULL::VARCHAR" },
    ...COST_BASES.map((basis) => ({
      column: COST_COLUMN[basis],
      condition:
        basis === "billed" || basis === "effective"
          ? `${within} AND (${cost[basis].amount}) IS NULL`
          : `${within} AND ${cost[basis].unreadable}`,
      value: cost[basis].written,
    })),
  ];
}

function withinPeriod(group: FileGroup, period: PeriodDays): string {
  const { instant } = group.expressions.periodStart;
  return `(${instant} >= TIMESTAMP ${literal(period.from)} AND ${instant} < TIMESTAMP ${literal(period.to)})`;
}

// The row of a value is only looked for where there is something to tell: in order, which costs the parallel scan.
async function locate(
  engine: ScanEngine,
  group: FileGroup,
  open: OpenFile,
  checks: readonly Check[],
): Promise<Located[]> {
  if (checks.length === 0) return [];
  const reader = readerOf(group, [open]);
  const numbered =
    group.format === "parquet"
      ? `SELECT *, file_row_number + 1 AS "#row" FROM ${reader}`
      : `SELECT *, row_number() OVER () AS "#row" FROM ${reader}`;
  const select = checks.map(
    (
      { condition, value },
      index,
    ) => `count(*) FILTER (WHERE ${condition}) AS n${index}, min("#row") FILTER (WHERE ${condition}) AS r${index},
      arg_min(CAST(${value} AS VARCHAR), "#row") FILTER (WHERE ${condition}) AS v${index}`,
  );
  await engine.run("Looking at deviations", "SET preserve_insertion_order = true");
  const [row] = await engine.rows("Looking at deviations", `SELECT ${select.join(", ")} FROM (${numbered})`);
  await engine.run("Looking at deviations", "SET preserve_insertion_order = false");
  return checks.map((_, index) => toLocated(row ?? {}, index));
}

function toLocated(row: Row, index: number): Located {
  const first = row[`r${index}`];
  const value = row[`v${index}`];
  return {
    count: Number(row[`n${index}`] ?? 0),
    row: first === null || first === undefined ? null : Number(first),
    value: value === null || value === undefined ? null : String(value),
  };
}

/** What the normalised keys of the whole slice say must be looked for in its files. */
export type SliceSuspicion = { chargeCategory: boolean; tags: boolean; absentTexts: string[] };

/** What deviates in the roll-up's keys: so few that looking at them costs nothing. */
export async function readSuspicion(engine: ScanEngine): Promise<SliceSuspicion> {
  const texts = {
    provider: "ProviderName",
    billing_account_id: "BillingAccountId",
    service_name: "ServiceName",
    service_category: "ServiceCategory",
  };
  const [row] = await engine.rows(
    "Looking at deviations",
    `SELECT count(*) FILTER (WHERE charge_category NOT IN (${["", ...CHARGE_CATEGORIES].map(literal).join(", ")})) AS categories,
      (SELECT count(*) FROM raw_tag WHERE NOT is_json) AS tags,
      ${Object.keys(texts)
        .map((name) => `count(*) FILTER (WHERE ${name} = '') AS ${name}`)
        .join(", ")}
     FROM charge_key`,
  );
  const isPositive = (name: string): boolean => Number(row?.[name] ?? 0) > 0;
  return {
    chargeCategory: isPositive("categories"),
    tags: isPositive("tags"),
    absentTexts: Object.entries(texts).flatMap(([name, column]) => (isPositive(name) ? [column] : [])),
  };
}

type Suspect = Check & { code: FindingCode; detail?: string };

/** The deviations of every file, with counts, the first row and its value. */
export async function collectFindings(
  engine: ScanEngine,
  tallies: readonly FileTally[],
  suspicion: SliceSuspicion,
  period: PeriodDays,
): Promise<SourceFinding[]> {
  const findings: SourceFinding[] = [];
  for (const tally of tallies) {
    const group = tally.group.source;
    const open = group.files[tally.fileIndex];
    if (!open) continue;
    findings.push(
      ...columnFindings(
        open.file.name,
        group.columns.map((column) => column.name),
        tally.lineItems,
      ),
    );
    const suspects = suspectsOf(tally, suspicion, period);
    const found = await locate(engine, group, open, suspects);
    for (const [index, { code, column, detail }] of suspects.entries()) {
      const hit = found[index];
      if (!hit || hit.count === 0) continue;
      const details = { column, count: hit.count, firstRow: hit.row, sample: hit.value };
      findings.push(finding(code, open.file.name, detail === undefined ? details : { ...details, detail }));
    }
  }
  return findings;
}

function suspectsOf(tally: FileTally, suspicion: SliceSuspicion, period: PeriodDays): Suspect[] {
  const group = tally.group.source;
  const { cost, start, end, periodStart, text, tags } = group.expressions;
  const within = withinPeriod(group, period);
  const suspects: Suspect[] = [];
  const add = (
    isSuspected: boolean,
    code: FindingCode,
    column: string,
    condition: string,
    value: string,
    detail?: string,
  ): void => {
    if (isSuspected)
      suspects.push({
        code,
        column,
        condition: `${within} AND ${condition}`,
        value,
        ...(detail === undefined ? {} : { detail }),
      });
  };
  for (const basis of ["list", "contracted"] as const)
    add(
      tally.absent[basis] > 0 && group.focusNames.has(COST_COLUMN[basis]),
      "null_cost",
      COST_COLUMN[basis],
      `(${cost[basis].amount}) IS NULL`,
      cost[basis].written,
    );
  for (const basis of COST_BASES)
    add(
      tally.rounded[basis].rows > 0,
      "cost_rounded",
      COST_COLUMN[basis],
      `(${cost[basis].cut}) IS NOT NULL`,
      cost[basis].written,
      tally.rounded[basis].change,
    );
  const dayOf = (sql: string): string => `CAST(${sql} AS DATE)`;
  add(
    tally.spansDays > 0,
    "charge_period_spans_days",
    "ChargePeriodEnd",
    `${end.instant} > ${start.instant} AND ${dayOf(start.instant)} <> ${dayOf(`${end.instant} - INTERVAL 1 MICROSECOND`)}`,
    end.written,
  );
  add(
    tally.outsidePeriod > 0,
    "charge_outside_billing_period",
    "ChargePeriodStart",
    `(${start.instant} < TIMESTAMP ${literal(period.from)} OR ${start.instant} >= TIMESTAMP ${literal(period.to)})`,
    start.written,
  );
  add(
    tally.periodNotMonthStart > 0,
    "billing_period_not_month_start",
    "BillingPeriodStart",
    `${periodStart.instant} <> TIMESTAMP ${literal(period.from)}`,
    periodStart.written,
  );
  add(
    tally.unusualCurrencies > 0,
    "unusual_currency",
    "BillingCurrency",
    `NOT regexp_full_match(${cleanText(text.currency)}, '[A-Z]{3}')`,
    text.currency,
  );
  add(
    suspicion.chargeCategory,
    "unknown_charge_category",
    "ChargeCategory",
    `${cleanText(text.charge_category)} NOT IN (${["", ...CHARGE_CATEGORIES].map(literal).join(", ")})`,
    text.charge_category,
  );
  add(
    suspicion.tags,
    "tags_not_json",
    "Tags",
    `${tags} NOT IN ('', 'NULL') AND NOT coalesce(CASE WHEN json_valid(${tags}) THEN json_type(${tags}) END IN ('OBJECT', 'ARRAY', 'NULL'), false)`,
    tags,
  );
  const absent = {
    ProviderName: text.provider,
    BillingAccountId: text.billing_account_id,
    ServiceName: text.service_name,
    ServiceCategory: text.service_category,
  };
  for (const [column, sql] of Object.entries(absent))
    add(
      suspicion.absentTexts.includes(column) && (column === "ProviderName" || group.focusNames.has(column)),
      "null_value",
      column,
      `${cleanText(sql)} = ''`,
      "NULL::VARCHAR",
    );
  return suspects;
}
