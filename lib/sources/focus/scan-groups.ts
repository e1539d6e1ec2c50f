import { join } from "node:path";
import { AppError } from "#lib/errors.ts";
import { COST_BASES, type CostBasis } from "#lib/domain/money.ts";
import { readCsvHeader } from "#lib/sources/focus/csv-header.ts";
import { identifier, literal, type ScanEngine } from "#lib/sources/focus/duckdb.ts";
import {
  mapColumns,
  missingNeededColumns,
  PROVIDER_COLUMNS,
  type ColumnMap,
} from "#lib/sources/focus/focus-columns.ts";
import {
  lineItemExpressions,
  TEXT_FIELDS,
  type FileColumn,
  type LineItemExpressions,
  type TextField,
} from "#lib/sources/focus/line-item-expressions.ts";
import type { OpenFile } from "#lib/sources/focus/open-files.ts";

/** Files of one format with the same columns: one relation. */
export type FileGroup = {
  format: "csv" | "parquet";
  files: OpenFile[];
  delimiter: string;
  columns: FileColumn[];
  focusNames: ColumnMap;
  expressions: LineItemExpressions;
};

/** SQL by field over `from`, which is always Parquet with typed costs and dates. */
export type ScanFields = {
  text: Record<TextField, string>;
  tags: string;
  /** Null where the file has none. */
  allocatedTags: string | null;
  start: string;
  end: string;
  periodStart: string;
  cost: Record<CostBasis, string>;
  /** What rounding took away; "NULL" where nothing can have been. */
  cut: Record<CostBasis, string> | null;
  /** Name of the first column of the row that cannot be read, else null; "NULL" where the types rule that out. */
  unreadable: string;
};

export type ScanGroup = {
  source: FileGroup;
  /** `read_parquet(…)`. */
  from: string;
  /** Index into `source.files`. */
  fileIndex: string;
  fields: ScanFields;
  /** Every column of the file as text, by its FOCUS name. */
  raw: Map<string, string>;
};

/** Reads the columns of each file and puts those with the same ones together. Throws AppError("bad_data") where a needed column is missing. */
export async function groupFiles(engine: ScanEngine, files: readonly OpenFile[]): Promise<FileGroup[]> {
  const groups = new Map<string, FileGroup>();
  for (const file of files) {
    const { columns, delimiter } = await describeFile(engine, file);
    const key = JSON.stringify([file.format, delimiter, columns]);
    const known = groups.get(key);
    if (known) known.files.push(file);
    else groups.set(key, toGroup(file, columns, delimiter));
  }
  return [...groups.values()];
}

async function describeFile(engine: ScanEngine, open: OpenFile): Promise<{ columns: FileColumn[]; delimiter: string }> {
  if (open.format === "csv") {
    const { columns, delimiter } = await readCsvHeader(open.path, open.file.name);
    return { columns: uniqueNames(columns).map((name) => ({ name, type: "VARCHAR" })), delimiter };
  }
  const rows = await engine
    .rows(
      "Reading headers",
      `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet(${literal(open.path)}))`,
    )
    .catch((thrown: unknown) => {
      throw atFile(thrown, open);
    });
  return {
    columns: rows.map((row) => ({ name: String(row["column_name"]), type: String(row["column_type"]) })),
    delimiter: "",
  };
}

/** DuckDB wants names that differ also without case. */
function uniqueNames(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.map((name, index) => {
    const base = name === "" ? `column${index}` : name;
    const unique = seen.has(base.toLowerCase()) ? `${base}_${index}` : base;
    seen.add(unique.toLowerCase());
    return unique;
  });
}

