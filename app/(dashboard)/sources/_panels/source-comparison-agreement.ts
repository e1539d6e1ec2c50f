import { decimal, HALF_AWAY_FROM_ZERO, type Amount } from "#lib/domain/money.ts";
import type { ComparedAmounts } from "#lib/services/sources/source-comparison-view.ts";

/** APIs round each of their figures, so that sums may differ by less than what is ever paid. */
const CENT_DECIMALS = 2;

export function isZeroToTheCent(amount: Amount): boolean {
  return decimal(amount).toDecimalPlaces(CENT_DECIMALS, HALF_AWAY_FROM_ZERO).isZero();
}

/** True where two sources say the same on both bases, to the cent. */
export function agrees(difference: ComparedAmounts): boolean {
  return isZeroToTheCent(difference.billed) && isZeroToTheCent(difference.effective);
}
