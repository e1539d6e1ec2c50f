import { addAmounts, decimal } from "#lib/domain/money.ts";
import type { Money } from "#lib/services/sprawl/sprawl-view.ts";

/** Amounts by currency, the largest first. Different currencies never add. */
export function sumByCurrency(costs: readonly Money[]): Money[] {
  return [...Map.groupBy(costs, ({ currency }) => currency)]
    .map(([currency, own]) => ({ currency, amount: addAmounts(own.map(({ amount }) => amount)) }))
    .toSorted((a, b) => decimal(b.amount).comparedTo(a.amount));
}
