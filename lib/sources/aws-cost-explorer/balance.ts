import { decimal, toAmount, ZERO, type Amount, type Decimal } from "#lib/domain/money.ts";
import type { Day } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";

/** Two amounts of one day and currency. */
export type DayCost = { day: Day; currency: string; billed: Amount; effective: Amount };

/** Half a unit of the last of the 10 decimals that Cost Explorer answers: how far rounding moves one figure. */
const HALF_A_UNIT = decimal("0.00000000005");

type DaySum = { day: Day; currency: string; billed: Decimal; effective: Decimal; count: number };

/**
 * Compares the parts with their whole, day by day in each currency and basis.
 *
 * Every figure of Cost Explorer is rounded, so each part and the whole may be half a unit of the tenth decimal away; more than
 * that is a part that is missing or counted twice.
 *
 * @returns what rounding took away, whole minus parts, by day and currency; days that agree to the last decimal are left out.
 * @throws AppError "not_balanced" that names the first day and both sums.
 */
export function compareDays(parts: Iterable<DayCost>, whole: Iterable<DayCost>, what: string): DayCost[] {
  const partSums = sumDays(parts);
  const wholeSums = sumDays(whole);
  const residues: DayCost[] = [];
  for (const key of [...new Set([...wholeSums.keys(), ...partSums.keys()])].toSorted()) {
    const expected = wholeSums.get(key);
    const found = partSums.get(key);
    const { day, currency } = expected ?? found ?? { day: "" as Day, currency: "" };
    const tolerance = HALF_A_UNIT.times((found?.count ?? 0) + (expected?.count ?? 0));
    const difference = { billed: ZERO, effective: ZERO };
    for (const basis of ["billed", "effective"] as const) {
      const [left, right] = [found?.[basis] ?? ZERO, expected?.[basis] ?? ZERO];
      difference[basis] = right.minus(left);
      if (difference[basis].abs().greaterThan(tolerance))
        throw new AppError(
          "not_balanced",
          `${what} do not add up on ${day}: their ${basis} cost is ${toAmount(left)} ${currency}, that of the whole ${toAmount(right)} ${currency}.`,
          { remedy: "Nothing was published. AWS may have renewed its data meanwhile; the next run reads them again." },
        );
    }
    if (!difference.billed.isZero() || !difference.effective.isZero())
      residues.push({ day, currency, billed: toAmount(difference.billed), effective: toAmount(difference.effective) });
  }
  return residues;
}

function sumDays(costs: Iterable<DayCost>): Map<string, DaySum> {
  const sums = new Map<string, DaySum>();
  for (const { day, currency, billed, effective } of costs) {
    const key = `${day} ${currency}`;
    const sum = sums.get(key) ?? { day, currency, billed: ZERO, effective: ZERO, count: 0 };
    sum.billed = sum.billed.plus(billed);
    sum.effective = sum.effective.plus(effective);
    sum.count += 1;
    sums.set(key, sum);
  }
  return sums;
}
