import type { Charge } from "#demo/estate/line.ts";

/**
 * What Cost Explorer's dimension RECORD_TYPE says of a charge. Each belongs to one charge category of FOCUS:
 * Usage, DiscountedUsage, SavingsPlanCoveredUsage and SavingsPlanNegation are Usage; Fee, RIFee, SavingsPlanUpfrontFee and
 * SavingsPlanRecurringFee are Purchase; Refund is a correction of Usage; Tax and Credit are themselves.
 */
export type RecordType =
  | "Usage"
  | "DiscountedUsage"
  | "SavingsPlanCoveredUsage"
  | "SavingsPlanNegation"
  | "SavingsPlanRecurringFee"
  | "SavingsPlanUpfrontFee"
  | "RIFee"
  | "Fee"
  | "Tax"
  | "Credit"
  | "Refund";

/** A part of a charge as Cost Explorer counts it; amounts in 10^-10 of the currency. */
export type CostEntry = { recordType: RecordType; unblended: number; amortized: number; quantity: number };

/** The entries of one charge. Over them, unblended sums to the billed cost and amortized to the effective cost. */
export function costEntriesOf(charge: Charge): CostEntry[] {
  const { line, billed, effective } = charge;
  const quantity = charge.quantity ?? 0;
  const entry = (recordType: RecordType): CostEntry => ({
    recordType,
    unblended: billed,
    amortized: effective,
    quantity,
  });
  const isPlan = line.commitment?.type === "Savings Plan";
  // Cost Explorer shows covered use at its price on demand, and takes that off again in a row of its own.
  if (line.covered && isPlan)
    return [
      {
        recordType: "SavingsPlanCoveredUsage",
        unblended: billed + charge.contracted,
        amortized: effective,
        quantity,
      },
      { recordType: "SavingsPlanNegation", unblended: -charge.contracted, amortized: 0, quantity: 0 },
    ];
  if (line.covered) return [entry("DiscountedUsage")];
  // What a commitment leaves unused is the amortized part of its fee: FOCUS has a row of unused usage for it, Cost Explorer none.
  if (line.commitment?.status === "Unused") return [entry(isPlan ? "SavingsPlanRecurringFee" : "RIFee")];
  switch (line.chargeCategory) {
    case "Purchase":
      if (!isPlan) return [entry("Fee")];
      return [entry(line.chargeFrequency === "One-Time" ? "SavingsPlanUpfrontFee" : "SavingsPlanRecurringFee")];
    case "Tax":
    case "Credit":
      return [entry(line.chargeCategory)];
    case "Adjustment":
      return [entry("Refund")];
    case "Usage":
      return [entry(line.chargeClass === "Correction" ? "Refund" : "Usage")];
  }
}
