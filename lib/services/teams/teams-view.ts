import type { Amount } from "#lib/domain/money.ts";
import type { BillingPeriod, Day } from "#lib/domain/period.ts";
import type { BudgetView } from "#lib/services/budgets/budget-view.ts";
import type { AgeStamp } from "#lib/services/spend/spend-view.ts";
import type { Money, OwnerStrength } from "#lib/services/sprawl/sprawl-view.ts";

export type TeamsQuery = { period: BillingPeriod; asOf: Date | null };

/** A team with what it spends and owns. */
export type TeamRow = {
  key: string;
  name: string;
  businessUnitName: string;
  costCentre: string;
  /** False where the directory does not have it in the period, but something was given to it. */
  isInDirectory: boolean;
  /** Effective cost of the month, direct and shared, the largest currency first; [] = none. */
  spend: (Money & {
    /** As SpendRow has it; null where there is nothing to compare with. */ change: string | null;
    spark: (Amount | null)[];
  })[];
  budgets: BudgetView[];
  namespaces: number;
  unused: number;
  /** Effective cost of its namespaces, of the days that lists sum over; [] = not known. */
  namespaceCosts: Money[];
  byStrength: Record<OwnerStrength, number>;
  accounts: number;
};

/** /teams: whom everything is given to. */
export type TeamsView = {
  asOf: string | null;
  period: BillingPeriod;
  /** The dearest first, in the currency that most is spent in. */
  rows: TeamRow[];
  /** Namespaces and accounts that lead to nobody; null for a member, who is not told. */
  nobody: { namespaces: number; accounts: number } | null;
  costRange: { from: Day; to: Day } | null;
  age: AgeStamp;
};