function toGroup(open: OpenFile, columns: FileColumn[], delimiter: string): FileGroup {
  const focusNames = mapColumns(columns.map((column) => column.name));
  const [missing] = missingNeededColumns(focusNames);
  if (missing !== undefined)
    throw new AppError(
      "bad_data",
      `${open.file.name} has no column ${missing}, without which its costs cannot be placed.`,
      {
        remedy: "Add the column to the export and have it delivered again.",
        place: { file: open.file.name, column: missing },
      },
    );
  return {
    format: open.format,
    files: [open],
    delimiter,
    columns,
    focusNames,
    expressions: lineItemExpressions(columns, focusNames),
  };
}

/** An error of DuckDB about a file, with the name by which the source lists it instead of the place it was read from. */
export function atFile(thrown: unknown, open: OpenFile): unknown {
  if (!(thrown instanceof AppError) || thrown.code !== "bad_data") return thrown;
  return new AppError("bad_data", thrown.message.replaceAll(open.path, open.file.name), {
    ...(thrown.remedy === null ? {} : { remedy: thrown.remedy }),
    place: { ...thrown.place, file: open.file.name },
    cause: thrown,
  });
}

/** The relation of some files of a group, as DuckDB reads them from the files themselves. */
export function readerOf(group: FileGroup, files: readonly OpenFile[] = group.files): string {
  const paths = `[${files.map((open) => literal(open.path)).join(", ")}]`;
  if (group.format === "parquet") return `read_parquet(${paths})`;
  const columns = group.columns.map(({ name }) => `${literal(name)}: 'VARCHAR'`).join(", ");
  return `read_csv(${paths}, auto_detect = false, header = true, delim = ${literal(group.delimiter)}, quote = '"', escape = '"',
    strict_mode = true, null_padding = false, nullstr = ['NULL', ''], columns = {${columns}})`;
}

/**
 * Makes a group fit to be summed. Typed Parquet is scanned where it is; text and doubles are converted once into Parquet in
 * the scratch folder, so that no value is parsed twice. `keepRaw` carries every column along as text.
 */
export async function openScanGroup(
  engine: ScanEngine,
  group: FileGroup,
  options: { name: string; keepRaw: boolean },
): Promise<ScanGroup> {
  const raw = rawColumns(group);
  if (group.format === "parquet" && group.expressions.isTyped)
    return {
      source: group,
      from: readerOf(group),
      fileIndex: "file_index",
      fields: typedFields(await withOneProvider(engine, group)),
      raw,
    };
  const path = join(engine.scratchDir, `${options.name}.parquet`);
  const { expressions } = group;
  const outputs: [string, string][] = [
    ["#file", "file_index"],
    ...Object.entries(expressions.text),
    ["tags", expressions.tags],
    ...(expressions.allocatedTags === null
      ? []
      : [["allocated_tags", expressions.allocatedTags] satisfies [string, string]]),
    ["start", expressions.start.instant],
    ["end", expressions.end.instant],
    ["period_start", expressions.periodStart.instant],
    ...COST_BASES.flatMap((basis): [string, string][] => [
      [basis, `CAST(${expressions.cost[basis].amount} AS DECIMAL(38,12))`],
      [`cut_${basis}`, expressions.cost[basis].cut],
    ]),
    ["unreadable", unreadableColumn(expressions)],
  ];
  if (options.keepRaw) outputs.push(...[...raw].map(([name, sql]): [string, string] => [`raw:${name}`, sql]));
  const select = outputs.map(([name, sql]) => `${sql} AS ${identifier(name)}`).join(",\n");
  await engine
    .run(
      "Reading files",
      `COPY (SELECT ${select} FROM ${readerOf(group)}) TO ${literal(path)} (FORMAT parquet, COMPRESSION lz4_raw)`,
    )
    .catch((thrown: unknown) => {
      const failed = failedFile(thrown, group);
      throw failed ? atFile(thrown, failed) : thrown;
    });
  return {
    source: group,
    from: `read_parquet(${literal(path)})`,
    fileIndex: '"#file"',
    fields: convertedFields(expressions),
    raw: new Map([...raw.keys()].map((name) => [name, identifier(`raw:${name}`)])),
  };
}

