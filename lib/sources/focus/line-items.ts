import { availableParallelism } from "node:os";
import { AppError } from "#lib/errors.ts";
import { COST_BASES, toAmount, decimal, type Amounts, type CostBasis } from "#lib/domain/money.ts";
import type { Projection } from "#lib/sources/cost-reading.ts";
import { keyHashSql } from "#lib/sources/cost-reading-tables.ts";
import type { SourceFile } from "#lib/sources/source.ts";
import { identifier, literal, openScanEngine, type Row, type ScanEngine } from "#lib/sources/focus/duckdb.ts";
import { openFiles } from "#lib/sources/focus/open-files.ts";
import { daysOf, DEFAULT_MEMORY_LIMIT_MB } from "#lib/sources/focus/read-slice.ts";
import { cleanText, normaliseKeys, rawKeyColumns, rawKeySelect, sameRawKey } from "#lib/sources/focus/roll-up.ts";
import { groupFiles, inPeriod, mapBases, openScanGroup, type ScanGroup } from "#lib/sources/focus/scan-groups.ts";
import type { FocusSpec } from "#lib/sources/focus/spec.ts";

/** Rows of one answer; more are asked for by page. */
const MAX_PAGE_SIZE = 1_000;
const MAX_RESOURCES = 5_000;

/** Half-open days, as the roll-up counts them; the keys whose line items are wanted, by billing period, null = every one; one resource, null = all. */
export type LineItemFilter = {
  keys: readonly { period: string; hash: string }[] | null;
  resourceId: string | null;
  dayFrom: string;
  dayTo: string;
};

export type LineItemOptions = {
  /** Billing periods of the slices. */
  periods: readonly string[];
  filter: LineItemFilter;
  /** The one that the roll-up was made with. */
  projection: Projection;
  /** Largest first by this basis. */
  orderBy: CostBasis;
  scratchDir: string;
  cacheDir: string;
  signal: AbortSignal;
};

export type TotalsByCurrency = Record<string, Amounts & { lineItems: number }>;

export type LineItems = {
  /** FOCUS names, in the order of the files. */
  columns: string[];
  rows: Record<string, string | null>[];
  count: number;
  totals: TotalsByCurrency;
  /** Files that are newer than the ones the figures were read from. */
  changedFiles: string[];
};

export type ResourceCost = {
  currency: string;
  resourceId: string;
  resourceName: string;
  resourceType: string;
  amounts: Amounts;
  lineItems: number;
};

/**
 * The line items behind roll-up cells: exactly those that the same SQL put there. `page` counts from 1.
 * @throws AppError("bad_data") where a file is gone or damaged.
 */
export async function readFocusLineItems(
  spec: FocusSpec,
  files: readonly SourceFile[],
  options: LineItemOptions & { page: number; pageSize: number },
): Promise<LineItems> {
  const pageSize = Math.min(Math.max(1, options.pageSize), MAX_PAGE_SIZE);
  const from = (Math.max(1, options.page) - 1) * pageSize;
  return withSelection(spec, files, options, async (engine, groups, changedFiles) => {
    const totals = await selectedTotals(engine);
    const page = await engine.rows(
      "Sorting line items",
      `SELECT group_no, file, row_no FROM selected ORDER BY ${options.orderBy} DESC, group_no, file, row_no LIMIT ${pageSize} OFFSET ${from}`,
    );
    const columns = [...new Set(groups.flatMap((group) => [...group.raw.keys()]))];
    const rows = await fetchRows(engine, groups, page);
    const count = Object.values(totals).reduce((sum, { lineItems }) => sum + lineItems, 0);
    return {
      columns,
      rows: rows.map((row) => Object.fromEntries(columns.map((name) => [name, row[name] ?? null]))),
      count,
      totals,
      changedFiles,
    };
  });
}

