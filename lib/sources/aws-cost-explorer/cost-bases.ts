import { sum } from "#lib/domain/money.ts";
import { AppError } from "#lib/errors.ts";
import type { CostCell, CostMetric } from "#lib/sources/aws-cost-explorer/ask-costs.ts";
import type { DayCost } from "#lib/sources/aws-cost-explorer/balance.ts";

/** Which metric of Cost Explorer is which cost of FOCUS. */
export type CostBases = { billed: CostMetric; effective: CostMetric };

const GROSS: CostBases = { billed: "UnblendedCost", effective: "AmortizedCost" };
/** The same after negotiated discounts; they replace the others and are never added to them. */
const NET: CostBases = { billed: "NetUnblendedCost", effective: "NetAmortizedCost" };

/**
 * What the first request asks for, to see what there is: one request answers any number of metrics at one price. Where net
 * costs are wanted, the others show whether their absence means that there is no cost, or no net cost.
 */
export function metricsToTry(net: boolean | "auto"): CostMetric[] {
  return net === false ? metricsOf(GROSS) : [...metricsOf(GROSS), ...metricsOf(NET)];
}

/** The bases that all further requests are read in, given the ungrouped total. @throws AppError "invalid_config". */
export function chooseBases(net: boolean | "auto", total: readonly CostCell[]): CostBases {
  if (net === false) return GROSS;
  const isAnswered = total.every(({ amounts }) => metricsOf(NET).every((metric) => amounts[metric] !== undefined));
  // An account without negotiated discounts may get nothing, or zeros, where net costs would stand.
  const isEmpty = metricsOf(NET).every((metric) => sum(total.map(({ amounts }) => amounts[metric] ?? "0")).isZero());
  const hasCost = metricsOf(GROSS).some((metric) => total.some(({ amounts }) => (amounts[metric] ?? "0") !== "0"));
  if (isAnswered && !(isEmpty && hasCost)) return NET;
  if (net === "auto") return GROSS;
  throw new AppError("invalid_config", "Cost Explorer has no net costs for this account.", {
    remedy: "Set the source's net to false, or leave it out.",
  });
}

export function metricsOf({ billed, effective }: CostBases): CostMetric[] {
  return [billed, effective];
}

/** The two costs of a cell. @throws AppError "bad_data" where AWS left one of them out. */
export function costOf(cell: CostCell, bases: CostBases): DayCost {
  const billed = cell.amounts[bases.billed];
  const effective = cell.amounts[bases.effective];
  if (billed === undefined || effective === undefined)
    throw new AppError(
      "bad_data",
      `Cost Explorer answered a cost of ${cell.day} without ${bases.billed} or ${bases.effective}.`,
    );
  return { day: cell.day, currency: cell.currency, billed, effective };
}
