import type { BillingPeriod } from "#lib/domain/period.ts";
import { rangeOf } from "#lib/domain/period.ts";

/** How a provider writes what FOCUS leaves open. */
export type FocusDialect = {
  /** A TIMESTAMP expression as the provider writes instants. */
  instant: (timestamp: string) => string;
  tags: string;
  /** The invoice of a closed period; null while it is open. */
  invoiceId: string | null;
  /** Columns of the provider's own, behind those of FOCUS. */
  own: readonly (readonly [name: string, sql: string])[];
};

/** 10^-10 of the currency as a decimal: the product of two decimals stays exact, where a division would become a double. */
const amount = (column: string) => `CAST(charge.${column} AS DECIMAL(19,0)) * 0.0000000001::DECIMAL(10,10)`;
const quantity = "CAST(charge.quantity AS DECIMAL(19,0)) * 0.0001::DECIMAL(4,4)";
const price = (column: string) => `CAST(line.${column} AS DECIMAL(18,0)) * 0.000001::DECIMAL(6,6)`;

/** A SELECT over `charge` and `line` with every column of FOCUS 1.2's cost and usage dataset, mandatory and conditional. */
export function focusSelect(period: BillingPeriod, dialect: FocusDialect, where = "true"): string {
  const { from, to } = rangeOf(period);
  const start = "(DATE '1970-01-01' + charge.start_day)";
  const day = (expression: string) => dialect.instant(`CAST(${expression} AS TIMESTAMP)`);
  const hasUnit = "line.unit IS NOT NULL";
  const columns: readonly (readonly [string, string])[] = [
    ["AvailabilityZone", "line.availability_zone"],
    ["BilledCost", amount("billed")],
    ["BillingAccountId", "line.billing_account_id"],
    ["BillingAccountName", "line.billing_account_name"],
    ["BillingAccountType", "line.billing_account_type"],
    ["BillingCurrency", "line.currency"],
    ["BillingPeriodEnd", day(`DATE '${to}'`)],
    ["BillingPeriodStart", day(`DATE '${from}'`)],
    ["CapacityReservationId", "CAST(NULL AS VARCHAR)"],
    ["CapacityReservationStatus", "CAST(NULL AS VARCHAR)"],
    ["ChargeCategory", "line.charge_category"],
    ["ChargeClass", "line.charge_class"],
    ["ChargeDescription", "line.description"],
    ["ChargeFrequency", "line.charge_frequency"],
    ["ChargePeriodEnd", day(`${start} + charge.days`)],
    ["ChargePeriodStart", day(start)],
    ["CommitmentDiscountCategory", "line.commitment_category"],
    ["CommitmentDiscountId", "line.commitment_id"],
    ["CommitmentDiscountName", "line.commitment_name"],
    [
      "CommitmentDiscountQuantity",
      `CASE WHEN line.commitment_category = 'Usage' THEN ${quantity} WHEN line.commitment_id IS NOT NULL THEN ${amount("effective")} END`,
    ],
    ["CommitmentDiscountStatus", "line.commitment_status"],
    ["CommitmentDiscountType", "line.commitment_type"],
    ["CommitmentDiscountUnit", "line.commitment_unit"],
    ["ConsumedQuantity", `CASE WHEN line.charge_category = 'Usage' THEN ${quantity} END`],
    ["ConsumedUnit", "CASE WHEN line.charge_category = 'Usage' THEN line.unit END"],
    ["ContractedCost", amount("contracted")],
    ["ContractedUnitPrice", price("contracted_micros")],
    ["EffectiveCost", amount("effective")],
    ["InvoiceId", dialect.invoiceId === null ? "CAST(NULL AS VARCHAR)" : `'${dialect.invoiceId}'`],
    ["InvoiceIssuerName", "line.issuer"],
    ["ListCost", amount("list")],
    ["ListUnitPrice", price("list_micros")],
    ["PricingCategory", "line.pricing_category"],
    ["PricingCurrency", "line.currency"],
    ["PricingCurrencyContractedUnitPrice", price("contracted_micros")],
    ["PricingCurrencyEffectiveCost", amount("effective")],
    ["PricingCurrencyListUnitPrice", price("list_micros")],
    ["PricingQuantity", quantity],
    ["PricingUnit", "line.unit"],
    ["ProviderName", "line.provider"],
    ["PublisherName", "line.publisher"],
    ["RegionId", "line.region_id"],
    ["RegionName", "line.region_name"],
    ["ResourceId", "line.resource_id"],
    ["ResourceName", "line.resource_name"],
    ["ResourceType", "line.resource_type"],
    ["ServiceCategory", "line.service_category"],
    ["ServiceName", "line.service_name"],
    ["ServiceSubcategory", "line.service_subcategory"],
    ["SkuId", `CASE WHEN ${hasUnit} THEN upper(substr(md5(line.provider || line.meter), 1, 16)) END`],
    ["SkuMeter", `CASE WHEN ${hasUnit} THEN line.meter END`],
    ["SkuPriceDetails", "CAST(NULL AS VARCHAR)"],
    [
      "SkuPriceId",
      `CASE WHEN ${hasUnit} THEN upper(substr(md5(line.provider || line.meter), 1, 16) || '.' || substr(md5(line.pricing_category), 1, 10)) END`,
    ],
    ["SubAccountId", "line.sub_account_id"],
    ["SubAccountName", "line.sub_account_name"],
    ["SubAccountType", "line.sub_account_type"],
    ["Tags", dialect.tags],
    ...dialect.own,
  ];
  return `SELECT ${columns.map(([name, sql]) => `${sql} AS "${name}"`).join(",\n  ")}\nFROM charge JOIN line ON line.id = charge.line_id WHERE ${where}`;
}
