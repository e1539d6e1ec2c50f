import type { SourceFinding } from "#lib/sources/source.ts";
import { finding } from "#lib/sources/finding.ts";

/** Every column of the cost and usage dataset in FOCUS 1.0, 1.1, 1.2 and 1.3. https://focus.finops.org/focus-specification/ */
const FOCUS_COLUMNS = `
  AvailabilityZone BilledCost BillingAccountId BillingAccountName BillingCurrency BillingPeriodEnd BillingPeriodStart
  ChargeCategory ChargeClass ChargeDescription ChargeFrequency ChargePeriodEnd ChargePeriodStart
  CommitmentDiscountCategory CommitmentDiscountId CommitmentDiscountName CommitmentDiscountStatus CommitmentDiscountType
  ConsumedQuantity ConsumedUnit ContractedCost ContractedUnitPrice EffectiveCost InvoiceIssuerName ListCost ListUnitPrice
  PricingCategory PricingQuantity PricingUnit ProviderName PublisherName RegionId RegionName ResourceId ResourceName
  ResourceType ServiceCategory ServiceName SkuId SkuPriceId SubAccountId SubAccountName Tags
  CapacityReservationId CapacityReservationStatus CommitmentDiscountQuantity CommitmentDiscountUnit ServiceSubcategory
  SkuMeter SkuPriceDetails
  BillingAccountType SubAccountType InvoiceId PricingCurrency PricingCurrencyContractedUnitPrice
  PricingCurrencyEffectiveCost PricingCurrencyListUnitPrice
  AllocatedMethodDetails AllocatedMethodId AllocatedResourceId AllocatedResourceName AllocatedTags ContractApplied
  HostProviderName ServiceProviderName`
  .trim()
  .split(/\s+/);

/** Without these a row's money cannot be placed. */
export const NEEDED_COLUMNS = [
  "BilledCost",
  "EffectiveCost",
  "BillingCurrency",
  "BillingPeriodStart",
  "ChargePeriodStart",
] as const;

/** The provider is in the first of these that the file has; 1.3 renamed ProviderName. */
export const PROVIDER_COLUMNS = ["ProviderName", "ServiceProviderName", "PublisherName"] as const;

/** FOCUS makes them mandatory, money does not need them. */
const EXPECTED_COLUMNS = [
  "BillingAccountId",
  "BillingAccountName",
  "BillingPeriodEnd",
  "ChargeCategory",
  "ChargeClass",
  "ChargeDescription",
  "ChargePeriodEnd",
  "InvoiceIssuerName",
  "PricingQuantity",
  "PricingUnit",
  "ServiceCategory",
  "ServiceName",
] as const;

/** Absent, they count as 0. */
const ZERO_COLUMNS = ["ListCost", "ContractedCost"] as const;

export const CHARGE_CATEGORIES = ["Usage", "Purchase", "Tax", "Credit", "Adjustment"] as const;

const BY_LOWER_CASE = new Map(FOCUS_COLUMNS.map((name) => [name.toLowerCase(), name]));

/** FOCUS name → name as the file writes it. */
export type ColumnMap = Map<string, string>;

/** The columns of a file by their FOCUS name. Unknown columns keep their own. */
export function mapColumns(written: readonly string[]): ColumnMap {
  const columns: ColumnMap = new Map();
  for (const name of written) {
    const focusName = BY_LOWER_CASE.get(name.trim().toLowerCase()) ?? name;
    if (!columns.has(focusName)) columns.set(focusName, name);
  }
  return columns;
}

/** The needed columns that a file lacks; the provider's stands as "ProviderName". */
export function missingNeededColumns(columns: ColumnMap): string[] {
  const missing: string[] = NEEDED_COLUMNS.filter((name) => !columns.has(name));
  if (!PROVIDER_COLUMNS.some((name) => columns.has(name))) missing.push("ProviderName");
  return missing;
}

/** What of a file's header deviates from FOCUS without stopping it. `rows` is what a missing cost column touches. */
export function columnFindings(file: string, written: readonly string[], rows: number): SourceFinding[] {
  const columns = mapColumns(written);
  const findings: SourceFinding[] = [];
  for (const name of written) {
    const focusName = BY_LOWER_CASE.get(name.trim().toLowerCase());
    // FOCUS lets providers add columns of their own under x_.
    if (focusName === undefined) {
      if (!name.toLowerCase().startsWith("x_")) findings.push(finding("unknown_column", file, { column: name }));
    } else if (columns.get(focusName) !== name) findings.push(finding("duplicate_column", file, { column: focusName }));
    else if (focusName !== name) findings.push(finding("column_case", file, { column: name, detail: focusName }));
  }
  const provider = PROVIDER_COLUMNS.find((name) => columns.has(name));
  // ServiceProviderName is what FOCUS 1.3 calls it; only PublisherName may mean somebody else.
  if (provider === "PublisherName") findings.push(finding("renamed_column", file, { column: provider }));
  for (const name of EXPECTED_COLUMNS)
    if (!columns.has(name)) findings.push(finding("missing_column", file, { column: name }));
  for (const name of ZERO_COLUMNS)
    if (!columns.has(name)) findings.push(finding("missing_cost_column", file, { column: name, count: rows }));
  return findings;
}