function failedFile(thrown: unknown, group: FileGroup): OpenFile | undefined {
  const path = thrown instanceof AppError ? thrown.place?.file : undefined;
  return group.files.length === 1 ? group.files[0] : group.files.find((open) => open.path === path);
}

function rawColumns(group: FileGroup): Map<string, string> {
  return new Map(
    [...group.focusNames].map(([focusName, name]) => {
      const type = group.columns.find((column) => column.name === name)?.type ?? "VARCHAR";
      const isNested = type.startsWith("MAP") || type.startsWith("STRUCT") || type.endsWith("[]");
      const value = isNested ? `to_json(${identifier(name)})` : identifier(name);
      return [focusName, `nullif(CAST(${value} AS VARCHAR), 'NULL')`] as const;
    }),
  );
}

/** Reading a second column of providers for rows that all have the first one is slow for nothing. */
async function withOneProvider(engine: ScanEngine, group: FileGroup): Promise<LineItemExpressions> {
  const [first, second] = PROVIDER_COLUMNS.flatMap((name) => group.focusNames.get(name) ?? []);
  if (first === undefined || second === undefined) return group.expressions;
  const [row] = await engine.rows(
    "Reading providers",
    `SELECT count(*) AS rows FROM ${readerOf(group)} WHERE ${identifier(first)} IS NULL OR ${identifier(first)} IN ('', 'NULL')`,
  );
  if (row?.["rows"] !== "0") return group.expressions;
  return {
    ...group.expressions,
    text: { ...group.expressions.text, provider: `CAST(${identifier(first)} AS VARCHAR)` },
  };
}

function typedFields(expressions: LineItemExpressions): ScanFields {
  return {
    text: expressions.text,
    tags: expressions.tags,
    allocatedTags: expressions.allocatedTags,
    start: expressions.start.instant,
    end: expressions.end.instant,
    periodStart: expressions.periodStart.instant,
    cost: mapBases((basis) => expressions.cost[basis].amount),
    cut: null,
    unreadable: "NULL::VARCHAR",
  };
}

function convertedFields({ allocatedTags }: LineItemExpressions): ScanFields {
  const fields = Object.keys(TEXT_FIELDS) as TextField[];
  return {
    text: Object.fromEntries(fields.map((field) => [field, identifier(field)])) as Record<TextField, string>,
    tags: "tags",
    allocatedTags: allocatedTags === null ? null : "allocated_tags",
    start: '"start"',
    end: '"end"',
    periodStart: "period_start",
    cost: mapBases((basis) => identifier(basis)),
    cut: mapBases((basis) => `cut_${basis}`),
    unreadable: "unreadable",
  };
}

export function mapBases<T>(of: (basis: CostBasis) => T): Record<CostBasis, T> {
  return { billed: of("billed"), effective: of("effective"), list: of("list"), contracted: of("contracted") };
}

function unreadableColumn({ cost, start, end, periodStart }: LineItemExpressions): string {
  const checks = [
    ["BilledCost", cost.billed.unreadable],
    ["EffectiveCost", cost.effective.unreadable],
    ["ListCost", cost.list.unreadable],
    ["ContractedCost", cost.contracted.unreadable],
    ["BillingPeriodStart", periodStart.unreadable],
    ["ChargePeriodStart", start.unreadable],
    ["ChargePeriodEnd", end.unreadable],
  ] as const;
  return `CASE ${checks.map(([name, sql]) => `WHEN ${sql} THEN ${literal(name)}`).join(" ")} ELSE NULL END`;
}

/** The rows of one billing period. Written over the file's own column, so that DuckDB skips what the file says is outside. */
export function inPeriod(group: ScanGroup, period: { from: string; to: string }): string {
  const column = group.fields.periodStart;
  return `(${column} >= TIMESTAMP ${literal(period.from)} AND ${column} < TIMESTAMP ${literal(period.to)})`;
}
