import {
  BIGINT,
  DuckDBDataChunk,
  DuckDBInstance,
  INTEGER,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
} from "@duckdb/node-api";
import { dayNumber } from "#demo/estate/calendar.ts";
import type { Charge, Line } from "#demo/estate/line.ts";
import { PROVIDERS } from "#demo/estate/services.ts";

/**
 * A DuckDB in memory that turns charges into FOCUS files. One thread and no rearranging, so that the same
 * charges make the same bytes.
 */
export type FocusTable = {
  connection: DuckDBConnection;
  /** Replaces what `charge` holds. */
  load(charges: readonly Charge[]): void | Promise<void>;
  close(): void;
};

type Column<Row> = { name: string; type: DuckDBType; sql: string; value: (row: Row) => DuckDBValue };

const ROWS_PER_CHUNK = 2_048;
/** Between the keys and values of a row's tags; occurs in none of them. */
export const TAG_SEPARATOR = "\u001f";

const text = <Row>(name: string, value: (row: Row) => string | null): Column<Row> => ({
  name,
  type: VARCHAR,
  sql: "VARCHAR",
  value,
});
const bigint = <Row>(name: string, value: (row: Row) => number | null): Column<Row> => ({
  name,
  type: BIGINT,
  sql: "BIGINT",
  value: (row) => {
    const number = value(row);
    return number === null ? null : BigInt(number);
  },
});
const integer = <Row>(name: string, value: (row: Row) => number): Column<Row> => ({
  name,
  type: INTEGER,
  sql: "INTEGER",
  value,
});

const CHARGE_COLUMNS: readonly Column<Charge>[] = [
  integer("line_id", (charge) => charge.line.id),
  integer("start_day", (charge) => dayNumber(charge.start)),
  integer("days", (charge) => charge.days),
  bigint("quantity", (charge) => charge.quantity),
  bigint("billed", (charge) => charge.billed),
  bigint("effective", (charge) => charge.effective),
  bigint("list", (charge) => charge.list),
  bigint("contracted", (charge) => charge.contracted),
];

const LINE_COLUMNS: readonly Column<Line>[] = [
  integer("id", (line) => line.id),
  text("provider", (line) => line.account.provider),
  text("issuer", (line) => PROVIDERS[line.account.provider].issuer),
  text("currency", (line) => PROVIDERS[line.account.provider].currency),
  text("billing_account_id", (line) => line.account.billingAccountId),
  text("billing_account_name", (line) => line.account.billingAccountName),
  text("billing_account_type", (line) => PROVIDERS[line.account.provider].billingAccountType),
  text("sub_account_id", (line) => (line.hasSubAccount ? line.account.id : null)),
  text("sub_account_name", (line) => (line.hasSubAccount ? line.account.name : null)),
  text("sub_account_type", (line) => (line.hasSubAccount ? PROVIDERS[line.account.provider].subAccountType : null)),
  text("publisher", (line) => line.publisher),
  text("service_code", (line) => line.serviceCode),
  text("service_name", (line) => line.serviceName),
  text("service_category", (line) => line.serviceCategory),
  text("service_subcategory", (line) => line.serviceSubcategory),
  text("region_id", (line) => line.regionId),
  text("region_name", (line) => line.regionName),
  text("availability_zone", (line) => line.availabilityZone),
  text("resource_id", (line) => line.resourceId),
  text("resource_name", (line) => line.resourceName),
  text("resource_type", (line) => line.resourceType),
  text("meter", (line) => line.meter),
  text("unit", (line) => line.unit),
  bigint("list_micros", (line) => (line.unit === null ? null : line.listMicros)),
  bigint("contracted_micros", (line) => (line.unit === null ? null : line.contractedMicros)),
  text("charge_category", (line) => line.chargeCategory),
  text("charge_class", (line) => line.chargeClass),
  text("charge_frequency", (line) => line.chargeFrequency),
  text("description", (line) => line.description),
  text("pricing_category", (line) => line.pricingCategory),
  text("commitment_id", (line) => line.commitment?.id ?? null),
  text("commitment_name", (line) => line.commitment?.name ?? null),
  text("commitment_type", (line) => line.commitment?.type ?? null),
  text("commitment_category", (line) => line.commitment?.category ?? null),
  text("commitment_status", (line) => line.commitment?.status ?? null),
  text("commitment_unit", (line) => line.commitment?.unit ?? null),
  text("tag_keys", (line) => (line.tags === null ? null : Object.keys(line.tags).join(TAG_SEPARATOR))),
  text("tag_values", (line) => (line.tags === null ? null : Object.values(line.tags).join(TAG_SEPARATOR))),
  text("tags_object", (line) => (line.tags === null ? null : JSON.stringify(line.tags))),
  text("tags_list", (line) =>
    line.tags === null ? null : JSON.stringify(Object.entries(line.tags).map(([key, value]) => ({ key, value }))),
  ),
];

/** Opens the table with the estate's lines in it. */
export async function openFocusTable(lines: readonly Line[]): Promise<FocusTable> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1", preserve_insertion_order: "true" });
  const connection = await instance.connect();
  await createTable(connection, "line", LINE_COLUMNS);
  await append(connection, "line", LINE_COLUMNS, lines);
  return {
    connection,
    load: async (charges) => {
      await createTable(connection, "charge", CHARGE_COLUMNS);
      await append(connection, "charge", CHARGE_COLUMNS, charges);
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function createTable<Row>(
  connection: DuckDBConnection,
  table: string,
  columns: readonly Column<Row>[],
): Promise<void> {
  await connection.run(
    `CREATE OR REPLACE TABLE ${table} (${columns.map(({ name, sql }) => `${name} ${sql}`).join(", ")})`,
  );
}

async function append<Row>(
  connection: DuckDBConnection,
  table: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): Promise<void> {
  const appender = await connection.createAppender(table);
  const types = columns.map(({ type }) => type);
  for (let from = 0; from < rows.length; from += ROWS_PER_CHUNK) {
    const part = rows.slice(from, from + ROWS_PER_CHUNK);
    const chunk = DuckDBDataChunk.create(types);
    chunk.setColumns(columns.map(({ value }) => part.map(value)));
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
