import { decimal, sum, toAmount, type Amount, type Decimal } from "#lib/domain/money.ts";
import { formatDay } from "#lib/domain/format.ts";
import { addDays, daysIn, eachDay, type Day, type DayRange } from "#lib/domain/period.ts";

/** Days before and after the one that is looked around. */
export const DAYS_AROUND = 7;

/** Mean of a day over those that are known. `known` of `days`; perDay null = none is known. */
export type CostMean = { from: Day; to: Day; days: number; known: number; perDay: Amount | null };

/** What a day cost before and after a day, which itself belongs to neither. Amounts in one currency. */
export type CostAround = {
  before: CostMean;
  after: CostMean;
  /** after − before, a day; null where one of them is not known. */
  difference: Amount | null;
};

/** The week before a day, the day, and the week after it. */
export function rangeAround(day: Day): DayRange {
  return { from: addDays(day, -DAYS_AROUND), to: addDays(day, DAYS_AROUND + 1) };
}

/** @param values one for each day of `rangeAround(day)`; null = not known. */
export function costAround(day: Day, values: readonly (Amount | null)[]): CostAround {
  const days = eachDay(rangeAround(day));
  const mean = (range: DayRange): CostMean => {
    const known = days.flatMap((one, index) => {
      const value = values[index] ?? null;
      return value !== null && one >= range.from && one < range.to ? [value] : [];
    });
    const perDay = known.length === 0 ? null : toAmount(rounded(sum(known).div(known.length)));
    return { ...range, days: daysIn(range), known: known.length, perDay };
  };
  const before = mean({ from: addDays(day, -DAYS_AROUND), to: day });
  const after = mean({ from: addDays(day, 1), to: addDays(day, DAYS_AROUND + 1) });
  const isKnown = before.perDay !== null && after.perDay !== null;
  return {
    before,
    after,
    difference: isKnown ? toAmount(decimal(after.perDay ?? 0).minus(before.perDay ?? 0)) : null,
  };
}

/** One part of a cost, and how much more it costs a day after than before. */
export type CostMove = { label: string; difference: Amount };

/** The parts that moved most, in either direction; what did not move is left out. */
export function movesAround(
  day: Day,
  parts: readonly { label: string; values: readonly (Amount | null)[] }[],
  most: number,
): CostMove[] {
  return parts
    .flatMap(({ label, values }) => {
      const { difference } = costAround(day, values);
      return difference === null || difference === "0" ? [] : [{ label, difference }];
    })
    .toSorted((a, b) => decimal(b.difference).abs().comparedTo(decimal(a.difference).abs()))
    .slice(0, most);
}

/** Where a range of days ends at the latest, as nothing is known of the days after `today`. */
export function endOf({ from, to }: DayRange, today: Day): Day {
  const tomorrow = addDays(today, 1);
  return to <= tomorrow ? to : tomorrow > from ? tomorrow : from;
}

/** "8 Mar 2026 to 14 Mar 2026", or "8 Mar 2026 until now" of a range that goes on. */
export function rangeWords({ from, to }: DayRange, today: Day): string {
  return `${formatDay(from)} ${to > addDays(today, 1) ? "until now" : `to ${formatDay(addDays(to, -1))}`}`;
}

/** The same of the days of a mean, with how many of them have come. */
export function meanRangeWords({ from, to, days }: CostMean, today: Day): string {
  if (from > today) return `from ${formatDay(from)} on, which is still to come`;
  const come = daysIn({ from, to: endOf({ from, to }, today) });
  return `${rangeWords({ from, to }, today)}${come < days ? `, ${come} of ${days} days` : ""}`;
}

/** A mean is no sum that has to add up; twelve decimals are what amounts have. */
function rounded(value: Decimal): Decimal {
  return value.toDecimalPlaces(12);
}
