import { mkdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import type { TestInstance } from "#test/integration/instance.ts";
import { COST_BASES, type CostBasis } from "#lib/domain/money.ts";

/** What a delivery holds: its exact sums, and a fingerprint of its sums by account, service and day. */
export type Content = Record<CostBasis, string> & { lineItems: string; rows: string };

const SUMS = COST_BASES.map((basis) => `sum(${basis})`).join(", ");

/** Writes deliveries of many line items, each version of a month with some rows changed, added and left out. */
export class DeliveryWriter {
  readonly #connection: DuckDBConnection;
  readonly #close: () => void;

  private constructor(connection: DuckDBConnection, close: () => void) {
    this.#connection = connection;
    this.#close = close;
  }

  static async open(): Promise<DeliveryWriter> {
    const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
    const connection = await instance.connect();
    return new DeliveryWriter(connection, () => {
      connection.closeSync();
      instance.closeSync();
    });
  }

  /** Writes the version as Parquet, puts it in place at once, and answers what it holds. */
  async write(path: string, period: string, version: number, rows: number): Promise<Content> {
    const connection = this.#connection;
    await connection.run(chargeSql(period, version, rows));
    await mkdir(dirname(path), { recursive: true });
    const draft = join(dirname(path), "._draft.parquet");
    await connection.run(`COPY (${focusSql(period)}) TO '${draft}' (FORMAT parquet)`);
    const result = await connection.runAndReadAll(
      `SELECT ${COST_BASES.map((basis) => `sum(${basis})::DECIMAL(38,12)::VARCHAR AS ${basis}`).join(", ")},
         count(*)::VARCHAR AS "lineItems",
         (SELECT md5(string_agg(line, chr(10) ORDER BY line)) FROM (
            SELECT concat_ws('|', account, service, day, ${COST_BASES.map((basis) => `sum(${basis})::DECIMAL(38,12)`).join(", ")}, count(*)) AS line
            FROM charge GROUP BY account, service, day)) AS "rows"
       FROM charge`,
    );
    await rename(draft, path);
    return result.getRowObjectsJson()[0] as Content;
  }

  close(): void {
    this.#close();
  }
}

function chargeSql(period: string, version: number, rows: number): string {
  const amount = (basis: CostBasis) =>
    `((1 + (hash(i, '${basis}', edition) % 99999999999)::BIGINT)::DECIMAL(38,12) / 1000000000)::DECIMAL(38,12) * CASE WHEN i % 37 = 0 THEN -1 ELSE 1 END AS ${basis}`;
  return `
    CREATE OR REPLACE TABLE charge AS
    SELECT i, 'account-' || i % 60 AS account, 'Service ' || i % 23 AS service, DATE '${period}-01' + (i % 28)::INTEGER AS day,
      'team-' || i % 60 % 7 AS team, ${COST_BASES.map(amount).join(", ")}
    FROM (
      SELECT range AS i, CASE WHEN hash(range, ${version}) % 3 = 0 THEN ${version} ELSE 0 END AS edition
      FROM range(${rows}) WHERE hash(range, ${version}, '${period}') % 50 > 0)`;
}

function focusSql(period: string): string {
  return `
    SELECT 'AWS' AS ProviderName, 'payer' AS BillingAccountId, 'Payer' AS BillingAccountName, account AS SubAccountId, account AS SubAccountName,
      service AS ServiceName, 'Compute' AS ServiceCategory, 'Usage' AS ChargeCategory, 'EUR' AS BillingCurrency, 'eu-' || i % 3 AS RegionId,
      '${period}-01T00:00:00Z' AS BillingPeriodStart, day || 'T00:00:00Z' AS ChargePeriodStart, day || 'T01:00:00Z' AS ChargePeriodEnd,
      'resource-' || i AS ResourceId, '{"team":"' || team || '"}' AS Tags,
      billed AS BilledCost, effective AS EffectiveCost, list AS ListCost, contracted AS ContractedCost
    FROM charge`;
}

/** What the database shows of a slice, in the terms of a delivery. */
export async function readContent(instance: TestInstance, sliceId: number): Promise<Content> {
  const { rows } = await instance.database.pool.query<Content>(
    `SELECT ${COST_BASES.map((basis) => `sum(${basis})::text AS ${basis}`).join(", ")}, sum(line_items)::text AS "lineItems",
       (SELECT md5(string_agg(line, chr(10) ORDER BY line COLLATE "C")) FROM (
          SELECT concat_ws('|', k.sub_account_id, k.service_name, c.day, ${SUMS}, sum(c.line_items)) AS line
          FROM cost_day c JOIN charge_key k ON k.id = c.key_id WHERE c.slice_id = $1 GROUP BY k.sub_account_id, k.service_name, c.day) AS lines) AS rows
     FROM cost_day WHERE slice_id = $1`,
    [sliceId],
  );
  return rows[0]!;
}

/** The sums of each roll-up of a slice. */
export async function readRelations(
  instance: TestInstance,
  sliceId: number,
): Promise<Record<string, Omit<Content, "rows">>> {
  const relations = ["cost_day", "cost_month", "cost_day_account", "cost_day_service"];
  const selects = relations.map(
    (relation) =>
      `SELECT '${relation}' AS relation, ${COST_BASES.map((basis) => `sum(${basis})::text AS ${basis}`).join(", ")}, sum(line_items)::text AS "lineItems" FROM ${relation} WHERE slice_id = $1`,
  );
  const { rows } = await instance.database.pool.query<Content & { relation: string }>(selects.join(" UNION ALL "), [
    sliceId,
  ]);
  return Object.fromEntries(rows.map(({ relation, ...sums }) => [relation, sums]));
}
