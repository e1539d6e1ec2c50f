import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

export type Charge = { day: string; cost: string; service: string; account?: string };

const COLUMNS = [
  "BilledCost",
  "BillingAccountId",
  "BillingAccountName",
  "BillingCurrency",
  "BillingPeriodEnd",
  "BillingPeriodStart",
  "ChargeCategory",
  "ChargeClass",
  "ChargeDescription",
  "ChargePeriodEnd",
  "ChargePeriodStart",
  "ConsumedQuantity",
  "ConsumedUnit",
  "ContractedCost",
  "EffectiveCost",
  "InvoiceIssuerName",
  "ListCost",
  "PricingQuantity",
  "PricingUnit",
  "ProviderName",
  "PublisherName",
  "ServiceCategory",
  "ServiceName",
  "SubAccountId",
  "SubAccountName",
  "Tags",
];

/** Writes a FOCUS file of one billing month with these usage charges. */
export function writeFocusFile(path: string, month: { from: string; to: string }, charges: readonly Charge[]): void {
  const rows = charges.map(({ day, cost, service, account = "shop" }) => {
    const values: Record<string, string> = {
      BilledCost: cost,
      BillingAccountId: "1000",
      BillingAccountName: "Example",
      BillingCurrency: "USD",
      BillingPeriodEnd: `${month.to}T00:00:00Z`,
      BillingPeriodStart: `${month.from}T00:00:00Z`,
      ChargeCategory: "Usage",
      ChargeDescription: `${service} of ${account}`,
      ChargePeriodEnd: `${day}T23:00:00Z`,
      ChargePeriodStart: `${day}T00:00:00Z`,
      ConsumedQuantity: "1",
      ConsumedUnit: "Hours",
      ContractedCost: cost,
      EffectiveCost: cost,
      InvoiceIssuerName: "AWS",
      ListCost: cost,
      PricingQuantity: "1",
      PricingUnit: "Hours",
      ProviderName: "AWS",
      PublisherName: "AWS",
      ServiceCategory: "Compute",
      ServiceName: service,
      SubAccountId: `id-${account}`,
      SubAccountName: account,
      Tags: "{}",
    };
    return COLUMNS.map((column) => `"${(values[column] ?? "").replaceAll('"', '""')}"`).join(",");
  });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, [COLUMNS.join(","), ...rows, ""].join("\n"));
}
