import { decimal, toAmount, type Amount } from "#lib/domain/money.ts";
import { rangeOf, startOf, type BillingPeriod } from "#lib/domain/period.ts";

/**
 * - "over": more is spent than was meant.
 * - "ahead": a larger part of the budget is spent than of the month has passed. It says nothing of how the month will end.
 * - "within": neither.
 */
export type BudgetStanding = "within" | "ahead" | "over";

export type BudgetProgress = {
  standing: BudgetStanding;
  /** Of the budget, percent with one decimal; null where the budget is zero. */
  spentPercent: string | null;
  /** Budget − spent; negative where it is over. */
  remaining: Amount;
  /** How much of the month has passed at `now`, percent with one decimal: 0 before it, 100 after it. */
  elapsedPercent: string;
};

/** Where a month stands against its budget, without any forecast. Pure; both amounts in the budget's currency. */
export function budgetProgress(budget: Amount, spent: Amount, period: BillingPeriod, now: Date): BudgetProgress {
  const amount = decimal(budget);
  const used = decimal(spent);
  const { from, to } = rangeOf(period);
  const start = startOf(from).getTime();
  const length = startOf(to).getTime() - start;
  const elapsed = decimal(Math.min(length, Math.max(0, now.getTime() - start)))
    .dividedBy(length)
    .times(100);
  const percent = amount.isZero() ? null : used.dividedBy(amount).times(100);
  const isAhead = percent !== null && percent.greaterThan(elapsed);
  return {
    standing: used.greaterThan(amount) ? "over" : isAhead ? "ahead" : "within",
    spentPercent: percent?.toFixed(1) ?? null,
    remaining: toAmount(amount.minus(used)),
    elapsedPercent: elapsed.toFixed(1),
  };
}
