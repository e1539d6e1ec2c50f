import { KEY_COLUMNS } from "#lib/domain/key-columns.ts";
import { normaliseTagKey } from "#lib/domain/tags.ts";
import type { Projection } from "#lib/sources/cost-reading.ts";
import { keyHashSql } from "#lib/sources/cost-reading-tables.ts";
import type { ChargeRow } from "#lib/sources/aws-cost-explorer/charge-row.ts";
import { literal, type ScanEngine } from "#lib/sources/focus/duckdb.ts";

/** As FOCUS files of AWS name the provider, so that both kinds of sources speak of one. */
export const PROVIDER = "AWS";

const ROW_COLUMNS = [
  "day",
  "currency",
  "sub_account_id",
  "region_id",
  "service_category",
  "service_name",
  "charge_category",
  "tag_value",
  "billed",
  "effective",
] as const;

export type TableOptions = {
  billingAccountId: string;
  accountNames: ReadonlyMap<string, string>;
  /** The tag that rows have values of; null where there is none. */
  tagKey: string | null;
  projection: Projection;
};

const STEP = "Adding up by key";

/** Makes the tables `charge`, `charge_key` and `account` that a CostReading has. A row counts as one line item. */
export async function makeChargeTables(
  engine: ScanEngine,
  rows: readonly ChargeRow[],
  options: TableOptions,
): Promise<void> {
  await engine.run(STEP, `CREATE TEMP TABLE cost_row (${ROW_COLUMNS.map((name) => `${name} VARCHAR`).join(", ")})`);
  await appendRows(engine, rows);
  const keys = KEY_COLUMNS.join(", ");
  const { environment, tags } = tagExpressions(options);
  await engine.run(
    STEP,
    `CREATE TEMP TABLE keyed_row AS
     SELECT currency, ${literal(PROVIDER)} AS provider, ${literal(options.billingAccountId)} AS billing_account_id, sub_account_id, region_id,
       service_category, service_name, charge_category, ${environment} AS environment, ${tags} AS tags, '[]' AS resource_patterns,
       CAST(day AS DATE) AS day, CAST(billed AS DECIMAL(38,12)) AS billed, CAST(effective AS DECIMAL(38,12)) AS effective
     FROM cost_row`,
  );
  await engine.run(
    STEP,
    `CREATE TABLE charge_key AS
     SELECT CAST(row_number() OVER (ORDER BY hash) AS INTEGER) AS key_no, * FROM (
       SELECT ${keyHashSql()} AS hash, ${keys} FROM (SELECT DISTINCT ${keys} FROM keyed_row))`,
  );
  await engine.run(
    STEP,
    `CREATE TABLE charge AS
     SELECT k.key_no, r.day, CAST(sum(r.billed) AS DECIMAL(38,12)) AS billed, CAST(sum(r.effective) AS DECIMAL(38,12)) AS effective,
       CAST(0 AS DECIMAL(38,12)) AS list, CAST(0 AS DECIMAL(38,12)) AS contracted, CAST(count(*) AS INTEGER) AS line_items
     FROM keyed_row r JOIN charge_key k ON ${KEY_COLUMNS.map((name) => `r.${name} = k.${name}`).join(" AND ")}
     GROUP BY k.key_no, r.day`,
  );
  await makeAccountTable(engine, rows, options);
  await engine.run(STEP, "DROP TABLE cost_row; DROP TABLE keyed_row;");
}

async function appendRows(engine: ScanEngine, rows: readonly ChargeRow[]): Promise<void> {
  const appender = await engine.connection.createAppender("cost_row");
  for (const row of rows) {
    appender.appendVarchar(row.day);
    appender.appendVarchar(row.currency);
    appender.appendVarchar(row.accountId);
    appender.appendVarchar(row.regionId);
    appender.appendVarchar(row.serviceCategory);
    appender.appendVarchar(row.serviceName);
    appender.appendVarchar(row.chargeCategory);
    appender.appendVarchar(row.tagValue);
    appender.appendVarchar(row.billed);
    appender.appendVarchar(row.effective);
    appender.endRow();
  }
  appender.closeSync();
}

/** A tag is kept where the projection keeps it, as the roll-up of files does. */
function tagExpressions({ tagKey, projection }: TableOptions): { environment: string; tags: string } {
  const key = tagKey === null ? null : normaliseTagKey(tagKey);
  const isKept = key !== null && projection.tagKeys.includes(key);
  const isEnvironment = key !== null && projection.environmentTags.includes(key);
  return {
    environment: isEnvironment ? "tag_value" : "''",
    tags: isKept
      ? `CASE WHEN tag_value = '' THEN '{}' ELSE '{' || to_json(${literal(key)})::VARCHAR || ':' || to_json(tag_value)::VARCHAR || '}' END`
      : "'{}'",
  };
}

async function makeAccountTable(
  engine: ScanEngine,
  rows: readonly ChargeRow[],
  { billingAccountId, accountNames }: TableOptions,
): Promise<void> {
  await engine.run(
    "Reading accounts",
    "CREATE TABLE account (provider VARCHAR, account_id VARCHAR, name VARCHAR, billing_account_id VARCHAR)",
  );
  const ids = rows.length === 0 ? [] : [billingAccountId, ...rows.map(({ accountId }) => accountId)];
  const appender = await engine.connection.createAppender("account");
  for (const id of new Set(ids)) {
    appender.appendVarchar(PROVIDER);
    appender.appendVarchar(id);
    appender.appendVarchar(accountNames.get(id) ?? id);
    appender.appendVarchar(id === billingAccountId ? "" : billingAccountId);
    appender.endRow();
  }
  appender.closeSync();
}
