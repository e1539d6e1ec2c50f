import {
  addDays,
  addMonths,
  day,
  daysIn,
  isWholeMonths,
  periodOf,
  periodsOf,
  rangeOf,
  type Day,
  type DayRange,
} from "#lib/domain/period.ts";

/**
 * The range that another one is compared with; null for "none". "previous" ends where the range starts and is as
 * long: as many whole months where the range is whole months, otherwise as many days. "year" is the same range a
 * year earlier; 29 February counts as the 28th there.
 */
export function comparisonRange(range: DayRange, compare: "none" | "previous" | "year"): DayRange | null {
  if (compare === "none") return null;
  if (compare === "year") return { from: yearEarlier(range.from), to: yearEarlier(range.to) };
  if (!isWholeMonths(range)) return { from: addDays(range.from, -daysIn(range)), to: range.from };
  return { from: rangeOf(addMonths(periodOf(range.from), -periodsOf(range).length)).from, to: range.from };
}

function yearEarlier(value: Day): Day {
  const period = addMonths(periodOf(value), -12);
  return day(value.endsWith("-02-29") ? `${period}-28` : `${period}${value.slice(7)}`);
}
