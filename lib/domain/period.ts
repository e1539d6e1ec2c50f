/** A UTC calendar day, "2026-03-01". */
export type Day = string & { readonly __brand: "Day" };

/** A billing period: one UTC calendar month, "2026-03". */
export type BillingPeriod = string & { readonly __brand: "BillingPeriod" };

/** Half-open: `from` belongs to it, `to` does not. */
export type DayRange = { from: Day; to: Day };

// Years outside 1900 to 2199 are typing mistakes; refusing them also bounds every loop over days and periods, and
// keeps four digits, so that comparing as text is comparing in time.
const DAY_PATTERN = /^(19|20|21)\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const PERIOD_PATTERN = /^(19|20|21)\d{2}-(0[1-9]|1[0-2])$/;
const DAY_MS = 86_400_000;

/** Throws RangeError on anything that is not an existing day as "YYYY-MM-DD". */
export function day(text: string): Day {
  const instant = Date.parse(`${text}T00:00:00Z`);
  if (!DAY_PATTERN.test(text) || Number.isNaN(instant) || dayOf(new Date(instant)) !== text)
    throw new RangeError(`not a day of the form 2026-03-31: "${text}"`);
  return text as Day;
}

/** Throws RangeError on anything that is not "YYYY-MM". */
export function billingPeriod(text: string): BillingPeriod {
  if (!PERIOD_PATTERN.test(text)) throw new RangeError(`not a billing period of the form 2026-03: "${text}"`);
  return text as BillingPeriod;
}

/** The UTC day that an instant falls on. */
export function dayOf(instant: Date): Day {
  return instant.toISOString().slice(0, 10) as Day;
}

export function periodOf(value: Day | Date): BillingPeriod {
  return (typeof value === "string" ? value : dayOf(value)).slice(0, 7) as BillingPeriod;
}

/** Midnight UTC at which the day starts. */
export function startOf(value: Day): Date {
  return new Date(`${value}T00:00:00Z`);
}

export function addDays(value: Day, count: number): Day {
  return dayOf(new Date(startOf(value).getTime() + count * DAY_MS));
}

export function addMonths(value: BillingPeriod, count: number): BillingPeriod {
  const months = Number(value.slice(0, 4)) * 12 + Number(value.slice(5, 7)) - 1 + count;
  return `${String(Math.floor(months / 12)).padStart(4, "0")}-${String((months % 12) + 1).padStart(2, "0")}` as BillingPeriod;
}

/** The days of a billing period, half-open. */
export function rangeOf(period: BillingPeriod): DayRange {
  return { from: `${period}-01` as Day, to: `${addMonths(period, 1)}-01` as Day };
}

/** Number of days in a half-open range. */
export function daysIn(range: DayRange): number {
  return Math.round((startOf(range.to).getTime() - startOf(range.from).getTime()) / DAY_MS);
}

/** Every day of the range, in order. */
export function eachDay(range: DayRange): Day[] {
  return Array.from({ length: Math.max(0, daysIn(range)) }, (_, index) => addDays(range.from, index));
}

/** Every billing period from `first` to `last`, both included. */
export function eachPeriod(first: BillingPeriod, last: BillingPeriod): BillingPeriod[] {
  const periods: BillingPeriod[] = [];
  for (let period = first; period <= last; period = addMonths(period, 1)) periods.push(period);
  return periods;
}

/** The billing periods that a range touches, in order. */
export function periodsOf(range: DayRange): BillingPeriod[] {
  return range.from < range.to ? eachPeriod(periodOf(range.from), periodOf(addDays(range.to, -1))) : [];
}

/** True where the range starts and ends on the first of a month, so that monthly roll-ups answer it exactly. */
export function isWholeMonths(range: DayRange): boolean {
  return range.from.endsWith("-01") && range.to.endsWith("-01");
}
