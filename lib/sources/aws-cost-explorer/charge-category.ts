/** FOCUS's categories of charges, in the order in which they are asked for. */
export const CHARGE_CATEGORIES = ["Usage", "Purchase", "Tax", "Credit", "Adjustment"] as const;
export type ChargeCategory = (typeof CHARGE_CATEGORIES)[number];

/**
 * Cost Explorer's record types by FOCUS category. Its API and its console write some of them differently, so letters and
 * digits alone are compared. A discount lowers the price of what it is given on and a refund corrects what was charged
 * before, so both are of the category of use, as FOCUS has it; a credit is money of another kind.
 * https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/manage-cost-categories.html#cost-categories-terms
 */
const RECORD_TYPES: Readonly<Record<Exclude<ChargeCategory, "Adjustment">, readonly string[]>> = {
  Usage: [
    "Usage",
    "DiscountedUsage",
    "SavingsPlanCoveredUsage",
    "SavingsPlanNegation",
    "SavingsPlanUnusedCommitment",
    "Support",
    "SupportFee",
    "Discount",
    "BundledDiscount",
    "EdpDiscount",
    "EnterpriseDiscountProgramDiscount",
    "PrivateRateDiscount",
    "RiVolumeDiscount",
    "SavingsPlanVolumeDiscount",
    "SppDiscount",
    "SolutionProviderProgramDiscount",
    "DistributorDiscount",
    "Refund",
  ],
  Purchase: [
    "Fee",
    "OtherOutOfCycleCharges",
    "Purchase",
    "RIFee",
    "Recurring",
    "RecurringReservationFee",
    "Upfront",
    "UpfrontReservationFee",
    "SavingsPlanRecurringFee",
    "SavingsPlanUpfrontFee",
  ],
  Tax: ["Tax"],
  Credit: ["Credit"],
};

const CATEGORY_OF = new Map<string, ChargeCategory>(
  Object.entries(RECORD_TYPES).flatMap(([category, types]) =>
    types.map((type): [string, ChargeCategory] => [lettersOf(type), category as ChargeCategory]),
  ),
);

/** The category of a record type; null where it is one that we do not know. */
export function chargeCategoryOf(recordType: string): ChargeCategory | null {
  return CATEGORY_OF.get(lettersOf(recordType)) ?? null;
}

function lettersOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}