/** The same line items summed by resource, largest first. `count` says how many there are, listed or not. */
export async function readFocusResources(
  spec: FocusSpec,
  files: readonly SourceFile[],
  options: LineItemOptions & { limit: number },
): Promise<{ rows: ResourceCost[]; count: number; totals: TotalsByCurrency; changedFiles: string[] }> {
  return withSelection(spec, files, options, async (engine, _groups, changedFiles) => {
    const limit = Math.min(Math.max(1, options.limit), MAX_RESOURCES);
    await engine.run(
      "Adding up resources",
      `CREATE TEMP TABLE resource AS SELECT currency, resource_id, max(resource_name) AS resource_name, max(resource_type) AS resource_type,
        ${COST_BASES.map((basis) => `sum(${basis}) AS ${basis}`).join(", ")}, count(*) AS line_items FROM selected GROUP BY currency, resource_id`,
    );
    const [counted] = await engine.rows("Adding up resources", "SELECT count(*) AS count FROM resource");
    const rows = await engine.rows(
      "Adding up resources",
      `SELECT * REPLACE (${COST_BASES.map((basis) => `CAST(${basis} AS VARCHAR) AS ${basis}`).join(", ")}) FROM resource
       ORDER BY resource.${options.orderBy} DESC, currency, resource_id LIMIT ${limit}`,
    );
    return {
      rows: rows.map((row) => ({
        currency: String(row["currency"]),
        resourceId: String(row["resource_id"]),
        resourceName: String(row["resource_name"]),
        resourceType: String(row["resource_type"]),
        amounts: amountsOf(row),
        lineItems: Number(row["line_items"]),
      })),
      count: Number(counted?.["count"] ?? 0),
      totals: await selectedTotals(engine),
      changedFiles,
    };
  });
}

async function withSelection<T>(
  spec: FocusSpec,
  files: readonly SourceFile[],
  options: LineItemOptions,
  work: (engine: ScanEngine, groups: ScanGroup[], changedFiles: string[]) => Promise<T>,
): Promise<T> {
  const engine = await openScanEngine({
    scratchDir: options.scratchDir,
    memoryLimitMb: DEFAULT_MEMORY_LIMIT_MB,
    threads: availableParallelism(),
    signal: options.signal,
    keepOrder: true,
  });
  try {
    const opened = await openFiles(spec, files, {
      scratchDir: engine.scratchDir,
      cacheDir: options.cacheDir,
      signal: options.signal,
      acceptChanged: true,
    });
    opened.close();
    const groups: ScanGroup[] = [];
    for (const [index, group] of (await groupFiles(engine, opened.files)).entries())
      groups.push(await openScanGroup(engine, group, { name: `converted-${index}`, keepRaw: true }));
    if (groups.length === 0) throw new AppError("not_found", "There are no files to read line items from.");
    await selectLineItems(engine, groups, options);
    return await work(engine, groups, opened.changed);
  } finally {
    await engine.close();
  }
}

