import { COST_BASES, type CostBasis } from "#lib/domain/money.ts";
import { PROVIDER_COLUMNS, type ColumnMap } from "#lib/sources/focus/focus-columns.ts";
import { identifier } from "#lib/sources/focus/duckdb.ts";

/** A column as DuckDB describes it in the file. */
export type FileColumn = { name: string; type: string };

/** How one cost column is read, as SQL over the file's own columns. */
export type CostExpression = {
  /** DECIMAL of at most 12 decimals; null where there is none or it is not a number. */
  amount: string;
  /** True where something is there that is not a number; "false" where the type rules that out. */
  unreadable: string;
  /** What rounding to 12 decimals took away, DECIMAL(38,24), null where nothing; "NULL" where the type rules that out. */
  cut: string;
  /** The value as the file has it. */
  written: string;
};

export type InstantExpression = { instant: string; unreadable: string; written: string };

/** The texts that a roll-up's key is made of, before they are normalised. */
export const TEXT_FIELDS = {
  currency: ["BillingCurrency"],
  provider: PROVIDER_COLUMNS,
  billing_account_id: ["BillingAccountId"],
  sub_account_id: ["SubAccountId"],
  region_id: ["RegionId"],
  service_category: ["ServiceCategory"],
  service_name: ["ServiceName"],
  charge_category: ["ChargeCategory"],
  billing_account_name: ["BillingAccountName"],
  sub_account_name: ["SubAccountName"],
  resource_id: ["ResourceId"],
  resource_name: ["ResourceName"],
  resource_type: ["ResourceType"],
} as const satisfies Record<string, readonly string[]>;
export type TextField = keyof typeof TEXT_FIELDS;

export const COST_COLUMN: Record<CostBasis, string> = {
  billed: "BilledCost",
  effective: "EffectiveCost",
  list: "ListCost",
  contracted: "ContractedCost",
};

/** A line item, read from a file's columns: SQL by field. */
export type LineItemExpressions = {
  text: Record<TextField, string>;
  /** Tags as JSON text: an object, or a list of key and value; null where there are none. */
  tags: string;
  /** Of what a split charge was given to, from FOCUS 1.3 on; null where the file has no such column. */
  allocatedTags: string | null;
  start: InstantExpression;
  end: InstantExpression;
  periodStart: InstantExpression;
  cost: Record<CostBasis, CostExpression>;
  /** True where the costs and dates have types that DuckDB sums and compares as they are. */
  isTyped: boolean;
};

/**
 * How the line items of a file with these columns are read. Written once, so that roll-ups, control totals and the
 * line items behind a figure can never read a value in two ways.
 */
export function lineItemExpressions(columns: readonly FileColumn[], focusNames: ColumnMap): LineItemExpressions {
  const typeOf = new Map(columns.map((column) => [column.name, column.type]));
  const find = (focusName: string): FileColumn | null => {
    const name = focusNames.get(focusName);
    const type = name === undefined ? undefined : typeOf.get(name);
    return name === undefined || type === undefined ? null : { name, type };
  };
  const text = Object.fromEntries(
    Object.entries(TEXT_FIELDS).map(([field, names]) => [field, textOf(names.map(find))]),
  ) as Record<TextField, string>;
  const cost = Object.fromEntries(COST_BASES.map((basis) => [basis, costOf(find(COST_COLUMN[basis]))])) as Record<
    CostBasis,
    CostExpression
  >;
  const dates = ["ChargePeriodStart", "ChargePeriodEnd", "BillingPeriodStart"].map(find);
  const [start, end, periodStart] = dates.map(instantOf);
  if (!start || !end || !periodStart) throw new RangeError("three dates are read");
  const isTyped =
    COST_BASES.every((basis) => isPlainNumber(find(COST_COLUMN[basis])?.type ?? "INTEGER")) &&
    dates.every((column) => column === null || isInstantType(column.type));
  const allocated = find("AllocatedTags");
  const allocatedTags = allocated === null ? null : tagsOf(allocated);
  return { text, tags: tagsOf(find("Tags")), allocatedTags, start, end, periodStart, cost, isTyped };
}

function textOf(candidates: (FileColumn | null)[]): string {
  const present = candidates.filter((column) => column !== null);
  const read = present.map(({ name, type }) =>
    type === "VARCHAR" ? identifier(name) : `CAST(${identifier(name)} AS VARCHAR)`,
  );
  if (read.length === 0) return "NULL::VARCHAR";
  return read.length === 1
    ? (read[0] ?? "")
    : `coalesce(${read.map((one) => `nullif(nullif(${one}, 'NULL'), '')`).join(", ")})`;
}

