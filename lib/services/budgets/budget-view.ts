import type { BudgetProgress } from "#lib/domain/budget/budget-progress.ts";
import type { Amount } from "#lib/domain/money.ts";
import type { BillingPeriod } from "#lib/domain/period.ts";

/** A team's budget of one month in one currency, and where the month stands against it. Effective cost, without a forecast. */
export type BudgetView = BudgetProgress & {
  currency: string;
  period: BillingPeriod;
  /** A month's. */
  amount: Amount;
  spent: Amount;
  /** The first month that it is for. */
  from: BillingPeriod;
  /** Who set it, as the directory or the session names them, and when. */
  setBy: string;
  setAt: string;
};
