import { PROVIDERS } from "#demo/estate/services.ts";
import { AwsFailure } from "#demo/aws/service.ts";
import type { Facet } from "#demo/aws/cost-explorer/cost-cube.ts";

/** The value of each dimension that GetCostAndUsage groups by. What a row has no value for is "No" and the dimension's name. */
const GROUPABLE: Readonly<Record<string, (facet: Facet) => string>> = {
  AZ: ({ availabilityZone }) => availabilityZone ?? "NoAZ",
  BILLING_ENTITY: (facet) => (isOfAws(facet) ? "AWS" : "AWS Marketplace"),
  CACHE_ENGINE: () => "NoCacheEngine",
  DATABASE_ENGINE: () => "NoDatabaseEngine",
  DEPLOYMENT_OPTION: () => "NoDeploymentOption",
  INSTANCE_TYPE: () => "NoInstanceType",
  INSTANCE_TYPE_FAMILY: () => "NoInstanceTypeFamily",
  INVOICING_ENTITY: () => PROVIDERS.AWS.issuer,
  LEGAL_ENTITY_NAME: () => PROVIDERS.AWS.issuer,
  LINKED_ACCOUNT: ({ accountId }) => accountId,
  OPERATING_SYSTEM: () => "NoOperatingSystem",
  OPERATION: () => "NoOperation",
  PLATFORM: () => "NoPlatform",
  PURCHASE_TYPE: ({ recordType }) => purchaseTypeOf(recordType),
  RECORD_TYPE: ({ recordType }) => recordType,
  REGION: ({ region }) => region ?? "NoRegion",
  SERVICE: ({ service }) => service,
  TENANCY: () => "NoTenancy",
  USAGE_TYPE: ({ usageType }) => usageType ?? "NoUsageType",
};

/** Dimensions that only filters may name. */
const FILTERABLE: Readonly<Record<string, (facet: Facet) => string>> = {
  ...GROUPABLE,
  LINKED_ACCOUNT_NAME: ({ accountName }) => accountName,
  SERVICE_CODE: ({ serviceCode }) => serviceCode,
  USAGE_TYPE_GROUP: () => "NoUsageTypeGroup",
};

/** @throws ValidationException where nothing can be grouped by it. */
export function groupedDimension(key: string): (facet: Facet) => string {
  return dimensionIn(GROUPABLE, key);
}

/** @throws ValidationException where nothing can be filtered by it. */
export function filteredDimension(key: string): (facet: Facet) => string {
  return dimensionIn(FILTERABLE, key);
}

function dimensionIn(table: Readonly<Record<string, (facet: Facet) => string>>, key: string): (facet: Facet) => string {
  const dimension = Object.hasOwn(table, key) ? table[key] : undefined;
  if (!dimension) throw new AwsFailure("ValidationException", `Dimension ${key} is not allowed.`);
  return dimension;
}

function isOfAws({ publisher }: Facet): boolean {
  return publisher === PROVIDERS.AWS.publisher;
}

function purchaseTypeOf(recordType: string): string {
  if (recordType.startsWith("SavingsPlan")) return "Savings Plans";
  return recordType === "DiscountedUsage" || recordType === "RIFee"
    ? "Standard Reserved Instances"
    : "On Demand Instances";
}
