import type { BillingPeriod, Day } from "#lib/domain/period.ts";
import type { CloudAccount } from "#demo/estate/accounts.ts";
import type { SourceKey } from "#demo/estate/services.ts";
import type { PlantedOwner } from "#demo/estate/tagging.ts";

export type ChargeCategory = "Usage" | "Purchase" | "Tax" | "Credit" | "Adjustment";

export type Commitment = {
  id: string;
  name: string;
  type: "Savings Plan" | "Reserved Instance";
  category: "Spend" | "Usage";
  status: "Used" | "Unused" | null;
  unit: string;
};

/** What stays the same over all charges of one kind for one resource: the columns of a cost row without its time, quantity and amounts. */
export type Line = {
  /** Position in the estate's list of lines. */
  id: number;
  source: SourceKey;
  account: CloudAccount;
  /** False for charges of the billing account itself, which name no sub account. */
  hasSubAccount: boolean;
  serviceCode: string;
  serviceName: string;
  serviceCategory: string;
  serviceSubcategory: string;
  regionId: string | null;
  regionName: string | null;
  availabilityZone: string | null;
  resourceId: string | null;
  resourceName: string | null;
  resourceType: string | null;
  meter: string;
  /** null where nothing is measured: a fee, a tax, a credit. */
  unit: string | null;
  /** Unit prices in millionths of the billing currency. */
  listMicros: number;
  contractedMicros: number;
  /** What a unit costs in effect: below the contracted price where a commitment covers it. */
  effectiveMicros: number;
  /** A commitment has paid for it: it is not billed again. */
  covered: boolean;
  chargeCategory: ChargeCategory;
  chargeClass: "Correction" | null;
  chargeFrequency: "Usage-Based" | "Recurring" | "One-Time";
  description: string;
  pricingCategory: "Standard" | "Committed" | "Dynamic" | null;
  commitment: Commitment | null;
  publisher: string;
  /** null = the provider has no tags for such a row. */
  tags: Record<string, string> | null;
  owner: PlantedOwner;
};

/**
 * One charge. Amounts are whole numbers of 10^-10 of the currency and quantities of 10^-4, in numbers below 2^53:
 * every sum and product stays exact, and a period of them is made in a moment. `assertExact` guards the limit.
 */
export type Charge = {
  line: Line;
  /** First day of the charge period, and its length in days. */
  start: Day;
  days: number;
  /** null where nothing is measured. */
  quantity: number | null;
  billed: number;
  effective: number;
  list: number;
  contracted: number;
};

/** A delivery: one source's charges of one billing period, as first delivered (1) or as restated (2). */
export type Delivery = { source: SourceKey; period: BillingPeriod; version: 1 | 2; charges: Charge[] };

/** Decimals of the amounts in charges and files. */
export const AMOUNT_DECIMALS = 10;
/** 10^-10 per unit of the currency. */
export const ONE_UNIT = 10_000_000_000;

/** @throws RangeError where a number has left the range in which whole numbers are exact. */
export function assertExact(value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not an exact whole number.`);
  return value;
}

/** A sum of charges' amounts as a plain decimal without trailing zeros: "-12.5". */
export function amountText(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(AMOUNT_DECIMALS + 1, "0");
  const fraction = digits.slice(-AMOUNT_DECIMALS).replace(/0+$/, "");
  const whole = digits.slice(0, -AMOUNT_DECIMALS);
  return `${value < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