/** Makes `selected`: place, costs and resource of every line item that belongs to one of the keys. */
async function selectLineItems(
  engine: ScanEngine,
  groups: readonly ScanGroup[],
  options: LineItemOptions,
): Promise<void> {
  const { projection, filter } = options;
  const relations = groups.flatMap((group, index) =>
    options.periods.map((period) => {
      const { text, cost } = group.fields;
      return `SELECT ${literal(period)} AS slice_period, ${index} AS group_no, CAST(file_index AS BIGINT) AS file, file_row_number AS row_no, ${rawKeySelect(group, daysOf(period), projection)},
        ${COST_BASES.map((basis) => `CAST(coalesce(${cost[basis]}, 0) AS DECIMAL(38,12)) AS ${basis}`).join(", ")},
        ${cleanText(text.resource_id)} AS resource_id, ${cleanText(text.resource_name)} AS resource_name, ${cleanText(text.resource_type)} AS resource_type
        FROM ${group.from} WHERE ${inPeriod(group, daysOf(period))}`;
    }),
  );
  const items = `(SELECT * FROM (${relations.join("\nUNION ALL\n")}) WHERE day >= DATE ${literal(filter.dayFrom)} AND day < DATE ${literal(filter.dayTo)})`;
  await engine.run(
    "Looking for line items",
    `CREATE TEMP TABLE raw_key AS SELECT CAST(row_number() OVER () AS INTEGER) AS raw_no, * FROM (SELECT DISTINCT ${rawKeyColumns(projection).join(", ")} FROM ${items})`,
  );
  await normaliseKeys(engine, projection);
  await createWanted(engine, filter);
  const isWanted = [
    // The same key can be one owner's in March and another's in April.
    filter.keys === null ? "true" : "(i.slice_period, n.hash) IN (SELECT (period, hash) FROM wanted)",
    filter.resourceId === null ? "true" : `${cleanText("i.resource_id")} = ${literal(filter.resourceId)}`,
  ];
  await engine.run(
    "Looking for line items",
    `CREATE TEMP TABLE selected AS
     SELECT i.group_no, i.file, i.row_no, ${cleanText("i.currency")} AS currency, ${COST_BASES.map((basis) => `i.${basis}`).join(", ")},
       i.resource_id, i.resource_name, i.resource_type
     FROM ${items} i JOIN raw_key r ON ${sameRawKey("i", "r", projection)} JOIN (SELECT raw_no, ${keyHashSql()} AS hash FROM normal_key) n ON n.raw_no = r.raw_no
     WHERE ${isWanted.join(" AND ")}`,
  );
}

async function createWanted(engine: ScanEngine, { keys }: LineItemFilter): Promise<void> {
  await engine.run("Looking for line items", "CREATE TEMP TABLE wanted (period VARCHAR, hash VARCHAR)");
  if (keys === null) return;
  const appender = await engine.connection.createAppender("wanted", "main", "temp");
  for (const { period, hash } of keys) {
    appender.appendVarchar(period);
    appender.appendVarchar(hash);
    appender.endRow();
  }
  appender.closeSync();
}

async function selectedTotals(engine: ScanEngine): Promise<TotalsByCurrency> {
  const rows = await engine.rows(
    "Adding up line items",
    `SELECT currency, ${COST_BASES.map((basis) => `CAST(sum(${basis}) AS VARCHAR) AS ${basis}`).join(", ")}, count(*) AS line_items FROM selected GROUP BY currency ORDER BY currency`,
  );
  return Object.fromEntries(
    rows.map((row) => [String(row["currency"]), { ...amountsOf(row), lineItems: Number(row["line_items"]) }]),
  );
}

function amountsOf(row: Row): Amounts {
  return mapBases((basis) => toAmount(decimal(String(row[basis] ?? "0"))));
}

/** The raw columns of the page's rows, in its order. */
async function fetchRows(
  engine: ScanEngine,
  groups: readonly ScanGroup[],
  page: readonly Row[],
): Promise<Record<string, string | null>[]> {
  const found = new Map<string, Record<string, string | null>>();
  const placeOf = (row: Row): string => `${row["group_no"]}/${row["file"]}/${row["row_no"]}`;
  for (const [index, group] of groups.entries()) {
    const places = page.filter((row) => Number(row["group_no"]) === index);
    if (places.length === 0) continue;
    const wanted = places.map((row) => `(${row["file"]}, ${row["row_no"]})`).join(", ");
    const raw = [...group.raw].map(([name, sql]) => `${sql} AS ${identifier(`raw:${name}`)}`).join(", ");
    const rows = await engine.rows(
      "Reading line items",
      `SELECT ${index} AS group_no, CAST(file_index AS BIGINT) AS file, file_row_number AS row_no, ${raw} FROM ${group.from}
       WHERE file_row_number IN (${places.map((row) => String(row["row_no"])).join(", ")}) AND (CAST(file_index AS BIGINT), file_row_number) IN (${wanted})`,
    );
    for (const row of rows)
      found.set(
        placeOf(row),
        Object.fromEntries([...group.raw.keys()].map((name) => [name, textOf(row[`raw:${name}`])])),
      );
  }
  return page.map((row) => found.get(placeOf(row)) ?? {});
}

function textOf(value: Row[string] | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}
