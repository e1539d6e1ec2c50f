import { addDays, addMonths, dayOf, periodOf, rangeOf, type DayRange } from "#lib/domain/period.ts";

/** Months of the bill that are shown where nobody asks for others: a first load and what followed. */
const SHOWN_MONTHS = 3;

/** The last three calendar months up to and with today. */
export function recentBillRange(now: Date): DayRange {
  const first = addMonths(periodOf(now), 1 - SHOWN_MONTHS);
  return { from: rangeOf(first).from, to: addDays(dayOf(now), 1) };
}
