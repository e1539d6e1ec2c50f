import { DuckDBInstance } from "@duckdb/node-api";

/** The month that the file bills, and what its names stand for. */
export const FILE_PERIOD = "2026-03";
export const TEAMS = 200;
const ACCOUNTS = 300;
const SERVICES = 60;
const FULL_ROWS = 10_000_000;
/** Hours that every resource is billed for: the first 30 days of the month. */
const HOURS = 720;

/**
 * Writes a FOCUS 1.2 Parquet file of `scale` × 10 million hourly rows: some 14,000 resources in 300 accounts and 60 services, tags as a map
 * of four keys of which "team" has 200 values. It rolls up into one row a resource and day where no two share all their dimensions.
 */
export async function writeFocusFile(path: string, scale: number): Promise<{ rows: number }> {
  const resources = Math.max(1, Math.round((FULL_ROWS * scale) / HOURS));
  const rows = resources * HOURS;
  const instance = await DuckDBInstance.create(":memory:", { temp_directory: `${path}.tmp` });
  const connection = await instance.connect();
  try {
    await connection.run(resourceSql(resources));
    await connection.run(
      `COPY (${lineItemSql()}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION snappy)`,
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  return { rows };
}

/** An account belongs to two teams; a twentieth of its resources has no team tag, and a tenth spells it in another way. */
function resourceSql(resources: number): string {
  return `
    CREATE TABLE resource AS
    SELECT number, account, service, team, 'arn:aws:service-' || service || ':eu-central-1:' || account || ':resource/' || md5(number::VARCHAR) AS resource_id,
      ['eu-central-1', 'eu-west-1', 'eu-north-1'][1 + (hash(number, 'region') % 3)::INTEGER] AS region,
      MAP {
        'team': CASE WHEN hash(number, 'tag') % 20 = 0 THEN '' WHEN hash(number, 'tag') % 10 = 1 THEN ' TEAM-' || team ELSE 'team-' || team END,
        'environment': ['production', 'staging', 'test', 'development'][1 + (hash(number, 'environment') % 4)::INTEGER],
        'application': 'application-' || hash(number, 'application') % 500,
        'cost-center': 'cc-' || team
      } AS tags,
      1 + hash(number, 'price') % 100000 AS price
    FROM (
      SELECT range AS number, hash(range, 'account') % ${ACCOUNTS} AS account, hash(range, 'service') % ${SERVICES} AS service,
        (hash(range, 'account') % ${ACCOUNTS} * 7 + hash(range, 'team') % 2) % ${TEAMS} AS team
      FROM range(${resources})
    )`;
}

function lineItemSql(): string {
  const hour = `TIMESTAMPTZ '${FILE_PERIOD}-01 00:00:00+00' + to_hours(hour::INTEGER)`;
  return `
    SELECT NULL::VARCHAR AS AvailabilityZone,
      (list * 0.9)::DECIMAL(30,12) AS BilledCost, 'payer-' || account % 3 AS BillingAccountId, 'Payer ' || account % 3 AS BillingAccountName,
      'USD' AS BillingCurrency, TIMESTAMPTZ '2026-04-01 00:00:00+00' AS BillingPeriodEnd, TIMESTAMPTZ '${FILE_PERIOD}-01 00:00:00+00' AS BillingPeriodStart,
      CASE WHEN number % 50 = 0 THEN 'Purchase' ELSE 'Usage' END AS ChargeCategory, NULL::VARCHAR AS ChargeClass,
      'Use of service ' || service AS ChargeDescription, 'Usage-Based' AS ChargeFrequency,
      ${hour} + INTERVAL 1 HOUR AS ChargePeriodEnd, ${hour} AS ChargePeriodStart,
      (list * 0.93)::DECIMAL(30,12) AS ContractedCost, (list * CASE WHEN number % 3 = 0 THEN 0.72 ELSE 0.9 END)::DECIMAL(30,12) AS EffectiveCost,
      'Amazon Web Services' AS InvoiceIssuerName, list::DECIMAL(30,12) AS ListCost, 1.0::DECIMAL(30,12) AS PricingQuantity, 'Hours' AS PricingUnit,
      'AWS' AS ProviderName, 'AWS' AS PublisherName, region AS RegionId, region AS RegionName, resource_id AS ResourceId, NULL::VARCHAR AS ResourceName,
      'Resource' AS ResourceType, 'Category ' || service % 12 AS ServiceCategory, 'Service ' || service AS ServiceName, 'sku-' || service AS SkuId,
      'account-' || account AS SubAccountId, 'Account ' || account AS SubAccountName, tags AS Tags
    FROM (
      SELECT resource.*, hour, (price * (1 + hash(number, hour) % 1000))::DECIMAL(30,12) / 10000000 AS list
      FROM range(${HOURS}) AS t (hour), resource
    )`;
}
