import type { StoredBudget } from "#lib/db/budgets/read-budgets.ts";
import { budgetProgress } from "#lib/domain/budget/budget-progress.ts";
import { decimal, toAmount, type Amount } from "#lib/domain/money.ts";
import { billingPeriod, type BillingPeriod } from "#lib/domain/period.ts";
import type { BudgetView } from "#lib/services/budgets/budget-view.ts";

/** A stored budget beside what was spent in the month. Pure. */
export function toBudgetView(stored: StoredBudget, spent: Amount, period: BillingPeriod, now: Date): BudgetView {
  const amount = toAmount(decimal(stored.amount));
  return {
    ...budgetProgress(amount, spent, period, now),
    currency: stored.currency,
    period,
    amount,
    spent,
    from: billingPeriod(stored.validFrom),
    setBy: stored.createdBy,
    setAt: stored.createdAt.toISOString(),
  };
}