function tagsOf(column: FileColumn | null): string {
  if (column === null) return "NULL::VARCHAR";
  // Parquet delivers tags as text, as a map or as a list of key and value; the latter two become JSON text here.
  return column.type === "VARCHAR" ? identifier(column.name) : `CAST(to_json(${identifier(column.name)}) AS VARCHAR)`;
}

const INTEGER_TYPES = ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"];

function decimalScale(type: string): number | null {
  const scale = /^DECIMAL\(\d+,(?<scale>\d+)\)$/.exec(type)?.groups?.["scale"];
  return scale === undefined ? null : Number(scale);
}

function isPlainNumber(type: string): boolean {
  const scale = decimalScale(type);
  return INTEGER_TYPES.includes(type) || (scale !== null && scale <= 12);
}

function costOf(column: FileColumn | null): CostExpression {
  if (column === null)
    return {
      amount: "NULL::DECIMAL(38,12)",
      unreadable: "false",
      cut: "NULL::DECIMAL(38,24)",
      written: "NULL::VARCHAR",
    };
  const name = identifier(column.name);
  const written = `CAST(${name} AS VARCHAR)`;
  if (INTEGER_TYPES.includes(column.type))
    return { amount: `CAST(${name} AS DECIMAL(38,12))`, unreadable: "false", cut: "NULL::DECIMAL(38,24)", written };
  if (isPlainNumber(column.type)) return { amount: name, unreadable: "false", cut: "NULL::DECIMAL(38,24)", written };

  // A double is read through its shortest text, which is the decimal number that its writer meant.
  const text = `nullif(nullif(trim(${written}), 'NULL'), '')`;
  const isNumber = `(NOT contains(${text}, '_'))`;
  const near = `TRY_CAST(${text} AS DECIMAL(38,12))`;
  // 24 decimals leave 14 digits before the point; what is larger has no decimals beyond the 12th in any real bill.
  const wide = `TRY_CAST(${text} AS DECIMAL(38,24))`;
  const left = `(${wide} - CAST(${near} AS DECIMAL(38,24)))`;
  // DuckDB rounds a tie away from zero; half-even wants the even neighbour.
  const even = `CASE WHEN abs(${left}) = 0.0000000000005 AND abs(CAST(${near} * 1000000000000 AS HUGEINT)) % 2 = 1
      THEN CAST(${near} - sign(${wide}) * 0.000000000001 AS DECIMAL(38,12)) ELSE ${near} END`;
  const amount = `CASE WHEN NOT ${isNumber} THEN NULL WHEN ${wide} IS NULL OR ${left} = 0 THEN ${near} ELSE ${even} END`;
  return {
    amount,
    unreadable: `(${text} IS NOT NULL AND (${near} IS NULL OR NOT ${isNumber}))`,
    cut: `CASE WHEN ${wide} IS NULL OR ${left} = 0 THEN NULL ELSE CAST(${amount} AS DECIMAL(38,24)) - ${wide} END`,
    written,
  };
}

function isInstantType(type: string): boolean {
  return type === "DATE" || type.startsWith("TIMESTAMP");
}

function instantOf(column: FileColumn | null): InstantExpression {
  if (column === null) return { instant: "NULL::TIMESTAMP", unreadable: "false", written: "NULL::VARCHAR" };
  const name = identifier(column.name);
  const written = `CAST(${name} AS VARCHAR)`;
  if (column.type === "TIMESTAMP WITH TIME ZONE")
    return { instant: `make_timestamp(epoch_us(${name}))`, unreadable: "false", written };
  if (isInstantType(column.type))
    return { instant: column.type === "TIMESTAMP" ? name : `CAST(${name} AS TIMESTAMP)`, unreadable: "false", written };
  const text = `nullif(nullif(trim(${written}), 'NULL'), '')`;
  // Without a zone it is UTC, as FOCUS says. Azure writes dates without seconds, which no cast understands.
  const withSeconds = `regexp_replace(${text}, '^(\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d)(Z| UTC|[+-]\\d\\d:?\\d\\d)?$', '\\1:00\\2')`;
  const instant = `make_timestamp(epoch_us(coalesce(TRY_CAST(${text} AS TIMESTAMPTZ), TRY_CAST(${withSeconds} AS TIMESTAMPTZ))))`;
  return { instant, unreadable: `(${text} IS NOT NULL AND ${instant} IS NULL)`, written };
}
